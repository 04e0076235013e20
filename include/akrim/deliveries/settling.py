"""The one transaction that decides: landing, quarantine and meta change together or not at all."""

from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from akrim.contracts import Column, Extract
from akrim.deliveries.inbox import Arrival
from akrim.deliveries.landing import add_partition
from akrim.deliveries.manifest import DeclaredFile, Manifest
from akrim.deliveries.outcome import Refusal
from akrim.deliveries.readers.batches import MOST_CHARACTERS_KEPT
from akrim.deliveries.register import folder_name
from akrim.deliveries.scratch import Scratch
from akrim.warehouse import connect

# A limit that the specification does not count these rows against.
NOT_COUNTED = "forbidden_role"


def check_quarantine_share(scratch: Scratch, extract: Extract, file: DeclaredFile) -> Refusal | None:
    """The refusal due where more rows were set aside than the contract allows."""
    with connect() as connection:
        row = connection.execute(
            f"select count(distinct row_number) from {scratch.schema}.violations as v"
            " where extract = %s and not exists (select 1 from "
            f" {scratch.schema}.violations as f"
            " where f.extract = v.extract and f.row_number = v.row_number and f.code = %s)".encode(),
            [extract.name, NOT_COUNTED],
        ).fetchone()
    set_aside = row[0] if row else 0
    limit = max(extract.quarantine_share * file.rows, extract.quarantine_rows)
    if set_aside <= limit:
        return None
    return Refusal(
        "quarantine_share",
        f"{extract.name}: {set_aside} of {file.rows} rows would be set aside; {limit:g} are tolerated.",
    )


def accept(arrival: Arrival, scratch: Scratch, notes: list[str]) -> dict[str, tuple[int, int]]:
    """Take the scratch rows into landing and quarantine; returns rows loaded and set aside by extract."""
    manifest = scratch.manifest
    counts = {}
    with connect() as connection:
        record_delivery(connection, arrival, manifest, None, notes)
        for file in manifest.files:
            extract = scratch.contract.extract(file.extract)
            set_aside = _quarantine(connection, scratch, extract)
            loaded = _land(connection, scratch, extract)
            if loaded + set_aside != file.rows:
                raise RuntimeError(
                    f"{extract.table}: {loaded} loaded + {set_aside} set aside is not {file.rows}"
                )
            _record_file(connection, (manifest.delivery_id, manifest.sha256), file, loaded, set_aside)
            counts[file.extract] = (loaded, set_aside)
    return counts


def refuse(
    arrival: Arrival, manifest: Manifest | None, refusal: Refusal, scratch: Scratch | None, notes: list[str]
) -> dict[str, int]:
    """Record the refusal, with the rows set aside where it came that far; returns those by extract."""
    set_aside: dict[str, int] = {}
    with connect() as connection:
        recorded_as = record_delivery(connection, arrival, manifest, refusal, notes)
        if recorded_as is None or manifest is None:
            return set_aside
        for file in manifest.files:
            count = _quarantine(connection, scratch, scratch.contract.extract(file.extract)) if scratch else 0
            set_aside[file.extract] = count
            _record_file(connection, (recorded_as, manifest.sha256), file, 0, count)
    return set_aside


def record_delivery(
    connection: psycopg.Connection,
    arrival: Arrival,
    manifest: Manifest | None,
    refusal: Refusal | None,
    notes: list[str],
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
        "manifest": Jsonb(manifest.content) if manifest else None,
        "folder": folder_name(arrival),
        "folder_fingerprint": arrival.fingerprint,
        "notes": notes,
    }
    for identity in ({}, {"delivery_id": arrival.delivery_id, "agency": arrival.agency}):
        row |= identity
        _forget_refusal(connection, row)
        if _insert_delivery(connection, row):
            return str(row["delivery_id"])
    return None


def _forget_refusal(connection: psycopg.Connection, row: dict[str, Any]) -> None:
    for table in ("quarantine.rows", "meta.delivery_files", "meta.deliveries"):
        connection.execute(
            f"""delete from {table} as t using meta.deliveries as d
            where d.delivery_id = t.delivery_id and d.manifest_sha256 = t.manifest_sha256 and d.status = 'refused'
            and d.delivery_id = %(delivery_id)s and d.manifest_sha256 = %(manifest_sha256)s""".encode(),
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
        [
            *delivery,
            file.extract,
            file.name,
            file.rows,
            loaded,
            set_aside,
            file.sha256,
        ],
    )


def _quarantine(connection: psycopg.Connection, scratch: Scratch, extract: Extract) -> int:
    """Set aside each marked record under its first reason, as sent, numbers of the wrong world masked."""
    masks = {c.name: _masked(c, scratch) for c in extract.columns if c.meaning == "personNumber"}
    values = {c.path: _shortened(masks.get(c.name, f"r.{c.name}")) for c in extract.columns}
    pairs = ", ".join(f"'{path}', {value}" for path, value in values.items())
    query = f"""
        insert into quarantine.rows
        select distinct on (v.row_number)
            %(delivery_id)s, %(manifest_sha256)s, %(extract)s, v.row_number, v.expectation, v.code,
            case
                when r.defect = 'malformed_row' then {_without_person_numbers("r.defect_raw")}
                when r.defect = 'forbidden_role' then r.defect_raw::jsonb
                when v.code like '%%person_number' then {_without_person_numbers(f"jsonb_strip_nulls(jsonb_build_object({pairs}))")}
                else jsonb_strip_nulls(jsonb_build_object({pairs}, '_slettet', {_shortened("r.removed")}))
            end
        from {scratch.schema}.violations as v
        join {scratch.schema}.{extract.name} as r on r.row_number = v.row_number
        where v.extract = %(extract)s
        order by v.row_number, v.rank
    """
    manifest = scratch.manifest
    return connection.execute(
        query.encode(),
        {"delivery_id": manifest.delivery_id, "manifest_sha256": manifest.sha256, "extract": extract.name},
    ).rowcount


def _kind(scratch: Scratch, value: str) -> str:
    suffix = "_2032" if scratch.manifest.period.year >= 2032 else ""
    return f"meta.person_number_kind{suffix}({value})"


def _is_of_wrong_world(scratch: Scratch, value: str) -> str:
    """Whether the digits of a value, however they are spaced, are a person number of the wrong world."""
    foreign = (
        f"(select case data_mode when 'synthetic' then 'real' else 'test' end from {scratch.schema}.delivery)"
    )
    return f"{_kind(scratch, _digits(value))} = {foreign}"


def _digits(value: str) -> str:
    return f"regexp_replace({value}, '[^0-9]', '', 'g')"


def _masked(column: Column, scratch: Scratch) -> str:
    value = f"r.{column.name}"
    masked = f"left({_digits(value)}, 6) || '*****'"
    return f"case when {_is_of_wrong_world(scratch, value)} then {masked} else {value} end"


def _shortened(value: str) -> str:
    """A long value's beginning; no number is cut, since half a person number would not be known for one and masked."""
    kept = f"rtrim(left({value}, {MOST_CHARACTERS_KEPT}), '0123456789 ') || '…'"
    return f"case when length({value}) > {MOST_CHARACTERS_KEPT} then {kept} else {value} end"


def _without_person_numbers(raw: str) -> str:
    """JSON in which every run of eleven digits keeps its first six."""
    return (
        f"regexp_replace(({raw})::text, '(?<![0-9])([0-9]{{6}})[0-9]{{5}}(?![0-9])', '\\1*****', 'g')::jsonb"
    )


def _land(connection: psycopg.Connection, scratch: Scratch, extract: Extract) -> int:
    """Accepted rows into the delivery's partition; of a removal nothing but its key."""
    partition = add_partition(connection, extract, scratch.manifest.delivery_id)
    names = [column.name for column in extract.columns]
    values = [
        f"r.{c.name}" if c.is_key else f"case when {_is_removal()} then null else r.{c.name} end"
        for c in extract.columns
    ]
    statement = f"""
        insert into {{}} (delivery_id, row_number, is_removed, invalid_columns, {", ".join(names)})
        select %s, r.row_number, {_is_removal()}, {_invalid_columns(scratch, extract)}, {", ".join(values)}
        from {scratch.schema}.{extract.name} as r
        where not exists (
            select 1 from {scratch.schema}.violations as v
            where v.extract = %s and v.row_number = r.row_number
        )
        order by r.row_number
    """
    loaded = connection.execute(
        sql.SQL(statement).format(partition),  # type: ignore[arg-type]  # built from the contract alone
        [scratch.manifest.delivery_id, extract.name],
    ).rowcount
    connection.execute(sql.SQL("analyze {}").format(partition))
    return loaded


def _is_removal() -> str:
    return "coalesce(r.removed, 'N') = 'J'"


def _invalid_columns(scratch: Scratch, extract: Extract) -> str:
    """Names of the fields kept although their control digits fail: persons and enterprises are found by other fields."""
    checks = {"personNumber": f"{_kind(scratch, 'r.{}')} is null", "orgnr": "not meta.is_orgnr(r.{})"}
    marks = [
        f"case when r.{c.name} is not null and {checks[c.meaning].format(c.name)} then '{c.name}' end"
        for c in extract.columns
        if c.meaning in checks
    ]
    return f"array_remove(array[{', '.join(marks)}]::text[], null)" if marks else "array[]::text[]"
