"""Clusters units into persons: in SQL where the result is clear, by agglomeration for contested components.

The result is that of agglomeration.py over everything at once. Since no join leaves a component (units connected by
pairs that reach the break threshold, by verdicts or by settled persons), each is decided by itself: as one cluster if
every two of its units reach the join threshold and nothing forbids it, as single units if no two do, else by
agglomeration.
"""

from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from akrim.linkage.engine import tables
from akrim.linkage.matching.agglomeration import THOUSANDTHS, Evidence, Pair, agglomerate

# Contested pairs in Python's memory at a time, unless one component alone has more.
MAX_PAIRS_AT_ONCE = 200_000


@tables(reads="decided_units described descriptions existing_units pairs", writes="clusters parked")
def cluster(con: duckdb.DuckDBPyConnection, thresholds: dict[str, float], at_once: int | None = None) -> None:
    """Build `clusters` (unit_id, cluster_id), each named by its smallest unit, and `parked` (unit_id, reason)."""
    con.execute(f"create or replace temp table open_units as {OPEN_UNITS}")
    _find_components(con, thresholds["break"])
    con.execute(
        f"create or replace temp table components as {COMPONENTS}",
        {"join": thresholds["join"] * THOUSANDTHS, "at_once": at_once or MAX_PAIRS_AT_ONCE},
    )
    con.execute(f"create or replace temp table contested as {CONTESTED}")
    con.execute(f"create or replace temp table contested_pairs as {CONTESTED_PAIRS}")
    con.execute("create or replace temp table agglomerated (unit_id bigint, cluster_id bigint)")
    con.execute("create or replace temp table parked (unit_id bigint, reason varchar)")
    for pairs, evidence in _contested(con):
        clustering = agglomerate(pairs, evidence, thresholds)
        _insert(con, "agglomerated", clustering.clusters, pa.int64())
        _insert(con, "parked", clustering.parked, pa.string())
    con.execute(f"create or replace temp table clusters as {CLUSTERS}")


def _find_components(con: duckdb.DuckDBPyConnection, threshold: float) -> None:
    """Build `component_units`: every unit that could join another, and its component."""
    edges = con.execute(EDGES, {"break": threshold * THOUSANDTHS}).fetchnumpy()
    left, right = edges["unit_l"], edges["unit_r"]
    units = np.unique(np.concatenate([left, right]))
    places = np.searchsorted(units, left), np.searchsorted(units, right)
    graph = coo_array((np.ones(len(left), np.int8), places), shape=(len(units), len(units)))
    labels = connected_components(graph, directed=False)[1] if len(units) else []
    table = pa.table({"unit_id": pa.array(units, pa.int64()), "component": pa.array(labels, pa.int64())})
    con.register("labelled_units", table)
    con.execute("create or replace temp table component_units as select * from labelled_units")
    con.unregister("labelled_units")


def _contested(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[Iterator[Pair], Evidence]]:
    """The contested components, in batches that fit in memory."""
    batches = [
        row[0] for row in con.execute("select distinct batch from contested order by batch").fetchall()
    ]
    for batch in batches:
        rows = con.execute(PAIRS_AT_ONCE, [batch]).fetchall()
        yield (Pair(*row) for row in rows), _read_evidence(con, batch)


def _read_evidence(con: duckdb.DuckDBPyConnection, batch: int) -> Evidence:
    evidence = Evidence()
    for unit, national_number, d_number in con.execute(NUMBERS, [batch]).fetchall():
        evidence.numbers[unit] = (national_number, d_number)
    for unit, person, settled in con.execute(EXISTING_UNITS, [batch]).fetchall():
        evidence.existing[unit] = person
        if settled:
            evidence.settled.add(unit)
    for left, right, verdict in con.execute(VERDICTS, [batch]).fetchall():
        (evidence.same if verdict == "same" else evidence.different).append((left, right))
    return evidence


def _insert(con: duckdb.DuckDBPyConnection, table: str, values: dict[int, Any], kind: pa.DataType) -> None:
    rows = pa.table(
        {"unit_id": pa.array(values.keys(), pa.int64()), "value": pa.array(values.values(), kind)}
    )
    con.from_arrow(rows).insert_into(table)


# Every unit that may change cluster: in a pair, decided on, or of a person that is not settled or has such a unit.
OPEN_UNITS = """
with involved as (
    select unnest([unit_l, unit_r]) as unit_id from pairs
    union select unnest([unit_l, unit_r]) from decided_units
    union select unit_id from existing_units where not is_settled
)
select unit_id from involved
union
select unit_id from existing_units where person_id in (select person_id from existing_units join involved using (unit_id))
"""

# Weights are compared with thresholds as agglomeration.py rounds them.
WEIGHT = f"round_even(match_weight * {THOUSANDTHS}, 0)"
# All that two units could join by.
EDGES = f"""
select unit_l, unit_r from pairs where {WEIGHT} >= $break
union all
select unit_l, unit_r from decided_units where verdict = 'same' and unit_l <> unit_r
union all
select min(unit_id) over (partition by person_id), unit_id
from existing_units semi join open_units using (unit_id) where is_settled
"""

# Units of one existing person may join at the break threshold, which is left to agglomeration.
COMPONENTS = f"""
with sized as (select component, count(*) as units, min(unit_id) as cluster_id from component_units group by all),
weighed as (
    select l.component, count(*) as pairs, count(*) filter ({WEIGHT} >= $join) as joining
    from pairs p join component_units l on l.unit_id = p.unit_l
    join component_units r on r.unit_id = p.unit_r and r.component = l.component group by all
),
numbered as (
    select component, count(distinct national_number) > 1 or count(distinct d_number) > 1 as has_two_persons
    from component_units join descriptions using (unit_id) group by all
),
existing as (select distinct component, true as has_existing from component_units semi join existing_units using (unit_id)),
decided as (
    select l.component, true as is_decided from decided_units d
    join component_units l on l.unit_id = d.unit_l join component_units r on r.unit_id = d.unit_r
    where r.component = l.component and d.unit_l <> d.unit_r group by all
),
judged as (
    select component, cluster_id, coalesce(pairs, 0) as pairs,
        case when is_decided or has_two_persons then 'contested'
            when joining = units * (units - 1) // 2 then 'whole'
            when coalesce(joining, 0) = 0 and has_existing is null then 'alone'
            else 'contested' end as method
    from sized left join weighed using (component) left join numbered using (component)
    left join existing using (component) left join decided using (component)
)
select *, case when method = 'contested'
    then sum(pairs) over (partition by method order by component) // $at_once end as batch
from judged
"""
CONTESTED = """
select unit_id, component, batch from component_units join components using (component) where method = 'contested'
"""
CONTESTED_PAIRS = """
select p.unit_l, p.unit_r, p.match_weight, l.batch from pairs p
join contested l on l.unit_id = p.unit_l join contested r on r.unit_id = p.unit_r and r.component = l.component
"""
PAIRS_AT_ONCE = (
    "select unit_l, unit_r, match_weight from contested_pairs where batch = ? order by unit_l, unit_r"
)
NUMBERS = """
select unit_id, max(national_number), max(d_number) from descriptions
semi join (select unit_id from contested where batch = ?) using (unit_id)
where national_number is not null or d_number is not null group by unit_id
"""
EXISTING_UNITS = """
select unit_id, person_id, is_settled from existing_units
semi join (select unit_id from contested where batch = ?) using (unit_id) order by unit_id
"""
VERDICTS = """
select d.unit_l, d.unit_r, d.verdict from decided_units d
join contested l on l.unit_id = d.unit_l join contested r on r.unit_id = d.unit_r and r.component = l.component
where d.unit_l <> d.unit_r and l.batch = ? order by all
"""

# A settled person that no pair touches is kept whole.
CLUSTERS = """
with settled as (
    select unit_id, min(unit_id) over (partition by person_id) as cluster_id
    from existing_units anti join open_units using (unit_id) where is_settled
),
whole as (select unit_id, cluster_id from component_units join components using (component) where method = 'whole')
select u.unit_id, coalesce(m.cluster_id, w.cluster_id, s.cluster_id, u.unit_id) as cluster_id
from (select distinct unit_id from described) u left join agglomerated m using (unit_id) left join whole w using (unit_id)
left join settled s using (unit_id)
"""
