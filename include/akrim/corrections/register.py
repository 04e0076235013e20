"""The register of correction cases: what is disputed is left out of assessments until the case is closed.

A case is a few rows in the append-only meta.corrections: opened, then upheld or rejected. While it is open, and for good if
it is upheld, a disputed fact is left out of the assessment of the disputing person alone; disputed links are kept apart by
link decisions. Cases are pinned when a release is reserved, so one opened later does not affect a release in progress.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

import psycopg
from psycopg import sql

from akrim import audit, warehouse
from akrim.contracts import Extract, extracts_by_name
from akrim.corrections.disputants import JOINED, Disputant, disputant_of
from akrim.deliveries import require_data_mode
from akrim.errors import UserError
from akrim.linkage.review import Decision, RecordKey, Verdict, decide_within
from akrim.texts.errors import require_reason

DisputeKind = Literal["fact", "link", "identity"]
CaseOutcome = Literal["upheld", "rejected"]


@dataclass(frozen=True)
class Dispute:
    """What is disputed: a delivered row, a person record's link to another record, or its links to all others.

    `person` is who disputes the row, if it concerns several: a person id or a record's source/id.
    """

    kind: DisputeKind
    agency: str
    extract: str
    source_row_id: str
    other: RecordKey | None = None
    person: str = ""


class SuppressedRow(NamedTuple):
    """A delivered row left out for one person; the columns of meta.suppressed_rows after release_id.

    The person is identified by a record. An own row is about that person alone, and is left out of the state itself. While
    `is_open`, rules that use the row are `unavailable` for the person.
    """

    agency: str
    extract: str
    source_row_id: str
    person_source: str
    person_source_record_id: str
    is_own_row: bool
    is_open: bool
    case_id: str
    disputed_since: str | None


def cases(connection: psycopg.Connection) -> list[dict[str, Any]]:
    """Every case with its state, by case id; this is what a release pins."""
    return warehouse.read_rows(connection, CASES)


def suppressed_rows(pinned: list[dict[str, Any]]) -> list[SuppressedRow]:
    """The rows that these cases leave out, and for whom."""
    return sorted(
        SuppressedRow(
            case["agency"],
            case["extract"],
            case["source_row_id"],
            case.get("person_source") or "",
            case.get("person_source_record_id") or "",
            # A case of an earlier version named nobody, and left its row out for all.
            case.get("is_own_row") is not False,
            case["state"] == "open",
            case["case_id"],
            case.get("disputed_since"),
        )
        for case in pinned
        if case["kind"] == "fact" and case["state"] in ("open", "upheld")
    )


def open_case(dispute: Dispute, disputed_by: str, since: date, reason: str, author: str) -> str:
    """Record a new case; returns its id. It takes effect with the next release.

    Raises UserError where no such row was delivered, it is unclear who disputes it, it is disputed already, no reason is given, or what is in
    force is of the other world than the settings say.
    """
    require_reason(author, reason, "--author, --reason")
    warehouse.prepare()
    require_data_mode()
    with warehouse.connect() as connection:
        hold_cases(connection)
        extract = _require_delivered(connection, dispute)
        disputant = None
        if dispute.kind == "fact":
            disputant = disputant_of(connection, extract, dispute.source_row_id, dispute.person)
        _require_undisputed(connection, dispute, disputant)
        case_id = _new_case_id(connection, since)
        others = _records_to_separate(connection, dispute)
        reason = warehouse.without_person_numbers(connection, reason)
        event = _Event(case_id, "opened", dispute, disputed_by, since, reason, author, disputant)
        if dispute.kind == "fact":
            _add(connection, event)
        for other in others:
            _add(connection, event, other, _decide(connection, event, other, "different"))
    return case_id


def close_case(case_id: str, outcome: CaseOutcome, reason: str, author: str) -> None:
    """Close a case: upheld, the fact stays out for good; rejected, it counts again from the next release.

    Raises UserError where there is no open case of that id, or no reason is given.
    """
    require_reason(author, reason, "--author, --reason")
    warehouse.prepare()
    with warehouse.connect() as connection:
        hold_cases(connection)
        state = {case["case_id"]: case["state"] for case in cases(connection)}.get(case_id)
        if state != "open":
            raise UserError(
                f"Case {case_id} is already {state}." if state else f"There is no case {case_id}.",
                "meta.corrections",
                "`akrim corrections list` shows every one.",
            )
        apart = _kept_apart(connection, case_id)
        reason = warehouse.without_person_numbers(connection, reason)
        opened = warehouse.read_rows(
            connection,
            "select * from meta.corrections where case_id = %s and event = 'opened' order by event_id",
            [case_id],
        )
        for row in opened:
            dispute = Dispute(row["kind"], row["agency"], row["extract"], row["source_row_id"])
            event = _Event(
                case_id, outcome, dispute, row["disputed_by"], row["disputed_since"], reason, author, _disputant(row)
            )  # fmt: skip
            other = row["other_source"] and RecordKey(row["other_source"], row["other_source_record_id"])
            # Unsure revokes the earlier verdict: linkage decides again.
            is_revoked = other and outcome == "rejected" and _pair(dispute, other) not in apart
            decision_id = _decide(connection, event, other, "unsure") if is_revoked else None
            _add(connection, event, other, decision_id)


def hold_cases(connection: psycopg.Connection) -> None:
    """Wait until nobody else is opening or closing a case, and let nobody until the caller's transaction ends."""
    # Its number, its verdicts and its rows are written together or not at all.
    connection.execute("select pg_advisory_xact_lock(hashtext('akrim.corrections'))")


def _kept_apart(connection: psycopg.Connection, but_for: str) -> set[frozenset[str]]:
    """The pairs of records that a case other than this one keeps apart."""
    return {
        frozenset((f"{case['agency']}/{case['source_row_id']}", other))
        for case in cases(connection)
        if case["case_id"] != but_for and case["state"] in ("open", "upheld")
        for other in case["kept_apart_from"]
    }


def _pair(dispute: Dispute, other: RecordKey) -> frozenset[str]:
    return frozenset((f"{dispute.agency}/{dispute.source_row_id}", str(other)))


def _decide(connection: psycopg.Connection, event: "_Event", other: RecordKey, verdict: Verdict) -> int:
    own = RecordKey(event.dispute.agency, event.dispute.source_row_id)
    return decide_within(
        connection, Decision(own, other, verdict, f"{event.case_id}: {event.reason}", event.author)
    )


def _records_to_separate(connection: psycopg.Connection, dispute: Dispute) -> list[RecordKey]:
    """The records that the disputed one is to be kept apart from."""
    if dispute.kind == "fact":
        return []
    if dispute.other:
        return [dispute.other]
    rows = connection.execute(JOINED, [dispute.agency, dispute.source_row_id]).fetchall()
    if not rows:
        raise UserError(
            "The record is linked to no other: there is no identity to dispute.",
            f"{dispute.agency}/{dispute.source_row_id}",
            "Dispute the record itself as a fact.",
        )
    return [RecordKey(*row) for row in rows]


def _disputant(event: dict[str, Any]) -> Disputant | None:
    if event["person_source"] is None:
        return None
    return Disputant(RecordKey(event["person_source"], event["person_source_record_id"]), event["is_own_row"])


def _require_delivered(connection: psycopg.Connection, dispute: Dispute) -> Extract:
    extract = extracts_by_name().get((dispute.agency, dispute.extract))
    if extract is None:
        raise UserError(
            f"No agency delivers {dispute.agency}/{dispute.extract}.",
            "what is disputed",
            "Write agency/extract/key as `akrim explain` shows it.",
        )
    query = sql.SQL("select 1 from landing.{} where {} = %s limit 1").format(
        sql.Identifier(extract.table), sql.Identifier(extract.key.name)
    )
    if connection.execute(query, [dispute.source_row_id]).fetchone() is None:
        raise UserError(
            "No such row was ever delivered.",
            f"{dispute.agency}/{dispute.extract}",
            "Write the key as `akrim explain` shows it.",
        )
    return extract


def _require_undisputed(
    connection: psycopg.Connection, dispute: Dispute, disputant: Disputant | None
) -> None:
    person = disputant.record if disputant else (None, None)
    same = (dispute.kind, dispute.agency, dispute.extract, dispute.source_row_id, *person)
    other = str(dispute.other) if dispute.other else None
    keys = ("kind", "agency", "extract", "source_row_id", "person_source", "person_source_record_id")
    for case in cases(connection):
        is_same = tuple(case[key] for key in keys) == same and other in (None, *case["kept_apart_from"])
        if case["state"] == "open" and is_same:
            raise UserError(
                f"This is already disputed in {case['case_id']}.", "meta.corrections", "Close that one first."
            )


def _new_case_id(connection: psycopg.Connection, since: date) -> str:
    """A number that no case has, nor one that was removed: the log has it of either."""
    (row,) = connection.execute(LAST_NUMBER).fetchall()
    return f"K-{since.year}-{row[0] + 1:03d}"


class _Event(NamedTuple):
    """One event, without the records kept apart."""

    case_id: str
    event: str
    dispute: Dispute
    disputed_by: str
    disputed_since: date
    reason: str
    author: str
    disputant: Disputant | None


def _add(
    connection: psycopg.Connection,
    event: _Event,
    other: RecordKey | None = None,
    decision_id: int | None = None,
) -> None:
    dispute, disputant = event.dispute, event.disputant
    connection.execute(
        "insert into meta.corrections (case_id, event, kind, agency, extract, source_row_id, other_source,"
        " other_source_record_id, decision_id, disputed_by, disputed_since, reason, author, person_source,"
        " person_source_record_id, is_own_row)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [event.case_id, event.event, dispute.kind, dispute.agency, dispute.extract, dispute.source_row_id,
         *(other or (None, None)), decision_id, event.disputed_by, event.disputed_since, event.reason, event.author,
         *(disputant.record if disputant else (None, None)), disputant.is_own_row if disputant else None],
    )  # fmt: skip
    own = disputant.record if disputant else RecordKey(dispute.agency, dispute.source_row_id)
    told = {
        "case_id": event.case_id,
        "event": event.event,
        "kind": dispute.kind,
        "disputed_by": event.disputed_by,
    }
    persons = audit.persons_of(connection, [own, other] if other else [own])
    audit.record(connection, audit.Event("alteration", event.author, detail=told, persons=persons))


LAST_NUMBER = """
select coalesce(max(substring(case_id from '[0-9]+$')::integer), 0)
from (select case_id from meta.corrections union all select detail ->> 'case_id' from audit.events) as known
"""
CASES = """
with opened as (select distinct on (case_id) * from meta.corrections order by case_id, event_id),
closed as (
    select distinct on (case_id) case_id, event, reason from meta.corrections where event <> 'opened' order by case_id, event_id desc
),
apart as (
    select case_id, jsonb_agg(distinct other_source || '/' || other_source_record_id) as records
    from meta.corrections where other_source is not null group by case_id
)
select case_id, o.kind, coalesce(closed.event, 'open') as state, o.agency, o.extract, o.source_row_id, o.person_source,
    o.person_source_record_id, o.is_own_row, o.disputed_by, o.disputed_since::text as disputed_since, o.reason,
    closed.reason as outcome_reason, coalesce(apart.records, '[]') as kept_apart_from
from opened as o left join closed using (case_id) left join apart using (case_id) order by case_id
"""
