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
from akrim.deliveries.protection import record_protections
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
            sql.SQL(
                "select count(distinct row_number) from {violations} as v"
                " where extract = %s and not exists (select 1 from {violations} as f"
                " where f.extract = v.extract and f.row_number = v.row_number and f.code = %s)"
            ).format(violations=scratch.table("violations")),
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
            record_protections(connection, scratch, extract, set_aside)
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
    for table in (("quarantine", "rows"), ("meta", "delivery_files"), ("meta", "deliveries")):
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
    values = {c.path: _shortened(masks.get(c.name) or sql.Identifier("r", c.name)) for c in extract.columns}
    pairs = sql.SQL(", ").join(
        sql.SQL("{}, {}").format(sql.Literal(path), value) for path, value in values.items()
    )
    manifest = scratch.manifest
    return connection.execute(
        SET_ASIDE.format(
            raw=_without_person_numbers(sql.SQL("r.defect_raw")),
            told=_without_person_numbers(sql.SQL("jsonb_strip_nulls(jsonb_build_object({}))").format(pairs)),
            pairs=pairs,
            removed=_shortened(sql.SQL("r.removed")),
            violations=scratch.table("violations"),
            rows=scratch.table(extract.name),
        ),
        {"delivery_id": manifest.delivery_id, "manifest_sha256": manifest.sha256, "extract": extract.name},
    ).rowcount


SET_ASIDE = sql.SQL("""
        insert into quarantine.rows
        select distinct on (v.row_number)
            %(delivery_id)s, %(manifest_sha256)s, %(extract)s, v.row_number, v.expectation, v.code,
            case
                when r.defect = 'malformed_row' then {raw}
                when r.defect = 'forbidden_role' then r.defect_raw::jsonb
                when v.code like '%%person_number' then {told}
                else jsonb_strip_nulls(jsonb_build_object({pairs}, '_slettet', {removed}))
            end
        from {violations} as v
        join {rows} as r on r.row_number = v.row_number
        where v.extract = %(extract)s
        order by v.row_number, v.rank
    """)


def _kind(scratch: Scratch, value: sql.Composable) -> sql.Composed:
    is_relaxed = scratch.manifest.period.year >= 2032
    function = sql.Identifier("meta", "person_number_kind_2032" if is_relaxed else "person_number_kind")
    return sql.SQL("{}({})").format(function, value)


def _is_of_wrong_world(scratch: Scratch, value: sql.Composable) -> sql.Composed:
    """Whether the digits of a value, however they are spaced, are a person number of the wrong world."""
    return sql.SQL(
        "{} = (select case data_mode when 'synthetic' then 'real' else 'test' end from {})"
    ).format(_kind(scratch, _digits(value)), scratch.table("delivery"))


def _digits(value: sql.Composable) -> sql.Composed:
    return sql.SQL("regexp_replace({}, '[^0-9]', '', 'g')").format(value)


def _masked(column: Column, scratch: Scratch) -> sql.Composed:
    value = sql.Identifier("r", column.name)
    return sql.SQL("case when {} then left({}, 6) || '*****' else {} end").format(
        _is_of_wrong_world(scratch, value), _digits(value), value
    )


def _shortened(value: sql.Composable) -> sql.Composed:
    """A long value's beginning; no number is cut, since half a person number would not be known for one and masked."""
    return sql.SQL(
        "case when length({value}) > {most} then rtrim(left({value}, {most}), '0123456789 ') || '…' else {value} end"
    ).format(value=value, most=sql.Literal(MOST_CHARACTERS_KEPT))


def _without_person_numbers(raw: sql.Composable) -> sql.Composed:
    """JSON in which every run of eleven digits keeps its first six."""
    return sql.SQL(
        "regexp_replace(({})::text, '(?<![0-9])([0-9]{{6}})[0-9]{{5}}(?![0-9])', '\\1*****', 'g')::jsonb"
    ).format(raw)


def _land(connection: psycopg.Connection, scratch: Scratch, extract: Extract) -> int:
    """Accepted rows into the delivery's partition; of a removal nothing but its key."""
    partition = add_partition(connection, extract, scratch.manifest.delivery_id)
    values = [
        sql.Identifier("r", c.name)
        if c.is_key
        else sql.SQL("case when {} then null else {} end").format(IS_REMOVAL, sql.Identifier("r", c.name))
        for c in extract.columns
    ]
    loaded = connection.execute(
        LAND.format(
            partition=partition,
            names=sql.SQL(", ").join(sql.Identifier(column.name) for column in extract.columns),
            is_removal=IS_REMOVAL,
            invalid_columns=_invalid_columns(scratch, extract),
            values=sql.SQL(", ").join(values),
            rows=scratch.table(extract.name),
            violations=scratch.table("violations"),
        ),
        [scratch.manifest.delivery_id, extract.name],
    ).rowcount
    connection.execute(sql.SQL("analyze {}").format(partition))
    return loaded


IS_REMOVAL = sql.SQL("coalesce(r.removed, 'N') = 'J'")
LAND = sql.SQL("""
        insert into {partition} (delivery_id, row_number, is_removed, invalid_columns, {names})
        select %s, r.row_number, {is_removal}, {invalid_columns}, {values}
        from {rows} as r
        where not exists (
            select 1 from {violations} as v
            where v.extract = %s and v.row_number = r.row_number
        )
        order by r.row_number
    """)


def _invalid_columns(scratch: Scratch, extract: Extract) -> sql.Composed:
    """Names of the fields kept although their control digits fail: persons and enterprises are found by other fields."""
    marks = [
        sql.SQL("case when {value} is not null and {fails} then {name} end").format(
            value=value, fails=fails, name=sql.Literal(column.name)
        )
        for column in extract.columns
        for value in [sql.Identifier("r", column.name)]
        if (fails := _fails_control(scratch, column, value))
    ]
    return sql.SQL("array_remove(array[{}]::text[], null)").format(sql.SQL(", ").join(marks))


def _fails_control(scratch: Scratch, column: Column, value: sql.Composable) -> sql.Composed | None:
    """Whether the control digits fail; none where the field has none."""
    if column.meaning == "personNumber":
        return sql.SQL("{} is null").format(_kind(scratch, value))
    if column.meaning == "orgnr":
        return sql.SQL("not meta.is_orgnr({})").format(value)
    return None
