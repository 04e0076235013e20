"""Findings: the outcome of every pair of units, kept so that it can be explained and reviewed.

Each names one record of either unit, its weight, and the weight of each comparison in words. `outcome` is accepted, or
why not: below_threshold (or outvoted by the rest of its group), different_numbers, guarded, decided_different,
parked_between_* where one of them is contradictory (agglomeration.py), or contradicts_decision where a clerk's verdict
and the person numbers exclude each other. Parked and contradictory pairs wait for a clerk.
"""

import re
from math import log2
from typing import Any

import duckdb
from psycopg import sql

from akrim.linkage.engine import tables
from akrim.linkage.model.comparisons import RARITY_COLUMNS
from akrim.linkage.model.file import LinkageModel


@tables(
    reads="clusters decided_units decisions described descriptions pairs parked rarity_*", writes="findings"
)
def build_findings(con: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    """Build `findings`."""
    con.execute(f"create or replace temp table outcomes as {OUTCOMES}", [model.thresholds["join"]])
    con.execute(f"create or replace temp table findings as {findings_sql(model.settings)}")


# Each verdict on records of two units stands, not the newest alone.
OUTCOMES = """
with verdicts as (
    select least(l.unit_id, r.unit_id) as unit_l, greatest(l.unit_id, r.unit_id) as unit_r, d.verdict,
        d.match_weight as verdict_weight, bool_or(d.verdict = 'same') over two as is_one_said,
        bool_or(d.verdict = 'different') over two as are_two_said
    from decisions d join described l on l.record_key = d.record_key_l join described r on r.record_key = d.record_key_r
    window two as (partition by least(l.unit_id, r.unit_id), greatest(l.unit_id, r.unit_id))
    qualify row_number() over (two order by d.decision_id desc) = 1
),
compared as (
    select unit_l, unit_r, match_weight, unguarded_weight, description_l, description_r, guard,
        null::varchar as key_l, null::varchar as key_r
    from pairs
    union all
    select d.unit_l, d.unit_r, null, null, l.description_id, r.description_id, null, d.record_key_l, d.record_key_r
    from decided_units d anti join pairs using (unit_l, unit_r)
    join described l on l.record_key = d.record_key_l join described r on r.record_key = d.record_key_r
    where d.unit_l <> d.unit_r or d.verdict = 'different'
    qualify row_number() over (partition by d.unit_l, d.unit_r order by d.record_key_l, d.record_key_r) = 1
),
numbered as (
    select c.cluster_id, max(d.national_number) as national_number, max(d.d_number) as d_number
    from clusters c join descriptions d using (unit_id) group by all
)
select k.*, l.cluster_id = r.cluster_id as is_together,
    case when v.is_one_said and l.cluster_id <> r.cluster_id then 'contradicts_decision'
        when v.are_two_said and l.cluster_id = r.cluster_id then 'contradicts_decision'
        when l.cluster_id = r.cluster_id then 'accepted'
        when v.are_two_said then 'decided_different'
        when k.guard is not null then 'guarded'
        when a.national_number <> b.national_number or a.d_number <> b.d_number then 'different_numbers'
        when k.match_weight >= t.threshold and coalesce(parked_l.reason, parked_r.reason) is not null
            then 'parked_between_' || coalesce(parked_l.reason, parked_r.reason)
        else 'below_threshold' end as outcome,
    t.threshold, v.verdict, v.verdict_weight
from compared k cross join (select ?::double as threshold) t
join clusters l on l.unit_id = k.unit_l join clusters r on r.unit_id = k.unit_r
left join parked parked_l on parked_l.unit_id = k.unit_l left join parked parked_r on parked_r.unit_id = k.unit_r
join numbered a on a.cluster_id = l.cluster_id join numbered b on b.cluster_id = r.cluster_id
left join verdicts v on v.unit_l = k.unit_l and v.unit_r = k.unit_r
"""


RARITY_JOINS = " ".join(
    f"left join rarity_{column} {column}_{side} on {column}_{side}.{column} = {side}.{column}"
    for column in RARITY_COLUMNS
    for side in ("l", "r")
)


def findings_sql(settings: dict[str, Any]) -> str:
    """Each outcome with the level and weight of every comparison as JSON, in the model's order."""
    prior = settings["probability_two_random_records_match"]
    steps = ", ".join(
        f"{comparison['output_column_name']} := {_step_sql(comparison)}"
        for comparison in settings["comparisons"]
    )
    return f"""
    select coalesce(o.key_l, l.first_key) as record_key_l, coalesce(o.key_r, r.first_key) as record_key_r, o.outcome,
        o.guard, o.unguarded_weight as match_weight, o.threshold, o.verdict, o.verdict_weight,
        to_json(struct_pack(starting_point := {round(log2(prior / (1 - prior)), 4)}, {steps}))::varchar as steps
    from outcomes o join descriptions l on l.description_id = o.description_l
    join descriptions r on r.description_id = o.description_r
    {RARITY_JOINS}
    """


def _step_sql(comparison: dict[str, Any]) -> str:
    """The level that the two descriptions reach and its weight, adjusted for the value's frequency."""
    levels = comparison["comparison_levels"]
    exact = next((level["u_probability"] for level in levels if level.get("tf_adjustment_column")), None)
    cases = []
    for level in levels:
        weight = (
            "0.0"
            if level.get("is_null_level")
            else str(log2(level["m_probability"] / level["u_probability"]))
        )
        if column := level.get("tf_adjustment_column"):
            frequency = (
                f"greatest({column}_l.tf_{column}, {column}_r.tf_{column}, {level['tf_minimum_u_value']})"
            )
            weight = f"{weight} + log2({exact} / {frequency})"
        label = sql.Literal(level["label_for_charts"]).as_string()
        found = f"struct_pack(level := {label}, weight := round({weight}, 4))"
        condition = level["sql_condition"]
        cases.append(f"else {found}" if condition == "ELSE" else f"when {_sided(condition)} then {found}")
    return f"(case {' '.join(cases)} end)"


def _sided(condition: str) -> str:
    """A Splink condition over `name_l` and `name_r` as one over `l.name` and `r.name`."""
    return re.sub(r"\b([a-z_]+)_([lr])\b", r"\2.\1", condition)


@tables(
    reads="described existing_findings existing_memberships findings rescored standard",
    writes="closing_findings opening_findings",
)
def compare_findings(con: duckdb.DuckDBPyConnection) -> None:
    """Build `opening_findings` and `closing_findings`; a pair that was not scored again keeps its finding."""
    con.execute(f"create or replace temp table new_findings as {NEW_FINDINGS}")
    con.execute(f"create or replace temp table opening_findings as {OPENING_FINDINGS}")
    con.execute(f"create or replace temp table closing_findings as {CLOSING_FINDINGS}")


NEW_FINDINGS = """
select l.source as source_l, l.source_record_id as source_record_id_l, r.source as source_r,
    r.source_record_id as source_record_id_r, f.outcome, f.guard, f.match_weight, f.threshold, f.verdict,
    f.verdict_weight, f.steps
from (
    select * replace (least(record_key_l, record_key_r) as record_key_l, greatest(record_key_l, record_key_r) as record_key_r)
    from findings
) f join standard l on l.record_key = f.record_key_l join standard r on r.record_key = f.record_key_r
"""
# The steps are left out: each database writes JSON differently.
SAME_FINDING = """
    (old.source_l, old.source_record_id_l, old.source_r, old.source_record_id_r)
        = (new.source_l, new.source_record_id_l, new.source_r, new.source_record_id_r)
    and old.outcome = new.outcome and old.guard is not distinct from new.guard
    and old.match_weight is not distinct from new.match_weight and old.threshold = new.threshold
    and old.verdict is not distinct from new.verdict and old.verdict_weight is not distinct from new.verdict_weight
"""
OPENING_FINDINGS = f"select new.* from new_findings new anti join existing_findings old on {SAME_FINDING}"
# A pair whose sides did not change is found again if it was scored again at all.
CLOSING_FINDINGS = f"""
with changed_records as (
    select d.record_key from described d join rescored s using (unit_id) where s.is_changed
    union all
    select source || '/' || source_record_id as record_key from existing_memberships
    anti join described on record_key = source || '/' || source_record_id where is_current
)
select old.* from existing_findings old anti join new_findings new on {SAME_FINDING}
left join changed_records l on l.record_key = old.source_l || '/' || old.source_record_id_l
left join changed_records r on r.record_key = old.source_r || '/' || old.source_record_id_r
left join (select distinct source_l, source_record_id_l, source_r, source_record_id_r, true as is_found from new_findings)
    using (source_l, source_record_id_l, source_r, source_record_id_r)
where l.record_key is not null or r.record_key is not null or is_found
"""


@tables(reads="cached_tally closing_findings existing_findings opening_findings", writes="tally")
def tally_findings(con: duckdb.DuckDBPyConnection, *, is_of_change: bool) -> None:
    """Build `tally`: the number of findings after this run by outcome, guard and whether they reach the threshold.

    After an incremental run it goes on from the base release's tally; after a full one `existing_findings` has all that is tallied.
    """
    start = "from cached_tally" if is_of_change else TALLIED.format(sign="", findings="existing_findings")
    con.execute(f"create or replace temp table tally as {TALLY.format(start=start)}")


TALLIED = """
select outcome, guard, coalesce(match_weight >= threshold, false) as is_heavy, {sign}count(*) as pairs
from {findings} group by all
"""
TALLY = f"""
select outcome, guard, is_heavy, sum(pairs)::bigint as pairs from (
    {{start}}
    union all {TALLIED.format(sign="", findings="opening_findings")}
    union all {TALLIED.format(sign="-", findings="closing_findings")}
) group by all having sum(pairs) > 0
"""
