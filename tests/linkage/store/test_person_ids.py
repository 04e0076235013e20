"""Which id a cluster keeps, and how the others are recorded."""

import base64
import hashlib

import duckdb
import pyarrow as pa
import pytest
from akrim.linkage.store.person_ids import assign_ids

Clusters = dict[int, list[str]]


def id_from(text: str) -> str:
    return "P" + base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()[:12]


def assign(
    clusters: Clusters, existing: dict[str, str], ages: dict[str, int]
) -> tuple[dict[int, str], set[tuple[str, str, str]]]:
    con = duckdb.connect()
    rows = [(key, cluster) for cluster, keys in clusters.items() for key in keys]
    for name, columns in (
        ("membership", {"record_key": [r[0] for r in rows], "cluster_id": [r[1] for r in rows]}),
        ("existing_persons", {"record_key": list(existing), "person_id": list(existing.values())}),
        ("persons", {"person_id": list(ages), "age": list(ages.values())}),
    ):
        types = [(key, pa.int64() if key in ("cluster_id", "age") else pa.string()) for key in columns]
        con.register(name, pa.table(columns, schema=pa.schema(types)))
    assign_ids(con)
    assigned = dict(con.execute("select cluster_id, person_id from assigned").fetchall())
    return assigned, set(con.execute("select old_person_id, person_id, change from id_changes").fetchall())


def test_a_first_run_names_persons_after_their_smallest_record_key() -> None:
    assigned, changes = assign({1: ["b/2", "a/1"], 2: ["c/3"]}, {}, {})
    assert assigned == {1: id_from("a/1"), 2: id_from("c/3")}
    assert not changes


def test_an_id_stays_when_a_smaller_key_joins() -> None:
    assigned, changes = assign({1: ["a/0", "a/1"]}, {"a/1": "P1"}, {"P1": 1})
    assert (assigned, changes) == ({1: "P1"}, set())


def test_of_two_merged_persons_the_one_with_more_records_survives() -> None:
    assigned, changes = assign(
        {1: ["a/1", "a/2", "a/3"]}, {"a/1": "P1", "a/2": "P2", "a/3": "P2"}, {"P1": 1, "P2": 2}
    )
    assert (assigned, changes) == ({1: "P2"}, {("P1", "P2", "merged")})


@pytest.mark.parametrize(("age", "kept", "gone"), [(2, "P9", "P2"), (1, "P2", "P9")])
def test_of_two_equally_large_the_older_survives_and_of_two_as_old_the_smaller(
    age: int, kept: str, gone: str
) -> None:
    assigned, changes = assign({1: ["a/1", "a/2"]}, {"a/1": "P9", "a/2": "P2"}, {"P9": 1, "P2": age})
    assert (assigned, changes) == ({1: kept}, {(gone, kept, "merged")})


def test_a_split_leaves_the_id_with_the_larger_part() -> None:
    existing = dict.fromkeys(["a/1", "a/2", "a/3"], "P1")
    assigned, changes = assign({1: ["a/1"], 2: ["a/2", "a/3"]}, existing, {"P1": 1})
    assert assigned[2] == "P1"
    assert changes == {("P1", assigned[1], "split")}


def test_of_two_equal_halves_the_one_with_the_smallest_key_keeps_the_id() -> None:
    assigned, _ = assign({1: ["a/2"], 2: ["a/1"]}, dict.fromkeys(["a/1", "a/2"], "P1"), {"P1": 1})
    assert assigned[2] == "P1"


def test_an_id_that_is_gone_leads_to_whoever_has_most_of_its_records() -> None:
    existing = {"a/1": "P1", "a/2": "P1", "a/3": "P1", "b/1": "P2", "b/2": "P2", "c/1": "P3", "c/2": "P3", "c/3": "P3"}  # fmt: skip
    clusters = {1: ["a/1", "b/1", "b/2"], 2: ["a/2", "a/3", "c/1", "c/2", "c/3"]}
    assigned, changes = assign(clusters, existing, {"P1": 1, "P2": 1, "P3": 1})
    assert assigned == {1: "P2", 2: "P3"}
    assert changes == {("P1", "P2", "split"), ("P1", "P3", "merged")}


def test_an_id_whose_records_went_to_two_alike_leads_to_the_smaller() -> None:
    existing = {"a/1": "P1", "a/2": "P1", "b/1": "P2", "b/2": "P2", "c/1": "P3", "c/2": "P3"}
    clusters = {1: ["a/1", "c/1", "c/2"], 2: ["a/2", "b/1", "b/2"]}
    _, changes = assign(clusters, existing, {"P1": 1, "P2": 1, "P3": 1})
    assert changes == {("P1", "P2", "merged"), ("P1", "P3", "split")}


def test_an_id_that_was_given_before_is_not_given_again() -> None:
    existing = {"a/1": "P9", "a/2": "P9", "a/3": "P9"}
    given = {"P9": 2, id_from("a/1"): 1, id_from("a/1#2"): 1}
    assigned, _ = assign({1: ["a/1"], 2: ["a/2", "a/3"], 3: ["å/4"]}, existing, given)
    assert assigned == {1: id_from("a/1#3"), 2: "P9", 3: id_from("å/4")}


@pytest.mark.parametrize("part", [["a/1"], ["a/1", "a/2"]])
def test_every_id_that_is_gone_leads_to_one_that_lives(part: list[str]) -> None:
    existing = {"a/1": "P1", "a/2": "P1", "b/1": "P2", "b/2": "P2", "b/3": "P2"}
    rest = [key for key in existing if key not in part]
    assigned, changes = assign({1: part, 2: rest}, existing, {"P1": 1, "P2": 1})
    gone = {"P1", "P2"} - set(assigned.values())
    merged = {old: new for old, new, change in changes if change == "merged"}
    assert gone == set(merged)
    assert set(merged.values()) <= set(assigned.values())
