"""Held-out records: how often a record finds its person when its person number is withheld.

`held_out` has one row per sampled record: its source, kind of number and frequency of family name, and the result. Of
each sampled person with a valid number in two records or more, one record is drawn by a digest of the seed and its key.
Its number, and the birth date read from it, are removed; it is then scored and joined as a record without a number would
be, to persons without what only this record said of them.

This represents records whose number happens to be missing. It does not represent people who never had one, nor
numbers that name and birth date contradict: those are taken as borrowed, and the data cannot show who is right.
"""

import duckdb
import pyarrow as pa
from splink import DuckDBAPI

from akrim.linkage.engine import count, tables
from akrim.linkage.matching.agglomeration import Evidence, Pair, agglomerate
from akrim.linkage.matching.scoring import make_linker, pairs_sql, predict_blocked
from akrim.linkage.model.blocking_rules import rule_conditions
from akrim.linkage.model.file import LinkageModel
from akrim.linkage.records.descriptions import COMPARED_COLUMNS, evidence_sql

SAMPLED_PERSONS = 4000
# The frequency of a family name, as a share of all persons in the model's training.
COMMON_NAME_SHARE, MIDDLING_NAME_SHARE = 0.001, 0.0001
NAME_BAND = (
    f"case when s.family is null then null when f.tf_family >= {COMMON_NAME_SHARE} then 'common'"
    f" when f.tf_family >= {MIDDLING_NAME_SHARE} then 'middling' else 'rare' end"
)


def hold_out(con: duckdb.DuckDBPyConnection, model: LinkageModel, seed: str) -> int:
    """Build `held_out`; returns how many records were drawn, 0 if none has a label."""
    draw(con, seed)
    blind(con)
    return link_drawn(con, model)


@tables(reads="all_records", writes="drawn_records")
def draw(con: duckdb.DuckDBPyConnection, seed: str) -> None:
    """Build `drawn_records` from `all_records`."""
    con.execute(f"create or replace temp table drawn_records as {DRAWN_RECORDS}", [seed, SAMPLED_PERSONS])


@tables(reads="drawn_records standard", writes="blind_standard blind_units")
def blind(con: duckdb.DuckDBPyConnection) -> None:
    """Build `blind_standard` and `blind_units`: the drawn records as if their number had never been stated."""
    con.execute(f"create or replace temp table blind_standard as {BLIND_STANDARD}")
    con.execute(f"create or replace temp table blind_units as {BLIND_UNITS}")


@tables(
    reads="blind_standard blind_units clusters described descriptions drawn_records frequencies_* rarity_* standard",
    writes="blind_scored held_out",
)
def link_drawn(con: duckdb.DuckDBPyConnection, model: LinkageModel) -> int:
    """Build `held_out`: link each blind record to the persons that blocking finds; returns the number of records."""
    con.execute(f"create or replace temp table drawn as {DRAWN}")
    con.execute(f"create or replace temp table blind_descriptions as {_blind_descriptions_sql()}")
    con.execute(NO_PAIRS)
    if count(con, "drawn"):
        _score(con, model)
        _join(con, model)
    con.execute(f"create or replace temp table held_out as {HELD_OUT}")
    return count(con, "held_out")


DRAWN_RECORDS = """
with one_each as (
    select min({'digest': md5(? || record_key), 'record_key': record_key}) as least from all_records
    where identity is not null and not is_borrowed group by unit_key having count(*) >= 2
)
select least.record_key from one_each order by least limit ?
"""
DRAWN = """
with sole as (select description_id, count(*) = 1 as is_sole from described group by all)
select d.record_key, d.unit_id, d.description_id, s.is_sole
from described d semi join drawn_records using (record_key) join sole s using (description_id)
"""

# Neither the number nor what is read from it.
BLIND_STANDARD = """
select s.* replace (null::varchar as national_number, null::varchar as d_number, null::varchar as identifier_digits,
    s.stated_birth_date as birth_date, swap_safe(s.stated_birth_date) as birth_key)
from standard s semi join drawn_records using (record_key)
"""
BLIND_UNITS = """
select record_key, null::varchar as national_number, null::varchar as d_number, false as is_borrowed,
    null::varchar as identity, record_key as unit_key from drawn_records
"""


def _blind_descriptions_sql() -> str:
    """One description for each drawn record, numbered after all others, in a unit of its own."""
    compared = ", ".join(f"e.{column}" for column in (*COMPARED_COLUMNS, "identity", "is_borrowed"))
    return f"""
    with last as (select max(unit_id) as unit_id, max(description_id) as description_id from descriptions)
    select last.unit_id + row_number() over (order by e.record_key) as unit_id, e.unit_key, {compared}, e.record_key as first_key,
        last.description_id + row_number() over (order by e.record_key) as description_id
    from ({evidence_sql("blind_standard", "blind_units")}) e, last
    """


NO_PAIRS = """
create or replace temp table blind_scored
    (match_weight double, description_id_l bigint, description_id_r bigint, rule integer);
create or replace temp table blind_pairs (unit_l bigint, unit_r bigint, match_weight double);
create or replace temp table joined (blind_unit bigint, unit_id bigint)
"""


def _score(con: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    """Score all that blocking finds between blind records and others, except descriptions that only the drawn record had."""
    con.execute(f"create or replace temp table blind_blocked as {_blocked_sql(model)}")
    con.execute(f"create or replace temp table weighed as {WEIGHED}")
    api = DuckDBAPI(con)
    predicted = predict_blocked(api, make_linker(con, model.settings, "weighed", api), "blind_blocked")
    con.execute(f"insert into blind_scored {SCORED.format(predicted=predicted.physical_name)}")
    predicted.drop_table_from_database_and_remove_from_cache()
    considered = "(from blind_scored where match_weight >= ?)"
    con.execute(
        f"insert into blind_pairs select unit_l, unit_r, match_weight from ({pairs_sql(considered, model.guards, 'weighed')})",
        [model.thresholds["consider"]],
    )
    con.execute("drop table weighed")


def _blocked_sql(model: LinkageModel) -> str:
    """The pairs of blind descriptions and others that the model's rules choose, under the first of these."""
    chosen = " union all ".join(
        f"select {number} as rule, l.description_id as join_key_l, r.description_id as join_key_r"
        f" from descriptions l join blind_descriptions r on {rule}"
        for number, rule in enumerate(rule_conditions(model.settings))
    )
    return f"select min(rule)::varchar as match_key, join_key_l, join_key_r from ({chosen}) group by all"


WEIGHED = """
select * exclude (content_digest) from descriptions semi join blind_blocked on join_key_l = description_id
union all by name from blind_descriptions
"""
SCORED = """
with oriented as (
    select match_weight, least(description_id_l, description_id_r) as description_id_l,
        greatest(description_id_l, description_id_r) as description_id_r, match_key::int as rule
    from {predicted}
)
select o.* from oriented o join blind_descriptions b on b.description_id = o.description_id_r
join drawn d on d.record_key = b.first_key
where not (d.is_sole and d.description_id = o.description_id_l)
"""


def _join(con: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    """Build `joined`: the cluster that each blind record joins, by the linkage's own rule."""
    evidence = Evidence()
    for unit, cluster_id, national_number, d_number in con.execute(CANDIDATE_UNITS).fetchall():
        evidence.numbers[unit] = (national_number, d_number)
        evidence.existing[unit] = str(cluster_id)
        evidence.settled.add(unit)
    rows = con.execute("select unit_l, unit_r, match_weight from blind_pairs order by all").fetchall()
    clusters = agglomerate((Pair(*row) for row in rows), evidence, model.thresholds).clusters
    blind = [row[0] for row in con.execute("select unit_id from blind_descriptions").fetchall()]
    found = {unit: clusters[unit] for unit in blind if clusters.get(unit, unit) != unit}
    joined = {"blind_unit": pa.array(found, pa.int64()), "unit_id": pa.array(found.values(), pa.int64())}
    con.from_arrow(pa.table(joined)).insert_into("joined")


# All units of the persons that any blind record is paired with.
CANDIDATE_UNITS = """
with paired as (select distinct c.cluster_id from blind_pairs p join clusters c on c.unit_id = p.unit_l)
select c.unit_id, c.cluster_id, max(d.national_number), max(d.d_number)
from clusters c semi join paired using (cluster_id) join descriptions d using (unit_id)
group by all order by c.unit_id
"""

# `rule` and `best_weight` are of the pairs with the record's own unit: the first rule that found one, and the best weight.
HELD_OUT = f"""
with own as (
    select s.description_id_r as description_id, min(s.rule) as rule, max(s.match_weight) as best_weight
    from blind_scored s join blind_descriptions b on b.description_id = s.description_id_r
    join drawn d on d.record_key = b.first_key
    join descriptions o on o.description_id = s.description_id_l and o.unit_id = d.unit_id group by all
)
select d.record_key, s.source, case when s.national_number is not null then 'national_number' else 'd_number' end as number_kind,
    {NAME_BAND} as name_band,
    own.rule, round(own.best_weight, 4) as best_weight, own.rule is not null as is_seen,
    case when j.unit_id is null then 'alone' when there.cluster_id = here.cluster_id then 'right' else 'wrong' end as outcome
from drawn d join standard s using (record_key) join blind_descriptions b on b.first_key = d.record_key
join clusters here on here.unit_id = d.unit_id
left join frequencies_family f on f.family = s.family
left join own on own.description_id = b.description_id
left join joined j on j.blind_unit = b.unit_id
left join clusters there on there.unit_id = j.unit_id
"""
