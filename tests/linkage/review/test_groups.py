"""Bridges of a group: the ties that alone hold two parts together."""

import pytest
from akrim.linkage.review.groups import _are_apart


@pytest.mark.parametrize(
    ("ties", "bridges"),
    [
        ([(0, 1)], [(0, 1)]),
        ([(0, 1), (1, 2), (0, 2)], []),
        ([(0, 1), (1, 2), (0, 2), (2, 3)], [(2, 3)]),
        ([(0, 1), (2, 3), (1, 2), (0, 3), (3, 4), (4, 5), (5, 6), (4, 6)], [(3, 4)]),
    ],
)
def test_a_bridge_is_the_only_way(ties: list[tuple[int, int]], bridges: list[tuple[int, int]]) -> None:
    assert [tie for tie in ties if _are_apart(tie, [other for other in ties if other != tie])] == bridges
