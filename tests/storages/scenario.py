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
from akrim.deliveries.inbox import entries, storage
from akrim.deliveries.inbox.listing import open_inbox
from akrim.errors import Unreachable, UserError
from akrim.sending import outbox
from akrim.settings import get_settings
from akrim.warehouse import connect

from expectations import suite_for

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
    """A file that is listed late is taken all the same; one that breaks off leaves nothing, whichever it is."""
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


def check_not_there(server: Any) -> None:
    assert "The inbox is not there." in told(lambda: open_inbox(server.nowhere))
    with_password = server.inbox.replace("://", "://me:hemmelig@", 1)
    assert "holds no password" in told(lambda: open_inbox(with_password))
    if server.nowhere.startswith("s3"):
        get_settings().outbox = server.nowhere
        assert "bucket is not there" in told(lambda: outbox.put("oslo", "x", io.BytesIO(b"x")))
        assert "The inbox is not there." in told(lambda: open_inbox(server.nowhere))


def check_shut(server: Any) -> None:
    server.forget_secret()
    get_settings().outbox = server.outbox
    for act in (lambda: open_inbox(server.inbox), lambda: outbox.put("oslo", "x", io.BytesIO(b"x"))):
        assert "lets nobody in" in told(act)
    if hasattr(server, "know_another"):
        server.know_another()
        assert "known_hosts" in told(lambda: open_inbox(server.inbox))
        server.know_none()
        assert "known_hosts" in told(lambda: open_inbox(server.inbox))
    server.stop()
    assert "does not answer" in told(lambda: open_inbox(server.inbox), Unreachable)


def main(kind: str, folder: Path) -> None:
    if kind == "s3":
        from tests.storages.s3 import S3

        server: Any = S3()
    else:
        from tests.storages.sftp import Sftp

        server = Sftp(folder / "served")
    check_receiving(server, folder / "laid")
    check_sending(server)
    check_not_there(server)
    check_shut(server)


main(sys.argv[1], Path(sys.argv[2]))
