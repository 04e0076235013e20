"""Lasting person ids: a cluster keeps the id that most of its records had.

Where several ids and clusters share records, the pair with most records in common comes first, then the older id, then
the smaller. A cluster that shares none gets an id derived from its smallest record key, never from a person number and
never one that was given before.
"""

import duckdb
import pyarrow as pa

from akrim.linkage.engine import count, tables

# An id is P and twelve letters of five bits each. DuckDB has no base 32 of its own, and a first run's millions of keys are not to be
# fetched for it.
BITS = 60
BASE_32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@tables(reads="existing_persons membership persons", writes="assigned id_changes")
def assign_ids(con: duckdb.DuckDBPyConnection) -> None:
    """Build `assigned` (cluster_id, person_id, is_new) and `id_changes`.

    Reads `existing_persons` (record_key, person_id, merged ids resolved) and `persons` (every id ever given, and its age).
    """
    con.execute(f"create or replace temp table claims as {CLAIMS}")
    con.execute(f"create or replace temp table retained as {UNDISPUTED}")
    resolved = _resolve_claims(con.execute(DISPUTED).fetchall())
    owned = {
        "cluster_id": pa.array(resolved, pa.int64()),
        "person_id": pa.array(resolved.values(), pa.string()),
    }
    con.from_arrow(pa.table(owned)).insert_into("retained")
    con.execute("create or replace temp table assigned as select *, false as is_new from retained")
    con.execute(f"create or replace temp table unnamed as {UNNAMED}")
    attempt = 1
    while count(con, "unnamed"):
        con.execute(f"insert into assigned {named_sql(attempt)}")
        con.execute("delete from unnamed where cluster_id in (select cluster_id from assigned)")
        attempt += 1
    con.execute(f"create or replace temp table id_changes as {ID_CHANGES}")


def named_sql(attempt: int) -> str:
    """The unnamed clusters with an id from their smallest record key, and a counter from the second attempt on: P and the first 60
    bits of a SHA-256, in base 32. Those are left out whose id was given before, or twice now."""
    text = "first_key" if attempt == 1 else f"concat(first_key, '#{attempt}')"
    digits = ", ".join(
        f"substr('{BASE_32}', ((bits >> {place}) & 31)::integer + 1, 1)" for place in range(BITS - 5, -1, -5)
    )
    return f"""
    with hashed as (select cluster_id, ('0x' || left(sha256({text}), {BITS // 4}))::bigint as bits from unnamed),
    named as (select cluster_id, concat('P', {digits}) as person_id from hashed)
    select cluster_id, person_id, true from named
    anti join persons using (person_id) anti join assigned using (person_id)
    qualify count(*) over (partition by person_id) = 1
    """


CLAIMS = """
select m.cluster_id, s.person_id, count(*) as overlap, any_value(p.age) as age, any_value(c.first_key) as first_key
from membership m join existing_persons s using (record_key)
join persons p on p.person_id = s.person_id
join (select cluster_id, min(record_key) as first_key from membership group by all) c using (cluster_id)
group by m.cluster_id, s.person_id
"""

# Nearly all clusters: one id claims the cluster and no other, and no other id claims it.
UNDISPUTED = """
select cluster_id, person_id from claims
qualify count(*) over (partition by cluster_id) = 1 and count(*) over (partition by person_id) = 1
"""

DISPUTED = """
select cluster_id, person_id from claims anti join retained using (cluster_id)
order by overlap desc, age, person_id, first_key
"""

UNNAMED = """
select cluster_id, min(record_key) as first_key from membership anti join retained using (cluster_id) group by cluster_id
"""

# An id that no cluster retained is merged into the person with most of its records. Every other person with records of
# an id is a split from it.
ID_CHANGES = """
with owners as (
    select c.person_id as old_person_id, a.person_id, c.overlap,
        exists (select 1 from assigned k where k.person_id = c.person_id) as is_retained
    from claims c join assigned a using (cluster_id)
)
select old_person_id, person_id,
    case when not is_retained and row_number() over (
        partition by old_person_id order by overlap desc, person_id) = 1 then 'merged' else 'split' end as change
from owners where old_person_id <> person_id
"""


def _resolve_claims(claims: list[tuple[int, str]]) -> dict[int, str]:
    assigned: dict[int, str] = {}
    used: set[str] = set()
    for cluster, person in claims:
        if cluster not in assigned and person not in used:
            assigned[cluster] = person
            used.add(person)
    return assigned
