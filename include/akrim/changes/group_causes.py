"""What brought a change of a network or an enterprise about: what moved the persons who count for it, or else its enterprises.

A group has no facts but those of its persons and enterprises, so its causes are theirs, as sets; nothing is assessed again.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from akrim.changes.listing import Change

# What can reach an enterprise, and what reaches persons alone, each in the order in which causes are taken over.
OF_ENTERPRISES = ("source", "rule", "sharing", "code")
OF_PERSONS = ("linkage", "link_decision", "correction", "erasure")
DECISION = "prioritisation"
ORDER = ("source", "linkage", "link_decision", "rule", "correction", DECISION, "sharing", "code", "erasure")

Effects = Mapping[str, Counter[str]]


class PersonEffects(NamedTuple):
    """How many points each cause moved, by person: in whatever change, in one of points or the list, and in one of records."""

    any: Effects
    points: Effects
    records: Effects


class Members(NamedTuple):
    """Who counted for a group before, and who counts now."""

    was: frozenset[str]
    now: frozenset[str]


def effects_on_persons(changes: Iterable[Change]) -> PersonEffects:
    """What the causes of persons' changes did to each, under the id of either release."""
    found = PersonEffects(defaultdict(Counter), defaultdict(Counter), defaultdict(Counter))
    for change in changes:
        effects = Counter({cause["cause"]: abs(cause["points"]) for cause in change["causes"]})
        effects |= Counter({change["cause"]: 1})
        for person_id in {change["person_id"], change.get("old_person_id", change["person_id"])}:
            found.any[person_id] |= effects
            if change["change"] != "status":
                found.points[person_id] |= effects
            if "old_person_id" in change:
                found.records[person_id] |= Counter({change["cause"]: 1})
    return found


def causes_of_group(
    change: Change, members: Members, persons: PersonEffects, differing: Collection[str], moves_itself: bool
) -> list[str]:
    """The causes of a group's change, the one that moved most points of its persons first.

    Args:
        differing: the inputs that differ between the releases.
        moves_itself: whether points changed that its enterprises bring and no person.
    """
    own = [cause for cause in OF_ENTERPRISES if cause in differing]
    own = own or [cause for cause in OF_PERSONS if cause in differing] or ["code" if differing else "source"]
    everybody, joined_or_left = members.was | members.now, members.was ^ members.now
    if _is_decided(change) and DECISION in differing:
        return [DECISION]
    if "ended" in change:
        return own[:1]
    if change["change"] in {"renamed", "merged", "split"}:
        return _ranked(persons.records, everybody) or own
    moved = {person: persons.points.get(person, Counter()) for person in everybody - joined_or_left}
    found = _ranked({**moved, **{person: persons.any.get(person, Counter()) for person in joined_or_left}})
    return found + [cause for cause in own if moves_itself and cause not in found] or own


def _is_decided(change: Change) -> bool:
    """Whether it is the team's status that has changed."""
    given = [(change[when] or {}).get("status") for when in ("before", "after")]
    return change["change"] == "status" and given[0] != given[1]


def _ranked(effects: Effects, person_ids: Iterable[str] | None = None) -> list[str]:
    """The causes by how many points they moved of these persons, or of all."""
    wanted = effects.keys() if person_ids is None else effects.keys() & set(person_ids)
    total = sum((effects[person] for person in wanted), Counter[str]())
    return sorted(total, key=lambda cause: (-total[cause], ORDER.index(cause)))
