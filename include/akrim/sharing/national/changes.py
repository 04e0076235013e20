"""What moved between two national parts: figures as each of them tells it, and who is new on several lists, as a count."""

from typing import Any, NamedTuple

from akrim.sharing.centre_tables import Tables
from akrim.sharing.national.small_numbers import Range, hide_small

Figure = Range | None
MEASURE = "measure"


class FigureChange(NamedTuple):
    """A figure that the two parts tell differently; None where one of them does not tell it.

    `kind` and `code` are those of national_counts, or `measure` and the measure's code; a measure is of a `period`, a count of none.
    """

    scope: str
    kind: str
    code: str
    period: str
    before: Figure
    after: Figure


def moved_figures(before: Tables, after: Tables) -> list[FigureChange]:
    """The numbers of persons and the measures that moved, in the order of the later part.

    Of a measure both parts are asked about the newest period that both tell of: four months of a year are not held against the whole of
    the one before. Nothing is subtracted: a difference of ranges would tell less than the ranges, and one of 1 to 4 persons would tell of these.
    """
    was, now = _figures(before), _figures(after)
    moved = []
    for key in dict.fromkeys((*now, *was)):
        told = was.get(key, {}), now.get(key, {})
        periods = told[0].keys() & told[1].keys()
        if not periods and key[1] == MEASURE:
            continue
        period = max(periods, default="")
        numbers = [figures.get(period) for figures in told]
        if numbers[0] != numbers[1]:
            moved.append(FigureChange(*key, period, *numbers))
    return moved


def new_on_several(before: Tables, after: Tables) -> Range | None:
    """How many of those who are told by name to be on several lists were not so told before; None where nobody is told.

    From 1 to 4 they are told as that.
    """
    was, now = (
        {row["person_id"] for row in tables["national_actors"].to_pylist() if row["is_on_several_lists"]}
        for tables in (before, after)
    )
    return hide_small(len(now - was)) if now else None


def _figures(tables: Tables) -> dict[tuple[str, str, str], dict[str, Range]]:
    """Each figure that is told, by period."""
    figures: dict[tuple[str, str, str], dict[str, Range]] = {}
    for row in tables["national_counts"].to_pylist():
        figures[row["scope"], row["kind"], row["code"]] = {"": _range(row)}
    for row in tables["national_measures"].to_pylist():
        if row["at_least"] is not None:
            figures.setdefault((row["scope"], MEASURE, row["measure"]), {})[row["period"]] = _range(row)
    return figures


def _range(row: dict[str, Any]) -> Range:
    return Range(row["at_least"], row["at_most"])
