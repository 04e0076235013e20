"""What the management team is to decide on: key points, and by name who awaits a decision, is new, is due, worked on by nobody, or disputes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pyarrow.compute as pc

from akrim.contracts import statuses
from akrim.report.ages import ages_warning, delivered_ages, out_of_order
from akrim.report.answer import answer_blocks
from akrim.report.blocks import (
    Block,
    Columns,
    Content,
    Heading,
    Listing,
    Notice,
    Paragraph,
    Table,
    Text,
    columns,
)
from akrim.report.nominated import WAITING
from akrim.report.profile.brief import in_short
from akrim.report.profile.facts import Row, newest_first, rows_by
from akrim.report.ranking import status_badge
from akrim.report.registry import Material, Section
from akrim.report.withheld import ASSESSMENT, in_words, withheld_from

# The next release comes in four months; what falls due before then must be decided on this one.
DAYS_TO_NEXT_RELEASE = 122
MAX_NAMED = 10

Entry = dict[str, Any]


def _decide(material: Material) -> Sequence[Block]:
    words = material.words
    standing = [entry for entry in material.ranking if not entry["is_dismissed"]]
    # Without a status, or dismissed before something new was found.
    awaiting = [
        entry for entry in standing if (entry["proposed"] and not entry["status"]) or entry["since_dismissal"]
    ]
    new = _new(material, standing)
    due = decisions_due(material)
    idle = _worked_on_by_nobody(material, standing)
    disputing = [entry for entry in standing if entry["disputing"]]
    questions = set(material.tables["status_questions"]["person_id"].to_pylist())
    asked = [entry for entry in material.ranking if entry["person_id"] in questions]
    points = [
        *_on_awaiting(awaiting, material),
        *_counted("point_confirm", asked, material),
        *_counted("point_new", new, material),
        *_on_due(due, material),
        *_on_idle(idle, standing, material),
        *_counted("point_disputing", disputing, material),
        *_on_nominations(material),
        *_on_other_centres(standing, material),
    ]
    return (
        Listing(points or [words("point_none")]),
        *answer_blocks(material.edition.answer, words),
        _wanting(material),
        *(Notice(text) for text in _withheld(material)),
        Paragraph(f"{words('lead')} {words('not_a_suspicion')} {words('how_to_decide')}", "note"),
        *_named("awaiting", awaiting, material),
        *_to_confirm(asked, material),
        *_named("new", new, material),
        Columns(
            [
                part
                for part in (
                    _reviews(due, material),
                    _names("idle", idle, material),
                    _disputes(disputing, material),
                )
                if part
            ]
        ),
    )


SECTION = Section("decide", 5, _decide, papers=("assessment",))


def _wanting(material: Material) -> Notice:
    """The agencies whose data are missing, old or out of order: what is said here is said without them."""
    ages = delivered_ages(material.tables)
    extracts = rows_by(material.tables["extract_ages"], "agency", {row["agency"] for row in ages})
    return Notice(ages_warning(out_of_order(ages, extracts), material.words))


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


def decisions_due(material: Material) -> list[Row]:
    """The centre's own decisions in force that are due for review before the next release."""
    edition, decisions = material.edition, material.tables["prioritisations"]
    own = decisions.filter(pc.equal(decisions["centre_id"], edition.centre_id))
    newest = [newest_first(rows)[0] for rows in rows_by(own, "person_id").values()]
    limit = edition.as_of + timedelta(days=DAYS_TO_NEXT_RELEASE)
    due = [row for row in newest if row["next_review_date"] and row["next_review_date"] <= limit]
    return sorted(due, key=lambda row: (row["next_review_date"], row["person_id"]))


def _new(material: Material, standing: list[Entry]) -> list[Entry]:
    """Who has come onto the list since the previous release; at a first release everybody has, which tells nothing."""
    if material.edition.previous_release_id is None:
        return []
    entered = {change["person_id"] for change in material.changes if change["change"] == "entered"}
    return [entry for entry in standing if entry["person_id"] in entered]


def _worked_on_by_nobody(material: Material, standing: list[Entry]) -> list[Entry]:
    coordination = material.tables["coordination"]
    idle = set(coordination.filter(coordination["nobody_works_on"])["person_id"].to_pylist())
    return [entry for entry in standing if entry["person_id"] in idle]


def _counted(key: str, entries: Sequence[Entry], material: Material) -> Iterator[str]:
    if entries:
        yield material.words.counted(key, len(entries))


def _on_awaiting(awaiting: list[Entry], material: Material) -> Iterator[str]:
    """How many have no decision, and what the rules propose for them, the most serious first."""
    words, proposed = material.words, Counter(entry["proposed_code"] for entry in awaiting)
    if awaiting:
        parts = [
            words(
                "point_proposed_as",
                number=words.number(proposed[code]),
                status=words.label("status", code).lower()
                if proposed[code] == 1
                else words(f"several_{code}"),
            )
            for code in statuses()
            if proposed[code]
        ]
        rest = f" {words('point_proposed', proposed=words.listing(parts))}" if parts else ""
        yield words.counted("point_awaiting", len(awaiting)) + rest


def _on_due(due: list[Row], material: Material) -> Iterator[str]:
    words, overdue = material.words, sum(row["next_review_date"] < material.edition.as_of for row in due)
    if overdue:
        yield words.counted("point_overdue", overdue)
    if len(due) > overdue:
        yield words.counted("point_due", len(due) - overdue)


def _on_idle(idle: list[Entry], standing: list[Entry], material: Material) -> Iterator[str]:
    words = material.words
    if idle:
        yield words("point_idle", number=words.number(len(idle)), listed=words.number(len(standing)))


def _on_nominations(material: Material) -> Iterator[str]:
    answers = Counter(row["answer"] or "open" for row in material.tables["nominations"].to_pylist())
    if waiting := sum(answers[answer] for answer in WAITING):
        yield material.words.counted("point_nominations", waiting)


def _on_other_centres(standing: list[Entry], material: Material) -> Iterator[str]:
    """How many of those on the list another centre has decided otherwise about."""
    decisions = material.tables["prioritisations"]
    elsewhere = decisions.filter(pc.not_equal(decisions["centre_id"], material.edition.centre_id))
    newest = {person_id: newest_first(rows)[0] for person_id, rows in rows_by(elsewhere, "person_id").items()}
    differing = [
        entry
        for entry in standing
        if entry["person_id"] in newest
        and material.words.label("status", newest[entry["person_id"]]["status"]) != entry["status"]
    ]
    yield from _counted("point_elsewhere", differing, material)


def _named(key: str, entries: list[Entry], material: Material) -> Sequence[Block]:
    """The first of the list by name, with what the rules propose and the person in short."""
    if not entries:
        return ()
    words = material.words
    header = columns(
        words, rank="number", name=("heading", 1.3), status=("text", 1.2), in_short=("prose", 2.5)
    )
    rows: list[Sequence[Content]] = [
        (
            entry["rank"],
            (material.name(entry["person_id"]), Text(entry["born"], "below")),
            status_badge(entry, words),
            in_short(entry["person_id"], material.facts, words),
        )
        for entry in entries[:MAX_NAMED]
    ]
    return Heading(words(f"decide_{key}")), Table(header, rows), *_left_out(len(entries), material)


def _names(key: str, entries: list[Entry], material: Material) -> Sequence[Block]:
    if not entries:
        return ()
    words = material.words
    header = columns(words, name=("heading", 1.3), status=1.2)
    rows = [(material.name(entry["person_id"]), status_badge(entry, words)) for entry in entries[:MAX_NAMED]]
    return Heading(words(f"decide_{key}")), Table(header, rows), *_left_out(len(entries), material)


def _disputes(disputing: list[Entry], material: Material) -> Sequence[Block]:
    if not disputing:
        return ()
    words = material.words
    header = columns(words, name=("heading", 1.3), decide_dispute=1.2)
    rows = [(material.name(entry["person_id"]), entry["disputing"]) for entry in disputing[:MAX_NAMED]]
    return Heading(words("decide_disputing")), Table(header, rows), *_left_out(len(disputing), material)


def _left_out(number: int, material: Material) -> Iterator[Block]:
    if number > MAX_NAMED:
        yield Paragraph(material.words.counted("decide_left_out", number - MAX_NAMED), "note")


def _to_confirm(asked: list[Entry], material: Material) -> Sequence[Block]:
    """Statuses that linkage has moved, or made several of, for the centre to confirm."""
    if not asked:
        return ()
    words = material.words
    rows = [(material.name(entry["person_id"]), entry["status"], " ".join(entry["notes"])) for entry in asked]
    header = columns(words, name=("heading", 1), status="text", asked=("prose", 2.5))
    return Heading(words("to_confirm")), Table(header, rows), Paragraph(words("how_to_confirm"), "note")


def _reviews(due: list[Row], material: Material) -> Sequence[Block]:
    if not due:
        return ()
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
        for row in due[:MAX_NAMED]
    ]
    return Heading(words("due")), Table(header, rows), *_left_out(len(due), material)


def _overdue(row: Row, material: Material) -> str:
    return material.words("overdue") if row["next_review_date"] < material.edition.as_of else ""
