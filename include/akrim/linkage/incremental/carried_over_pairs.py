"""Adds pairs of an earlier run whose outcome changes although neither side was rescored.

Of a pair below the threshold the sides have different numbers, or one is parked, once another record joins or is like one of
them; and the other side need not be rescored for that. Such pairs are added to this run's with the weight that they had. All
other outcomes stay while neither side changes: numbers are not lost, and what was parked is linked again by every run.
"""

import duckdb

from akrim.linkage.engine import tables


@tables(
    reads="cached_described cached_descriptions cached_memberships clusters described descriptions"
    " existing_findings existing_units parked replaced rescored standard",
    writes="clusters descriptions pairs standard",
)
def carry_over_pairs(con: duckdb.DuckDBPyConnection) -> None:
    """Add the pairs; clusters and persons do not change."""
    for table, query in CARRIED_OVER.items():
        con.execute(f"create or replace temp table {table} as {query}")
    for table, query in ADDED.items():
        con.execute(f"insert into {table} by name {query}")


_ENDS = "source_{0} || '/' || source_record_id_{0}"
CARRIED_OVER = {
    "joined_clusters": """
        select cluster_id from clusters left join existing_units using (unit_id) group by cluster_id
        having count(distinct person_id) > 1 or count(person_id) < count(*)""",
    "joined_descriptions": """
        select d.first_key, d.unit_id, d.description_id from descriptions d join clusters using (unit_id)
        join rescored using (unit_id)
        where not is_changed and (cluster_id in (from joined_clusters) or unit_id in (select unit_id from parked))""",
    "carried_over": f"""
        with both_ways as (
            select {_ENDS.format("l")} as inner_key, {_ENDS.format("r")} as outer_key, * from existing_findings
            union all
            select {_ENDS.format("r")}, {_ENDS.format("l")}, * from existing_findings
        )
        select t.*, j.unit_id as inner_unit, j.description_id as inner_description
        from both_ways t join joined_descriptions j on j.first_key = t.inner_key
        anti join described d on d.record_key = t.outer_key anti join replaced p on p.record_key = t.outer_key
        where t.outcome = 'below_threshold'""",
    "outer_records": """
        select record_key, person_id from cached_memberships semi join (
            select person_id from cached_memberships semi join carried_over on outer_key = record_key
        ) using (person_id)""",
    "outer_units": """
        select unit_key, dense_rank() over (order by unit_key) + (select max(unit_id) from descriptions) as unit_id,
            dense_rank() over (order by person_id) + (select max(unit_id) from descriptions) as cluster_id
        from (select distinct unit_key, person_id from cached_described join outer_records using (record_key))""",
    "outer_descriptions": """
        select u.unit_id, t.*,
            row_number() over (order by first_key) + (select max(description_id) from descriptions) as description_id
        from cached_descriptions t join outer_units u using (unit_key)""",
}
ADDED = {
    "descriptions": "from outer_descriptions",
    "clusters": "select unit_id, cluster_id from outer_units",
    "standard": """
        select distinct outer_key as record_key, if(outer_is_left, source_l, source_r) as source,
            if(outer_is_left, source_record_id_l, source_record_id_r) as source_record_id
        from (select *, outer_key = source_l || '/' || source_record_id_l as outer_is_left from carried_over)
        anti join standard on standard.record_key = outer_key""",
    "pairs": """
        select inner_unit as unit_l, o.unit_id as unit_r, match_weight, match_weight as unguarded_weight,
            inner_description as description_l, o.description_id as description_r, null as guard
        from carried_over join outer_descriptions o on o.first_key = outer_key""",
}
