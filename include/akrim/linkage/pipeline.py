"""From person records to clusters: the steps that a release, training and an evaluation share.

The records may come in any order; neither a database, the clock nor chance plays a part.
"""

import duckdb

from akrim.identifiers import ControlRule
from akrim.linkage.engine import tables
from akrim.linkage.incremental.affected_persons import drop_unaffected_persons
from akrim.linkage.matching.clustering import cluster
from akrim.linkage.matching.existing_persons import find_existing_units
from akrim.linkage.matching.scoring import score_changed_pairs, score_pairs
from akrim.linkage.model.file import LinkageModel
from akrim.linkage.records.descriptions import describe, number_descriptions
from akrim.linkage.records.standardise import standardise
from akrim.linkage.records.units import build_units


@tables(reads="standard units", writes="all_records")
def prepare(con: duckdb.DuckDBPyConnection, rule: ControlRule = "strict") -> None:
    """Standardise the records and group those with equal valid person numbers into units, but for those told apart in `decisions`."""
    standardise(con, rule)
    build_units(con)
    con.execute(f"create or replace temp view all_records as {ALL_RECORDS}")


ALL_RECORDS = """
select u.record_key, s.source, u.unit_key, u.identity, u.is_borrowed from units u join standard s using (record_key)
"""


def find_persons(con: duckdb.DuckDBPyConnection, model: LinkageModel, may_settle: bool = False) -> None:
    """Score pairs, cluster units, and build `membership` (record_key, cluster_id, link_kind, match_weight).

    Args:
        con: holds `standard`, `units`, the tables of existing_persons.py and the model's frequencies.
        model: the trained model.
        may_settle: whether existing persons whose records are unchanged may be kept without rescoring.
    """
    describe(con)
    find_existing_units(con, may_settle)
    score_pairs(con, model)
    _build_membership(con, model)


def find_changed_persons(con: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    """As `find_persons`, for the tables that changed_records.py and affected_persons.py build."""
    number_descriptions(con)
    find_existing_units(con, may_settle=True)
    score_changed_pairs(con, model)
    drop_unaffected_persons(con)
    _build_membership(con, model)


@tables(reads="clusters decided_units described pairs units", writes="membership")
def _build_membership(con: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    cluster(con, model.thresholds)
    con.execute(f"create or replace temp table membership as {MEMBERSHIP}")


MEMBERSHIP = """
with accepted as (
    select p.unit_l, p.unit_r, p.match_weight from pairs p
    join clusters l on l.unit_id = p.unit_l join clusters r on r.unit_id = p.unit_r and r.cluster_id = l.cluster_id
),
best as (
    select unit_id, max(match_weight) as match_weight from (
        select unit_l as unit_id, match_weight from accepted union all select unit_r, match_weight from accepted
    ) group by all
),
reviewed as (
    select distinct unnest([unit_l, unit_r]) as unit_id from decided_units join clusters l on l.unit_id = unit_l
    join clusters r on r.unit_id = unit_r and r.cluster_id = l.cluster_id where verdict = 'same'
),
sized as (
    select d.record_key, d.unit_id, c.cluster_id, u.identity,
        count(*) over (partition by d.unit_id) as unit_records,
        count(*) over (partition by c.cluster_id) as cluster_records
    from described d join clusters c using (unit_id) join units u using (record_key)
)
select record_key, cluster_id,
    case when cluster_records = 1 then 'single'
        when unit_records > 1 then 'identifier'
        when r.unit_id is not null then 'reviewed'
        else 'probabilistic' end as link_kind,
    case when cluster_records > 1 and unit_records = 1 then b.match_weight end as match_weight
from sized left join best b using (unit_id) left join reviewed r using (unit_id)
"""
