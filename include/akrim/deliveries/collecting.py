"""Logs that person data was delivered: accepted or refused, how many rows of which extracts."""

import psycopg
from psycopg import sql

from akrim import audit
from akrim.contracts import Contract
from akrim.deliveries.inbox.listing import Arrival
from akrim.deliveries.inbox.manifest import Manifest
from akrim.deliveries.outcome import Refusal
from akrim.deliveries.register import folder_name


def log_accepted(
    connection: psycopg.Connection, contract: Contract, manifest: Manifest, counts: dict[str, tuple[int, int]]
) -> None:
    """Log what was taken in; decisions on persons, which a centre delivers, alter what is held about them."""
    decided = _persons_decided_on(connection, contract, manifest.delivery_id)
    rows = {extract: {"loaded": loaded, "set_aside": aside} for extract, (loaded, aside) in counts.items()}
    event = audit.Event(
        "collection" if decided is None else "alteration",
        agency=manifest.agency,
        delivery_id=manifest.delivery_id,
        detail={"status": "accepted", "extracts": rows},
        persons=decided or (),
    )
    audit.record(connection, event)


def is_refused_already(connection: psycopg.Connection, arrival: Arrival, refusal: Refusal) -> bool:
    """Whether the same folder was refused for the same reason: some are tried again at every scan."""
    known = connection.execute(REFUSED, [folder_name(arrival), arrival.fingerprint, refusal.code]).fetchone()
    return known is not None


def log_refused(
    connection: psycopg.Connection,
    arrival: Arrival,
    delivery_id: str | None,
    refusal: Refusal,
    set_aside: dict[str, int],
) -> None:
    """Log that a delivery was refused, and the rows of it that were kept aside."""
    event = audit.Event(
        "collection",
        agency=arrival.agency,
        delivery_id=delivery_id,
        detail={"status": "refused", "reason": refusal.code, "set_aside": set_aside},
    )
    audit.record(connection, event)


def _persons_decided_on(
    connection: psycopg.Connection, contract: Contract, delivery_id: str
) -> list[str] | None:
    """The persons whom a delivery names by our own ids; None where its contract has no such column."""
    named = [
        sql.SQL("select {} from landing.{} where delivery_id = {}").format(
            sql.Identifier(column.name), sql.Identifier(extract.table), sql.Literal(delivery_id)
        )
        for extract in contract.extracts
        for column in extract.columns_meaning("person")
    ]
    if not named:
        return None
    return [row[0] for row in connection.execute(sql.SQL(" union ").join(named)).fetchall() if row[0]]


REFUSED = "select 1 from meta.deliveries where folder = %s and folder_fingerprint = %s and status = 'refused' and reason = %s"
