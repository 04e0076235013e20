"""The report's first page: figures, changes, decisions due, statuses, the ages of deliveries and the situation."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pyarrow.compute as pc

from akrim.contracts import DISMISSED, statuses
from akrim.report.ages import ages_table, ages_warning, delivered_ages
from akrim.report.blocks import Block, Columns, Figures, Heading, Notice, Paragraph, Table, Text, columns
from akrim.report.profile.facts import Row, newest_first, rows_by
from akrim.report.registry import Material, Section
from akrim.report.sections.changes import changes_summary
from akrim.report.sections.situation import situation_parts
from akrim.report.withheld import ASSESSMENT, in_words, withheld_from
from akrim.report.wording import DASH
from akrim.sharing import Tables

# The next release comes in four months; what falls due before then must be decided on this one.
DAYS_TO_NEXT_RELEASE = 122
MAX_DUE = 10


def _overview(material: Material) -> Sequence[Block]:
    words = material.words
    ages = delivered_ages(material.tables)
    extracts = rows_by(material.tables["extract_ages"], "agency", {row["agency"] for row in ages})
    due = _due(material)
    return (
        Paragraph(f"{words('lead')} {words('not_a_suspicion')}", "lead"),
        Notice(ages_warning(_out_of_order(ages, extracts), words)),
        *(Notice(text) for text in _withheld(material)),
        _figures(material, len(due)),
        *_to_confirm(material),
        Columns((changes_summary(material), _reviews(due, material))),
        Columns((_statuses(material), ages_table(ages, extracts, words))),
        Columns(situation_parts(material)),
    )


SECTION = Section("overview", 10, _overview)


def _withheld(material: Material) -> Iterator[str]:
    """What the sharing matrix kept from everybody, and from this centre."""
    words = material.words
    for whom, key in (
        (ASSESSMENT, "withheld_from_all"),
        (material.edition.centre_id, "withheld_from_centre"),
    ):
        withheld = withheld_from(material.tables, whom)
        if withheld.data:
            yield words(key, data=in_words(withheld, words), rules=words.counted("rule", len(withheld.rules)))


def _figures(material: Material, due: int) -> Figures:
    words = material.words
    entries = (
        ("persons", _in_area(material.tables)),
        ("listed", sum(not entry["is_dismissed"] for entry in material.ranking)),
        ("new", sum(change["change"] == "entered" for change in material.changes)),
        ("due", due),
    )
    return Figures(
        words("figures"),
        [
            (
                words.number(number),
                words(f"figure_{key}_one" if number == 1 else f"figure_{key}_many"),
                words(f"figure_{key}_note"),
            )
            for key, number in entries
        ],
    )


def _in_area(tables: Tables) -> int:
    counted = tables["persons_counted"].to_pylist()
    return sum(row["persons"] for row in counted if row["basis"] != "decision")


def _to_confirm(material: Material) -> Sequence[Block]:
    """Statuses that linkage has moved, or made several of, for the centre to confirm."""
    words = material.words
    asked = {row["person_id"] for row in material.tables["status_questions"].to_pylist()}
    if not asked:
        return ()
    rows = [
        (material.name(entry["person_id"]), entry["status"], " ".join(entry["notes"]))
        for entry in material.ranking
        if entry["person_id"] in asked
    ]
    header = columns(words, name=("heading", 1), status="text", asked=("prose", 2.5))
    return Heading(words("to_confirm")), Table(header, rows), Paragraph(words("how_to_confirm"), "note")


def _due(material: Material) -> list[Row]:
    """The centre's own decisions in force that are due for review before the next release."""
    edition, decisions = material.edition, material.tables["prioritisations"]
    own = decisions.filter(pc.equal(decisions["centre_id"], edition.centre_id))
    newest = [newest_first(rows)[0] for rows in rows_by(own, "person_id").values()]
    limit = edition.as_of + timedelta(days=DAYS_TO_NEXT_RELEASE)
    due = [row for row in newest if row["next_review_date"] and row["next_review_date"] <= limit]
    return sorted(due, key=lambda row: (row["next_review_date"], row["person_id"]))


def _reviews(due: list[Row], material: Material) -> Sequence[Block]:
    words = material.words
    header = columns(words, name=("heading", 1.3), due_date="short", responsible=1)
    rows = [
        (
            material.name(row["person_id"]),
            (words.day(row["next_review_date"]), Text(_overdue(row, material), "alert")),
            (
                words.agency(row["responsible_agency"]),
                Text(words.label("priority", row["priority_code"]), "below"),
            ),
        )
        for row in due[:MAX_DUE]
    ]
    left_out = words.counted("due_left_out", len(due) - MAX_DUE) if len(due) > MAX_DUE else ""
    return (
        Heading(words("due")),
        Table(header, rows, words("due_none")),
        Paragraph(left_out, "note"),
        Paragraph(words("how_to_decide"), "note"),
    )


def _overdue(row: Row, material: Material) -> str:
    return material.words("overdue") if row["next_review_date"] < material.edition.as_of else ""


def _out_of_order(rows: list[Row], extracts: dict[str, list[Row]]) -> dict[str, set[str | None]]:
    """What is wrong with each agency's data: with all of it, or else with some extract."""
    reasons = {row["agency"]: {e["unavailable_because"] for e in extracts[row["agency"]]} for row in rows}
    for row in rows:
        if row["is_missing"] or row["is_stale"]:
            reasons[row["agency"]] = {"missing" if row["is_missing"] else "stale"}
    return reasons


def _statuses(material: Material) -> Sequence[Block]:
    words, as_of = material.words, material.edition.as_of
    listed = material.tables["assessments"].to_pylist()
    decided = Counter(row["status"] for row in listed)
    proposed = Counter(row["proposed_status"] for row in listed)
    header = columns(words, status=("heading", 1), decided="number", proposed="number")
    rows = [
        (
            words.label("status", status) if status else words("status_none"),
            words.number(decided[status]),
            words.number(proposed[status]) if status != DISMISSED else DASH,
        )
        for status in (*statuses(), None)
    ]
    late = sum(bool(row["status_since"] and row["status_since"] > as_of) for row in listed)
    after = words.counted("statuses_after", late) if late else ""
    return (
        Heading(words("statuses")),
        Table(header, rows),
        Paragraph(f"{words('statuses_note')} {after}", "note"),
    )
