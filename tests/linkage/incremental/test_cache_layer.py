"""What a run adds to the cache: what is new of each table, and what it takes the place of."""

import duckdb
import pytest
from akrim.linkage.incremental.cache_layer import create_layer_views

COLUMNS = (
    "source varchar, extract varchar, source_record_id varchar, content_digest varchar, person_id varchar, link_kind varchar,"
    " match_weight double, same_number_as varchar, has_borrowed_number boolean"
)
# Two records of one description, which they are known by the first of.
TABLES = f"""
create table units as from (values ('nav/1', 'nav/1', '11', null, false, '11'), ('tax/1', 'nav/1', '11', null, false, '11'),
    ('tax/2', 'tax/2', null, null, true, null)) t(record_key, unit_key, national_number, d_number, is_borrowed, identity);
create table new_units as from units;
create table standard as from (values ('nav/1', 'nav'), ('tax/1', 'tax'), ('tax/2', 'tax')) t(record_key, source);
create table new_standard as from standard;
create table described as from (values ('nav/1', 7), ('tax/1', 7), ('tax/2', 8)) t(record_key, description_id);
create table descriptions as from (values (1, 'nav/1', 7, 'nav/1'), (2, 'tax/2', 8, 'tax/2')) t(unit_id, unit_key, description_id, first_key);
create table new_grouped_descriptions as select unit_key, first_key from descriptions;
create table new_record_descriptions as from (values ('nav/1', 'nav/1'), ('tax/1', 'nav/1'), ('tax/2', 'tax/2')) t(record_key, first_key);
create table replaced as from (values ('nav/1'), ('nav/9')) t(record_key);
create table replaced_units as select 'nav/9' as unit_key;
create table new_memberships ({COLUMNS});
create table opening_memberships ({COLUMNS});
create table existing_memberships ({COLUMNS}, is_current boolean);
create table id_changes (old_person_id varchar, person_id varchar, change varchar);
"""
DESCRIBED = [
    ("nav/1", "nav/1", "nav", "nav/1", "11", None, False, "11"),
    ("tax/1", "nav/1", "tax", "nav/1", "11", None, False, "11"),
    ("tax/2", "tax/2", "tax", "tax/2", None, None, True, None),
]


@pytest.mark.parametrize("is_of_change", [False, True])
def test_a_layer_holds_the_rows_of_each_table(is_of_change: bool) -> None:
    con = duckdb.connect()
    con.execute(TABLES)
    create_layer_views(con, is_of_change)

    def rows(name: str) -> list[tuple[object, ...]]:
        return con.execute(f"from {name} order by all").fetchall()

    assert rows("layer_described") == DESCRIBED
    assert rows("layer_standard") == [("nav/1", "nav"), ("tax/1", "tax"), ("tax/2", "tax")]
    assert rows("layer_descriptions") == [("nav/1", "nav/1"), ("tax/2", "tax/2")]
    if is_of_change:
        assert rows("removed_standard") == rows("removed_described") == [("nav/1",), ("nav/9",)]
        assert rows("removed_descriptions") == [("nav/9",)]


def existing(record_id: str, person: str, is_current: bool = True, source: str = "nav") -> str:
    return (
        f"insert into existing_memberships values ('{source}', 'persons', '{record_id}', 'digest', '{person}', 'identifier', 2.5,"
        f" 'nav/1', true, {is_current})"
    )


def now(record_id: str, person: str, is_new: bool = True) -> str:
    said = f"values ('nav', 'persons', '{record_id}', 'now', '{person}', 'probabilistic', 3.5, null, false)"
    opening = f"; insert into opening_memberships {said}" if is_new else ""
    return f"insert into new_memberships {said}{opening}"


MERGED = "insert into id_changes values ('P', 'Q', 'merged')"
# Each record's person and whether it is there, in the layer of a full run; and whether a layer of a change holds it.
MEMBERSHIPS = {
    "one who comes": ([now("1", "P")], ("P", True), True),
    "one who changed": ([existing("1", "P"), now("1", "P")], ("P", True), True),
    "one who stays": ([existing("1", "P"), now("1", "P", is_new=False)], ("P", True), False),
    "one who goes": ([existing("1", "P")], ("P", False), True),
    "one who is gone": ([existing("1", "P", is_current=False)], ("P", False), False),
    "one who goes as the person is merged": ([existing("1", "P"), MERGED], ("Q", False), True),
    "one who is gone as the person is merged": ([existing("1", "P", is_current=False), MERGED], ("Q", False), True),
    "one who is gone from a person that splits": (
        [existing("1", "P", is_current=False), "insert into id_changes values ('P', 'Q', 'split')"], ("P", False), False),
    "one who is gone from a person that another is merged into": ([existing("1", "Q", is_current=False), MERGED], ("Q", False), False),
    "one who comes back to another person": ([existing("1", "P", is_current=False), now("1", "R")], ("R", True), True),
    "one who is gone, as another source's of that name comes": (
        [existing("1", "P", is_current=False), now("1", "R").replace("'nav'", "'tax'")], ("P", False), False),
}  # fmt: skip


@pytest.mark.parametrize("name", MEMBERSHIPS)
def test_whose_record_it_is_and_was(name: str) -> None:
    statements, expected, is_in_change = MEMBERSHIPS[name]
    for is_of_change in (False, True):
        con = duckdb.connect()
        con.execute(TABLES)
        con.execute("; ".join(statements))
        create_layer_views(con, is_of_change)
        found = con.execute(
            "select person_id, is_current from layer_memberships where record_key = 'nav/1'"
        ).fetchall()
        assert found == ([expected] if is_in_change or not is_of_change else []), is_of_change
    held, removed = (
        con.execute(f"select record_key from {table} order by 1").fetchall()
        for table in ("layer_memberships", "removed_memberships")
    )
    assert held == removed


def test_a_record_that_is_gone_is_held_as_it_was() -> None:
    con = duckdb.connect()
    con.execute(TABLES + existing("1", "P"))
    create_layer_views(con, is_of_change=True)
    held = con.execute("from layer_memberships").fetchall()
    assert held == [("nav/1", "nav", "persons", "1", "digest", "P", "identifier", 2.5, "nav/1", True, False)]
