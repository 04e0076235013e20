"""Clerks' verdicts and samples as a release pins them: read for its pins.json, and restored into another warehouse."""

from typing import Any

import psycopg
from psycopg.types.json import Jsonb

Rows = dict[str, list[dict[str, Any]]]


def read_verdicts(connection: psycopg.Connection, last_decision_id: int) -> Rows:
    """The verdicts up to this one and the samples that they answer, by table; without times."""
    last = {"last": last_decision_id}
    return {
        table: [row[0] for row in connection.execute(query, last).fetchall()] for table, query in READ.items()
    }


def restore_verdicts(connection: psycopg.Connection, rows: Rows, last_decision_id: int) -> None:
    """Insert rows of `read_verdicts` up to this verdict with their numbers; rows already there are kept."""
    for table, query in RESTORE.items():
        connection.execute(query, {"rows": Jsonb(rows[table]), "last": last_decision_id})


READ = {
    "link_decisions": """
        select to_jsonb(d) - 'decided_at' from linkage.link_decisions as d
        where decision_id <= %(last)s order by decision_id""",
    "review_samples": """
        select to_jsonb(s) - 'drawn_at' from linkage.review_samples as s where sample_id in
        (select d.sample_id from linkage.link_decisions as d where d.decision_id <= %(last)s) order by sample_id""",
    "review_sample_records": """
        select to_jsonb(r) from linkage.review_sample_records as r where sample_id in
        (select d.sample_id from linkage.link_decisions as d where d.decision_id <= %(last)s)
        order by sample_id, anchor_source, anchor_source_record_id, source, source_record_id""",
}
RESTORE = {
    "link_decisions": """
        insert into linkage.link_decisions overriding system value
        select (jsonb_populate_record(null::linkage.link_decisions, row || jsonb_build_object('decided_at', now()))).*
        from jsonb_array_elements(%(rows)s) as row where (row ->> 'decision_id')::bigint <= %(last)s
        on conflict do nothing""",
    "review_samples": """
        insert into linkage.review_samples overriding system value
        select (jsonb_populate_record(null::linkage.review_samples, row || jsonb_build_object('drawn_at', now()))).*
        from jsonb_array_elements(%(rows)s) as row on conflict do nothing""",
    "review_sample_records": """
        insert into linkage.review_sample_records
        select (jsonb_populate_record(null::linkage.review_sample_records, row)).*
        from jsonb_array_elements(%(rows)s) as row on conflict do nothing""",
}
