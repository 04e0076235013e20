"""The situation table and the goals on the first page: the centre's figures beside the national ones.

A share is always shown with the counts behind it.
"""

from collections.abc import Sequence

from akrim.contracts import NATIONAL
from akrim.report.blocks import Block, Heading, Paragraph, Table, columns
from akrim.report.edition import Edition
from akrim.report.material import Material
from akrim.report.profile.facts import Row
from akrim.report.wording import DASH, Words

# The base of M4 to M9 on the first page; the data have the other one as well.
BASE = "all"
# What centres report of themselves is told with the number of those that have, which is a measure of its own by this ending.
CENTRES = "_centres"
# The goals shown on the first page; the data have all.
GOALS = (
    "B1_key_actors", "B1_linked_enterprises", "B1_linked_persons", "B1_capacity_reduced", "B1_capacity_increased",
    "B1_intention_reduced", "B1_intention_increased", "B1_others_capacity_reduced", "B2_informed", "B2_workers",
    "B2_workers_of_severe", "B3_informed", "B3_principals", "B3_purchases", "R_inspections", "R_severe_inspections",
    "R_joint_operations",
)  # fmt: skip


def situation_parts(material: Material) -> list[Sequence[Block]]:
    """M1 to M9, and the goals, each under its heading; empty tables are left out."""
    edition, tables, words = material.edition, material.tables, material.words
    situation = [row for row in tables["situation_measures"].to_pylist() if row["base"] == BASE]
    goals = [
        row for row in tables["goal_indicators"].to_pylist() if row["measure"].removesuffix(CENTRES) in GOALS
    ]
    window = {(row["window_from"].year, row["window_to"].year) for row in situation}
    note = words("situation_note", start=min(window)[0], end=max(window)[1]) if window else ""
    # One period a line, the newest that anybody has figures of, a tertial after its year.
    newest = {
        row["measure"]: row["measured_period"]
        for row in sorted(goals, key=lambda row: str(row["measured_period"]))
    }
    goals = [row for row in goals if row["measured_period"] == newest[row["measure"]]]
    return [
        told(key, _table(rows, edition, words), text, "situation_dash", words)
        for key, rows, text in (
            ("situation", situation, note),
            ("goals", goals, words("goals_note", table="goal_indicators")),
        )
        if rows
    ]


def told(heading: str, table: Table, note: str, dash: str, words: Words) -> Sequence[Block]:
    """The table under its heading, with what a dash means where it has one."""
    has_dash = any(DASH in row for row in table.rows)
    notes = [note, words(dash) if has_dash else ""]
    return Heading(words(heading)), table, Paragraph(" ".join(filter(None, notes)), "note")


def _table(rows: list[Row], edition: Edition, words: Words) -> Table:
    figures = {(row["measure"], row["scope"]): row for row in rows}
    header = columns(words, measure=("heading", 1), scope_centre="number", scope_national="number")
    return Table(
        header,
        [
            (
                f"{measure.partition('_')[0] if measure in GOALS else measure} {_label(measure, figures, edition, words)}",
                _cell(figures.get((measure, edition.centre_id)), words),
                _cell(figures.get((measure, NATIONAL)), words, figures.get((measure + CENTRES, NATIONAL))),
            )
            for measure in sorted({measure.removesuffix(CENTRES) for measure, _ in figures}, key=_place)
        ],
    )


def _place(measure: str) -> tuple[int, str]:
    return (GOALS.index(measure) if measure in GOALS else -1, measure)


def _label(measure: str, figures: dict[tuple[str, str], Row], edition: Edition, words: Words) -> str:
    """The measure's name, with its period if not the release's."""
    periods = {row.get("measured_period") for (name, _), row in figures.items() if name == measure}
    named = words.label("measure", measure)
    other = periods - {None, edition.period, edition.period[:4]}
    return f"{named} ({max(map(str, other))})" if other else named


def of_centres(number: str, centres: int, words: Words) -> str:
    """A sum of what centres report, with how many have."""
    return f"{number} ({words.counted('of_centres', centres)})"


def _cell(row: Row | None, words: Words, centres: Row | None = None) -> str:
    """The value with its counts, or with the number of centres that it is from; a dash where the denominator is empty."""
    if row is None or row["value"] is None:
        return DASH
    if centres is not None:
        return of_centres(words.number(row["value"]), centres["value"], words)
    if row["unit"] == "nok":
        return words("kroner", amount=words.number(row["value"]))
    if row["denominator"] is None:
        return words.number(row["value"])
    counts = words("part_of", part=words.number(row["numerator"]), whole=words.number(row["denominator"]))
    if row["unit"] == "per_cent":
        return f"{words('share', percent=words.number(row['value']))} ({counts})"
    return counts
