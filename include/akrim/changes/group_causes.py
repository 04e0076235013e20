"""What brought a change of a network or an enterprise about: what moved the persons who count for it, or else its enterprises.

A group has no facts but those of its persons and enterprises, so its points have their causes; nothing is assessed again.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from akrim.changes.group_shares import Shares, split
from akrim.changes.listing import Change, is_given_anew
from akrim.changes.steps import CAUSES_IN_ORDER

# What can reach an enterprise, and what reaches persons alone, each in the order in which causes are taken over.
OF_ENTERPRISES = ("source", "rule", "sharing", "code")
OF_PERSONS = ("linkage", "link_decision", "correction", "erasure")
DECISION = "prioritisation"
ORDER = (*CAUSES_IN_ORDER, "erasure")

Effects = Mapping[str, Counter[str]]
Cause = dict[str, Any]


class PersonEffects(NamedTuple):
    """How many points each cause moved, by person: in whatever change, in one of points or the list, of a rule, and in one of records."""

    any: Effects
    points: Effects
    records: Effects
    rules: Mapping[tuple[str, str], Counter[str]]


class PointChanges(NamedTuple):
    """By how much each part of a group's points differs from before, and the rules that have another version."""

    points: Shares
    changed_rules: frozenset[str]


class Members(NamedTuple):
    """Who counted for a group before, and who counts now."""

    was: frozenset[str]
    now: frozenset[str]


def effects_on_persons(changes: Iterable[Change]) -> PersonEffects:
    """What the causes of persons' changes did to each, under the id of either release."""
    found = PersonEffects(*(defaultdict(Counter) for _ in PersonEffects._fields))
    for change in changes:
        effects = Counter({cause["cause"]: abs(cause["points"]) for cause in change["causes"]})
        # A decision gives no points. Where it has some, it has brought the person onto the list, or off it.
        if change["cause"] != DECISION:
            effects |= Counter({change["cause"]: 1})
        for person_id in {change["person_id"], change.get("old_person_id", change["person_id"])}:
            found.any[person_id] |= effects
            if change["change"] != "status":
                found.points[person_id] |= effects
                for cause in change["causes"]:
                    for rule in cause.get("rules", ()):
                        found.rules[person_id, rule["indicator_code"]] |= Counter(
                            {cause["cause"]: abs(rule["points"])}
                        )
            if "old_person_id" in change:
                found.records[person_id] |= Counter({change["cause"]: 1})
    return found


def causes_of_group(
    change: Change, members: Members, persons: PersonEffects, differing: Collection[str], moved: PointChanges
) -> list[Cause]:
    """The causes of a group's change, the one that moved most points first; each with its points, which sum up to the difference.

    What is no change of points, as a decision or another name, has causes without points.

    Args:
        differing: the inputs that differ between the releases.
        moved: by how much each part of its points is more or less than before.
    """
    own = [cause for cause in OF_ENTERPRISES if cause in differing]
    own = own or [cause for cause in OF_PERSONS if cause in differing] or ["code" if differing else "source"]
    if change["change"] == "status" and is_given_anew(change) and DECISION in differing:
        return [{"cause": DECISION}]
    if change["change"] in {"renamed", "merged", "split"}:
        return [{"cause": cause} for cause in _ranked(persons.records, members.was | members.now) or own]
    if "ended" in change:
        return [{"cause": own[0], "points": sum(moved.points.values())}]
    return _causes_of_points(change, members, persons, own, moved)


def _causes_of_points(
    change: Change, members: Members, persons: PersonEffects, own: Sequence[str], moved: PointChanges
) -> list[Cause]:
    """The causes of other points: each part's by what moved its person, or, where it is nobody's, the first of the group's own."""
    everybody = members.was | members.now
    effects = {
        person: (persons.any if person in members.was ^ members.now else persons.points).get(
            person, Counter()
        )
        for person in everybody
    }
    general = _ranked(effects)
    is_on_both = change["before"] is not None and change["after"] is not None
    found: Counter[str] = Counter()
    for (code, person), points in moved.points.items():
        if person is None and (is_on_both or not general):
            # A rule that is another is its own cause; else it cannot be told apart, and the first of them stands for all.
            is_by_rule = code in moved.changed_rules and "rule" in own
            weights = Counter(["rule" if is_by_rule else own[0]])
        else:
            weights = _weights(persons, effects, person, code) or Counter((general or own)[:1])
        found.update(split(points, weights))
    ranked = sorted(found, key=lambda cause: (-abs(found[cause]), ORDER.index(cause)))
    return [{"cause": cause, "points": found[cause]} for cause in ranked] or [
        {"cause": cause, "points": 0} for cause in (general or own)[:1]
    ]


def _weights(persons: PersonEffects, effects: Effects, person: str | None, code: str) -> Counter[str]:
    """What moved a part: the causes that moved the rule's points of that person, or else any of the person's."""
    if person is None:
        return Counter()
    return persons.rules.get((person, code)) or effects.get(person, Counter())


def _ranked(effects: Effects, person_ids: Iterable[str] | None = None) -> list[str]:
    """The causes by how many points they moved of these persons, or of all."""
    wanted = effects.keys() if person_ids is None else effects.keys() & set(person_ids)
    total = sum((effects[person] for person in wanted), Counter[str]())
    return sorted(total, key=lambda cause: (-total[cause], ORDER.index(cause)))
