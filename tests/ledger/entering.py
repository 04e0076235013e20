"""A release in the ledger, and that its persons were linked, without a run that makes it."""

from typing import Any

import psycopg
from akrim.periods import Period
from psycopg import sql
from psycopg.types.json import Jsonb


def enter_release(
    connection: psycopg.Connection,
    release_id: str,
    status: str = "published",
    pins: dict[str, Any] | None = None,
    **columns: Any,
) -> None:
    """Enter it; its period, revision and cut-off date follow from its id."""
    period, _, revision = release_id.partition(".")
    row = {
        "release_id": release_id,
        "period": period,
        "revision": int(revision),
        "as_of": Period.parse(period).as_of,
        "status": status,
        "fingerprint": "f",
        "pins": Jsonb(pins or {}),
    } | columns
    query = sql.SQL("insert into meta.releases ({}) values ({})").format(
        sql.SQL(", ").join(map(sql.Identifier, row)), sql.SQL(", ").join(sql.Placeholder() * len(row))
    )
    connection.execute(query, list(row.values()))


def enter_run(connection: psycopg.Connection, release_id: str) -> None:
    """Enter that its persons were linked."""
    connection.execute(
        "insert into linkage.runs (release_id, model, counts) values (%s, 'm', '{}')", [release_id]
    )
