"""Releases that are out, and what lies of them in the centres' outboxes."""

from datetime import date
from pathlib import Path

import psycopg
from akrim.trust.verification import Check, unseal

from tests.ledger.entering import enter_release
from tests.trust.conftest import SECOND

DAY = date(2026, 6, 1)
NAME = f"{SECOND}.tar.age"


def enter(warehouse: str, release_id: str, serial: int) -> None:
    """Enter a published release into the ledger; earlier revisions of its period are superseded."""
    period = release_id.partition(".")[0]
    pins = {"settings": {"data_mode": "synthetic", "language": "nb"}, "deliveries": {}, "model": "m"}
    with psycopg.connect(warehouse) as connection:
        connection.execute("update meta.releases set status = 'superseded' where period = %s", [period])
        enter_release(connection, release_id, pins=pins, serial=serial, published_at="now")


def keys_of(home: Path, centre_id: str) -> Path:
    return home / "keys" / "demo" / centre_id


def opened(home: Path, centre_id: str, name: str = NAME) -> Path:
    sealed = home / "outbox" / centre_id / name
    return unseal(sealed, home.parent / "at" / centre_id, Check(keys_of(home, centre_id), DAY))[0]


def outbox_files(home: Path) -> dict[str, int]:
    files = (home / "outbox").rglob("*")
    return {str(p.relative_to(home / "outbox")): p.stat().st_mtime_ns for p in files if p.is_file()}
