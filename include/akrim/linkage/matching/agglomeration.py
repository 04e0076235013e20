"""Average linkage with cannot-link constraints, so that one strong pair alone never joins two groups of units.

Two groups join while the mean weight over all their pairs of units reaches the join threshold; a pair that no blocking
rule found counts against it. Parts of an existing person only have to reach the break threshold. Two groups with
different valid numbers of one kind never join, whatever the weight and whatever a clerk decided. Ties go to the smaller
unit ids, which follow record keys, so that the order of arrival has no effect.

A group is **contradictory** if it fits two others nearly alike that cannot be one person: their valid numbers differ, or
a clerk decided that they are different (`Groups.contradiction`). It is parked: it joins neither, and waits for a clerk.
Groups that belonged to one existing person are not parked because of a new record.

Groups join only along pairs that reach the break threshold, verdicts and existing persons, so that a caller with many
units may handle each connected part by itself (clustering.py).
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from akrim.linkage.model.thresholds import UNSEEN_PAIR_WEIGHT

# Weights are summed as whole thousandths of a bit, so that the order of summing has no effect either.
THOUSANDTHS = 1000
UNSEEN = round(UNSEEN_PAIR_WEIGHT * THOUSANDTHS)
# Two groups fit nearly alike if their weights differ by at most three bits, a factor of eight in the odds.
NEARLY_ALIKE = 3 * THOUSANDTHS


class Pair(NamedTuple):
    """Two units and the weight between them."""

    left: int
    right: int
    weight: float


Numbers = tuple[str | None, str | None]


@dataclass
class Evidence:
    """What clustering uses besides the pairs: `existing` is each unit's existing person, `settled` the units of settled
    persons (existing_persons.py); `same` and `different` are clerks' verdicts."""

    numbers: dict[int, Numbers] = field(default_factory=dict)
    existing: dict[int, str] = field(default_factory=dict)
    settled: set[int] = field(default_factory=set)
    same: list[tuple[int, int]] = field(default_factory=list)
    different: list[tuple[int, int]] = field(default_factory=list)


class Clustering(NamedTuple):
    """The cluster of every unit that joined another, named by its smallest unit, and the reason for each parked unit."""

    clusters: dict[int, int]
    parked: dict[int, str]


def agglomerate(pairs: Iterable[Pair], evidence: Evidence, thresholds: dict[str, float]) -> Clustering:
    """Join groups that belong together, park contradictory ones."""
    groups = Groups(evidence, thresholds)
    for pair in pairs:
        groups.add(pair)
    for left, right in evidence.different:
        groups.keep_apart(left, right)
    for left, right in evidence.same:
        groups.join_units(left, right)
    for left, right in _settled_pairs(evidence):
        groups.join_units(left, right)
    groups.join_all()
    joined = (members for members in groups.members.values() if len(members) > 1)
    return Clustering(
        {unit: min(members) for members in joined for unit in members},
        {unit: reason for root, reason in groups.parked.items() for unit in groups.members[root]},
    )


class Groups:
    """The groups so far; `gain[a][b]` is what scored pairs between a and b weigh more than unseen ones."""

    def __init__(self, evidence: Evidence, thresholds: dict[str, float]) -> None:
        self.numbers = dict(evidence.numbers)
        self.thresholds = thresholds
        self.persons_of = {unit: {person} for unit, person in evidence.existing.items()}
        self.apart: dict[int, set[int]] = defaultdict(set)
        self.members: dict[int, list[int]] = {}
        self.root: dict[int, int] = {}
        self.gain: dict[int, dict[int, int]] = defaultdict(dict)
        self.queue: list[tuple[float, int, int, int, int]] = []
        self.parked: dict[int, str] = {}
        self._answers: dict[int, str | None] = {}

    def add(self, pair: Pair) -> None:
        self._register(pair.left, pair.right)
        gain = round(pair.weight * THOUSANDTHS) - UNSEEN
        self.gain[pair.left][pair.right] = self.gain[pair.right][pair.left] = gain

    def keep_apart(self, left: int, right: int) -> None:
        self._register(left, right)
        self.apart[left].add(right)
        self.apart[right].add(left)

    def join_units(self, left: int, right: int) -> None:
        """Join the groups of two units outright, unless their numbers or a verdict forbid it."""
        self._register(left, right)
        a, b = sorted((self.root[left], self.root[right]))
        if a != b and self._may_join(a, b):
            self._join(a, b)

    def join_all(self) -> None:
        """Join the two best-matching groups repeatedly, while any two reach the threshold and neither is parked."""
        for left, others in self.gain.items():
            for right in others:
                if left < right:
                    self._offer(left, right)
        self._join_offered()
        while cleared := [root for root in self.parked if not self.contradiction(root)]:
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
        """Park the contradictory ones of these groups; true if any is parked."""
        self.parked |= {root: reason for root in roots if (reason := self.contradiction(root))}
        return any(root in self.parked for root in roots)

    def contradiction(self, root: int) -> str | None:
        """Why a group is contradictory: `numbers` or `verdict`; None if it is not.

        It is asked at every pair of a group, and looks at all its neighbours; so it is kept until one of them changes.
        """
        if root not in self._answers:
            self._answers[root] = self._contradiction(root)
        return self._answers[root]

    def _contradiction(self, root: int) -> str | None:
        fits = sorted(
            (-self._weight(root, other), other)
            for other in self.gain[root]
            if self._reaches(root, other) and self._may_join(root, other)
        )
        if not fits or self._share_a_person(root, fits[0][1]):
            return None
        (best_weight, best), *others = fits
        for weight, other in others:
            if weight <= best_weight + NEARLY_ALIKE and not self._may_join(best, other):
                return "verdict" if other in self.apart[best] else "numbers"
        return None

    def _weight(self, left: int, right: int) -> float:
        return UNSEEN + self.gain[left].get(right, 0) / (self._size(left) * self._size(right))

    def _share_a_person(self, left: int, right: int) -> bool:
        return not self.persons_of.get(left, set()).isdisjoint(self.persons_of.get(right, ()))

    def _reaches(self, left: int, right: int) -> bool:
        threshold = self.thresholds["break" if self._share_a_person(left, right) else "join"]
        return self._weight(left, right) >= threshold * THOUSANDTHS

    def _register(self, *units: int) -> None:
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
        self.persons_of[left] = self.persons_of.get(left, set()) | self.persons_of.pop(right, set())
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
        for changed in (left, right, *self.gain[left]):
            self._answers.pop(changed, None)


def _settled_pairs(evidence: Evidence) -> list[tuple[int, int]]:
    """Each settled unit with the first settled unit of its person."""
    first: dict[str, int] = {}
    joined = []
    for unit in sorted(evidence.settled):
        leader = first.setdefault(evidence.existing[unit], unit)
        if leader != unit:
            joined.append((leader, unit))
    return joined
