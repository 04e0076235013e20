"""The situation at a glance: figures, changes, statuses, the ages of deliveries and what was decided and achieved."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from akrim.contracts import DISMISSED, statuses
from akrim.report.ages import ages_table, ages_with_extracts
from akrim.report.blocks import Block, Columns, Figures, Heading, Paragraph, Table, columns
from akrim.report.lists.agenda import decisions_due, is_overdue
from akrim.report.lists.at_a_glance import where_and_in_what
from akrim.report.lists.over_time import over_time
from akrim.report.lists.plot import plot
from akrim.report.material import Material, Section
from akrim.report.sections.changes import changes_summary
from akrim.report.sections.situation import situation_parts
from akrim.report.wording import DASH
from akrim.sharing import Tables


def _overview(material: Material) -> Sequence[Block]:
    return (
        _figures(material),
        *plot(material),
        *where_and_in_what(material),
        *changes_summary(material),
        *_statuses_and_ages(material),
        *_open_matters(material),
        *over_time(material),
        Columns(situation_parts(material)),
    )


SECTION = Section("overview", 10, _overview, papers=("assessment",))


def _figures(material: Material) -> Figures:
    words, due, (previous, changes) = material.words, decisions_due(material), material.compared
    overdue = sum(is_overdue(row, material.edition.as_of) for row in due)
    dismissed = len(material.dismissed)
    entries: tuple[tuple[Any, ...], ...] = (
        ("persons", _in_area(material.tables)),
        ("listed", len(material.standing), words.counted("figure_dismissed", dismissed) if dismissed else ""),
        *([("new", sum(change["change"] == "entered" for change in changes))] if previous else []),
        ("due", len(due), words("figure_overdue", number=words.number(overdue)) if overdue else ""),
    )
    return Figures(
        words("figures"),
        [
            (
                words.number(number),
                words(f"figure_{key}_one" if number == 1 else f"figure_{key}_many"),
                " ".join(filter(None, [words(f"figure_{key}_note"), *more])),
            )
            for key, number, *more in entries
        ],
    )


def _in_area(tables: Tables) -> int:
    counted = tables["persons_counted"].to_pylist()
    return sum(row["persons"] for row in counted if row["basis"] != "decision")


def _statuses_and_ages(material: Material) -> Sequence[Block]:
    """Beside each other, or below where sentences on an agency's extracts need the width of the page."""
    found, extracts = ages_with_extracts(material.tables)
    ages = ages_table(found, extracts, material.edition.as_of, material.words, material.reference.rules)
    statuses = _statuses(material)
    tables = (block for block in ages if isinstance(block, Table))
    if any(isinstance(row[0], tuple) and len(row[0]) > 1 for table in tables for row in table.rows):
        return *statuses, *ages
    return (Columns((statuses, ages)),)


def _statuses(material: Material) -> Sequence[Block]:
    words, as_of = material.words, material.edition.as_of
    listed = material.tables["assessments"].to_pylist()
    decided = Counter(row["status"] for row in listed)
    proposed = Counter(row["proposed_status"] for row in listed if row["person_id"] not in material.dismissed)
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


def _open_matters(material: Material) -> Sequence[Block]:
    """Which agencies have open matters about how many of those who are not dismissed; nothing where none has."""
    words = material.words
    standing = {entry["person_id"] for entry in material.standing}
    matters = defaultdict(list)
    for row in material.tables["coordination"].to_pylist():
        if row["person_id"] in standing:
            for at in json.loads(row["open_matters_by_agency"] or "[]"):
                matters[words.agency(at["agency"])].append(at["matters"])
    if not matters:
        return ()
    header = columns(words, ages_agency=("heading", 1), persons_listed="number", open_matters="number")
    rows = [(name, words.number(len(of)), words.number(sum(of))) for name, of in sorted(matters.items())]
    return (
        Heading(words("open_by_agency")),
        Table(header, rows),
        Paragraph(words("open_by_agency_note"), "note"),
    )
