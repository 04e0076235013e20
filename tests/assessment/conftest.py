"""The small world of world.yaml, landed, linked as it says and assessed once for all tests that only look at it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from akrim.rules.dbt import SAMPLE_RUN
from akrim.settings import get_settings

from tests.assessment.project import Project, join_records, land, reserve
from tests.conftest import TEMPLATE, configure, create_database, database

WORLD = yaml.safe_load((Path(__file__).parent / "world.yaml").read_text(encoding="utf-8"))
PERSONS = {
    "aas": [
        ("brreg", "roller", "r1"),
        ("brreg", "roller", "r2"),
        ("skatteetaten", "personer", "t1"),
        ("nav", "personer", "n1"),
        ("politiet", "personer", "p1"),
    ],
    "protected": [
        ("brreg", "roller", "r3"),
        ("skatteetaten", "personer", "t2"),
        ("nav", "personer", "n2"),
        ("politiet", "personer", "p2"),
    ],
    "late_protected": [("skatteetaten", "personer", "t3")],
    "nowhere": [("politiet", "personer", "p3")],
    "accountant": [("brreg", "roller", "r6")],
}


@pytest.fixture(scope="session")
def world_run() -> dict[str, Any]:
    return dict(SAMPLE_RUN)


@pytest.fixture(scope="session")
def template_world(
    server: str, world_run: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A database in which the world has been assessed; the name of it, to be copied."""
    name = "template_assessed"
    create_database(server, name, TEMPLATE)
    with pytest.MonkeyPatch.context() as patch, psycopg.connect(server.format(name)) as connection:
        configure(
            patch, AKRIM_HOME=str(tmp_path_factory.mktemp("home")), AKRIM_DATABASE_URL=server.format(name)
        )
        _fill(connection)
        Project(tmp_path_factory.mktemp("dbt")).build(world_run)
    get_settings.cache_clear()
    return name


@pytest.fixture
def world(server: str, template_world: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A copy of the assessed world, which the settings point at. Yields its address."""
    with database(server, monkeypatch, template_world) as address:
        yield address


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def _fill(connection: psycopg.Connection) -> None:
    for delivery_id, extracts in WORLD.items():
        for extract, rows in extracts.items():
            land(connection, delivery_id, extract, rows)
    join_records(connection, **PERSONS)
    connection.execute(
        "insert into linkage.person_id_history values ('old_aas', 'aas', '2025-T3.1', 'merged')"
    )
    connection.execute(
        "insert into meta.deliveries (delivery_id, manifest_sha256, agency, period, status, delivered_at, folder,"
        " folder_fingerprint) values ('skatteetaten-2025-T3-01', '', 'skatteetaten', '2025-T3', 'accepted', now(), '', '')"
    )
    connection.execute(
        "insert into landing.protection_statements (delivery_id, agency, extract, record_id, is_keyless, grade) values"
        " ('skatteetaten-2025-T3-01', 'skatteetaten', 'personer', 't3', false, 'strengt_fortrolig')"
    )
    reserve(connection, "2025-T3.1", WORLD, status="published")
    connection.commit()
