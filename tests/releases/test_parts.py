"""A release whose parts several workers make, each in a home of its own, is the one that is made whole, or is not made."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from akrim.atomic_files import write_new
from akrim.errors import UserError
from akrim.releases import Made, list_parts, make_apart, publish, remove_parts
from akrim.releases.parts import apart
from akrim.settings import get_settings
from akrim.trust import MANIFEST

from tests.conftest import configure
from tests.releases import world
from tests.releases.test_publishing import CENTRES, contents
from tests.storages.bucket import stored

pytestmark = [pytest.mark.slow, pytest.mark.installation]

CODE = "of-these-tests"
KEPT = "select count(*), count(distinct person_id) from shared_rows.assessments where release_id = %s and recipient = 'oslo'"


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def exchange(golden: Path, scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which parts are exchanged; golden is the home of the task that asks for them and collects them."""
    folder = tmp_path / "exchange"
    configure(monkeypatch, AKRIM_PARTS_EXCHANGE=str(folder))
    return folder


@contextmanager
def at_home(folder: Path) -> Iterator[None]:
    """As a worker has it that shares neither home nor scratch with the others."""
    with pytest.MonkeyPatch.context() as settings:
        configure(settings, AKRIM_HOME=str(folder))
        yield
    get_settings.cache_clear()


def made_by_workers(homes: Path, recipients: list[str], release_id: str = world.SECOND) -> dict[str, str]:
    made = {}
    for number, recipient in enumerate(recipients):
        with at_home(homes / f"worker-{number % 2}"):
            made[recipient] = make_apart(release_id, recipient, CODE)
    return made


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("address", ["folder", "s3://moro/parts"])
def test_workers_apart_make_the_release_that_one_makes(
    address: str,
    published: Path,
    exchange: Path,
    scratch: Path,
    tmp_path: Path,
    bucket: None,
    golden_database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if address != "folder":
        configure(monkeypatch, AKRIM_PARTS_EXCHANGE=address)
    wanted = list_parts(world.SECOND, CODE)
    assert sorted(wanted) == sorted([*CENTRES, "national"])
    made = made_by_workers(tmp_path / "homes", wanted)
    assert made | {"oslo": make_apart(world.SECOND, "oslo", CODE)} == made, "the same, however often"
    there = files_in(exchange) if address == "folder" else {key.removeprefix("parts/") for key in stored()}
    (name,) = {path.partition("/")[0] for path in there}
    assert there == {f"{name}/asked", *(f"{name}/{part}.tar" for part in wanted)}
    assert not [path for path in exchange.rglob("*") if path.stat().st_mode & 0o077]

    summary = publish(world.SECOND, Made(made, CODE))

    assert contents(summary.path) == contents(published / world.SECOND)
    assert summary.centres["oslo"] == 4
    assert (list(exchange.rglob("*")), stored(), list(scratch.iterdir())) == ([], [], [])
    with psycopg.connect(golden_database) as connection:
        assert connection.execute(KEPT, [world.SECOND]).fetchone() == (4, 4), "once, though made twice"
    assert list_parts(world.SECOND, CODE) == [], "it is out"


HARMS: tuple[Callable[[bytes], bytes], ...] = (
    lambda whole: whole[:-1],
    lambda whole: whole.replace(b"Oslo", b"Osla"),
    lambda _: b"",
)


def test_a_part_that_is_not_as_it_was_made_is_not_published_until_it_is_made_again(
    published: Path, exchange: Path, golden: Path, tmp_path: Path
) -> None:
    made = made_by_workers(tmp_path / "homes", list_parts(world.FIRST, CODE), world.FIRST)
    for harm in HARMS:
        (part,) = exchange.glob("*/oslo.tar")
        part.write_bytes(harm(part.read_bytes()))
        with pytest.raises(UserError, match="The part of oslo is missing, or not as it was made"):
            publish(world.FIRST, Made(made, CODE))
        assert not (golden / "releases" / world.FIRST).exists()
        again = make_apart(world.FIRST, "oslo", CODE)
        assert again == made["oslo"]
    assert contents(publish(world.FIRST, Made(made, CODE)).path) == contents(published / world.FIRST)


def test_a_killed_worker_leaves_nothing_that_counts(exchange: Path, scratch: Path, tmp_path: Path) -> None:
    list_parts(world.FIRST, CODE)
    program = f"from akrim.releases import make_apart; make_apart({world.FIRST!r}, 'oslo', {CODE!r})"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(scratch)}
    process = subprocess.Popen(
        [sys.executable, "-c", program], env=environment | {"AKRIM_HOME": str(tmp_path / "worker")}
    )
    while process.poll() is None and not list(scratch.glob("*/oslo/*")):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert {Path(path).name for path in files_in(exchange)} == {"asked"}
    (left,) = scratch.iterdir()
    os.utime(left, (0, 0))

    make_apart(world.FIRST, "oslo", CODE)

    assert {Path(path).name for path in files_in(exchange)} == {"asked", "oslo.tar"}
    assert list(scratch.iterdir()) == [], "what the killed one left is gone, too"


def test_what_was_erased_or_changed_meanwhile_makes_parts_worthless(
    exchange: Path, golden: Path, tmp_path: Path, golden_database: str
) -> None:
    made = dict.fromkeys(list_parts(world.FIRST, CODE), "0" * 64)
    write_new_key(tmp_path / "stranger")
    with at_home(tmp_path / "stranger"), pytest.raises(UserError, match=r"Nobody asked(.|\n)*keys/forms.key"):
        make_apart(world.FIRST, "oslo", CODE)
    with pytest.raises(UserError, match="Nobody asked"):
        make_apart(world.FIRST, "oslo", "other code")
    with pytest.raises(UserError, match="Other parts were made than the release has"):
        publish(world.FIRST, Made({"oslo": made["oslo"]}, CODE))
    made |= {"oslo": make_apart(world.FIRST, "oslo", CODE)}
    with psycopg.connect(golden_database, autocommit=True) as connection:
        connection.execute(ERASED)
        try:
            with pytest.raises(UserError, match="Nobody asked"):
                make_apart(world.FIRST, "oslo", CODE)
            with pytest.raises(UserError, match="is missing, or not as it was made"):
                publish(world.FIRST, Made(made, CODE))
        finally:
            connection.execute("delete from meta.erasures where person_id = 'P-gone'")
    assert not (golden / "releases" / world.FIRST).exists()


ERASED = """
insert into meta.erasures (person_id, releases, rows_erased, by_name, reason) values ('P-gone', '{}', 0, 'Kari', 'asked')
"""


def write_new_key(home: Path) -> None:
    (home / "keys").mkdir(parents=True, mode=0o700)
    home.chmod(0o700)
    write_new(home / "keys" / "forms.key", b"5a" * 32)


def test_what_a_failed_run_left_goes_and_what_is_not_ours_stays(
    exchange: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_parts(world.FIRST, CODE)
    make_apart(world.FIRST, "oslo", CODE)
    mirrored = exchange / world.FIRST / "oslo" / MANIFEST
    mirrored.parent.mkdir(parents=True)
    mirrored.write_text("{}")
    assert len(list(exchange.iterdir())) == 2
    remove_parts()
    assert [path.name for path in exchange.iterdir()] == [world.FIRST]
    assert mirrored.exists()
    monkeypatch.delenv("AKRIM_PARTS_EXCHANGE")
    get_settings.cache_clear()
    remove_parts()
    with pytest.raises(UserError, match="is not said where"):
        apart.make_apart(world.FIRST, "oslo", CODE)
