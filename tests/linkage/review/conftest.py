"""A clerk's connection to a copy of a database with pairs that wait."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from akrim.warehouse import embedded

from tests.conftest import as_user, database

PURPOSE = "Reads the pair against the register"


@pytest.fixture
def queue(server: str, linked: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a copy of that database, which the settings point at."""
    with database(server, monkeypatch, linked) as address:
        yield address


@pytest.fixture
def clerk(queue: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(as_user(queue, embedded.CLERK), autocommit=True) as connection:
        yield connection


def known(address: str) -> dict[str, tuple[str, str | None, str | None]]:
    """By record that waits: its number, street and telephone as delivered."""
    with psycopg.connect(address) as connection:
        rows = connection.execute(
            "select source || '/' || source_record_id, identifier, street_address, phone from intermediate.person_records"
        ).fetchall()
        waiting = {
            record
            for pair in connection.execute("select one, other from clerk.pairs").fetchall()
            for record in pair
        }
    return {row[0]: row[1:] for row in rows if row[0] in waiting}
