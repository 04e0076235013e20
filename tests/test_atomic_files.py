"""Where a disk is full, what was there stays as it was, nothing empty or half is left, and the next attempt succeeds."""

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import psycopg
import pytest
from akrim.atomic_files import write_new, write_whole
from akrim.deliveries import receive
from akrim.deliveries.receiving import _no_suite
from akrim.errors import UserError
from akrim.full_disk import full_disk
from akrim.keys import add_recipient, create_keys
from akrim.keys.centres import recipients_for
from akrim.linkage.model.file import LinkageModel, read_model, save_model
from akrim.orchestration.airflow import configuration
from akrim.trust import sealing, signing
from akrim.trust.keyring import write_statement
from akrim.trust.keyring.centre import write_seen

from tests.reproduction.test_from_folder import delivery


@contextmanager
def no_room(size: int = 0) -> Iterator[None]:
    """No file of this process may grow beyond the size, which is what a full disk is to it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(OSError, match="no file") as error:
        write_whole(path, b"x")
    assert path.is_fifo()
    assert error.value.filename == str(path)


@pytest.mark.parametrize("room", [0, 10, 4096])
@pytest.mark.parametrize("before", [None, b"as it was"])
def test_a_file_is_whole_or_as_it_was(room: int, before: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "file"
    if before is not None:
        path.write_bytes(before)
    left = contents(tmp_path)
    with no_room(room), pytest.raises(OSError, match="File too large") as error:
        write_whole(path, b"x" * 5000)
    assert contents(tmp_path) == left
    told = full_disk(error.value)
    assert told is not None
    assert told.where == str(tmp_path)
    write_whole(path, b"x" * 5000)
    assert contents(tmp_path) == {"file": b"x" * 5000}
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_new_file_takes_no_others_place(tmp_path: Path) -> None:
    write_new(tmp_path / "file", b"first")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "file", b"second")
    assert contents(tmp_path) == {"file": b"first"}


def _identity(home: Path) -> None:
    folder = home / "keys" / "centre"
    folder.mkdir(parents=True, exist_ok=True)
    sealing.create_identity(folder)


def _recipient(home: Path) -> None:
    add_recipient("oslo", home / "recipient.txt")


def _statement(home: Path) -> None:
    key = signing.read_secret_key(home / "secret")
    write_statement(home / "keys" / "statements", "recall-x", {"statement": "recall"}, key)


def _signature(home: Path) -> None:
    signing.sign(home / "recipient.txt", signing.read_secret_key(home / "secret"), "x")


def _password(home: Path) -> None:
    configuration.password_file()


WRITERS: dict[str, Callable[[Path], object]] = {
    "the installation's keys": lambda _: create_keys(),
    "a centre's key": _identity,
    "a centre's public keys": _recipient,
    "a demo key": lambda _: recipients_for("bergen"),
    "a statement": _statement,
    "a signature": _signature,
    "what was verified": lambda home: write_seen(home / "keys", {"2026-T1": {"revision": 1}}),
    "the password of Airflow": _password,
}


@pytest.mark.parametrize("name", WRITERS)
def test_keys_and_state_are_written_whole(name: str, home: Path) -> None:
    write = WRITERS[name]
    (home / "keys").mkdir(parents=True)
    signing.create_pair(home / "secret", home / "public", "signing key")
    folder = home / "other"
    folder.mkdir()
    (home / "recipient.txt").write_text(sealing.create_identity(folder) + "\n")
    before = contents(home)
    with no_room(), pytest.raises(OSError, match="File too large") as error:
        write(home)
    assert contents(home) | before == before, "nothing is left that was not there"
    assert full_disk(error.value) is not None
    write(home)
    made = {path: content for path, content in contents(home).items() if path not in before}
    assert made
    assert all(made.values())
    modes = {path: (home / path).stat().st_mode & 0o077 for path in made}
    assert not any(modes.values()), modes


def test_half_a_pair_of_keys_is_none(tmp_path: Path) -> None:
    """Where the public key cannot be written, the secret one does not stay in the way of the next attempt."""
    with pytest.raises(OSError, match="No such file"):
        signing.create_pair(tmp_path / "secret", tmp_path / "none" / "key", "signing key")
    assert contents(tmp_path) == {}


def test_a_full_disk_is_no_fault_of_the_delivery(warehouse: str, home: Path, tmp_path: Path) -> None:
    """It is neither refused as missing nor recorded, and the reason is told: the next run takes it."""
    content = b"x" * 2_000_000
    delivery(tmp_path / "inbox", "nav-2026-T1-01", content=content)

    def receive_nav() -> list[str]:
        return [str(outcome.code) for outcome in receive(str(tmp_path / "inbox"), "nav", _no_suite)]

    home.mkdir(exist_ok=True)
    with no_room(1_000_000), pytest.raises(UserError, match="disk is full") as told:
        receive_nav()
    assert str(home / "spool") in told.value.where
    with psycopg.connect(warehouse) as connection:
        assert connection.execute("select count(*) from meta.deliveries").fetchone() == (0,)
    assert receive_nav() == ["extract_missing"]


def test_a_model_is_there_with_its_frequencies_or_not_at_all(tmp_path: Path) -> None:
    model = LinkageModel("", {"records": 1}, {"x": 1}, {}, ())
    with duckdb.connect() as connection:
        connection.execute("""
            create table frequencies_given as select repeat('x', i::int) as given, 0.1 as tf_given, 2 as people from range(1000) t(i);
            create table frequencies_family as select given as family, tf_given as tf_family, people from frequencies_given;
        """)
        with no_room(100_000), pytest.raises(duckdb.Error) as error:
            save_model(connection, model, date(2026, 1, 1), tmp_path)
        assert full_disk(error.value) is not None
        assert list(tmp_path.glob("*.json")) == []
        saved = save_model(connection, model, date(2026, 1, 1), tmp_path)
    assert read_model(saved.name, tmp_path).settings == {"x": 1}
