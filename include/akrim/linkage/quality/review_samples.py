"""Draws review samples: records at random, for clerks to read.

Each drawn record (the anchor) is shown with every description of its person and of the nearest persons that it was not
joined with. Drawing a sample changes no result; only verdicts given in answer to a sample count for it.
"""

from dataclasses import dataclass
from typing import Any

import psycopg
import pyarrow as pa
from psycopg import sql

from akrim.errors import UserError
from akrim.linkage.engine import open_engine
from akrim.linkage.model.file import load_model
from akrim.linkage.quality.held_out import NAME_BAND
from akrim.linkage.records.standardise import RECORD_COLUMNS, standardise
from akrim.linkage.review.decisions import SAYS
from akrim.linkage.store.postgres import open_store
from akrim.warehouse import read_rows

NEAREST_PERSONS = 3


@dataclass(frozen=True)
class Sample:
    """A drawn sample and the pairs still to read."""

    sample_id: int
    release_id: str
    anchors: int
    pairs: int
    unread: list[dict[str, Any]]


def draw_sample(size: int, seed: str, *, unmask: bool = False) -> Sample:
    """Draw records from the persons of the last linked release; the same size and seed give the same sample."""
    with open_store() as connection:
        run = connection.execute(
            "select release_id, model from linkage.runs order by run_number desc limit 1"
        ).fetchone()
        if run is None:
            raise UserError("No persons have been linked yet.", "linkage.runs", "Run: akrim run")
        release_id, model = run
        known = connection.execute(KNOWN, [release_id, seed, size]).fetchone()
        sample_id = int(known[0]) if known else _draw(connection, release_id, model, size, seed)
        connection.commit()
        unread = read_rows(connection, UNREAD, {"sample_id": sample_id, "unmask": unmask})
        ((anchors, pairs),) = connection.execute(SIZE, [sample_id]).fetchall()
    return Sample(sample_id, release_id, anchors, pairs, unread)


def _draw(connection: psycopg.Connection, release_id: str, model: str, size: int, seed: str) -> int:
    ((sample_id,),) = connection.execute(
        "insert into linkage.review_samples (release_id, seed, size) values (%s, %s, %s) returning sample_id",
        [release_id, seed, size],
    ).fetchall()
    connection.execute(CANDIDATES, {"sample": sample_id, "seed": seed, "size": size, "near": NEAREST_PERSONS})
    _record_subgroups(connection, sample_id, model)
    return int(sample_id)


def _record_subgroups(connection: psycopg.Connection, sample_id: int, model: str) -> None:
    """Record each anchor's kind of number and frequency of family name, as the linkage standardises them."""
    rows = connection.execute(ANCHORS, [sample_id]).fetchall()
    with open_engine() as con:
        table = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)] if rows else []
        if not table:
            return
        con.register("anchors", pa.table(dict(zip(RECORD_COLUMNS, table, strict=True))))
        con.execute("create temp table records as select * from anchors")
        standardise(con)
        load_model(con, model)
        subgroups = con.execute(SUBGROUPS).fetchall()
    with connection.cursor() as cursor:
        cursor.executemany(
            "update linkage.review_sample_records set number_kind = %s, name_band = %s"
            " where anchor_source = %s and anchor_source_record_id = %s and sample_id = %s",
            [(*row, sample_id) for row in subgroups],
        )


KNOWN = "select sample_id from linkage.review_samples where release_id = %s and seed = %s and size = %s"

# Equal descriptions are read once; `stands_for` is how many records have it.
CANDIDATES = """
insert into linkage.review_sample_records
with current_records as (
    select source, source_record_id, person_id, content_digest,
        count(*) over (partition by person_id)::int as person_records,
        count(*) over (partition by person_id, content_digest)::int as stands_for
    from linkage.memberships where valid_to_release is null
),
anchors as (
    select * from current_records order by md5(%(seed)s || source || '/' || source_record_id), source, source_record_id
    limit %(size)s
),
misses as (
    select a.source as anchor_source, a.source_record_id as anchor_source_record_id, other.person_id,
        row_number() over (partition by a.source, a.source_record_id
            order by max(f.match_weight) desc nulls last, other.person_id) as place
    from anchors a join current_records mine on mine.person_id = a.person_id
    join lateral (
        select source_r as source, source_record_id_r as source_record_id, match_weight from linkage.findings
        where (source_l, source_record_id_l) = (mine.source, mine.source_record_id) and valid_to_release is null
        union all
        select source_l, source_record_id_l, match_weight from linkage.findings
        where (source_r, source_record_id_r) = (mine.source, mine.source_record_id) and valid_to_release is null
    ) f on true
    join current_records other on (other.source, other.source_record_id) = (f.source, f.source_record_id)
    where other.person_id <> a.person_id
    group by a.source, a.source_record_id, other.person_id
),
shown as (
    select source as anchor_source, source_record_id as anchor_source_record_id, person_id from anchors
    union all select anchor_source, anchor_source_record_id, person_id from misses where place <= %(near)s
),
candidates as (
    select distinct on (s.anchor_source, s.anchor_source_record_id, r.person_id, r.content_digest)
        s.anchor_source, s.anchor_source_record_id, r.*
    from shown s join current_records r using (person_id)
    order by s.anchor_source, s.anchor_source_record_id, r.person_id, r.content_digest,
        (r.source, r.source_record_id) <> (s.anchor_source, s.anchor_source_record_id), r.source, r.source_record_id
)
select %(sample)s, anchor_source, anchor_source_record_id, source, source_record_id, person_id, person_records, stands_for
from candidates
"""

IS_ANCHOR = sql.SQL("(c.source, c.source_record_id) = (c.anchor_source, c.anchor_source_record_id)")
ANCHORS = sql.SQL("""
select {columns} from linkage.review_sample_records c join intermediate.person_records r using (source, source_record_id)
where c.sample_id = %s and {is_anchor} order by source, source_record_id
""").format(
    columns=sql.SQL(", ").join(
        sql.SQL("{}::text").format(sql.Identifier("r", name)) for name in RECORD_COLUMNS
    ),
    is_anchor=IS_ANCHOR,
)
SUBGROUPS = f"""
select case when national_number is not null then 'national_number' when d_number is not null then 'd_number' else 'none' end,
    {NAME_BAND}, s.source, s.source_record_id
from standard s left join frequencies_family f on f.family = s.family
"""  # noqa: S608  # a constant of held_out.py, for DuckDB
SIZE = sql.SQL("""
select count(*) filter (where {is_anchor}), count(*) filter (where not {is_anchor})
from linkage.review_sample_records c where sample_id = %s
""").format(is_anchor=IS_ANCHOR)

VERDICT = sql.SQL("""
left join lateral (
    select d.verdict from linkage.link_decisions d
    where d.sample_id = c.sample_id and d.reading = 'first'
        and (d.source_l, d.source_record_id_l, d.source_r, d.source_record_id_r) in (
            (c.anchor_source, c.anchor_source_record_id, c.source, c.source_record_id),
            (c.source, c.source_record_id, c.anchor_source, c.anchor_source_record_id))
    order by d.decision_id desc limit 1
) v on true
""")
UNREAD = sql.SQL("""
select q.*, {says} from (
    select c.anchor_source as source_l, c.anchor_source_record_id as source_record_id_l, c.source as source_r,
        c.source_record_id as source_record_id_r
    from linkage.review_sample_records c {verdict}
    where c.sample_id = %(sample_id)s and not {is_anchor} and v.verdict is null
) q
order by source_l, source_record_id_l, source_r, source_record_id_r
""").format(says=SAYS, verdict=VERDICT, is_anchor=IS_ANCHOR)
