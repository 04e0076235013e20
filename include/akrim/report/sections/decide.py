"""What the management team is to decide on: key points, and by name who awaits a decision, is new, is due, worked on by nobody, or disputes."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from akrim.report.ages import ages_point, ages_warning, ages_with_extracts, out_of_order
from akrim.report.answer import answer_blocks, answer_points
from akrim.report.blocks import (
    Block,
    Column,
    Columns,
    Content,
    Heading,
    Listing,
    Name,
    Notice,
    Paragraph,
    Table,
    Text,
    columns,
)
from akrim.report.lists.agenda import (
    Agenda,
    Entry,
    agenda_of,
    background_points,
    decided_on,
    key_points,
    standing_decisions,
)
from akrim.report.lists.groups import statuses_of_groups
from akrim.report.lists.short_answers import short_answers
from akrim.report.lists.tasks import decision_told, is_at_rest, review_told, tasks
from akrim.report.material import Material, Section
from akrim.report.profile.coordination import touched
from akrim.report.profile.decisions import status_badge
from akrim.report.profile.facts import Row
from akrim.report.profile.findings.brief import in_short
from akrim.report.sections.nominations import waiting_nominations
from akrim.report.withheld import in_words, withheld_from
from akrim.report.wording import DASH, Words
from akrim.sharing import ASSESSMENT

MAX_NAMED = 10


def _decide(material: Material) -> Sequence[Block]:
    words, agenda, answer = material.words, agenda_of(material), _answer(material)
    new = {entry["person_id"] for entry in agenda.new}
    awaiting = agenda.awaiting[:MAX_NAMED]
    told = {entry["person_id"] for entry in awaiting}
    others = [entry for entry in agenda.new if entry["person_id"] not in told]
    told |= {entry["person_id"] for entry in others[:MAX_NAMED]}
    ages, extracts = ages_with_extracts(material.tables)
    said = ages_point(ages, extracts, words)
    waiting = [*key_points(agenda, material), *answer_points(answer, words)]
    beside = short_answers(material, said)
    background = [*background_points(agenda, material), *([] if beside else [said])]
    points = [Listing(waiting or [words("point_none")]), Paragraph(" ".join(filter(None, background)))]
    return (
        Columns([part for part in (points, beside) if part]),
        # The agencies whose data are missing, old or out of order: what is said here is said without them.
        Notice(ages_warning(out_of_order(ages, extracts), words)),
        *(Notice(text) for text in _withheld(material)),
        Paragraph(f"{words('lead')} {words('not_a_suspicion')} {words('how_to_decide')}", "note"),
        *_named("decide_awaiting", agenda.awaiting, material, new),
        *_groups(agenda.groups, material),
        *_to_confirm(agenda.asked, material),
        *_contradictory(agenda, material),
        *_named("decide_new" if len(others) == len(new) else "decide_also_new", others, material),
        *_reviews_and_disputes(agenda, material),
        *tasks(material),
        *waiting_nominations(material, MAX_NAMED),
        *_idle(agenda, told, material),
        *answer_blocks(answer, words, _newly_decided(material)),
    )


def _answer(material: Material) -> dict[str, Any] | None:
    """What the centre is answered; that nothing came is told only where it had been sent somebody to decide on."""
    sent = material.earlier.before.get("persons")
    answer = material.edition.answer
    return None if not answer and sent is not None and not sent.num_rows else answer


def _newly_decided(material: Material) -> list[Content]:
    """On whom, and on which groups, decisions have come from the centre since the release that the list is compared with, and what they say.

    Persons in the list's order, as in the form, and after them those who are on it no more.
    """
    words = material.words
    persons = _come_since("prioritisations", standing_decisions(material), material)
    persons.sort(key=lambda row: material.place(row["person_id"]))
    groups = _come_since("group_decisions", statuses_of_groups(material.tables).values(), material)
    return [
        (
            decided_on(row, material),
            Text(
                f"{DASH} {words.label('status', row['status'])}, {words.label('priority', row['priority_code']).lower()}"
            ),
        )
        for row in (*persons, *groups)
    ]


def _come_since(mart: str, decisions: Iterable[Row], material: Material) -> list[Row]:
    """Those of the centre's decisions that were not known then, by id."""
    earlier = material.earlier.last_period or material.earlier.before
    known = set(earlier[mart]["decision_id"].to_pylist()) if mart in earlier else set()
    own = [row for row in decisions if row["centre_id"] == material.edition.centre_id]
    return sorted((row for row in own if row["decision_id"] not in known), key=lambda row: row["decision_id"])


SECTION = Section("decide", 5, _decide, papers=("assessment",))


def _withheld(material: Material) -> Iterator[str]:
    """What the sharing matrix kept from everybody, and from this centre."""
    words = material.words
    for whom, key in (
        (ASSESSMENT, "withheld_from_all"),
        (material.edition.centre_id, "withheld_from_centre"),
    ):
        withheld = withheld_from(material.tables, whom)
        if withheld.data:
            told = key if withheld.rules else f"{key}_no_rule"
            yield words(
                told, data=in_words(withheld, words), rules=words.counted("rule", len(withheld.rules))
            )


def _named(
    heading: str, entries: Sequence[Entry], material: Material, new: Collection[str] = ()
) -> Sequence[Block]:
    """The first of the list by name, with what the rules propose and the person in short; who is new is marked, and so named once."""
    if not entries:
        return ()
    words = material.words
    header = columns(words, rank="number", name=("heading", 1.1), status=("text", 1), in_short=("prose", 3.6))
    rows: list[Sequence[Content]] = [
        (
            entry["rank"],
            (
                material.name(entry["person_id"]),
                Text(words.change("entered") if entry["person_id"] in new else "", "line"),
                Text(entry["born"], "below"),
            ),
            (*status_badge(entry, words), _weak_link(entry, words)),
            in_short(entry["person_id"], material.facts, words),
        )
        for entry in entries[:MAX_NAMED]
    ]
    return Heading(words(heading)), _first(header, rows, len(entries), material)


def _weak_link(entry: Entry, words: Words) -> Text:
    """That the person's records hang together weakly, and the points without such links: an alert where they differ."""
    if not entry["is_weakly_linked"]:
        return Text("")
    told = words("points_range", range=entry["range"]) if entry["range"] else words("points_same")
    return Text(f"{words('link_is_weak')}: {told}", "alert" if entry["range"] else "below")


def _groups(groups: Sequence[dict[str, Any]], material: Material) -> Sequence[Block]:
    """The networks and enterprises without a decision: what the rules propose, and who on the list is behind it."""
    if not groups:
        return ()
    words = material.words
    header = columns(words, group=("heading", 1.6), proposed=1.2, total="number", group_persons=("prose", 2))
    rows = [
        (material.group(g["group_id"], g["name"]), g["proposed"], g["total"], g["members"])
        for g in groups[:MAX_NAMED]
    ]
    return (
        Heading(words("decide_groups")),
        _first(header, rows, len(groups), material, "groups", MAX_NAMED // 2),
    )


def _idle(agenda: Agenda, told: Collection[str], material: Material) -> Sequence[Block]:
    """On whom nobody works: who knows them, when they were last controlled, and the person in short where that is not told above."""
    words, facts, entries = material.words, material.facts, agenda.idle
    if not entries:
        return ()
    header = columns(words, name=("heading", 1.1), status=("text", 1), decide_known=("prose", 3.6))
    rows = [
        (
            material.name(entry["person_id"]),
            status_badge(entry, words),
            (
                "" if entry["person_id"] in told else in_short(entry["person_id"], facts, words),
                Text(touched(facts.coordination[entry["person_id"]][0], words), "line"),
            ),
        )
        for entry in entries[:MAX_NAMED]
    ]
    return (
        Heading(words("decide_idle")),
        _first(header, rows, len(entries), material, printed=MAX_NAMED // 2),
        Paragraph(
            words("decide_idle_note", days=words.number(int(material.reference.quantity("worked_on")))),
            "note",
        ),
    )


def _disputes(disputing: Sequence[Entry], material: Material) -> Sequence[Block]:
    if not disputing:
        return ()
    words = material.words
    header = columns(words, name=("heading", 1.3), decide_dispute=1.2)
    rows = [(material.name(entry["person_id"]), entry["disputing"]) for entry in disputing[:MAX_NAMED]]
    return Heading(words("decide_disputing")), _first(header, rows, len(disputing), material)


def _first(
    header: Sequence[Column],
    rows: Sequence[Sequence[Content]],
    number: int,
    material: Material,
    section: str = "list",
    printed: int | None = None,
) -> Table:
    """The table of the first of so many, with how many more are in the section that names all."""
    left_out = max(0, number - MAX_NAMED)
    more = Name(material.words.counted(f"left_out_{section}", left_out), section) if left_out else ""
    return Table(header, rows, printed=printed, left_out=left_out, more=more)


def _to_confirm(asked: Sequence[Entry], material: Material) -> Sequence[Block]:
    """Statuses that linkage has moved, or made several of, for the centre to confirm."""
    if not asked:
        return ()
    words = material.words
    rows = [(material.name(entry["person_id"]), entry["status"], " ".join(entry["notes"])) for entry in asked]
    header = columns(words, name=("heading", 1), status="text", asked=("prose", 2.5))
    return Heading(words("to_confirm")), Table(header, rows), Paragraph(words("how_to_confirm"), "note")


def _contradictory(agenda: Agenda, material: Material) -> Sequence[Block]:
    """Decisions in force of which the team has to say what holds."""
    if not agenda.contradictory:
        return ()
    words, found = material.words, agenda.contradictory
    header = columns(words, decided_about=("heading", 1), date="short", contradicts=("prose", 2.5))
    rows = [(name, words.day(row["decided_date"]), told) for name, row, told in found[:MAX_NAMED]]
    table = _first(header, rows, len(found), material, printed=MAX_NAMED // 2)
    return Heading(words("decide_anew")), table


def _reviews_and_disputes(agenda: Agenda, material: Material) -> Sequence[Block]:
    """Beside each other, unless the names of networks or enterprises need the room."""
    found = (_reviews(agenda.due, material), _disputes(agenda.disputing, material))
    if any(row.get("group_id") for row in agenda.due):
        return [block for part in found for block in part]
    return (Columns([part for part in found if part]),)


def _reviews(due: Sequence[Row], material: Material) -> Sequence[Block]:
    if not due:
        return ()
    words = material.words
    header = columns(words, name=("heading", 1.3), due_date="short", priority=0.8, responsible=1)
    rows = [
        (
            decision_told(row, material),
            review_told(row, material),
            words.label("priority", row["priority_code"]),
            (
                words.agency(row["responsible_agency"]),
                Text(words("open_nothing") if is_at_rest(row, material.facts) else "", "below"),
            ),
        )
        for row in due[:MAX_NAMED]
    ]
    return Heading(words("due")), _first(header, rows, len(due), material)
