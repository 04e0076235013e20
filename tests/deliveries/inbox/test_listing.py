"""Whatever odd thing lies in the inbox is left out or refused by itself; nothing waits for it and the rest is taken."""

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from akrim.commands.doctor.doctor import CHECKS
from akrim.deliveries.inbox import read_limited
from akrim.deliveries.inbox.listing import list_agency, list_inbox
from akrim.errors import UserError
from akrim.orchestration.alerts import Alert
from akrim.orchestration.alerts.conditions import shut_folders
from upath import UPath

from tests.conftest import configure
from tests.deliveries.building import Delivery, full_delivery
from tests.deliveries.conftest import Receiver
from tests.measured import run_akrim

NOBODY = 65534


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener, contextlib.chdir(path.parent):
        listener.bind(path.name)  # from within: a socket's address is short


ODD: dict[str, Callable[[Path], Any]] = {
    "pipe": os.mkfifo,
    "socket": make_socket,
    "link to nowhere": lambda path: path.symlink_to("nowhere"),
    "link to itself": lambda path: path.symlink_to(path.name),
    "link to a device": lambda path: path.symlink_to("/dev/zero"),
    "folder": Path.mkdir,
}


def spoilt(number: int, name: str, make: Callable[[Path], Any]) -> Delivery:
    """A delivery in which something odd stands in a file's place."""

    def spoil(folder: Path, _: dict[str, Any]) -> None:
        (folder / name).unlink(missing_ok=True)
        make(folder / name)

    return full_delivery("nav", number=number, spoil=spoil)


def test_nothing_odd_stops_reception_or_makes_it_wait(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    full_delivery("nav").write(inbox)
    (inbox / "sentrene").mkdir()
    for number, (kind, make) in enumerate(ODD.items(), start=2):
        make(inbox / kind)
        make(inbox / "nav" / f"odd {kind}")
        make(inbox / "sentrene" / f"{kind}.xlsx")
        spoilt(number, "saker.csv", make).write(inbox)
        spoilt(number + 10, "manifest.json", make).write(inbox)
    make_socket(inbox / "nav" / "nav-2025-T3-02" / "undeclared")

    came = run_akrim("receive", "--inbox", str(inbox), "--json", home=tmp_path / "home")

    assert came.code == 0, came.err[-2000:]
    outcomes = {o["delivery_id"]: o["code"] or o["status"] for o in json.loads(came.out.splitlines()[-1])}
    links = {"link to nowhere", "link to itself", "link to a device"}
    files = {f"nav-2025-T3-{n:02d}": kind in links for n, kind in enumerate(ODD, start=2)}
    assert outcomes == (
        {"nav-2025-T3-01": "accepted", "odd folder": "manifest_missing", "folder.xlsx": "manifest_missing"}
        | {name: "bad_file_name" if is_link else "file_missing" for name, is_link in files.items()}
        | {f"nav-2025-T3-{n:02d}": "manifest_missing" for n in range(12, 12 + len(ODD))}
        | {f"{kind}.xlsx": "bad_file_name" for kind in ODD if kind != "folder"}
    )


def test_what_is_moved_away_while_it_is_listed_is_seen_later(tmp_path: Path) -> None:
    folder = full_delivery("nav").write(tmp_path)
    stop = threading.Event()

    def move() -> None:
        while not stop.is_set():
            folder.rename(folder.parent / "elsewhere")
            (folder.parent / "elsewhere").rename(folder)

    mover = threading.Thread(target=move)
    mover.start()
    try:
        for _ in range(500):
            assert len(list_agency(UPath(folder.parent))) <= 2
    finally:
        stop.set()
        mover.join()
    assert [arrival.delivery_id for arrival in list_inbox(str(tmp_path))] == [folder.name]


@pytest.fixture
def as_nobody(tmp_path: Path) -> Iterator[None]:
    """Root may read everything, so a test run by root goes on as nobody."""
    if os.geteuid() == 0:
        for parent in [tmp_path, *tmp_path.parents]:
            if parent.stat().st_mode & 0o005 != 0o005:
                parent.chmod(0o755)
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(os.getuid())


def test_what_may_not_be_read_is_seen_and_does_not_hide_the_rest(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that is shut hides whatever lies there, so whoever runs the pipeline is told of it."""
    configure(monkeypatch, AKRIM_INBOX=str(tmp_path))
    for number in (1, 2):
        full_delivery("nav", number=number).write(tmp_path)
    closed_agency = full_delivery("politiet").write(tmp_path).parent
    closed, manifest = (
        tmp_path / "nav" / "nav-2025-T3-01",
        tmp_path / "nav" / "nav-2025-T3-02" / "manifest.json",
    )
    for path in (closed, manifest, closed_agency):
        path.chmod(0)
    request.getfixturevalue("as_nobody")
    try:
        seen = list_inbox(str(tmp_path))
        assert [arrival.delivery_id for arrival in seen] == ["nav-2025-T3-01", "nav-2025-T3-02"]
        assert [read_limited(arrival.path / "manifest.json") for arrival in seen] == [b"", b""]
        shut = ["nav/nav-2025-T3-01", "politiet"]
        assert shut_folders() == [Alert("unreadable", {"folder": folder}) for folder in shut]
        with pytest.raises(UserError, match=f"{tmp_path}: {', '.join(shut)}"):
            CHECKS["inbox"]()
    finally:
        os.seteuid(os.getuid())
        for path in (closed, manifest, closed_agency):
            path.chmod(0o700)
    assert shut_folders() == []
    # What was refused since it could not be read is looked at again once it can.
    again = {arrival.delivery_id: arrival.fingerprint for arrival in list_inbox(str(tmp_path))}
    assert all(again[arrival.delivery_id] != arrival.fingerprint for arrival in seen)


def test_a_folder_still_being_filled_waits_under_a_schedule_only(receiver: Receiver) -> None:
    """Until nothing in it has changed for half an hour."""
    delivery = full_delivery("nav", spoil=lambda folder, _: (folder / "manifest.json").unlink())
    assert receiver(delivery, is_scheduled=True)[0].status == "waiting"
    assert receiver.rows("select * from meta.deliveries") == []
    folder = receiver.inbox / "nav" / delivery.delivery_id
    for minutes, code in ((28, None), (31, "manifest_missing")):
        for file in folder.iterdir():
            os.utime(file, (time.time() - 60 * minutes,) * 2)
        assert receiver(agency="nav", is_scheduled=True)[0].code == code
