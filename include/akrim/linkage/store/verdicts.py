"""Clerks' verdicts and samples as a release pins them: read for its pins.json, restored into another warehouse, removed in time."""

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

Rows = dict[str, list[dict[str, Any]]]


class KeptVerdict(NamedTuple):
    """A verdict's number, its day (UTC), and its two records (agency, key), each with whether linkage holds anything of it."""

    decision_id: int
    decided_at: date
    source_l: str
    source_record_id_l: str
    is_l_linked: bool
    source_r: str
    source_record_id_r: str
    is_r_linked: bool

    @property
    def records(self) -> tuple[tuple[str, str], tuple[str, str]]:
        return (self.source_l, self.source_record_id_l), (self.source_r, self.source_record_id_r)

    @property
    def unlinked(self) -> list[tuple[str, str]]:
        """Those of its records that linkage holds nothing of, neither now nor of earlier releases."""
        are_linked = (self.is_l_linked, self.is_r_linked)
        return [record for record, is_linked in zip(self.records, are_linked, strict=True) if not is_linked]


def kept_verdicts(connection: psycopg.Connection) -> list[KeptVerdict]:
    """Every verdict that is kept, the oldest first."""
    with connection.cursor(row_factory=class_row(KeptVerdict)) as cursor:
        return cursor.execute(KEPT).fetchall()


def forget_verdicts(connection: psycopg.Connection, decision_ids: Collection[int]) -> int:
    """Leave of these verdicts only numbers, times and digests, in the caller's transaction; returns how many went."""
    return connection.execute(FORGET, [list(decision_ids)]).rowcount


def undo_verdicts(connection: psycopg.Connection, release_id: str) -> None:
    """Delete the verdicts that came after the release was pinned: for a copy of the warehouse alone, since verdicts are kept."""
    connection.execute(UNDO, [release_id])


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


KEPT = """
with linked as (select distinct source, source_record_id from linkage.memberships)
select d.decision_id, (d.decided_at at time zone 'Europe/Oslo')::date as decided_at,
    d.source_l, d.source_record_id_l, (d.source_l, d.source_record_id_l) in (select source, source_record_id from linked) as is_l_linked,
    d.source_r, d.source_record_id_r, (d.source_r, d.source_record_id_r) in (select source, source_record_id from linked) as is_r_linked
from linkage.link_decisions as d where d.removed_sha256 is null order by d.decision_id
"""
FORGET = """
update linkage.link_decisions as d set removed_sha256 = linkage.verdict_sha256(d), source_l = null, source_record_id_l = null,
    source_r = null, source_record_id_r = null, verdict = null, reason = null, author = null, reading = null, sample_id = null,
    match_weight = null
where decision_id = any(%s) and removed_sha256 is null
"""
UNDO = """
delete from linkage.link_decisions as d using meta.releases as r
where r.release_id = %s and d.decision_id > r.last_decision_id
"""
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
