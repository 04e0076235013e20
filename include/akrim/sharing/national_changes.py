"""What moved between two national parts: figures as each of them tells it, and who is new on several lists, as a count."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from akrim.sharing.centre_tables import Tables
from akrim.sharing.small_numbers import Range, told

Told = Range | None


class Moved(NamedTuple):
    """A figure that the two parts tell differently; None where one of them does not tell it.

    `kind` and `code` are those of national_counts, or `measure` and the measure's code.
    """

    scope: str
    kind: str
    code: str
    before: Told
    after: Told


def moved_figures(before: Tables, after: Tables) -> list[Moved]:
    """The numbers of persons and the measures that moved, in the order of the later part.

    Nothing is subtracted: a difference of ranges would tell less than the ranges, and one of 1 to 4 persons would tell of these.
    """
    was, now = dict(_figures(before)), dict(_figures(after))
    return [
        Moved(*key, was.get(key), now.get(key))
        for key in dict.fromkeys((*now, *was))
        if was.get(key) != now.get(key)
    ]


def new_on_several(before: Tables, after: Tables) -> Range | None:
    """How many of those who are told by name to be on several lists were not so told before; None where nobody is told.

    From 1 to 4 they are told as that.
    """
    was, now = (
        {row["person_id"] for row in tables["national_actors"].to_pylist() if row["is_on_several_lists"]}
        for tables in (before, after)
    )
    return told(len(now - was)) if now else None


def _figures(tables: Tables) -> Iterator[tuple[tuple[str, str, str], Range]]:
    for row in tables["national_counts"].to_pylist():
        yield (row["scope"], row["kind"], row["code"]), _range(row)
    newest: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in tables["national_measures"].to_pylist():
        key = row["scope"], "measure", row["measure"]
        if row["at_least"] is not None and (key not in newest or newest[key]["period"] < row["period"]):
            newest[key] = row
    for key, row in newest.items():
        yield key, _range(row)


def _range(row: dict[str, Any]) -> Range:
    return Range(row["at_least"], row["at_most"])
