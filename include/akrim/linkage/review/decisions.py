"""Clerical review: the queue of pairs for clerks, and their verdicts.

Verdicts are only ever added; the newest first reading of two records applies to every release pinned after it. Valid person numbers
outweigh a verdict that contradicts them; a verdict outweighs evidence that has changed since, and a blind second
reader's. Each such pair goes into the queue, so that people resolve every conflict.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import psycopg
from psycopg import sql

from akrim import audit
from akrim.linkage.store.postgres import RUN_LOCK, open_store
from akrim.texts.errors import SaidError, require_reason
from akrim.warehouse import has_table, read_rows, without_person_numbers

Verdict = Literal["same", "different", "unsure"]
Reading = Literal["first", "second"]
# Pairs of persons up to this rank on a centre's list come first.
LAST_PRIORITY_RANK = 20
# In linkage.review_queue, conflicts have priorities up to this one; no rank on a list goes before them.
LAST_CONFLICT = 1


class RecordKey(NamedTuple):
    """One agency's person record."""

    source: str
    source_record_id: str

    def __str__(self) -> str:
        return f"{self.source}/{self.source_record_id}"

    @classmethod
    def parse(cls, text: str) -> "RecordKey":
        source, slash, source_record_id = text.partition("/")
        if not slash or not source or not source_record_id:
            raise SaidError("record_misspelt", "record", record=repr(text[:60]))
        return cls(source, source_record_id)


@dataclass(frozen=True)
class Decision:
    """A clerk's verdict on two records."""

    one: RecordKey
    other: RecordKey
    verdict: Verdict
    reason: str
    author: str
    reading: Reading = "first"
    sample_id: int | None = None

    @property
    def keys(self) -> list[str]:
        """The two records in the order in which they are kept."""
        return _in_order(self.one, self.other)


def _in_order(one: RecordKey, other: RecordKey) -> list[str]:
    return [*min(one, other), *max(one, other)]


def review_queue(limit: int, *, unmask: bool = False) -> list[dict[str, Any]]:
    """The pairs to review, most important first, with each record's content and its person's best rank.

    Args:
        unmask: show person numbers and telephones; a protected home is never shown.
    """
    with open_store() as connection:
        ranks = RANKS if has_table(connection, "marts.assessments") else NO_RANKS
        return read_rows(
            connection,
            QUEUE.format(ranks=ranks, says=SAYS),
            {"conflict": LAST_CONFLICT, "rank": LAST_PRIORITY_RANK, "limit": limit, "unmask": unmask},
        )


def verdicts_on(one: RecordKey, other: RecordKey) -> list[dict[str, Any]]:
    """What clerks have said of two records, the oldest first: `verdict`, `reason`, `author`, `reading`, `decided_at`, `match_weight`."""
    with open_store() as connection:
        return read_rows(connection, VERDICTS_ON, _in_order(one, other))


def findings_on(one: RecordKey, other: RecordKey) -> list[dict[str, Any]]:
    """How linkage has judged two records, the oldest first: `outcome`, `guard`, `match_weight`, `threshold`, from and to which release."""
    with open_store() as connection:
        return read_rows(connection, FINDINGS_ON, _in_order(one, other))


def disagreements() -> list[dict[str, Any]]:
    """Standing verdicts that a second reader disagrees with, the oldest first: `one`, `other`, and what both said."""
    with open_store() as connection:
        return read_rows(connection, DISAGREEMENTS)


def settle(one: RecordKey, other: RecordKey, verdict: Verdict, reason: str, author: str) -> int:
    """Record the verdict that stands where two readers disagree; returns its number. Raises SaidError where the author is one of them."""
    if author in {said["author"] for said in verdicts_on(one, other)}:
        raise SaidError("conflict_of_own", str(one))
    return decide(one, other, verdict, reason, author)


def decide(
    one: RecordKey, other: RecordKey, verdict: Verdict, reason: str, author: str, reading: Reading = "first"
) -> int:
    """Record a verdict on two records; returns its number."""
    decision = Decision(one, other, verdict, reason, author, reading)
    with open_store() as connection:
        return _record(connection, decision)[0]


def decide_within(connection: psycopg.Connection, decision: Decision) -> int:
    """Record a verdict in the caller's transaction, which from then on holds the lock for changing linkage.*; returns its number."""
    hold_verdicts(connection)
    return _record(connection, decision)[0]


def hold_verdicts(connection: psycopg.Connection) -> None:
    """Wait until nobody else is giving a verdict, and let nobody until the caller's transaction ends."""
    connection.execute("select pg_advisory_xact_lock(hashtext(%s))", [RUN_LOCK])


def record_decisions(decisions: Sequence[Decision]) -> int:
    """Record verdicts, all of them or none; returns how many differ from the newest on record."""
    with open_store() as connection:
        return sum(_record(connection, decision)[1] for decision in decisions)


def _record(connection: psycopg.Connection, decision: Decision) -> tuple[int, bool]:
    """A verdict's number, and whether it is new: one equal to the newest on record is not recorded again."""
    _check(connection, decision)
    decision = replace(decision, reason=without_person_numbers(connection, decision.reason))
    newest = connection.execute(NEWEST, [*decision.keys, decision.reading]).fetchone()
    content = (decision.verdict, decision.reason, decision.author, decision.sample_id)
    if newest and tuple(newest[1:]) == content:
        return int(newest[0]), False
    values = [*decision.keys, *content, decision.reading, *decision.keys]
    (row,) = connection.execute(INSERT, values).fetchall()
    told = {"link_decision": row[0], "verdict": decision.verdict, "reading": decision.reading}
    persons = audit.persons_of(connection, (decision.one, decision.other))
    audit.record(connection, audit.Event("alteration", decision.author, detail=told, persons=persons))
    return int(row[0]), True


def _check(connection: psycopg.Connection, decision: Decision) -> None:
    require_reason(decision.author, decision.reason)
    if decision.one == decision.other:
        raise SaidError("record_against_itself", str(decision.one))
    for key in (decision.one, decision.other):
        known = connection.execute(
            "select 1 from linkage.memberships where source = %s and source_record_id = %s limit 1",
            key,
        ).fetchone()
        if known is None:
            raise SaidError("record_never_linked", str(key))
    if decision.reading == "second":
        first = connection.execute(FIRST_AUTHOR, decision.keys).fetchone()
        if first is None or first[0] == decision.author:
            raise SaidError("second_reading_of_own", str(decision.one))
    if decision.sample_id is not None:
        drawn = {"sample": decision.sample_id, "pair": decision.keys}
        if connection.execute(DRAWN, drawn).fetchone() is None:
            raise SaidError("sample_without_pair", str(decision.one), sample=str(decision.sample_id))


FIRST_AUTHOR = """
select author from linkage.link_decisions
where (source_l, source_record_id_l, source_r, source_record_id_r) = (%s, %s, %s, %s) and reading = 'first'
order by decision_id desc limit 1
"""
DRAWN = """
select from linkage.review_sample_records where sample_id = %(sample)s and %(pair)s::text[] in (
    array[anchor_source, anchor_source_record_id, source, source_record_id],
    array[source, source_record_id, anchor_source, anchor_source_record_id]
) limit 1
"""
VERDICTS_ON = """
select verdict, reason, author, reading, decided_at::text, match_weight from linkage.link_decisions
where (source_l, source_record_id_l, source_r, source_record_id_r) = (%s, %s, %s, %s) order by decision_id
"""
FINDINGS_ON = """
select f.outcome, f.guard, f.match_weight, f.threshold, f.valid_from_release, f.valid_to_release from linkage.findings as f
left join linkage.runs as r on r.release_id = f.valid_from_release
where (source_l, source_record_id_l, source_r, source_record_id_r) = (%s, %s, %s, %s) order by r.run_number
"""
DISAGREEMENTS = """
select t.source_l || '/' || t.source_record_id_l as one, t.source_r || '/' || t.source_record_id_r as other,
    t.first_author, t.first_verdict, t.first_reason, t.second_author, t.second_verdict, t.second_reason
from linkage.read_twice as t join linkage.second_readings as s using (decision_id)
where t.first_verdict <> t.second_verdict order by decision_id
"""
NEWEST = """
select decision_id, verdict, reason, author, sample_id from linkage.link_decisions
where (source_l, source_record_id_l, source_r, source_record_id_r) = (%s, %s, %s, %s) and reading = %s
order by decision_id desc limit 1
"""
INSERT = """
insert into linkage.link_decisions (source_l, source_record_id_l, source_r, source_record_id_r,
    verdict, reason, author, sample_id, reading, match_weight)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s,
    (select match_weight from linkage.findings
    where (source_l, source_record_id_l, source_r, source_record_id_r) = (%s, %s, %s, %s) and valid_to_release is null))
returning decision_id
"""

# What both records of a pair q say, with or without numbers.
SAYS = sql.SQL("""linkage.says(q.source_l, q.source_record_id_l, %(unmask)s) as says_l,
    linkage.says(q.source_r, q.source_record_id_r, %(unmask)s) as says_r""")

# Of a pair's two persons. By index: joined, they would be looked through for each pair, of which the planner expects one.
RANKS = sql.SQL("""
select min(rank) as best_rank from marts.assessments
where release_id = (select release_id from marts.releases where is_newest) and person_id in (l.person_id, r.person_id)
""")
NO_RANKS = sql.SQL("select null::bigint as best_rank")

# Conflicts first; then pairs with a person high on a centre's list; then by how doubtful the pair is.
QUEUE = sql.SQL("""
select q.*, l.person_id as person_id_l, r.person_id as person_id_r, best_rank, {says}
from linkage.review_queue q
join linkage.person_records l on (l.source, l.source_record_id) = (q.source_l, q.source_record_id_l)
join linkage.person_records r on (r.source, r.source_record_id) = (q.source_r, q.source_record_id_r)
cross join lateral ({ranks}) as ranked
order by q.priority > %(conflict)s, coalesce(best_rank > %(rank)s, true), q.priority,
    q.source_l, q.source_record_id_l, q.source_r, q.source_record_id_r
limit %(limit)s
""")
