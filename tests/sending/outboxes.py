"""Releases that are out, and what lies of them in the centres' outboxes."""

from datetime import date
from pathlib import Path

import psycopg
from akrim.trust.verification import Check, unseal
from psycopg.types.json import Jsonb

from tests.trust.conftest import SECOND

DAY = date(2026, 6, 1)
NAME = f"{SECOND}.tar.age"


def enter(warehouse: str, release_id: str, serial: int) -> None:
    """Enter a published release into the ledger; earlier revisions of its period are superseded."""
    period, _, revision = release_id.partition(".")
    as_of = {"2025-T3": date(2025, 12, 31), "2026-T1": date(2026, 4, 30)}[period]
    pins = {"settings": {"data_mode": "synthetic", "language": "nb"}, "deliveries": {}, "model": "m"}
    with psycopg.connect(warehouse) as connection:
        connection.execute("update meta.releases set status = 'superseded' where period = %s", [period])
        connection.execute(
            "insert into meta.releases (release_id, period, revision, as_of, status, fingerprint, pins, serial, published_at)"
            " values (%s, %s, %s, %s, 'published', 'f', %s, %s, now())",
            [release_id, period, int(revision), as_of, Jsonb(pins), serial],
        )


def keys_of(home: Path, centre_id: str) -> Path:
    return home / "keys" / "demo" / centre_id


def opened(home: Path, centre_id: str, name: str = NAME) -> Path:
    sealed = home / "outbox" / centre_id / name
    return unseal(sealed, home.parent / "at" / centre_id, Check(keys_of(home, centre_id), DAY))[0]


def outbox_files(home: Path) -> dict[str, int]:
    files = (home / "outbox").rglob("*")
    return {str(p.relative_to(home / "outbox")): p.stat().st_mtime_ns for p in files if p.is_file()}
