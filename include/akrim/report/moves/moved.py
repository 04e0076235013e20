"""What has become of each person since the release before, in one entry each: what changed, from what to what, and by which facts."""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from akrim.changes import FACTS, Change, came_or_went, detail
from akrim.contracts import DISMISSED, statuses
from akrim.report.moves.rule_facts import RuleFacts, causes_of, rule_facts
from akrim.report.profile.facts import Row, grouped
from akrim.report.wording import DASH, Words, clean
from akrim.rules import Rule
from akrim.sharing import Tables

NOTHING = RuleFacts([], "", "", is_new=True, is_less=False)
ARROW = " \u2192 "
# By the cause, the kinds of change that it alone brings about.
KINDS = {
    "prioritisation": ("status",),
    "correction": ("corrected",),
    "erasure": ("erased",),
    **dict.fromkeys(("linkage", "link_decision"), ("merged", "split")),
}


@dataclass(frozen=True)
class PersonChanges:
    """A person's changes since the release before.

    Attributes:
        kinds: of `kind_of`, in the order in which they were found.
        from_to: what is another, such as `place 7 → 3`.
        causes: why, each with its own points.
        facts: whether the person came to the centre, and the rules that give other points, with what is new of what they rest on; else what the
            causes say themselves.
        gist: what is another in the gravest of `from_to`, and of the facts the first that moved it that way; where the rules propose less of
            more points, or more of fewer, intention or capacity instead.
    """

    person_id: str
    kinds: Sequence[str]
    from_to: Sequence[str]
    causes: Sequence[str]
    facts: Sequence[str]
    gist: Sequence[str]
    difference: int


def kind_of(change: Change) -> str:
    """The kind of change; what only the rules propose otherwise is nobody's decision, and is told apart from it."""
    kind: str = change["change"]
    if kind == "status" and change["before"] and change["after"]:
        return kind if change["before"]["status"] != change["after"]["status"] else "proposal"
    return kind


def moved_persons(
    changes: Sequence[Change],
    before: Tables,
    now: Tables,
    aside: Set[str],
    words: Words,
    rules: Sequence[Rule],
) -> list[PersonChanges]:
    """An entry for each person: the new first, then for whom the rules propose another status, by how many points they moved, who has
    another status by decision alone, and who left.

    Args:
        before, now: the centre's tables of the release before and of this one.
        aside: who stands outside the ranking now, being dismissed.
        rules: the published rules.
    """
    by_person = grouped(changes, "person_id")
    facts = rule_facts(before, now, by_person, words, rules)
    sums = [_sums(tables, by_person) for tables in (before, now)]
    found = [
        _moved(
            person_id,
            own,
            facts.get(person_id, NOTHING),
            [of.get(person_id, {}) for of in sums],
            person_id in aside,
            words,
        )
        for person_id, own in by_person.items()
    ]
    return sorted(found, key=_order)


def _order(moved: PersonChanges) -> tuple[int, int, str]:
    if "entered" in moved.kinds:
        place = 0
    elif "left" in moved.kinds:
        place = 4
    elif "proposal" in moved.kinds:
        place = 1
    else:
        place = 2 if moved.difference else 3
    return place, -abs(moved.difference), moved.person_id


def _sums(tables: Tables, person_ids: Iterable[str]) -> dict[str, Row]:
    """Each person's points of intention and of capacity."""
    if (table := tables.get("assessments")) is None:
        return {}
    own = table.filter(pc.is_in(table["person_id"], pa.array(list(person_ids), pa.string())))
    return {row["person_id"]: row for row in own.to_pylist()}


def _moved(
    person_id: str, changes: list[Change], facts: RuleFacts, sums: list[Row], is_aside: bool, words: Words
) -> PersonChanges:
    before, after = _known_lines(changes)
    causes = causes_of(changes)
    kinds = list(dict.fromkeys(kind_of(change) for change in changes))
    has_status = "status" in kinds
    own = [cause for cause in causes if _is_own(cause, kinds)]
    then, now = ((line or {}).get("total_points", 0) for line in (before, after))
    difference = now - then
    from_to = list(_lines(before, after, is_aside, words))
    moves = [move for cause in causes for move in came_or_went(cause, words.language)]
    fact = ""
    if difference and not has_status:  # what people have decided rests on no rule
        fact = facts.more if difference > 0 else facts.less
        if before and after and (raised := _raised(before, after)) * difference < 0:
            fact = _against(sums, raised, words)
    told = [*moves, *facts.told] if facts.told and after else [_detail(cause, words) for cause in causes]
    return PersonChanges(
        person_id,
        kinds=kinds,
        from_to=[*from_to, *_ids(changes)],
        causes=[cause_told(cause, words, facts) for cause in own or causes],
        facts=list(filter(None, told)),
        gist=[*(_entered(after, words) if before is None else from_to[-1:]), *filter(None, [fact])],
        difference=difference,
    )


def _is_own(cause: Row, kinds: Sequence[str]) -> bool:
    """Whether more than the place moved by it: what was decided or corrected of somebody else moves that alone, where there is more to tell."""
    is_of_kind = any(kind in KINDS.get(cause["cause"], ()) for kind in kinds)
    return bool(cause["points"]) or is_of_kind or any(cause.get(name) for name in FACTS)


def _raised(before: Row, after: Row) -> int:
    """1 where the rules propose something more serious, -1 where less, or nothing any more."""
    order = [None, *reversed(statuses())]
    then, now = (order.index(line["proposed_status"]) for line in (before, after))
    return (now > then) - (now < then)


def _against(sums: list[Row], raised: int, words: Words) -> str:
    """What of intention and capacity moved as the proposal did, where all points together moved the other way."""
    then, now = sums
    moved = [
        words(f"since_{name}", then=words.number(then[column]), now=words.number(now[column]))
        for name in ("intention", "capacity")
        if (column := f"{name}_points") in then.keys() & now.keys()
        and (now[column] - then[column]) * raised > 0
    ]
    return ", ".join(moved)


def _known_lines(changes: list[Change]) -> tuple[Row | None, Row | None]:
    """The lines then and now: who takes in another that was not listed was listed herself, and by that alone is nothing else."""
    known = [change for change in changes if change["before"] or change["change"] == "entered"]
    if not known:
        return changes[0]["after"], changes[0]["after"]
    largest = max(known, key=lambda change: len(change["causes"]))
    return largest["before"], largest["after"]


def _entered(line: Row | None, words: Words) -> Iterator[str]:
    """Of whoever was not on the list: that she is new, and with how many points."""
    yield words.change("entered")
    if line is not None:
        yield words("points", number=words.number(line["total_points"]))


def statuses_moved(before: Row | None, after: Row | None, words: Words) -> Iterator[str]:
    """What the rules propose and what the team has decided, where they are another; whoever was not on the list had no status here to tell of."""
    for key, column in (("moved_proposal", "proposed_status"), ("moved_status", "status")):
        old, new = (_status(line, column, words) for line in (before, after))
        if old != new and before and after:
            yield words(key, change=f"{old}{ARROW}{new}")


def _lines(before: Row | None, after: Row | None, is_aside: bool, words: Words) -> Iterator[str]:
    """Place, points and status where they are another, the gravest last."""
    # What was found since is not known of then: that a dismissed person was ranked all the same.
    was_aside = before is not None and before["status"] == DISMISSED
    pairs = (
        ("moved_place", [_place(before, was_aside), _place(after, is_aside)]),
        (
            "moved_points",
            [DASH if line is None else words.number(line["total_points"]) for line in (before, after)],
        ),
    )
    for key, (old, new) in pairs:
        if old != new:
            yield words(key, change=f"{old}{ARROW}{new}")
    yield from statuses_moved(before, after, words)


def _place(line: Row | None, is_aside: bool) -> str:
    """The place on the list; whoever is off it or dismissed has none."""
    return DASH if is_aside or line is None or line["rank"] is None else str(line["rank"])


def _status(line: Row | None, column: str, words: Words) -> str:
    return (
        words.label("status", line[column]).lower() if line and line[column] else words("status_none").lower()
    )


def _ids(changes: list[Change]) -> list[str]:
    return [
        f"{change['old_person_id']}{ARROW}{change['person_id']}"
        for change in changes
        if "old_person_id" in change
    ]


def cause_told(cause: Row, words: Words, facts: RuleFacts | None = None) -> str:
    """A cause with its points, where it has any.

    Args:
        facts: the person's, by which it is told whether what is behind it is new or has ceased to count.
    """
    name, points = cause["cause"], cause.get("points") or 0
    if name == "source" and points and facts is not None:
        # Where something new has come and something else counts less, neither says it; nor what had only not been checked.
        is_both = facts.is_new and (facts.is_less or points < 0)
        is_known = facts.is_again and points > 0
        name = "source" if is_both or is_known else "source_new" if points > 0 else "source_ceased"
    text = words.cause(name)
    return f"{text} ({words.signed(points)})" if points else text


def _detail(cause: Row, words: Words) -> str:
    """What the cause changed; a decision is told by the status that it gave."""
    return "" if cause["cause"] == "prioritisation" else clean(detail(cause, words.language))
