"""Lasting person ids: a cluster keeps the id that most of its records had.

Where several ids and clusters share records, the pair with most records in common comes first, then the older id, then
the smaller. A cluster that shares none gets an id derived from its smallest record key, never from a person number and
never one that was given before.
"""

import base64
import hashlib

import duckdb
import pyarrow as pa

from akrim.linkage.engine import tables

ID_LENGTH = 12


@tables(reads="existing_persons membership persons", writes="assigned id_changes")
def assign_ids(con: duckdb.DuckDBPyConnection) -> None:
    """Build `assigned` (cluster_id, person_id, is_new) and `id_changes`.

    Reads `existing_persons` (record_key, person_id, merged ids resolved) and `persons` (every id ever given, and its age).
    """
    con.execute(f"create or replace temp table claims as {CLAIMS}")
    con.execute(f"create or replace temp table retained as {UNDISPUTED}")
    resolved = _resolve_claims(con.execute(DISPUTED).fetchall())
    _insert(con, "retained", [(cluster, person) for cluster, person in resolved.items()])
    unnamed = con.execute(UNNAMED).fetchall()
    taken = {row[0] for row in con.execute("select person_id from persons").fetchall()}
    con.execute(
        "create or replace temp table assigned as select cluster_id, person_id, false as is_new from retained"
    )
    named = [(cluster, new_person_id(first_key, taken)) for cluster, first_key in unnamed]
    _insert(con, "assigned", named, is_new=True)
    con.execute(f"create or replace temp table id_changes as {ID_CHANGES}")


def new_person_id(first_record_key: str, taken: set[str]) -> str:
    """An id from the smallest record key, with a counter if that id was given before."""
    attempt = 1
    while True:
        text = first_record_key if attempt == 1 else f"{first_record_key}#{attempt}"
        digest = base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()
        person_id = f"P{digest[:ID_LENGTH]}"
        if person_id not in taken:
            taken.add(person_id)
            return person_id
        attempt += 1


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
select cluster_id, min(record_key) as first_key from membership anti join retained using (cluster_id)
group by cluster_id order by first_key
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


def _insert(
    con: duckdb.DuckDBPyConnection,
    table: str,
    rows: list[tuple[int, str]],
    is_new: bool = False,
) -> None:
    columns = {
        "cluster_id": pa.array([row[0] for row in rows], pa.int64()),
        "person_id": pa.array([row[1] for row in rows], pa.string()),
    }
    if table == "assigned":
        columns["is_new"] = pa.array([is_new] * len(rows), pa.bool_())
    con.from_arrow(pa.table(columns)).insert_into(table)
