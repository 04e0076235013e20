"""A program that receives from a storage and sends to it while that fails in each of its ways.

It runs in a process of its own: a storage's address makes Airflow read its settings, which must not happen in the tests'.
Arguments: `s3` or `sftp`, and a folder with an inbox of two deliveries of Nav's. Prints what people were told, and fails where
it is not as it should be.
"""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from akrim.deliveries import receive, scan
from akrim.deliveries.inbox import entries, is_file, storage
from akrim.deliveries.inbox.listing import open_inbox
from akrim.errors import Unreachable, UserError
from akrim.keys import create_keys
from akrim.releases.erasing.erasure import erase_parts
from akrim.sending import SendingSummary, in_force, outbox
from akrim.sending.mirror import compare_mirror, keep_mirror
from akrim.settings import get_settings
from akrim.warehouse import connect

from expectations import suite_for
from tests.releases.tables import create_marts
from tests.sending.outboxes import enter
from tests.trust import conftest as releases

FIRST, SECOND = "nav-2025-T3-01", "nav-2025-T3-02"


def told(act: Callable[[], Any], kind: type[UserError] = UserError) -> str:
    try:
        act()
    except kind as error:
        sys.stdout.write(f"{error}\n")
        return str(error)
    raise AssertionError("nothing was told")


def received(server: Any) -> dict[str, str]:
    return {o.delivery_id: o.code or o.status for o in receive(server.inbox, "nav", suite_for)}


def kept() -> list[tuple[str, str]]:
    with connect() as connection:
        return connection.execute("select delivery_id, status from meta.deliveries order by 1").fetchall()


def check_receiving(server: Any, laid: Path) -> None:
    """A file that is listed late is taken, or known again, all the same; one that breaks off leaves nothing, whichever it is."""
    server.late = {"saker.csv"}
    server.lay(laid / FIRST)
    assert [arrival.delivery_id for arrival in scan(server.inbox)] == [FIRST]
    assert received(server) == {FIRST: "accepted"}
    server.late = set()
    server.lay(laid / SECOND)
    for name in ("personer.csv", "manifest.json"):
        server.broken = {name}
        assert "broke off" in told(lambda: received(server), Unreachable)
        assert kept() == [(FIRST, "accepted")]
        assert not any((get_settings().home / "spool").iterdir())
    server.broken = set()
    assert received(server) == {FIRST: "already_loaded", SECOND: "accepted"}
    server.late = {"saker.csv"}
    assert received(server) == {FIRST: "already_loaded", SECOND: "already_loaded"}
    server.late = set()
    assert received(server) == {FIRST: "already_loaded", SECOND: "already_loaded"}
    assert scan(server.inbox) == []


def check_sending(server: Any) -> None:
    get_settings().outbox = server.outbox
    for content in (b"one", b"another"):
        outbox.put("oslo", "2026-T1.1.tar.age", io.BytesIO(content))
    lying = entries(storage(server.outbox) / "oslo")
    assert [(path.name, path.read_bytes()) for path in lying] == [("2026-T1.1.tar.age", b"another")]
    outbox.remove("oslo", "2026-T1.1.tar.age")
    outbox.remove("oslo", "2026-T1.1.tar.age")
    assert not storage(server.outbox).joinpath("oslo", "2026-T1.1.tar.age").exists()


def check_mirror(server: Any) -> None:
    """What is published lies there too, is put right where it was altered, and goes when it is erased."""
    get_settings().releases_mirror = server.mirror
    create_keys()
    with connect() as connection:
        create_marts(connection, "named_persons")
        database = connection.info.dsn
    home, older, newer = get_settings().home, releases.FIRST, releases.SECOND
    for serial, release_id in enumerate((older, newer), start=1):
        releases.make_release(home, release_id, serial, recipients=("oslo",))
        enter(database, release_id, serial)
    assert compare_mirror() == ([newer, older], [])
    assert mirror_keeps() == [older, newer]
    assert compare_mirror() == ([], [])
    assert mirror_keeps() == []
    place = storage(server.mirror)
    (place / newer / "oslo" / "assessment.html").write_bytes(b"another")
    assert mirror_keeps() == [newer]
    erase_parts(older, ["oslo"], "Sletting krevd.")
    assert mirror_keeps() == [older]
    for release_id in (older, newer):
        there = {
            path.name: path.read_bytes() for path in entries(place / release_id / "oslo") if is_file(path)
        }
        here = (home / "releases" / release_id / "oslo").iterdir()
        assert there == {path.name: path.read_bytes() for path in here if path.is_file()}


def mirror_keeps() -> list[str]:
    kept = keep_mirror(in_force())
    SendingSummary(failed=kept.failed).require_all()
    return kept.releases


def check_not_there(server: Any) -> None:
    assert "The inbox is not there." in told(lambda: open_inbox(server.nowhere))
    with_password = server.inbox.replace("://", "://me:hemmelig@", 1)
    assert "holds no password" in told(lambda: open_inbox(with_password))
    if server.nowhere.startswith("s3"):
        get_settings().outbox = server.nowhere
        assert "bucket is not there" in told(lambda: outbox.put("oslo", "x", io.BytesIO(b"x")))
        get_settings().releases_mirror = server.nowhere
        assert "bucket is not there" in told(mirror_keeps)
        assert "The inbox is not there." in told(lambda: open_inbox(server.nowhere))


def check_shut(server: Any) -> None:
    server.forget_secret()
    get_settings().outbox, get_settings().releases_mirror = server.outbox, server.mirror
    for act in (
        lambda: open_inbox(server.inbox),
        lambda: outbox.put("oslo", "x", io.BytesIO(b"x")),
        mirror_keeps,
    ):
        assert "lets nobody in" in told(act)
    if hasattr(server, "know_another"):
        server.know_another()
        assert "known_hosts" in told(lambda: open_inbox(server.inbox))
        server.know_none()
        assert "known_hosts" in told(lambda: open_inbox(server.inbox))
    server.stop()
    assert "does not answer" in told(lambda: open_inbox(server.inbox), Unreachable)
    if hasattr(server, "know_another"):  # the clients of S3 ask for a long time
        assert "does not answer" in told(mirror_keeps)


def main(kind: str, folder: Path) -> None:
    if kind == "s3":
        from tests.storages.s3 import S3

        server: Any = S3()
    else:
        from tests.storages.sftp import Sftp

        server = Sftp(folder / "served")
    check_receiving(server, folder / "laid")
    check_sending(server)
    check_mirror(server)
    check_not_there(server)
    check_shut(server)


main(sys.argv[1], Path(sys.argv[2]))
