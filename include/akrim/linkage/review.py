"""The clerical side: pairs that people should look at, and what they say of them.

Verdicts are only ever added; the newest on two records counts, in every later run. Where a verdict and valid person
numbers exclude each other the numbers hold, and the pair stays in the queue: people decide, nothing is settled silently.
"""

from dataclasses import dataclass
from typing import Any, Literal

import psycopg
from psycopg.rows import dict_row

from akrim.errors import UserError
from akrim.linkage.store import open_store

Verdict = Literal["same", "different", "unsure"]
VERDICTS: tuple[Verdict, ...] = ("same", "different", "unsure")


@dataclass(frozen=True)
class RecordKey:
    """One agency's person record."""

    source: str
    source_record_id: str

    @classmethod
    def parse(cls, text: str) -> "RecordKey":
        source, slash, source_record_id = text.partition("/")
        if not slash or not source or not source_record_id:
            raise UserError(
                f"{text!r} names no record.", "record", "Write source/id, as `akrim link review` shows it."
            )
        return cls(source, source_record_id)


def review_queue(limit: int) -> list[dict[str, Any]]:
    """The pairs to look at, the most important first, with what each record says."""
    with open_store() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(QUEUE, [limit]).fetchall()


def decide(one: RecordKey, other: RecordKey, verdict: Verdict, reason: str, author: str) -> int:
    """Record a verdict on two records; returns its number."""
    left, right = sorted((one, other), key=lambda key: (key.source, key.source_record_id))
    if left == right:
        raise UserError("A record cannot be held against itself.", left.source_record_id, "Name two records.")
    with open_store() as connection:
        for key in (left, right):
            _demand_known(connection, key)
        row = connection.execute(
            INSERT,
            [
                left.source,
                left.source_record_id,
                right.source,
                right.source_record_id,
                verdict,
                reason,
                author,
            ],
        ).fetchone()
    return int(row[0]) if row else 0


def _demand_known(connection: psycopg.Connection, key: RecordKey) -> None:
    row = connection.execute(
        "select 1 from linkage.memberships where source = %s and source_record_id = %s limit 1",
        [key.source, key.source_record_id],
    ).fetchone()
    if row is None:
        raise UserError(
            "No such record has ever been linked.", key.source, "Copy the record from `akrim link review`."
        )


INSERT = """
insert into linkage.link_decisions (source_l, source_record_id_l, source_r, source_record_id_r, verdict, reason, author)
values (%s, %s, %s, %s, %s, %s, %s) returning decision_id
"""

QUEUE = """
select q.*, l.person_id as person_id_l, r.person_id as person_id_r,
    concat_ws(', ', concat_ws(' ', a.given_name, a.middle_name, a.family_name), a.birth_date, a.street_address, a.postcode)
        as says_l,
    concat_ws(', ', concat_ws(' ', b.given_name, b.middle_name, b.family_name), b.birth_date, b.street_address, b.postcode)
        as says_r
from linkage.review_queue q
join linkage.person_records l on (l.source, l.source_record_id) = (q.source_l, q.source_record_id_l)
join linkage.person_records r on (r.source, r.source_record_id) = (q.source_r, q.source_record_id_r)
join intermediate.person_records a on (a.source, a.source_record_id) = (q.source_l, q.source_record_id_l)
join intermediate.person_records b on (b.source, b.source_record_id) = (q.source_r, q.source_record_id_r)
order by q.priority, q.source_l, q.source_record_id_l, q.source_r, q.source_record_id_r
limit %s
"""
