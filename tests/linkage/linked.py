"""A linked population with pairs that wait for a clerk, for tests of several packages to copy."""

import uuid
from pathlib import Path

import psycopg
import pytest
from akrim.linkage import runs
from akrim.settings import get_settings

from tests.conftest import TEMPLATE, configure, create_database
from tests.linkage.conftest import FIRST, put
from tests.linkage.population import population


@pytest.fixture(scope="session")
def linked(server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database with a linked population and pairs that wait, every home known not to be protected but one."""
    name = f"linked_{uuid.uuid4().hex[:8]}"
    create_database(server, name, TEMPLATE)
    home: Path = tmp_path_factory.mktemp("linked")
    records = population(3)
    for number, record in enumerate(records):
        record["phone"] = f"4{number:07d}"
    with pytest.MonkeyPatch.context() as settings:
        configure(settings, AKRIM_HOME=str(home), AKRIM_DATABASE_URL=server.format(name))
        put(records, FIRST, None)
        runs.link(FIRST)
    get_settings.cache_clear()
    with psycopg.connect(server.format(name)) as connection:
        connection.execute("create table intermediate.protected_persons (person_id text)")
        connection.execute("create table intermediate.protected_addresses (address_digest bytea)")
    return name
