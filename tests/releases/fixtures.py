"""The golden world published once: its database, and the folders of both releases."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from akrim.changes import explain
from akrim.releases import publish
from akrim.settings import get_settings
from psycopg.conninfo import conninfo_to_dict

from tests.conftest import TEMPLATE, configure, create_database, database, superuser
from tests.releases import world


@pytest.fixture(scope="session")
def golden_database(server: str) -> str:
    """The address of a database with the marts of both releases, both still to be published."""
    name = f"golden_{uuid.uuid4().hex[:8]}"
    create_database(server, name, TEMPLATE)
    with psycopg.connect(server.format(name)) as connection:
        world.build(connection)
    return server.format(name)


@pytest.fixture(scope="session")
def published(golden_database: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with both releases."""
    home = tmp_path_factory.mktemp("golden")
    with pytest.MonkeyPatch.context() as settings:
        configure(settings, AKRIM_HOME=str(home), AKRIM_DATABASE_URL=golden_database, AKRIM_PROCESSES="1")
        for release_id in (world.FIRST, world.SECOND):
            explain(release_id)
            publish(release_id)
    get_settings.cache_clear()
    return home / "releases"


@pytest.fixture(scope="session")
def golden_name(golden_database: str, published: Path) -> str:
    """The golden world's database, once both of its releases are out: to be copied."""
    with psycopg.connect(golden_database) as connection:
        return connection.info.dbname


@pytest.fixture
def golden(home: Path, golden_database: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own on the golden database; nothing is published there yet."""
    monkeypatch.setenv("AKRIM_DATABASE_URL", golden_database)
    home.mkdir(mode=0o700)
    get_settings.cache_clear()
    return home


@pytest.fixture
def golden_copy(
    server: str, golden_database: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The address of a copy of the golden database, which the settings point at, for a test to change."""
    golden = conninfo_to_dict(golden_database)["dbname"]
    with superuser(server, "postgres") as connection:  # a database is copied while nobody is in it
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [golden]
        )
    with database(server, monkeypatch, str(golden)) as address:
        yield address


@pytest.fixture
def oslo(published: Path) -> Path:
    """Oslo's folder of the second release."""
    return published / world.SECOND / "oslo"


@pytest.fixture
def stavanger(published: Path) -> Path:
    """The folder of the centre whose list is the corpus of hostile texts."""
    return published / world.SECOND / "stavanger"
