"""Average linkage with cannot-link, so that one weak bridge never joins two groups; what contradicts itself is parked.

In go weights between units, each unit's valid numbers, the verdicts of clerks and the persons that stand; out comes the
cluster of every unit that joined another, and the units that are parked. Two groups join while the mean weight over all
their pairs of units reaches the join threshold; a pair that no blocking rule found counts against it. Parts of a person
that stands already only have to reach the break threshold. Two groups with different valid numbers of one kind never
join, whatever weighs between them or whoever says so. Ties go to the smaller unit ids, which follow record keys:
arrival plays no part.

**Contradictory** is a group that fits two others nearly alike which cannot be one person: their valid numbers differ,
or a clerk has told them apart (`Groups.doubt`). Whichever it joined, the other would speak against it; so it is parked:
it joins neither, is marked with the reason, and waits for people. What stood together is not parked for a newcomer.

Groups join only along pairs that reach the break threshold, verdicts and standing persons, so whoever has many units
may call this for each connected part by itself (clustering.py).
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from akrim.linkage.model.comparisons import UNSEEN_PAIR_WEIGHT

# Weights are summed as whole thousandths of a bit, so that the order of summing plays no part either.
THOUSANDTHS = 1000
UNSEEN = round(UNSEEN_PAIR_WEIGHT * THOUSANDTHS)
# Two groups fit nearly alike where one is at most so many bits ahead: eight times as likely.
NEARLY_ALIKE = 3 * THOUSANDTHS


class Pair(NamedTuple):
    """Two units and the weight between them."""

    left: int
    right: int
    weight: float


Numbers = tuple[str | None, str | None]


@dataclass
class Evidence:
    """All that clustering looks at besides the pairs: `standing` names the person a unit stood with, `settled` the
    units whose person is to be taken as it stands; `same` and `different` are clerks' verdicts."""

    numbers: dict[int, Numbers] = field(default_factory=dict)
    standing: dict[int, str] = field(default_factory=dict)
    settled: set[int] = field(default_factory=set)
    same: list[tuple[int, int]] = field(default_factory=list)
    different: list[tuple[int, int]] = field(default_factory=list)


class Outcome(NamedTuple):
    """The cluster of every unit that joined another, by its smallest unit, and why each parked unit is parked."""

    clusters: dict[int, int]
    parked: dict[int, str]


def agglomerate(pairs: Iterable[Pair], evidence: Evidence, thresholds: dict[str, float]) -> Outcome:
    """Join what belongs together, park what contradicts itself."""
    groups = Groups(evidence, thresholds)
    for pair in pairs:
        groups.add(pair)
    for left, right in evidence.different:
        groups.keep_apart(left, right)
    for left, right in evidence.same:
        groups.join_units(left, right)
    for left, right in _standing_pairs(evidence):
        groups.join_units(left, right)
    groups.join_all()
    joined = (members for members in groups.members.values() if len(members) > 1)
    return Outcome(
        {unit: min(members) for members in joined for unit in members},
        {unit: reason for root, reason in groups.parked.items() for unit in groups.members[root]},
    )


class Groups:
    """The groups so far; `gain[a][b]` is what the seen pairs between a and b add to the weight of unseen ones."""

    def __init__(self, evidence: Evidence, thresholds: dict[str, float]) -> None:
        self.numbers = dict(evidence.numbers)
        self.thresholds = thresholds
        self.stood_with = {unit: {person} for unit, person in evidence.standing.items()}
        self.apart: dict[int, set[int]] = defaultdict(set)
        self.members: dict[int, list[int]] = {}
        self.root: dict[int, int] = {}
        self.gain: dict[int, dict[int, int]] = defaultdict(dict)
        self.queue: list[tuple[float, int, int, int, int]] = []
        self.parked: dict[int, str] = {}

    def add(self, pair: Pair) -> None:
        self._know(pair.left, pair.right)
        gain = round(pair.weight * THOUSANDTHS) - UNSEEN
        self.gain[pair.left][pair.right] = self.gain[pair.right][pair.left] = gain

    def keep_apart(self, left: int, right: int) -> None:
        self._know(left, right)
        self.apart[left].add(right)
        self.apart[right].add(left)

    def join_units(self, left: int, right: int) -> None:
        """Join the groups of two units outright, unless their numbers or a verdict forbid it."""
        self._know(left, right)
        a, b = sorted((self.root[left], self.root[right]))
        if a != b and self._may_join(a, b):
            self._join(a, b)

    def join_all(self) -> None:
        """Join the best-matching two groups, again and again, while any reaches the threshold and none is parked."""
        for left, others in self.gain.items():
            for right in others:
                if left < right:
                    self._offer(left, right)
        self._join_offered()
        while cleared := [root for root in self.parked if not self.doubt(root)]:
            for root in cleared:
                del self.parked[root]
                for other in self.gain[root]:
                    self._offer(root, other)
            self._join_offered()

    def _join_offered(self) -> None:
        while self.queue:
            _, left, right, size_left, size_right = heapq.heappop(self.queue)
            if (
                self._size(left) == size_left
                and self._size(right) == size_right
                and self._may_join(left, right)
                and not self._park(left, right)
            ):
                self._join(left, right)
                for other in self.gain[left]:
                    self._offer(left, other)

    def _park(self, *roots: int) -> bool:
        """Park those of the groups that contradict themselves; whether any is parked."""
        self.parked |= {root: doubt for root in roots if (doubt := self.doubt(root))}
        return any(root in self.parked for root in roots)

    def doubt(self, root: int) -> str | None:
        """Why a group fits two others nearly alike that cannot be one person: `numbers` or `verdict`."""
        fits = sorted(
            (-self._weight(root, other), other)
            for other in self.gain[root]
            if self._reaches(root, other) and self._may_join(root, other)
        )
        if not fits or self._stood_together(root, fits[0][1]):
            return None
        (best_weight, best), *others = fits
        for weight, other in others:
            if weight <= best_weight + NEARLY_ALIKE and not self._may_join(best, other):
                return "verdict" if other in self.apart[best] else "numbers"
        return None

    def _weight(self, left: int, right: int) -> float:
        return UNSEEN + self.gain[left].get(right, 0) / (self._size(left) * self._size(right))

    def _stood_together(self, left: int, right: int) -> bool:
        return not self.stood_with.get(left, set()).isdisjoint(self.stood_with.get(right, ()))

    def _reaches(self, left: int, right: int) -> bool:
        threshold = self.thresholds["break" if self._stood_together(left, right) else "join"]
        return self._weight(left, right) >= threshold * THOUSANDTHS

    def _know(self, *units: int) -> None:
        for unit in units:
            if unit not in self.root:
                self.root[unit], self.members[unit] = unit, [unit]

    def _offer(self, left: int, right: int) -> None:
        left, right = min(left, right), max(left, right)
        if self._reaches(left, right):
            sizes = self._size(left), self._size(right)
            heapq.heappush(self.queue, (-self._weight(left, right), left, right, *sizes))

    def _size(self, root: int) -> int:
        return len(self.members.get(root, ()))

    def _may_join(self, left: int, right: int) -> bool:
        mine, theirs = self.numbers.get(left, (None, None)), self.numbers.get(right, (None, None))
        agree = all(a is None or b is None or a == b for a, b in zip(mine, theirs, strict=True))
        return agree and right not in self.apart[left]

    def _join(self, left: int, right: int) -> None:
        mine, theirs = self.numbers.get(left, (None, None)), self.numbers.get(right, (None, None))
        self.numbers[left] = (mine[0] or theirs[0], mine[1] or theirs[1])
        self.stood_with[left] = self.stood_with.get(left, set()) | self.stood_with.pop(right, set())
        for unit in self.members[right]:
            self.root[unit] = left
        self.members[left] += self.members.pop(right)
        for other in self.apart.pop(right, set()):
            self.apart[other].discard(right)
            self.keep_apart(left, other)
        self.gain[left].pop(right, None)
        for other, gain in self.gain.pop(right, {}).items():
            if other == left:
                continue
            self.gain[left][other] = self.gain[other][left] = self.gain[left].get(other, 0) + gain
            del self.gain[other][right]


def _standing_pairs(evidence: Evidence) -> list[tuple[int, int]]:
    """Each settled unit with the first settled unit of its person."""
    first: dict[str, int] = {}
    joined = []
    for unit in sorted(evidence.settled):
        leader = first.setdefault(evidence.standing[unit], unit)
        if leader != unit:
            joined.append((leader, unit))
    return joined
