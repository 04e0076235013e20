"""What counts as a change on a list."""

from typing import Any

import pytest
from akrim.changes import Change, compare

CentreList = dict[str, dict[str, Any]]


def ranked(*lines: tuple[str, int], status: str | None = None) -> CentreList:
    return {
        person_id: {"rank": rank, "total_points": points, "proposed_status": None, "status": status}
        for rank, (person_id, points) in enumerate(lines, start=1)
    }


def changes(before: CentreList, after: CentreList, *identities: tuple[str, str, str]) -> list[Change]:
    names = ("old_person_id", "person_id", "change")
    return compare(before, after, [dict(zip(names, row, strict=True)) for row in identities])


def kinds(found: list[Change]) -> list[tuple[str, str]]:
    return [(change["person_id"], change["change"]) for change in found]


def test_equal_lists_have_no_change() -> None:
    assert changes(ranked(("a", 5)), ranked(("a", 5))) == []


def test_a_rank_lost_to_a_newcomer_is_not_a_change() -> None:
    assert kinds(changes(ranked(("a", 5)), ranked(("b", 9), ("a", 5)))) == [("b", "entered")]


def test_more_and_fewer_points() -> None:
    found = changes(ranked(("a", 5), ("b", 4)), ranked(("b", 9), ("a", 2)))
    assert kinds(found) == [("b", "rose"), ("a", "fell")]


def test_a_new_status() -> None:
    found = changes(ranked(("a", 5)), ranked(("a", 5), status="trusselaktor"))
    assert kinds(found) == [("a", "status")]


def test_a_merged_person_is_followed_under_the_new_id() -> None:
    found = changes(ranked(("old", 5)), ranked(("new", 8)), ("old", "new", "merged"))
    assert kinds(found) == [("new", "rose"), ("new", "merged")]


def test_a_split_person_leaves_nobody_unexplained() -> None:
    found = changes(ranked(("old", 5)), ranked(("old", 3), ("new", 2)), ("old", "new", "split"))
    assert kinds(found) == [("old", "fell"), ("new", "fell"), ("new", "split")]


def test_who_keeps_the_list_by_the_older_id_has_not_left() -> None:
    assert kinds(changes(ranked(("old", 5)), ranked(("old", 3)), ("old", "new", "split"))) == [
        ("old", "fell"),
        ("new", "split"),
    ]


@pytest.mark.parametrize(
    ("before", "points"),
    [
        (ranked(("a", 9), ("new", 7)), 7),  # the id's own line, though another stood above it
        (ranked(("a", 9), ("b", 5)), 9),  # of several, the one that stood highest
        (ranked(("b", 9), ("a", 5)), 9),
    ],
)
def test_of_who_was_several_one_line_is_the_one_before(before: CentreList, points: int) -> None:
    merged = [("a", "new", "merged"), ("b", "new", "merged")]
    (rose,) = [c for c in changes(before, ranked(("new", 12)), *merged) if c["change"] == "rose"]
    assert rose["before"]["total_points"] == points


def test_a_merger_of_whom_the_list_never_had_is_told_where_the_other_is_on_it() -> None:
    merged = ("old", "new", "merged")
    assert ("new", "merged") in kinds(changes({}, ranked(("new", 5)), merged))
    assert ("new", "merged") in kinds(changes(ranked(("old", 5)), {}, merged))
    assert changes(ranked(("a", 5)), ranked(("a", 5)), merged) == []


def test_a_person_merged_twice_is_followed() -> None:
    twice = [("oldest", "old", "merged"), ("old", "new", "merged")]
    found = changes(ranked(("oldest", 5)), ranked(("new", 5)), *twice)
    assert ("oldest", "left") not in kinds(found)
