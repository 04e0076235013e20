"""A release built again says what it could not be given any more, and is built in a copy by whichever programs fit the server."""

import os
import uuid
from pathlib import Path

import psycopg
import pytest
from akrim.ledger import Pins
from akrim.periods import Period
from akrim.reproduction.from_warehouse import SHORTENED_SINCE, copy_warehouse, link_earlier
from akrim.warehouse import embedded

from tests.conftest import create_database, drop_database
from tests.ledger.entering import enter_release

REMOVE = (
    "insert into meta.release_removals (release_id, rows_removed, removed_at) values (%s, 1, '2026-05-10')"
)
ERASE = """
insert into meta.erasures (person_id, releases, rows_erased, by_name, reason, erased_at)
values ('P1', array[%s], 1, 'Kari Vakt', 'test', '2026-05-10')
"""


@pytest.mark.parametrize("how", [REMOVE, ERASE])
@pytest.mark.parametrize(
    ("gone", "reserved", "is_shortened"),
    [
        ("2026-T1.1", "2026-05-01", True),
        ("2026-T1.1", "2026-05-20", False),  # it was made without these rows
        ("2026-T1.3", "2026-05-01", False),  # a later release is no input
    ],
)
def test_what_an_earlier_release_lost_since_is_a_reason(
    warehouse: str, how: str, gone: str, reserved: str, is_shortened: bool
) -> None:
    with psycopg.connect(warehouse) as connection:
        for revision in (1, 2, 3):
            enter_release(connection, f"2026-T1.{revision}", reserved_at=reserved)
        connection.execute(how.encode(), [gone])
        found = connection.execute(SHORTENED_SINCE, ["2026-T1.2"]).fetchone()
    assert (found is not None) == is_shortened


def test_it_is_told_from_the_files_of_every_release_that_it_is_compared_with(
    home: Path, tmp_path: Path
) -> None:
    """As they were sent, which the marts need not say any more."""
    pins = Pins(
        "2026-T1.2", Period.parse("2026-T1"), True, None, {}, "",
        previous_release_id="2026-T1.1", last_period_release_id="2025-T3.1",
    )  # fmt: skip
    (tmp_path / "releases").mkdir()
    link_earlier(tmp_path, pins)
    assert {path.name: path.readlink() for path in (tmp_path / "releases").iterdir()} == {
        release_id: home / "releases" / release_id for release_id in ("2026-T1.1", "2025-T3.1")
    }


def test_the_copy_is_made_by_the_machines_programs_where_none_come_with_the_installation(
    warehouse: str, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(warehouse) as connection:
        enter_release(connection, "2026-T1.1", reserved_at="2026-05-01")
    monkeypatch.setenv("PATH", f"{embedded.binaries()}:{os.environ['PATH']}")
    monkeypatch.setattr(embedded, "find_spec", lambda _: None)
    name = f"copy_{uuid.uuid4().hex[:8]}"
    create_database(server, name, "template0")
    copy_warehouse(warehouse, server.format(name))
    with psycopg.connect(server.format(name)) as connection:
        assert connection.execute("select release_id from meta.releases").fetchall() == [("2026-T1.1",)]
    drop_database(server, name)
