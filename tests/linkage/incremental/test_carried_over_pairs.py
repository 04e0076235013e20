"""Which pairs of an earlier run are added to this one's, and what is added with them."""

from typing import Any

import duckdb
import pytest
from akrim.linkage.incremental.carried_over_pairs import carry_over_pairs

# `mine` is P's, which `new` joined: one unit and one cluster now. `theirs` and `other` are Q's, whom this run left alone.
TABLES = """
create table clusters as from (values (1, 1), (2, 1), (3, 3)) t(unit_id, cluster_id);
create table descriptions as from (values (1, 'nav/mine', 1, 'nav/mine'), (2, 'nav/new', 2, 'nav/new'), (3, 'tax/new', 3, 'tax/new'))
    t(unit_id, unit_key, description_id, first_key);
create table described as from (values ('nav/mine', 1), ('nav/new', 2), ('tax/new', 3)) t(record_key, unit_id);
create table rescored as from (values (1, false), (2, true), (3, true)) t(unit_id, is_changed);
create table existing_units as select 1 as unit_id, 'P' as person_id;
create table parked (unit_id int);
create table replaced as select 'nav/new' as record_key;
create table standard as from (values ('nav', 'mine'), ('nav', 'new'), ('tax', 'new')) t(source, source_record_id);
alter table standard add column record_key varchar;
update standard set record_key = source || '/' || source_record_id;
create table existing_findings (source_l varchar, source_record_id_l varchar, source_r varchar, source_record_id_r varchar,
    outcome varchar, match_weight double);
create table cached_memberships as from (values ('nav/mine', 'P', true), ('tax/theirs', 'Q', true), ('tax/other', 'Q', true))
    t(record_key, person_id, is_current);
create table cached_described as from (values ('nav/mine', 'nav/mine'), ('tax/theirs', 'tax/theirs'), ('tax/other', 'tax/other'))
    t(record_key, unit_key);
create table cached_descriptions as from (values ('nav/mine', 'nav/mine'), ('tax/theirs', 'tax/theirs'), ('tax/other', 'tax/other'))
    t(unit_key, first_key);
insert into existing_findings values ('nav', 'mine', 'tax', 'theirs', 'below_threshold', 2.5);
"""
# Of a pair that is carried over, the other side's ids go on from this run's: `other` comes first.
THEIRS = [(1, 5, 2.5, 2.5, 1, 5, None)]
NOT_JOINED = "update clusters set cluster_id = unit_id"
CASES: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "one who is new has joined": ("", THEIRS),
    "the sides are the other way round": (
        "update existing_findings set source_l = 'tax', source_record_id_l = 'theirs', source_r = 'nav', source_record_id_r = 'mine'",
        THEIRS),
    "two persons have become one": ("insert into existing_units values (2, 'R')", THEIRS),
    "two units were one person's before": ("insert into existing_units values (2, 'P')", []),
    "nobody has joined": (NOT_JOINED, []),
    "one is parked whom nobody joined": (f"{NOT_JOINED}; insert into parked values (1)", THEIRS),
    "another is parked": (f"{NOT_JOINED}; insert into parked values (3)", []),
    "this side changed, so that all its pairs were weighed again": ("update rescored set is_changed = true", []),
    "the other side was linked again": ("insert into described values ('tax/theirs', 4)", []),
    "the other side changed or is gone": ("insert into replaced values ('tax/theirs')", []),
    "another of the other person was linked again": ("insert into described values ('tax/other', 4)", THEIRS),
    "its numbers were others": ("update existing_findings set outcome = 'different_numbers'", []),
    "a guard kept it apart": ("update existing_findings set outcome = 'guarded'", []),
    "it is of two other records": ("update existing_findings set source_record_id_l = 'another'", []),
    "two of one cluster came near": (
        "update rescored set is_changed = false; insert into existing_findings values ('nav', 'new', 'tax', 'theirs', 'below_threshold', 1.5)",
        [*THEIRS, (2, 5, 1.5, 1.5, 2, 5, None)]),
    "two of the other person came near": (
        "insert into existing_findings values ('nav', 'mine', 'tax', 'other', 'below_threshold', 1.5)",
        [(1, 4, 1.5, 1.5, 1, 4, None), *THEIRS]),
}  # fmt: skip


def carried_over(change: str) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute(TABLES)
    con.execute(
        "create table pairs (unit_l int, unit_r int, match_weight double, unguarded_weight double, description_l int,"
        " description_r int, guard varchar)"
    )
    con.execute(change)
    carry_over_pairs(con)
    return con


@pytest.mark.parametrize("name", CASES)
def test_a_pair_is_carried_over_where(name: str) -> None:
    change, expected = CASES[name]
    con = carried_over(change)
    assert con.execute("from pairs order by all").fetchall() == expected
    added = ["tax/other", "tax/theirs"] if expected else []
    found = con.execute("select first_key from descriptions where unit_id > 3 order by 1").fetchall()
    assert [key for (key,) in found] == added, "with a pair come all descriptions of the other person"


def test_with_a_pair_come_the_other_persons_units_and_the_records_that_the_pair_names() -> None:
    """Two others come near, of whom one has two units, and the other is among the records already."""
    con = carried_over("""
        insert into cached_memberships values ('tax/alone', 'R', true);
        insert into cached_described values ('tax/alone', 'tax/alone'), ('tax/again', 'tax/theirs');
        insert into cached_memberships values ('tax/again', 'Q', true);
        insert into cached_descriptions values ('tax/alone', 'tax/alone'), ('tax/theirs', 'tax/again');
        insert into existing_findings values ('nav', 'mine', 'tax', 'alone', 'below_threshold', 1.5);
        insert into standard values ('tax', 'alone', 'tax/alone');
        update rescored set is_changed = false;
        insert into existing_findings values ('nav', 'new', 'tax', 'theirs', 'below_threshold', 0.5)
    """)
    added = con.execute(
        "select first_key, unit_key, d.unit_id, cluster_id, description_id from descriptions d join clusters using (unit_id)"
        " where d.unit_id > 3 order by first_key"
    ).fetchall()
    assert added == [
        ("tax/again", "tax/theirs", 6, 4, 4),
        ("tax/alone", "tax/alone", 4, 5, 5),
        ("tax/other", "tax/other", 5, 4, 6),
        ("tax/theirs", "tax/theirs", 6, 4, 7),
    ]
    pairs = con.execute(
        "select unit_l, unit_r, match_weight, description_l, description_r from pairs order by all"
    ).fetchall()
    assert pairs == [(1, 4, 1.5, 1, 5), (1, 6, 2.5, 1, 7), (2, 6, 0.5, 2, 7)]
    names = con.execute("from standard order by record_key").fetchall()
    assert names == [
        ("nav", "mine", "nav/mine"),
        ("nav", "new", "nav/new"),
        ("tax", "alone", "tax/alone"),
        ("tax", "new", "tax/new"),
        ("tax", "theirs", "tax/theirs"),
    ]
    assert con.execute("select count(*), count(distinct unit_id) from clusters").fetchone() == (6, 6)
