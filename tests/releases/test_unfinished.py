"""An erasure at the same time as something else: between two tasks of a run, before what was made goes out, while somebody decides on her."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from akrim.errors import UserError
from akrim.orchestration.locks import check_workbench, occupy_workbench
from akrim.releases.erasing.erasure import erase_person
from akrim.releases.removal import forget_rows
from akrim.warehouse import connect

from tests.ledger.entering import enter_release
from tests.releases.conftest import REASON


@pytest.mark.parametrize("is_explained", [False, True])
def test_a_run_under_way_goes_on_with_nothing_of_her(
    is_explained: bool, installation: Path, warehouse: str
) -> None:
    """Of an earlier period she is staged, and linked as nobody yet. What came to its end waits for a person, with files that tell that she left."""
    again = "2025-T3.2"
    pins = {"release_id": again, "fingerprint": "f"}
    with psycopg.connect(warehouse) as connection:
        enter_release(connection, again, "building", {"deliveries": {}}, is_explained=is_explained)
        connection.execute(
            """create table intermediate.person_records as
            select 'politiet' as source, 'p1' as source_record_id, 'Etternavn p1' as family_name"""
        )
        connection.execute("create table intermediate.protected_persons as select 'P-ANOTHERS' as person_id")
    (installation / "releases" / again / "oslo").mkdir(parents=True)
    occupy_workbench(again)
    check_workbench(pins)
    erase_person("P-HERS", "Kari Vakt", REASON)
    with psycopg.connect(warehouse) as connection:
        staged = connection.execute("select count(*) from intermediate.person_records").fetchone()
        protected = connection.execute("select person_id from intermediate.protected_persons").fetchall()
    assert not (installation / "releases" / again).exists()
    assert protected == [("P-ANOTHERS",)]
    assert staged == (int(is_explained),)
    if is_explained:
        check_workbench(pins)
    else:
        with pytest.raises(UserError, match="given up: a person was erased"):
            check_workbench(pins)


def remove_rows() -> None:
    """As past their limit."""
    with connect() as connection:
        forget_rows(connection, "2025-T3.1", [], [])


def erase() -> None:
    assert erase_person("P-HERS", "Kari Vakt", REASON).rows == 2


@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize(
    ("doing", "removing"),
    [
        *((f"akrim.{doing}", erase) for doing in ("receive.politiet", "corrections", "linkage", "hidden_homes")),
        ("akrim.hidden_homes", remove_rows),
    ],
)  # fmt: skip
def test_a_removal_waits_until_nothing_is_being_received_decided_or_hidden(
    doing: str, removing: Callable[[], None], warehouse: str
) -> None:
    """Where homes are hidden the same rows change, in another order."""
    waiting = "select 1 from pg_locks where locktype = 'advisory' and not granted"
    left = "select count(*) from marts.persons where release_id = '2025-T3.1'"
    with ThreadPoolExecutor() as pool:
        with psycopg.connect(warehouse, autocommit=True) as connection:
            connection.execute("select pg_advisory_lock(hashtext(%s))", [doing])
            removed = pool.submit(removing)
            while not connection.execute(waiting).fetchone():
                assert not removed.done()
                time.sleep(0.01)
            assert connection.execute(left).fetchone() == (2,)
        removed.result(60)
