"""The golden world's marts, for a test to change."""

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from akrim.settings import get_settings
from akrim.warehouse import embedded
from psycopg.conninfo import conninfo_to_dict

from tests.conftest import as_user, create_database, drop_database


@pytest.fixture
def golden_copy(
    server: str, golden_database: str, home: object, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The address of a copy of the golden world, which the commands of the test use."""
    golden, name = conninfo_to_dict(golden_database)["dbname"], f"counts_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(
        as_user(server, embedded.SUPERUSER).format("postgres"), autocommit=True
    ) as connection:
        # A database is copied while nobody is in it.
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [golden]
        )
    create_database(server, name, golden)
    monkeypatch.setenv("AKRIM_DATABASE_URL", server.format(name))
    get_settings.cache_clear()
    yield server.format(name)
    drop_database(server, name)
