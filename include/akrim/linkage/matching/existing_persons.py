"""Maps existing persons, those of the base release, and clerks' verdicts to this run's units.

`existing_units` has each unit's existing person and whether that person is settled; `decided_units` has the verdicts. A
person is settled if all its records are unchanged, no new record shares a unit with them, no clerk has decided on any of
them, and none is parked or fits a parked one. The units of a settled person are kept together without rescoring.

A key that its agency has given to somebody else says nothing of whom it was: number, birth date and name are then all others.
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
    reads="described existing_memberships parked_records",
    writes="decided_units decisions existing_units given_away",
)
def find_existing_units(con: duckdb.DuckDBPyConnection, may_settle: bool) -> None:
    """Build `existing_units` and `decided_units`; `may_settle` is false if another model linked the base release."""
    con.execute(f"create or replace temp table existing_keys as {EXISTING_KEYS}")
    con.execute(f"create or replace temp table given_away as {GIVEN_AWAY}")
    con.execute(f"delete from decisions where {ON_GIVEN_AWAY}")
    con.execute(f"create or replace temp table decided_units as {DECIDED_UNITS}")
    con.execute(f"create or replace temp table unsettled as {UNSETTLED}")
    con.execute(f"create or replace temp table existing_units as {EXISTING_UNITS}", [may_settle])


@tables(reads="described existing_persons given_away", writes="existing_persons")
def follow_numbers(con: duckdb.DuckDBPyConnection) -> None:
    """Take from `existing_persons` the keys that are somebody else's by now; who has such a person's number in their place has them."""
    con.execute(f"create or replace temp table followed as {FOLLOWED}")
    con.execute("delete from existing_persons where record_key in (select record_key from given_away)")
    con.execute("insert into existing_persons from followed")


@tables(reads="existing_memberships opening_memberships", writes="holders_before")
def find_holders_before(con: duckdb.DuckDBPyConnection) -> None:
    """Build `holders_before`, once persons have their ids: whose each key was that is somebody else's by now, also without a number."""
    con.execute(f"create or replace temp table holders_before as {HOLDERS_BEFORE}")


# What was decided on who had the key before; later runs are not given it.
ON_GIVEN_AWAY = """
record_key_l in (select record_key from given_away) or record_key_r in (select record_key from given_away)
"""
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
from described d join existing_keys s using (record_key) anti join given_away using (record_key)
group by d.unit_id having count(distinct s.person_id) = 1
"""

# By the digests that descriptions.py makes, split into content, number, birth date and name; those of an earlier version had not these parts.
IS_OF_ANOTHER = "parts[3] <> parts_now[3] and parts[4] <> parts_now[4] and not list_contains(parts[3:4] || parts_now[3:4], '')"
# Where the key came without a number, the person's others tell.
GIVEN_AWAY = f"""
with before as (
    select source || '/' || source_record_id as record_key, person_id, content_digest, string_split(content_digest, ' ') as parts
    from existing_memberships
),
changed as (
    select record_key, person_id, b.parts, string_split(d.content_digest, ' ') as parts_now
    from before b join described d using (record_key) where d.content_digest <> b.content_digest
),
others as (
    select * from changed where {IS_OF_ANOTHER} and parts_now[2] <> ''
),
numbers as (
    select person_id, parts[2] as number from before where parts[2] <> '' and person_id in (select person_id from others)
)
select o.record_key, o.person_id, list(distinct n.number) as numbers from others o join numbers n using (person_id)
where o.parts[2] in ('', n.number) group by all having not list_contains(list(n.number), any_value(o.parts_now[2]))
"""
# A record that was not there, or was another's.
FOLLOWED = """
select distinct d.record_key, g.person_id from (select person_id, unnest(numbers) as number from given_away) g
join described d on string_split(d.content_digest, ' ')[2] = g.number
anti join (from existing_persons anti join given_away using (record_key)) s on s.record_key = d.record_key
"""
HOLDERS_BEFORE = f"""
select source, extract, source_record_id, person_id from (
    select m.source, m.extract, m.source_record_id, e.person_id, string_split(e.content_digest, ' ') as parts,
        string_split(m.content_digest, ' ') as parts_now
    from opening_memberships m join existing_memberships e using (source, source_record_id) where e.person_id <> m.person_id
)
where {IS_OF_ANOTHER} and (parts[2] = '' or parts[2] <> parts_now[2])
"""
