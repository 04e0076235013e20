"""The situation table and the goals nationally, and shares by centre where so many actors are that these say something."""

from collections.abc import Mapping, Sequence

from akrim.contracts import NATIONAL, centres
from akrim.report.blocks import Block, Column, Heading, Paragraph, Table, columns
from akrim.report.national.counts import in_words
from akrim.report.profile.facts import Row
from akrim.report.sections.situation import CENTRES, GOALS, of_centres, told
from akrim.report.wording import DASH, Words
from akrim.sharing import Tables


def situation(tables: Tables, words: Words) -> Sequence[Block]:
    """M1 to M9."""
    rows = [
        row
        for row in tables["national_measures"].to_pylist()
        if _is_situation(row) and row["scope"] == NATIONAL
    ]
    if not rows:
        return ()
    start, _, end = rows[0]["period"].partition(DASH)
    note = words("situation_note", start=start, end=end)
    return told("situation", _table(rows, words), note, "national_dash", words)


def goals(tables: Tables, words: Words) -> Sequence[Block]:
    """The newest of each goal of the first page of a centre's report."""
    newest: dict[str, Row] = {}
    for row in sorted(tables["national_measures"].to_pylist(), key=lambda row: row["period"]):
        if row["measure"].removesuffix(CENTRES) in GOALS and row["scope"] == NATIONAL:
            newest[row["measure"]] = row
    if not newest:
        return ()
    rows = [newest[measure] for measure in GOALS if measure in newest]
    reported = {
        measure: newest[measure + CENTRES]["at_least"] for measure in GOALS if measure + CENTRES in newest
    }
    return told(
        "goals",
        _table(rows, words, reported),
        words("goals_note", table="national_measures"),
        "national_dash",
        words,
    )


def shares_by_centre(tables: Tables, words: Words) -> Sequence[Block]:
    """The shares of the situation table, of the centres that have actors enough; none where no centre has."""
    rows = [
        row
        for row in tables["national_measures"].to_pylist()
        if row["scope"] != NATIONAL and row["share_pct"] is not None
    ]
    measures = sorted({row["measure"] for row in rows})
    found = {(row["scope"], row["measure"]): row for row in rows}
    scopes = sorted(
        {row["scope"] for row in rows} & set(centres()), key=lambda scope: words.label("centre", scope)
    )
    if not rows:
        return Heading(words("national_shares")), Paragraph(words("national_shares_none"), "note")
    header = [
        Column(words("national_scope"), "heading", 1),
        *(Column(words.label("measure", m), "number") for m in measures),
    ]
    lines = [
        (words.label("centre", scope), *(_cell(found.get((scope, measure)), words) for measure in measures))
        for scope in scopes
    ]
    return (
        Heading(words("national_shares")),
        Table(header, lines),
        Paragraph(words("national_shares_note"), "note"),
    )


def _is_situation(row: Row) -> bool:
    return str(row["measure"]).startswith("M")


def _table(rows: list[Row], words: Words, reported: Mapping[str, int] | None = None) -> Table:
    """A line for each row; beside what centres report, how many have."""
    header = columns(words, measure=("heading", 1), scope_national="number")
    return Table(
        header,
        [
            (
                f"{row['measure'].partition('_')[0]} {words.label('measure', row['measure'])}{_of(row)}",
                of_centres(_cell(row, words), reported[row["measure"]], words)
                if reported and row["measure"] in reported
                else _cell(row, words),
            )
            for row in rows
        ],
    )


def _of(row: Row) -> str:
    return "" if _is_situation(row) else f" ({row['period']})"


def _cell(row: Row | None, words: Words) -> str:
    if row is None or row["at_least"] is None:
        return DASH
    if row["unit"] == "nok":
        return words("kroner", amount=words.number(row["at_least"]))
    if row["denominator"] is None:
        return in_words((row["at_least"], row["at_most"]), words)
    counts = words("part_of", part=words.number(row["at_least"]), whole=words.number(row["denominator"]))
    return f"{words('share', percent=words.number(row['share_pct']))} ({counts})"
