"""What counts as a change on a list, and which cause it gets."""

from typing import Any

import pyarrow as pa
from akrim.releases.changes import Change, Comparison, compare


def ranked(*lines: tuple[str, int], status: str | None = None) -> pa.Table:
    rows = [
        {
            "person_id": person_id,
            "rank": rank,
            "total_points": points,
            "proposed_status": None,
            "status": status,
        }
        for rank, (person_id, points) in enumerate(lines, start=1)
    ]
    columns = {"person_id": pa.string(), "rank": pa.int64(), "total_points": pa.int64(),
               "proposed_status": pa.string(), "status": pa.string()}  # fmt: skip
    return pa.Table.from_pylist(rows, schema=pa.schema(columns))


def changes(before: pa.Table, after: pa.Table, **between: Any) -> list[Change]:
    return compare(
        Comparison(before, after, **({"identities": [], "decided": set(), "differing": ["source"]} | between))
    )


def kinds(found: list[Change]) -> list[tuple[str, str, str]]:
    return [(change["person_id"], change["change"], change["cause"]) for change in found]


def test_equal_lists_have_no_change() -> None:
    assert changes(ranked(("a", 5)), ranked(("a", 5))) == []


def test_a_place_lost_to_a_newcomer_is_no_change_of_ones_own() -> None:
    assert kinds(changes(ranked(("a", 5)), ranked(("b", 9), ("a", 5)))) == [("b", "entered", "source")]


def test_more_and_fewer_points() -> None:
    found = changes(ranked(("a", 5), ("b", 4)), ranked(("b", 9), ("a", 2)))
    assert kinds(found) == [("b", "rose", "source"), ("a", "fell", "source")]


def test_the_first_of_several_differing_inputs_names_the_cause() -> None:
    assert kinds(changes(ranked(), ranked(("a", 5)), differing=["source", "rule"])) == [
        ("a", "entered", "rule")
    ]


def test_a_new_status_is_the_teams_where_it_decided() -> None:
    after = ranked(("a", 5), status="trusselaktor")
    assert kinds(changes(ranked(("a", 5)), after, decided={"a"})) == [("a", "status", "prioritisation")]


def test_a_merged_person_is_followed_under_the_new_id() -> None:
    merged = [{"old_person_id": "old", "person_id": "new", "change": "merged"}]
    found = changes(ranked(("old", 5)), ranked(("new", 8)), identities=merged)
    assert kinds(found) == [("new", "rose", "source"), ("new", "merged", "linkage")]


def test_a_split_person_leaves_nobody_unexplained() -> None:
    split = [{"old_person_id": "old", "person_id": "new", "change": "split"}]
    found = changes(ranked(("old", 5)), ranked(("old", 3), ("new", 2)), identities=split)
    assert kinds(found) == [("old", "fell", "source"), ("new", "fell", "source"), ("new", "split", "linkage")]


def test_a_person_merged_twice_is_followed() -> None:
    twice = [
        {"old_person_id": "oldest", "person_id": "old", "change": "merged"},
        {"old_person_id": "old", "person_id": "new", "change": "merged"},
    ]
    found = changes(ranked(("oldest", 5)), ranked(("new", 5)), identities=twice)
    assert ("oldest", "left", "source") not in kinds(found)
