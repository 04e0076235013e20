"""Compares what a delivery left of each extract with what the one before it had, so that nothing old or empty passes for new.

Compared are states, not files: a delta of three rows leaves an extract as full as it was. Each state's rows and a digest of
them are kept, so that a new delivery is compared without reading the earlier ones again.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from akrim.contracts import Contract, Extract
from akrim.deliveries.state.extract_state import ExtractState, judge
from akrim.deliveries.state.sequence import Accepted, accepted_deliveries, not_replaced, state_sequence
from akrim.periods import Period

ExtractStates = dict[str, ExtractState]
Place = tuple[str, datetime, str]


def compare_from(connection: psycopg.Connection, contract: Contract, delivery_id: str) -> None:
    """Compare the agency's states from this delivery's place in the order of deliveries on.

    To be called where it was accepted, withdrawn or confirmed. Deltas that follow are counted anew where their rows are still
    kept; what was accepted before states were kept is counted as soon as something is compared with it.
    """
    connection.execute("select pg_advisory_xact_lock(hashtext('akrim.compare ' || %s))", [contract.agency])
    connection.execute("set local enable_nestloop = off")  # the planner can only guess a state's size
    accepted = accepted_deliveries(connection, contract.agency)
    start: Place = min(connection.execute(PLACES, {"delivery": delivery_id}).fetchall())
    before: ExtractStates = {}
    for delivery in _from(accepted, start):
        until = [d for d in accepted if _place(d) <= _place(delivery)]
        sequence = state_sequence(until, delivery.period, contract.is_append_only)
        known = _read(connection, contract, delivery, before)
        is_following = _place(delivery) >= start
        if not connection.execute(REMOVED, [sequence]).fetchone():
            if is_following:
                known = _carry_over(contract, delivery, known, before)
            known = _count(connection, contract, sequence, known)
        end = Period.parse(delivery.period).as_of
        known = {
            name: judge(before.get(name), standing, contract.extract(name), end)
            if is_following or standing.state is None
            else standing
            for name, standing in known.items()
        }
        if not contract.is_expected_each_period:
            # Who answers when there is something to answer has neither sent the same again nor too little.
            known = {name: replace(standing, state="changed", as_of=end) for name, standing in known.items()}
        _write(connection, delivery, known)
        before = known


def _place(delivery: Accepted) -> Place:
    return (delivery.period, *delivery.moment)


def _from(accepted: list[Accepted], start: Place) -> list[Accepted]:
    """The deliveries in force from this place on, and before them the one with which the first of them is compared."""
    standing = sorted(not_replaced(accepted), key=_place)
    earlier = [d for d in standing if _place(d) < start]
    return earlier[-1:] + standing[len(earlier) :]


def _carry_over(
    contract: Contract, delivery: Accepted, known: ExtractStates, before: ExtractStates
) -> ExtractStates:
    """A delta's states: rows and digest from before where it leaves an extract as it was, none where they must be counted anew.

    An extract whose parents a delta changes may lose children, though none of it was delivered. A full delivery carries nothing over.
    """
    if delivery.mode == "full":
        return known
    touched: set[str] = set()
    for extract in contract.extracts:
        if extract.name in known and (
            known[extract.name].is_delivered or touched & {parent for _, parent in extract.parents}
        ):
            touched.add(extract.name)
    nothing = ExtractState(is_delivered=False)
    as_before = {name: before.get(name, nothing) for name in known}
    return {
        name: replace(standing, rows=None)
        if name in touched
        else replace(standing, rows=as_before[name].rows, digest=as_before[name].digest)
        for name, standing in known.items()
    }


def _count(
    connection: psycopg.Connection, contract: Contract, sequence: list[str], known: ExtractStates
) -> ExtractStates:
    """The states with their rows and digest, counted where these are not known."""
    return {
        name: replace(standing, **_counted(connection, contract.extract(name), sequence))
        if standing.rows is None
        else standing
        for name, standing in known.items()
    }


def _counted(connection: psycopg.Connection, extract: Extract, sequence: list[str]) -> dict[str, Any]:
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in extract.columns)
    counting = COUNTED.format(columns=columns, state=sql.Identifier("state", extract.table))
    rows, digest = connection.execute(counting, [sequence]).fetchall()[0]
    return {"rows": rows, "digest": digest}


def _read(
    connection: psycopg.Connection, contract: Contract, delivery: Accepted, before: ExtractStates
) -> ExtractStates:
    """What is known of the delivery's extracts; those that it leaves out are entered beside its files.

    A delta leaves them as they were; a full delivery empties an optional one. One that the agency never sent is not there.
    """
    names = [extract.name for extract in contract.extracts]
    left_out = [
        extract.name
        for extract in contract.extracts
        if (extract.name in before if extract.is_optional else delivery.mode == "delta")
    ]
    about = {"delivery": delivery.delivery_id, "extracts": left_out}
    connection.execute(LEFT_OUT, about)
    rows = connection.execute(KNOWN, about).fetchall()
    return {row[0]: ExtractState(*row[1:]) for row in rows if row[0] in names}


def _write(connection: psycopg.Connection, delivery: Accepted, standings: ExtractStates) -> None:
    connection.cursor().executemany(
        WRITE,
        [{"delivery": delivery.delivery_id, "extract": name} | vars(s) for name, s in standings.items()],
    )


REMOVED = "select 1 from meta.delivery_removals where delivery_id = any(%s)"
PLACES = """
select d.period, d.delivered_at, d.delivery_id from meta.deliveries as d
join meta.deliveries as this on this.delivery_id = %(delivery)s and d.delivery_id in (this.delivery_id, this.supersedes)
where d.status = 'accepted' and this.status = 'accepted'
"""
# A sum, so that neither order nor memory matters: of the first 64 bits of each row's digest, beside the number of rows.
COUNTED = sql.SQL("""
select count(*), count(*) || ':' || coalesce(sum(('x' || left(md5(row({columns})::text), 16))::bit(64)::bigint), 0)
from {state}(%s::text[])
""")
LEFT_OUT = """
insert into meta.delivery_files (delivery_id, manifest_sha256, extract)
select d.delivery_id, d.manifest_sha256, unnest(%(extracts)s::text[])
from meta.deliveries as d where d.delivery_id = %(delivery)s and d.status = 'accepted'
on conflict do nothing
"""
KNOWN = """
select f.extract, f.file_name is not null, f.rows_standing, f.content_digest, f.state, f.rows_usual, f.as_of,
    array(
        select c.state || ' ' || c.content_digest from meta.extract_confirmations as c
        where c.delivery_id = f.delivery_id and c.extract = f.extract
    )
from meta.delivery_files as f join meta.deliveries as d using (delivery_id, manifest_sha256)
where f.delivery_id = %(delivery)s and d.status = 'accepted'
"""
WRITE = """
update meta.delivery_files as f
set state = %(state)s, rows_standing = %(rows)s, content_digest = %(digest)s, rows_usual = %(rows_usual)s, as_of = %(as_of)s
from meta.deliveries as d
where (d.delivery_id, d.manifest_sha256) = (f.delivery_id, f.manifest_sha256) and d.status = 'accepted'
    and f.delivery_id = %(delivery)s and f.extract = %(extract)s
"""
