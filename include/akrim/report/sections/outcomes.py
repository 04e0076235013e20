"""What became of the agencies' reports to the police: counts by outcome, and the newest reports."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from akrim.report.blocks import Block, Column, Paragraph, Table, Text, columns
from akrim.report.material import Material, Section
from akrim.report.profile.facts import Row
from akrim.report.wording import DASH, Words, clean

MAX_OUTCOMES = 60


def _outcomes(material: Material) -> Sequence[Block]:
    words = material.words
    rows = material.tables["case_outcomes"].to_pylist()
    note = Paragraph(words("outcomes_note"))
    if not rows:
        return note, Paragraph(words("outcomes_empty"))
    rows.sort(
        key=lambda row: (str(row["reported_date"]), row["reporting_agency"], row["reference"]), reverse=True
    )
    left_out = (
        words("outcomes_left_out", shown=MAX_OUTCOMES, total=len(rows)) if len(rows) > MAX_OUTCOMES else ""
    )
    return (
        note,
        Paragraph(Text(words.counted("report", len(rows)), "strong")),
        _summary(rows, words),
        _newest(rows, material),
        Paragraph(left_out, "note"),
    )


SECTION = Section("outcomes", 50, _outcomes)


def _summary(rows: list[Row], words: Words) -> Table:
    counts = Counter(_outcome(row, words) for row in rows)
    largest = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    header = (
        Column(words("outcome"), "heading", 1.6),
        Column(words("number"), "number"),
        Column(words("share_heading"), "number"),
        Column("", "bar", 2),
    )
    return Table(
        header,
        [
            (outcome, words.number(number), words("share", percent=words.number(percent)), percent)
            for outcome, number in largest
            for percent in (round(100 * number / len(rows)),)
        ],
    )


def _outcome(row: Row, words: Words) -> str:
    """The outcome; a report without one has a class of outcome all the same, unless that may not be told."""
    if row["outcome_code"]:
        return words.label("outcome", row["outcome_code"])
    if row["outcome_class"] is None:
        return words("not_shared")
    return words.label("outcome_class", row["outcome_class"])


def _newest(rows: list[Row], material: Material) -> Table:
    """The newest reports, with who on the list is suspected in the case: whom the centre is told that of anyway."""
    words = material.words
    concerned: dict[str, list[str]] = defaultdict(list)
    for entry in material.ranking:
        for case in material.facts.cases[entry["person_id"]]:
            if case["case_number"]:
                concerned[case["case_number"]].append(entry["name"])
    header = columns(
        words,
        reported="short",
        ages_agency=1,
        reference=1,
        case=1,
        outcome_listed=("heading", 1.2),
        outcome=1.5,
        date="short",
    )
    return Table(
        header,
        [
            (
                words.day(row["reported_date"]),
                words.agency(row["reporting_agency"]),
                clean(row["reference"]),
                clean(row["case_number"]) or DASH,
                [Text(name, "line") for name in concerned.get(row["case_number"], ())] or DASH,
                _outcome(row, words),
                words.day(row["outcome_date"]),
            )
            for row in rows[:MAX_OUTCOMES]
        ],
    )
