"""By whom a group has its points: those of each rule, shared over the persons who count for it, or its enterprises' own."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

# A rule's part of a group's points: the rule, and the person who brought them; none where the enterprises did.
Part = tuple[str, str | None]
Shares = dict[Part, int]
Rows = Iterable[Mapping[str, Any]]


def split(points: int, weights: Mapping[str, Fraction] | Mapping[str, int]) -> dict[str, int]:
    """The points shared by these weights, of which one is above 0, in whole numbers that sum up to them."""
    total = Fraction(sum(weights.values()))
    exact = {key: points * weight / total for key, weight in weights.items() if weight}
    parts = {key: int(part) for key, part in exact.items()}
    rest = points - sum(parts.values())
    # As seats are: what is left of the division goes to those of whom most was cut off.
    for key in sorted(exact, key=lambda key: (-abs(exact[key] - parts[key]), key))[: abs(rest)]:
        parts[key] += 1 if rest > 0 else -1
    return parts


def shares(
    points: Mapping[str, Mapping[str, int]], groups: Rows, members: Rows, persons: Rows
) -> dict[str, Shares]:
    """The parts of each group's points, by its id; over the parts of a rule they sum up to its points.

    Args:
        points: what counts, by group and rule.
        groups, members, persons: the rows of group_observations, group_members and indicator_observations.
    """
    found_alone = {(row["person_id"], row["indicator_code"]): row["points_alone"] or 0 for row in persons}
    strengths: dict[str, dict[str, Fraction]] = defaultdict(dict)
    for row in members:
        strengths[row["group_id"]][row["person_id"]] = Fraction(row.get("strength") or 1)
    found: dict[str, Shares] = defaultdict(dict)
    for row in groups:
        group_id, code = row["group_id"], row["indicator_code"]
        counted = points.get(group_id, {}).get(code, 0)
        weights = {
            person_id: strength * found_alone.get((person_id, code), 0)
            for person_id, strength in strengths[group_id].items()
        }
        if row.get("persons") is None or not any(weights.values()):
            found[group_id][code, None] = counted
        else:
            for person_id, part in _of_persons(counted, weights, row).items():
                found[group_id][code, person_id] = part
    return found


def _of_persons(points: int, weights: Mapping[str, Fraction], row: Mapping[str, Any]) -> dict[str, int]:
    """As group_observations has it: by events the persons' points add up, and of other facts those of the one with most count."""
    if row.get("events") not in (None, "[]"):
        return split(points, weights)
    return {min(weights, key=lambda person_id: (-weights[person_id], person_id)): points}


def difference(before: Mapping[Part, int], after: Mapping[Part, int], moved_ids: Mapping[str, str]) -> Shares:
    """What each part is more or less than before.

    Args:
        moved_ids: the present id of whoever was another person before.
    """
    found = Counter(after)
    for (code, person_id), points in before.items():
        found[code, moved_ids.get(person_id, person_id) if person_id else None] -= points
    return {part: points for part, points in found.items() if points}
