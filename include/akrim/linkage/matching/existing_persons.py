"""Maps existing persons, those of the base release, and clerks' verdicts to this run's units.

`existing_units` has each unit's existing person and whether that person is settled; `decided_units` has the verdicts. A
person is settled if all its records are unchanged, no new record shares a unit with them, no clerk has decided on any of
them, and none is parked or fits a parked one. The units of a settled person are kept together without rescoring.
"""

import duckdb

from akrim.linkage.engine import tables


@tables(writes="decisions existing_memberships parked_records")
def start_empty(con: duckdb.DuckDBPyConnection) -> None:
    """Create the tables empty, as for a first run or an evaluation: no existing persons, no verdicts."""
    con.execute(
        "create or replace temp table existing_memberships (source varchar, extract varchar, source_record_id varchar,"
        " content_digest varchar, person_id varchar, link_kind varchar, match_weight double, same_number_as varchar,"
        " has_borrowed_number boolean, is_current boolean)"
    )
    con.execute(
        "create or replace temp table decisions (record_key_l varchar, record_key_r varchar, verdict varchar,"
        " decision_id bigint, match_weight double)"
    )
    con.execute("create or replace temp table parked_records (record_key varchar)")


@tables(
    reads="decisions described existing_memberships parked_records", writes="decided_units existing_units"
)
def find_existing_units(con: duckdb.DuckDBPyConnection, may_settle: bool) -> None:
    """Build `existing_units` and `decided_units`; `may_settle` is false if another model linked the base release."""
    con.execute(f"create or replace temp table decided_units as {DECIDED_UNITS}")
    con.execute(f"create or replace temp table existing_keys as {EXISTING_KEYS}")
    con.execute(f"create or replace temp table unsettled as {UNSETTLED}")
    con.execute(f"create or replace temp table existing_units as {EXISTING_UNITS}", [may_settle])


DECIDED_UNITS = """
select least(l.unit_id, r.unit_id) as unit_l, greatest(l.unit_id, r.unit_id) as unit_r, d.verdict,
    d.record_key_l, d.record_key_r
from decisions d join described l on l.record_key = d.record_key_l join described r on r.record_key = d.record_key_r
where d.verdict in ('same', 'different')
"""

EXISTING_KEYS = """
select source || '/' || source_record_id as record_key, person_id, content_digest from existing_memberships where is_current
"""

UNSETTLED = """
select s.person_id from existing_keys s left join described d using (record_key)
where d.content_digest is distinct from s.content_digest
union
select s.person_id from existing_keys s join decisions d on s.record_key in (d.record_key_l, d.record_key_r)
union
select s.person_id from existing_keys s semi join parked_records using (record_key)
union
select s.person_id from existing_keys s join described mine using (record_key)
join described other on other.unit_id = mine.unit_id
left join existing_keys t on t.record_key = other.record_key
where t.person_id is distinct from s.person_id
"""

EXISTING_UNITS = """
select d.unit_id, min(s.person_id) as person_id, ? and min(s.person_id) not in (select person_id from unsettled) as is_settled
from described d join existing_keys s using (record_key)
group by d.unit_id having count(distinct s.person_id) = 1
"""
