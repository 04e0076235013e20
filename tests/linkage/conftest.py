"""Person records staged in a warehouse, and releases reserved for them."""

import json
from collections.abc import Callable

import pytest
from akrim import warehouse as warehouse_module
from akrim.linkage import model
from psycopg import sql

from tests.linkage.person_records import Record, as_table

Rows = list[tuple[object, ...]]
FIRST, SECOND = "2025-T3.1", "2026-T1.1"


def put(records: list[Record], release_id: str, base: str | None, previous: str | None = None) -> None:
    """Stage records as dbt would, and reserve the release as pinning would; compared with its base, if with no other."""
    with warehouse_module.connect() as connection:
        connection.execute("drop table if exists intermediate.person_records")
        connection.execute(
            "insert into meta.releases as r (release_id, period, revision, as_of, status, fingerprint, base_release_id,"
            " previous_release_id, pins, last_decision_id) values (%s, %s, %s, '2026-01-01', 'building', 'f', %s, %s, %s,"
            " (select coalesce(max(decision_id), 0) from linkage.link_decisions))"
            " on conflict (release_id) do update set last_decision_id = excluded.last_decision_id",
            [
                release_id,
                *release_id.split(".", maxsplit=1),
                base,
                previous or base,
                json.dumps({"model": model.model_version()}),
            ],
        )
    warehouse_module.write_arrow(as_table(records), "intermediate", "person_records")


@pytest.fixture
def stage(warehouse: str) -> Callable[[list[Record], str, str | None], None]:
    """Stages records in a fresh warehouse; see `put`."""
    return put


def read(query: str | sql.Composable) -> Rows:
    with warehouse_module.connect() as connection:
        return connection.execute(query).fetchall()


def everything() -> Rows:
    """All that linkage.* holds of persons, but who ran what when."""
    return [
        row
        for table in (
            "memberships",
            "findings",
            "persons",
            "person_id_history",
            "given_away",
            "quality",
            "drift",
        )
        for row in read(
            sql.SQL("select t::text from {} t order by 1").format(sql.Identifier("linkage", table))
        )
    ]
