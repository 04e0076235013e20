"""Average linkage with cannot-link, so that one weak bridge never joins two groups.

In go weights between units, each unit's valid numbers, the verdicts of clerks and the persons that stand; out comes the
cluster of every unit that joined another. Two groups join while the mean weight over all their pairs of units reaches
the join threshold; a pair that no blocking rule found counts against it. Parts of a person that stands already only
have to reach the break threshold. Two groups with different valid numbers of one kind never join, whatever weighs
between them or whoever says so. Ties go to the smaller unit ids, which follow record keys: arrival plays no part.

Groups join only along pairs that reach the break threshold, verdicts and standing persons, so whoever has many units
may call this for each connected part by itself (clustering.py).
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from akrim.linkage.model import UNSEEN_PAIR_WEIGHT

# Weights are summed as whole thousandths of a bit, so that the order of summing plays no part either.
THOUSANDTHS = 1000
UNSEEN = round(UNSEEN_PAIR_WEIGHT * THOUSANDTHS)


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


def agglomerate(pairs: Iterable[Pair], evidence: Evidence, thresholds: dict[str, float]) -> dict[int, int]:
    """The cluster of every unit that joined another, by its smallest unit."""
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
    return {unit: min(members) for members in groups.members.values() if len(members) > 1 for unit in members}


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
        """Join the best-matching two groups, again and again, while any reaches the threshold."""
        for left, others in self.gain.items():
            for right in others:
                if left < right:
                    self._offer(left, right)
        while self.queue:
            _, left, right, size_left, size_right = heapq.heappop(self.queue)
            if (
                self._size(left) == size_left
                and self._size(right) == size_right
                and self._may_join(left, right)
            ):
                self._join(left, right)
                for other in self.gain[left]:
                    self._offer(left, other)

    def _know(self, *units: int) -> None:
        for unit in units:
            if unit not in self.root:
                self.root[unit], self.members[unit] = unit, [unit]

    def _offer(self, left: int, right: int) -> None:
        left, right = min(left, right), max(left, right)
        sizes = self._size(left), self._size(right)
        weight = UNSEEN + self.gain[left][right] / (sizes[0] * sizes[1])
        stood_together = self.stood_with.get(left, set()) & self.stood_with.get(right, set())
        if weight >= self.thresholds["break" if stood_together else "join"] * THOUSANDTHS:
            heapq.heappush(self.queue, (-weight, left, right, *sizes))

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
