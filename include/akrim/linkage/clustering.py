"""Units become persons: average linkage with cannot-link, so that one weak bridge never joins two groups.

In goes `pairs` (weights between units) and each unit's valid numbers, out comes `clusters` (unit_id, cluster_id).
Two groups join while the mean weight over all their pairs of units reaches the join threshold; a pair that no
blocking rule found counts against it. Two groups with different valid numbers of one kind never join, whatever
weighs between them. Ties go to the smaller unit ids, which follow record keys: the order of arrival plays no part.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import duckdb
import pyarrow as pa

from akrim.linkage.model import THRESHOLDS, UNSEEN_PAIR_WEIGHT


class Pair(NamedTuple):
    """Two units and the weight between them."""

    left: int
    right: int
    weight: float


Numbers = tuple[str | None, str | None]


def cluster(con: duckdb.DuckDBPyConnection) -> None:
    """Build `clusters` for every unit; a cluster is named by its smallest unit."""
    numbers = {
        unit: (national, d_number)
        for unit, national, d_number in con.execute(
            "select unit_id, max(national_number), max(d_number) from descriptions"
            " where national_number is not null or d_number is not null group by unit_id"
        ).fetchall()
    }
    pairs = con.execute(
        f"select unit_l, unit_r, match_weight from pairs where match_weight >= {THRESHOLDS['consider']}"
        " order by unit_l, unit_r"
    ).fetchall()
    moved = agglomerate((Pair(*row) for row in pairs), numbers)
    table = pa.table(
        {
            "unit_id": pa.array(moved.keys(), pa.int64()),
            "cluster_id": pa.array(moved.values(), pa.int64()),
        }
    )
    con.register("moved", table)
    con.execute(
        "create or replace temp table clusters as"
        " select u.unit_id, coalesce(m.cluster_id, u.unit_id) as cluster_id"
        " from (select distinct unit_id from descriptions) u left join moved m using (unit_id)"
    )
    con.unregister("moved")


def agglomerate(pairs: Iterable[Pair], numbers: dict[int, Numbers]) -> dict[int, int]:
    """The cluster of every unit that joined another, by its smallest unit."""
    groups = Groups(numbers)
    for pair in pairs:
        groups.add(pair)
    groups.join_all()
    return {
        unit: root
        for root, members in groups.members.items()
        if len(members) > 1
        for unit in members
    }


class Groups:
    """The groups so far; `gain[a][b]` is what the seen pairs between a and b add to the weight of unseen ones."""

    def __init__(self, numbers: dict[int, Numbers]) -> None:
        self.numbers = numbers
        self.members: dict[int, list[int]] = {}
        self.gain: dict[int, dict[int, float]] = defaultdict(dict)
        self.queue: list[tuple[float, int, int, int, int]] = []

    def add(self, pair: Pair) -> None:
        for unit in (pair.left, pair.right):
            self.members.setdefault(unit, [unit])
        self.gain[pair.left][pair.right] = self.gain[pair.right][pair.left] = (
            pair.weight - UNSEEN_PAIR_WEIGHT
        )
        self._offer(pair.left, pair.right)

    def join_all(self) -> None:
        """Join the best-matching two groups, again and again, while any reaches the threshold."""
        while self.queue:
            _, left, right, size_left, size_right = heapq.heappop(self.queue)
            if (
                self._size(left) == size_left
                and self._size(right) == size_right
                and self._may_join(left, right)
            ):
                self._join(left, right)

    def _offer(self, left: int, right: int) -> None:
        left, right = min(left, right), max(left, right)
        sizes = self._size(left), self._size(right)
        weight = UNSEEN_PAIR_WEIGHT + self.gain[left][right] / (sizes[0] * sizes[1])
        if weight >= THRESHOLDS["join"]:
            heapq.heappush(self.queue, (-round(weight, 6), left, right, *sizes))

    def _size(self, root: int) -> int:
        return len(self.members.get(root, ()))

    def _may_join(self, left: int, right: int) -> bool:
        mine, theirs = (
            self.numbers.get(left, (None, None)),
            self.numbers.get(right, (None, None)),
        )
        return all(
            a is None or b is None or a == b for a, b in zip(mine, theirs, strict=True)
        )

    def _join(self, left: int, right: int) -> None:
        mine, theirs = (
            self.numbers.get(left, (None, None)),
            self.numbers.get(right, (None, None)),
        )
        self.numbers[left] = (mine[0] or theirs[0], mine[1] or theirs[1])
        self.members[left] += self.members.pop(right)
        del self.gain[left][right]
        for other, gain in self.gain.pop(right).items():
            if other == left:
                continue
            total = self.gain[left].get(other, 0.0) + gain
            self.gain[left][other] = self.gain[other][left] = total
            del self.gain[other][right]
        for other in self.gain[left]:
            self._offer(left, other)
