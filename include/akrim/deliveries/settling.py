"""The one transaction that decides: landing, quarantine and meta change together or not at all."""

from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from akrim.contracts import Extract
from akrim.deliveries.collecting import is_refused_already, log_accepted, log_refused
from akrim.deliveries.decisions.broken_cells import broken_cells
from akrim.deliveries.decisions.cell_messages import FormCell
from akrim.deliveries.inbox.listing import Arrival
from akrim.deliveries.inbox.manifest import FORM_ID, REPLAY_ID, DeclaredFile, Manifest
from akrim.deliveries.landing import add_partition
from akrim.deliveries.outcome import FormOrigin, Refusal
from akrim.deliveries.quarantine import take_over
from akrim.deliveries.register import as_kept, folder_name
from akrim.deliveries.scratch import Scratch
from akrim.deliveries.state.comparing import compare_from
from akrim.deliveries.state.protection import record_protections
from akrim.warehouse import connect


def accept(
    arrival: Arrival, scratch: Scratch, notes: list[str], undecided: Iterable[FormCell] = ()
) -> dict[str, tuple[int, int]]:
    """Take the scratch rows into landing and quarantine; returns rows loaded and set aside by extract.

    Args:
        undecided: rows of a decision form that decide nothing, which its centre is told of.
    """
    manifest = scratch.manifest
    counts = {}
    form = _form(arrival, manifest, None, [*_cells(scratch), *undecided])
    with connect() as connection:
        _record_delivery(connection, arrival, manifest, None, notes, form)
        if REPLAY_ID.fullmatch(manifest.delivery_id):
            connection.execute(SINCE_FIRST_RECEIVED, [manifest.supersedes, manifest.delivery_id])
        for file in manifest.files:
            extract = scratch.contract.extract(file.extract)
            set_aside = take_over(connection, scratch, extract)
            loaded = _land(connection, scratch, extract)
            record_protections(connection, scratch, extract, set_aside)
            if loaded + set_aside != file.rows:
                raise RuntimeError(
                    f"{extract.table}: {loaded} loaded + {set_aside} set aside is not {file.rows}"
                )
            _record_file(connection, (manifest.delivery_id, manifest.sha256), file, loaded, set_aside)
            counts[file.extract] = (loaded, set_aside)
        compare_from(connection, scratch.contract, manifest.delivery_id)
        _record_results(connection, (manifest.delivery_id, manifest.sha256), scratch)
        log_accepted(connection, scratch.contract, manifest, counts)
    return counts


# What is kept for a time from reception on is not kept longer because it was read again.
SINCE_FIRST_RECEIVED = """
update meta.deliveries as d set received_at = first.received_at from meta.deliveries as first
where first.delivery_id = %s and first.status = 'accepted' and d.delivery_id = %s
"""


def refuse(
    arrival: Arrival,
    manifest: Manifest | None,
    refusal: Refusal,
    scratch: Scratch | None,
    notes: list[str],
    undecided: Iterable[FormCell] = (),
) -> dict[str, int]:
    """Record the refusal, with the rows set aside where it came that far; returns those by extract."""
    set_aside: dict[str, int] = {}
    form = _form(arrival, manifest, refusal, [*(_cells(scratch) if scratch else ()), *undecided])
    with connect() as connection:
        is_known = is_refused_already(connection, arrival, refusal)
        recorded_as = _record_delivery(connection, arrival, manifest, refusal, notes, form)
        if recorded_as is None:
            # Under this id and content stands what was accepted: it is recorded as a folder without a manifest.
            _record_delivery(connection, arrival, None, refusal, notes, form)
        elif manifest:
            set_aside = _set_aside(connection, (recorded_as, manifest.sha256), manifest, scratch)
        if not is_known:
            log_refused(connection, arrival, recorded_as or arrival.delivery_id, refusal, set_aside)
    return set_aside


def _set_aside(
    connection: psycopg.Connection, delivery: tuple[str, str], manifest: Manifest, scratch: Scratch | None
) -> dict[str, int]:
    """Keep what was found wrong with a refused delivery; returns the rows set aside by extract."""
    set_aside = {}
    for file in manifest.files:
        count = take_over(connection, scratch, scratch.contract.extract(file.extract)) if scratch else 0
        set_aside[file.extract] = count
        _record_file(connection, delivery, file, 0, count)
    if scratch:
        _record_results(connection, delivery, scratch)
    return set_aside


def _cells(scratch: Scratch) -> list[FormCell]:
    return [
        cell
        for file in scratch.manifest.files
        for cell in broken_cells(scratch, scratch.contract.extract(file.extract))
    ]


def _form(
    arrival: Arrival, manifest: Manifest | None, refusal: Refusal | None, cells: Iterable[FormCell]
) -> dict[str, Any] | None:
    """Of a decision form: whose it is, and what its centre is told of its cells. None where that is not known, or no form."""
    if not arrival.is_form:
        return None
    origin = refusal.form if refusal else None
    if origin is None and manifest is not None:
        known = FORM_ID.fullmatch(manifest.delivery_id)
        origin = FormOrigin(known["centre"], known["release"]) if known else None
    return origin._asdict() | {"cells": [cell._asdict() for cell in cells]} if origin else None


def _record_delivery(
    connection: psycopg.Connection,
    arrival: Arrival,
    manifest: Manifest | None,
    refusal: Refusal | None,
    notes: list[str],
    form: dict[str, Any] | None,
) -> str | None:
    """One row of meta.deliveries, replacing an earlier refusal of the same content.

    Returns the id it was recorded under, None where no row was due.

    An accepted delivery's row is never touched: what is refused under its very content keeps the folder's name.
    """
    row: dict[str, Any] = {
        "delivery_id": manifest.delivery_id if manifest else arrival.delivery_id,
        "manifest_sha256": manifest.sha256 if manifest else f"none in {folder_name(arrival)}",
        "agency": manifest.agency if manifest else arrival.agency,
        "period": str(manifest.period) if manifest else None,
        "mode": manifest.mode if manifest else None,
        "supersedes": manifest.supersedes if manifest else None,
        "status": "refused" if refusal else "accepted",
        "reason": refusal.code if refusal else None,
        "detail": refusal.detail if refusal else None,
        "delivered_at": manifest.delivered_at if manifest else None,
        "manifest": Jsonb(as_kept(connection, manifest.content)) if manifest else None,
        "folder": folder_name(arrival),
        "folder_fingerprint": arrival.fingerprint,
        "notes": notes,
        "form": Jsonb(form) if form else None,
    }
    for identity in ({}, {"delivery_id": arrival.delivery_id, "agency": arrival.agency}):
        row |= identity
        _forget_refusal(connection, row)
        if _insert_delivery(connection, row):
            return str(row["delivery_id"])
    return None


def _forget_refusal(connection: psycopg.Connection, row: dict[str, Any]) -> None:
    tables = (
        ("quarantine", "rows"),
        ("meta", "validation_results"),
        ("meta", "delivery_files"),
        ("meta", "deliveries"),
    )
    for table in tables:
        connection.execute(
            sql.SQL("""delete from {} as t using meta.deliveries as d
            where d.delivery_id = t.delivery_id and d.manifest_sha256 = t.manifest_sha256 and d.status = 'refused'
            and d.delivery_id = %(delivery_id)s and d.manifest_sha256 = %(manifest_sha256)s""").format(
                sql.Identifier(*table)
            ),
            row,
        )


def _insert_delivery(connection: psycopg.Connection, row: dict[str, Any]) -> bool:
    statement = sql.SQL("insert into meta.deliveries ({}) values ({}) on conflict do nothing").format(
        sql.SQL(", ").join(map(sql.Identifier, row)), sql.SQL(", ").join(map(sql.Placeholder, row))
    )
    return connection.execute(statement, row).rowcount == 1


def _record_file(
    connection: psycopg.Connection, delivery: tuple[str, str], file: DeclaredFile, loaded: int, set_aside: int
) -> None:
    connection.execute(
        "insert into meta.delivery_files values (%s, %s, %s, %s, %s, %s, %s, %s)",
        [*delivery, file.extract, file.name, file.rows, loaded, set_aside, file.sha256],
    )


def _record_results(connection: psycopg.Connection, delivery: tuple[str, str], scratch: Scratch) -> None:
    connection.execute(
        sql.SQL("insert into meta.validation_results select %s, %s, r.* from {} as r").format(
            scratch.table("results")
        ),
        delivery,
    )


def _land(connection: psycopg.Connection, scratch: Scratch, extract: Extract) -> int:
    """Accepted rows into the delivery's partition; of a removal nothing but its key, of no row what may not be taken in."""
    partition = add_partition(connection, extract, scratch.manifest.delivery_id)
    values = [
        sql.Identifier("r", c.name)
        if c.is_key
        else sql.SQL("null")
        if c.category in scratch.closed
        else sql.SQL("case when {} then null else {} end").format(IS_REMOVAL, sql.Identifier("r", c.name))
        for c in extract.columns
    ]
    loaded = connection.execute(
        LAND.format(
            partition=partition,
            names=sql.SQL(", ").join(sql.Identifier(column.name) for column in extract.columns),
            is_removal=IS_REMOVAL,
            values=sql.SQL(", ").join(values),
            rows=scratch.table(extract.name),
            invalid=scratch.table("invalid"),
            quarantine=scratch.table("quarantine"),
        ),
        {"delivery": scratch.manifest.delivery_id, "extract": extract.name},
    ).rowcount
    connection.execute(sql.SQL("analyze {}").format(partition))
    return loaded


IS_REMOVAL = sql.SQL("coalesce(r.removed, 'N') = 'J'")
LAND = sql.SQL("""
        insert into {partition} (delivery_id, row_number, is_removed, invalid_columns, {names})
        select %(delivery)s, r.row_number, {is_removal}, coalesce(i.columns, '{{}}'), {values}
        from {rows} as r
        left join {invalid} as i on i.extract = %(extract)s and i.row_number = r.row_number
        where not exists (
            select 1 from {quarantine} as q
            where q.extract = %(extract)s and q.row_number = r.row_number
        )
        order by r.row_number
    """)
