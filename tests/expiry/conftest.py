"""The installation of three years, made once in a session, and each test's own copy of it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from akrim.settings import get_settings

from tests.conftest import TEMPLATE, configure, create_database, database, drop_database, superuser
from tests.expiry import world


@pytest.fixture(scope="session")
def built(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The installation of three years: its database's name, and its home."""
    name, place = "world_of_years", tmp_path_factory.mktemp("years")
    create_database(server, name, TEMPLATE)
    with pytest.MonkeyPatch.context() as patch:
        configure(patch, AKRIM_HOME=str(place / "home"), AKRIM_DATABASE_URL=server.format(name))
        world.build(server.format(name), place / "home", place / "inbox")
    get_settings.cache_clear()
    # Great Expectations keeps connections; a database is copied while nobody is in it.
    with superuser(server, "postgres") as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name]
        )
    yield name, place / "home"
    drop_database(server, name)


@pytest.fixture
def warehouse(
    server: str, built: tuple[str, Path], home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A copy of its database."""
    with database(server, monkeypatch, built[0]) as address:
        yield address


@pytest.fixture
def installation(built: tuple[str, Path], home: Path) -> Path:
    """A copy of its home."""
    return Path(shutil.copytree(built[1], home, dirs_exist_ok=True))
