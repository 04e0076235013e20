"""An erasure at the same time as something else: between two tasks of a run, before what was made goes out, while somebody decides on her."""

import fcntl
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from akrim.errors import UserError
from akrim.linkage.store import is_linked
from akrim.orchestration.locks import check_workbench, occupy_workbench
from akrim.releases import hide_homes, publish, publishing
from akrim.releases.erasing.erasure import erase_parts, erase_person
from akrim.releases.removal import forget_rows
from akrim.sharing import keep_rows
from akrim.warehouse import connect

from tests.ledger.entering import enter_release, enter_run
from tests.releases.conftest import MEMBERSHIP, REASON
from tests.trust.conftest import FIRST, SECOND


@pytest.mark.parametrize(("is_explained", "is_recorded"), [(False, True), (True, True), (False, False)])
def test_a_run_under_way_goes_on_with_nothing_of_her(
    is_explained: bool, is_recorded: bool, installation: Path, warehouse: str
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
    if not is_recorded:  # a home was hidden in it
        with psycopg.connect(warehouse) as connection:
            connection.execute("delete from meta.workbench")
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


def test_what_killed_receivers_and_senders_left_goes_too(installation: Path, warehouse: str) -> None:
    """Copies of files, rows that were being validated, and a notice of what she disputes; not a notice that somebody writes just now."""
    left = [
        installation / name
        for name in ("spool/nav", "spool/form", "scratch-notice-left", "scratch-notice-used")
    ]
    for folder in left:
        folder.mkdir(parents=True)
        (folder / "0").write_text("SLETTMARK")
        os.utime(folder, (0, 0))
    with psycopg.connect(warehouse) as connection:
        connection.execute("create schema scratch_nav")
        connection.execute("create table scratch_nav.personer as select 'SLETTMARK' as navn")
    used = os.open(left[-1], os.O_RDONLY)
    fcntl.flock(used, fcntl.LOCK_EX)
    erase_person("P-HERS", "Kari Vakt", REASON)
    os.close(used)
    assert [folder.name for folder in left if folder.exists()] == ["scratch-notice-used"]
    with psycopg.connect(warehouse) as connection:
        assert connection.execute("select to_regnamespace('scratch_nav')").fetchone() == (None,)


@pytest.mark.parametrize(
    ("status", "is_explained", "is_undone"),
    [("building", False, True), ("failed", False, True), ("failed", True, True), ("building", True, False)],
)
def test_a_run_of_an_earlier_period_that_failed_once_it_had_linked_her_keeps_nobody_from_erasing(
    status: str, is_explained: bool, is_undone: bool, installation: Path, warehouse: str
) -> None:
    """No agency delivers her, and no run of the newest period would undo that one, since nothing is new. One that waits may go out still."""
    again = "2025-T3.2"
    with psycopg.connect(warehouse) as connection:
        for release_id in (FIRST, SECOND):
            enter_run(connection, release_id)
        enter_release(connection, again, status, {"deliveries": {}}, is_explained=is_explained)
        enter_run(connection, again)
        connection.execute(MEMBERSHIP, ["p1", "P-HERS", again, None])
        connection.execute(
            "create table intermediate.person_records as select 'politiet' as source, 'p1' as source_record_id"
        )
    occupy_workbench(again)
    if not is_undone:
        with pytest.raises(UserError, match="P-HERS is still in what politiet delivered"):
            erase_person("P-HERS", "Kari Vakt", REASON)
        return
    assert erase_person("P-HERS", "Kari Vakt", REASON).parts == {FIRST: ["oslo"]}
    with psycopg.connect(warehouse) as connection:
        linked = connection.execute("select source_record_id from linkage.memberships").fetchall()
        staged = connection.execute("select 1 from intermediate.person_records").fetchall()
        assert (linked, staged, is_linked(connection, again)) == ([("p2",)], [], False)
    with pytest.raises(UserError, match="given up: a person was erased"):
        check_workbench({"release_id": again, "fingerprint": "f"})
    with pytest.raises(UserError, match=r"or a person erased|or an erasure has undone its links"):
        publish(again, was_out=True)


def remove_rows() -> None:
    """As past their limit."""
    with connect() as connection:
        forget_rows(connection, "2025-T3.1", [], [])


def erase_part() -> None:
    """As past its limit, or later than the erasure that it belongs to."""
    erase_parts("2025-T3.1", ["oslo"], REASON)


def bring_out() -> None:
    """What is given up of others that never went out."""
    with connect() as connection:
        connection.execute("update meta.releases set is_explained = true")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("_is_complete", True), ("_actor_counts", {}), ("write_catalogue", None)):
            patch.setattr(publishing, name, lambda *_, value=value: value)
        publish("2025-T3.1", was_out=True)


def keep() -> None:
    """What a centre is sent, in place of what it was to be sent before."""
    keep_rows("2025-T3.1", "oslo", {})


def erase() -> None:
    assert erase_person("P-HERS", "Kari Vakt", REASON).rows == 2


@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize(
    ("doing", "removing"),
    [
        *((f"akrim.{doing}", erase) for doing in ("receive.politiet", "corrections", "linkage", "hidden_homes")),
        *(("akrim.hidden_homes", removing) for removing in (remove_rows, erase_part, bring_out, keep)),
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
            connection.execute("select from meta.releases for update nowait")
        removed.result(60)


@pytest.mark.usefixtures("installation")
def test_no_home_is_looked_for_until_a_first_run_has_made_every_table(warehouse: str) -> None:
    """It was killed, or goes on still: nothing of it is out, and a delivery is received meanwhile."""
    with psycopg.connect(warehouse) as connection:
        assert connection.execute("select to_regclass('marts.enterprises')").fetchone() == (None,)
        with pytest.raises(psycopg.errors.UndefinedTable):
            hide_homes()  # what is out is never passed over
        connection.execute("update meta.releases set status = 'building', published_at = null")
        connection.commit()
        hide_homes()
