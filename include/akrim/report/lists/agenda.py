"""What waits for the management team: who, and in a few sentences how many."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow.compute as pc

from akrim.contracts import DISMISSED, statuses
from akrim.report.blocks import Name
from akrim.report.lists.groups import build_groups, names_of_groups, names_of_listed, statuses_of_groups
from akrim.report.lists.nominated import WAITING
from akrim.report.material import Material
from akrim.report.profile.contradictory import contradictions
from akrim.report.profile.facts import Row, newest_first, rows_by
from akrim.report.wording import Words

# The next release comes in four months; what falls due before then must be decided on this one.
DAYS_TO_NEXT_RELEASE = 122
# So few are named in a sentence.
MAX_NAMED = 10

Entry = dict[str, Any]


@dataclass(frozen=True)
class Agenda:
    """Entries of the ranked list, each by what is to be decided about it.

    Attributes:
        awaiting: without a status, or dismissed before something new was found.
        asked: whose status linkage has moved, or made several of.
        contradictory: the centre's own decisions in force on those listed, and those told last, that contradict themselves, another of the same day
            or their release, each by what they are about, a row of the marts, and what contradicts.
        new: on the list since the release before.
        idle: whom no agency seems to work on.
        disputing: who disputes something of what is told.
        otherwise: about whom another centre has decided otherwise.
        due: the centre's own decisions to be reviewed before the next release, rows of the marts.
        nominations: how many wait for an answer.
        groups: networks and enterprises without a decision, entries of `akrim.report.lists.groups`, the most serious first.
    """

    awaiting: Sequence[Entry]
    asked: Sequence[Entry]
    contradictory: Sequence[tuple[Name, Row, str]]
    new: Sequence[Entry]
    idle: Sequence[Entry]
    disputing: Sequence[Entry]
    otherwise: Sequence[Entry]
    due: Sequence[Row]
    nominations: int
    groups: Sequence[Entry]


def agenda_of(material: Material) -> Agenda:
    """What waits, from the centre's list and tables."""
    standing = material.standing
    groups = build_groups(material.tables, names_of_listed(material.ranking, material.words), material.words)
    asked = set(material.tables["status_questions"]["person_id"].to_pylist())
    answers = Counter(row["answer"] or "open" for row in material.tables["nominations"].to_pylist())
    return Agenda(
        awaiting=[e for e in standing if (e["proposed"] and not e["status"]) or e["since_dismissal"]],
        asked=[entry for entry in material.ranking if entry["person_id"] in asked],
        contradictory=_contradictory(material, groups),
        new=_new(material),
        idle=_worked_on_by_nobody(material),
        disputing=[entry for entry in standing if entry["disputing"]],
        otherwise=[entry for entry in standing if entry["is_decided_otherwise"]],
        due=decisions_due(material),
        nominations=sum(answers[answer] for answer in WAITING),
        groups=_undecided(groups),
    )


def key_points(agenda: Agenda, material: Material) -> list[str]:
    """The agenda in sentences, none where nothing waits."""
    return [
        *_on_awaiting("point_awaiting", [entry["proposed_code"] for entry in agenda.awaiting], material),
        *_on_awaiting("point_groups", [entry["status_code"] for entry in agenda.groups], material),
        *_counted("point_confirm", len(agenda.asked), material),
        *_counted("point_contradictory", len(agenda.contradictory), material),
        *_counted("point_new", len(agenda.new), material, previous=material.compared[0]),
        *_on_due(agenda.due, material),
        *_on_idle(agenda, material),
        *_counted("point_disputing", len(agenda.disputing), material),
        *_counted("point_nominations", agenda.nominations, material),
        *_counted("point_elsewhere", len(agenda.otherwise), material),
    ]


def background_points(agenda: Agenda, material: Material) -> list[str]:
    """What does not wait, and is asked all the same: why there is a revision, that somebody works on everybody, who has changed."""
    idle_none = material.standing and not agenda.idle
    return [
        *_on_renewal(material),
        *([material.words("decide_none_idle")] if idle_none else []),
        *_on_changed(material),
    ]


def is_overdue(decision: Row, as_of: date) -> bool:
    """Whether it was to be looked at again before the cut-off date."""
    day = decision["next_review_date"]
    return bool(day and day < as_of)


def standing_decisions(material: Material) -> list[Row]:
    """The centre's own decision in force on each person: the newest, but of two who were merged the newest with the status that stands."""
    decisions, history = (
        table.filter(pc.equal(table["centre_id"], material.edition.centre_id))
        for table in (material.tables["prioritisations"], material.tables["status_history"])
    )
    standing = {row["person_id"]: row["status"] for row in history.to_pylist() if row["valid_to"] is None}
    newest = {person: newest_first(rows) for person, rows in rows_by(decisions, "person_id").items()}
    return [
        next((row for row in rows if row["status"] == standing.get(person)), rows[0])
        for person, rows in newest.items()
    ]


def standing_group_decisions(material: Material) -> list[Row]:
    """The centre's own decision in force on each network and enterprise."""
    decided = statuses_of_groups(material.tables).values()
    return [row for row in decided if row["centre_id"] == material.edition.centre_id]


def decided_on(decision: Row, material: Material) -> Name:
    """The person, network or enterprise that a decision is about."""
    group_id = decision.get("group_id")
    if group_id is None:
        return material.name(decision["person_id"])
    return material.group(group_id, names_of_groups(material.tables).get(group_id) or group_id)


def decisions_due(material: Material) -> list[Row]:
    """The centre's own decisions in force that are due for review before the next release: by date, so that what is overdue comes first."""
    as_of = material.edition.as_of
    limit = as_of + timedelta(days=DAYS_TO_NEXT_RELEASE)
    due = [
        row
        for row in (*standing_decisions(material), *standing_group_decisions(material))
        if row["next_review_date"] and row["next_review_date"] <= limit
    ]

    def order(row: Row) -> tuple[date, str]:
        return row["next_review_date"], row.get("group_id") or row["person_id"]

    return sorted(due, key=order)


def _new(material: Material) -> list[Entry]:
    """Who has come onto the list since the release that it is compared with."""
    _, changes = material.compared
    entered = {change["person_id"] for change in changes if change["change"] == "entered"}
    return [entry for entry in material.standing if entry["person_id"] in entered]


def _contradictory(material: Material, groups: Sequence[Entry]) -> list[tuple[Name, Row, str]]:
    """Of the newest decisions on those of the list, and on its networks and enterprises."""
    of_persons = rows_by(material.tables["prioritisations"], "person_id")
    of_groups = rows_by(material.tables["group_decisions"], "group_id")
    listed = {entry["person_id"] for entry in material.ranking}
    found = [
        (material.name(row["person_id"]), row, of_persons[row["person_id"]])
        for row in standing_decisions(material)
        if row["person_id"] in listed
    ]
    standing = statuses_of_groups(material.tables)
    for group in groups:
        group_id = group["group_id"]
        if group_id in standing:
            found.append((material.group(group_id, group["name"]), standing[group_id], of_groups[group_id]))
    return [
        (name, *told)
        for name, in_force, rows in found
        for told in contradictions(in_force, rows, material.words)
    ]


def _undecided(groups: Sequence[Entry]) -> list[Entry]:
    order = list(statuses())
    return sorted(
        (group for group in groups if not group["shown_status"]),
        key=lambda group: order.index(group["status_code"]),
    )


def _worked_on_by_nobody(material: Material) -> list[Entry]:
    coordination = material.tables["coordination"]
    idle = set(coordination.filter(coordination["nobody_works_on"])["person_id"].to_pylist())
    return [entry for entry in material.standing if entry["person_id"] in idle]


def _counted(key: str, number: int, material: Material, **values: object) -> Iterator[str]:
    if number:
        yield material.words.counted(key, number, **values)


def _on_awaiting(key: str, statuses_proposed: Sequence[str | None], material: Material) -> Iterator[str]:
    """How many have no decision, and what the rules propose for them, the most serious first."""
    words, proposed = material.words, Counter(statuses_proposed)
    if statuses_proposed:
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
        yield words.counted(key, len(statuses_proposed)) + rest


def _on_due(due: Sequence[Row], material: Material) -> Iterator[str]:
    words, overdue = material.words, sum(is_overdue(row, material.edition.as_of) for row in due)
    if overdue:
        yield words.counted("point_overdue", overdue)
    if len(due) > overdue:
        yield words.counted("point_due", len(due) - overdue)


def _on_idle(agenda: Agenda, material: Material) -> Iterator[str]:
    """On whom nobody works, by name where they are few."""
    words = material.words
    if agenda.idle:
        of = words.number(len(material.standing))
        told = words("point_idle", number=words.number(len(agenda.idle)), listed=of)
        yield _with_names(told, [entry["name"] for entry in agenda.idle], words)


def _on_renewal(material: Material) -> Iterator[str]:
    """Of a revision: which inputs are others than those of the one before, which it takes the place of."""
    words, renewal = material.words, material.edition.renewal
    if renewal is None:
        return
    agencies = words.agencies(",".join(renewal.agencies))
    told = [words("renewed_deliveries", agencies=words.listing(agencies))] if agencies else []
    told += [words(f"renewed_{key}") for key in renewal.inputs]
    if told:
        key = "renewed_recalled" if renewal.is_recalled else "renewed"
        yield words(key, previous=renewal.previous, reasons=words.listing(told))
    else:  # the same inputs make a release more where the one of them was recalled
        yield words("renewed_nothing", previous=renewal.previous)
    if not material.changes and not material.edition.group_changes:
        yield words("changes_none", previous=renewal.previous)


def _on_changed(material: Material) -> Iterator[str]:
    """Who has changed since the release before, or for a revision since the last one of the period before; and that none of them is new."""
    words, (previous, changes) = material.words, material.compared
    if previous is None:
        return
    changed = {change["person_id"] for change in changes}
    if not changed:
        yield words("point_changed_none", previous=previous)
        return
    # Who is no longer on the list is named where the changes are told, and nowhere else.
    names = [entry["name"] for entry in material.ranking if entry["person_id"] in changed]
    told, gone = words.counted("point_changed", len(changed), previous=previous), len(changed) - len(names)
    yield f"{told} {words.counted('point_gone', gone)}" if gone else _with_names(told, names, words)
    if all(change["change"] != "entered" for change in changes):
        yield words("point_none_new")
    back = {change["person_id"] for change in changes if _is_taken_back(change)}
    names = [entry["name"] for entry in material.ranking if entry["person_id"] in back]
    if names:
        yield words("point_taken_back", names=words.listing(names))


def _is_taken_back(change: Row) -> bool:
    """Whether who had been dismissed is not any more."""
    before, after = change.get("before") or {}, change.get("after") or {}
    return before.get("status") == DISMISSED and after.get("status") not in (DISMISSED, None)


def _with_names(told: str, names: Sequence[str], words: Words) -> str:
    """The sentence with the names of a few after it."""
    return f"{told[:-1]}: {words.listing(list(names))}." if 0 < len(names) <= MAX_NAMED else told
