"""What stands: the persons of the base release and the verdicts of clerks, told of this run's units.

In go `standing_rows` (the memberships that stand), `decisions`, `parked_records` and `described`; out come `standing_units` (the person a
unit stood with, and whether that person is settled) and `decided_units`. A person is settled when all its records are
there unchanged, no new record shares a unit with them, and no clerk has judged any of them, nor is any parked or what a
parked one fits: its units are then joined as they stood, which is what an incremental run need not look at again.
"""

import duckdb

from akrim.linkage.engine import tables


@tables(writes="decisions parked_records standing_rows")
def stand_alone(con: duckdb.DuckDBPyConnection) -> None:
    """Nothing stands and nothing was decided: the tables that a first run or an evaluation starts from."""
    con.execute(
        "create or replace temp table standing_rows (source varchar, extract varchar, source_record_id varchar,"
        " content_digest varchar, person_id varchar, link_kind varchar, match_weight double, same_number_as varchar,"
        " has_borrowed_number boolean, stands boolean)"
    )
    con.execute(
        "create or replace temp table decisions (record_key_l varchar, record_key_r varchar, verdict varchar,"
        " decision_id bigint, match_weight double)"
    )
    con.execute("create or replace temp table parked_records (record_key varchar)")


@tables(reads="decisions described parked_records standing_rows", writes="decided_units standing_units")
def tell_units(con: duckdb.DuckDBPyConnection, may_settle: bool) -> None:
    """Build `standing_units` and `decided_units`; `may_settle` is false where the model is not the base's."""
    con.execute(f"create or replace temp table decided_units as {DECIDED_UNITS}")
    con.execute(f"create or replace temp table standing_keys as {STANDING_KEYS}")
    con.execute(f"create or replace temp table unsettled as {UNSETTLED}")
    con.execute(f"create or replace temp table standing_units as {STANDING_UNITS}", [may_settle])


DECIDED_UNITS = """
select least(l.unit_id, r.unit_id) as unit_l, greatest(l.unit_id, r.unit_id) as unit_r, d.verdict,
    d.record_key_l, d.record_key_r
from decisions d join described l on l.record_key = d.record_key_l join described r on r.record_key = d.record_key_r

where d.verdict in ('same', 'different')
"""

STANDING_KEYS = """
select source || '/' || source_record_id as record_key, person_id, content_digest from standing_rows where stands
"""

UNSETTLED = """
select s.person_id from standing_keys s left join described d using (record_key)
where d.content_digest is distinct from s.content_digest
union
select s.person_id from standing_keys s join decisions d on s.record_key in (d.record_key_l, d.record_key_r)
union
select s.person_id from standing_keys s semi join parked_records using (record_key)
union
select s.person_id from standing_keys s join described mine using (record_key)
join described other on other.unit_id = mine.unit_id
left join standing_keys t on t.record_key = other.record_key
where t.person_id is distinct from s.person_id
"""

STANDING_UNITS = """
select d.unit_id, min(s.person_id) as person_id, ? and min(s.person_id) not in (select person_id from unsettled) as is_settled
from described d join standing_keys s using (record_key)
group by d.unit_id having count(distinct s.person_id) = 1
"""
