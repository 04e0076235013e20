"""The embedded server: closed to others, shared by processes, gone with the last of them."""

import fcntl
import hashlib
import os
import shutil
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import psutil
import psycopg
import pytest
from akrim.errors import UserError
from akrim.settings import get_settings
from akrim.warehouse import connect, embedded

SCRIPT = """
import sys
from akrim import warehouse
warehouse.prepare()
with warehouse.connect() as connection:
    count = connection.execute("select count(*) from meta.deliveries").fetchone()[0]
print(count, flush=True)
sys.stdin.readline()  # what holds the server is the process; a server whose files are gone ends connections
"""


def start(home: Path, **variables: str) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AKRIM_")} | {
        "AKRIM_HOME": str(home),
        **variables,
    }
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def is_running(home: Path) -> bool:
    return (home / "postgres" / "data" / "postmaster.pid").exists()


def is_held(folder: Path) -> bool:
    """Whether any process holds the server, this one included: each opening of the file is a holder of its own."""
    with (folder / embedded.USERS).open() as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def has_ended(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def finish(process: subprocess.Popen[str]) -> None:
    _, complaints = process.communicate("\n", timeout=60)
    assert (process.returncode, complaints) == (0, "")


@pytest.mark.parametrize(
    "name",
    ["home", "/".join(["a" * 40] * 3), 'o\'brien, $(touch "done") [1] #%41&x=y'],
    ids=["short path", "path too long for a socket", "path that others read otherwise"],
)
def test_processes_share_the_server_and_the_last_one_stops_it(tmp_path: Path, name: str) -> None:
    home = tmp_path / name
    first, second = start(home), start(home)
    for process in (first, second):
        assert process.stdout
        assert process.stdout.readline() == "0\n"
    finish(first)
    assert is_running(home)
    finish(second)
    assert not is_running(home)


def test_processes_with_other_temporary_folders_share_the_server(tmp_path: Path) -> None:
    """Its socket lies in one, where the home's own path cannot have it; one with a space cannot, either."""
    home, here, there = (tmp_path / name for name in ("a home", "here", "over there"))
    here.mkdir()
    there.mkdir()
    for folders in ((here, there), (there, here)):
        users = [start(home, TMPDIR=str(folder)) for folder in folders]
        for process in users:
            assert process.stdout
            assert process.stdout.readline() == "0\n"
        for process in users:
            finish(process)
        assert not is_running(home)


def test_a_killed_process_leaves_a_server_that_the_next_one_stops(tmp_path: Path) -> None:
    home = tmp_path / "home"
    killed = start(home)
    assert killed.stdout
    killed.stdout.readline()
    killed.kill()
    killed.wait()
    finish(start(home))
    assert not is_running(home)


def test_a_home_that_was_removed_meanwhile_is_no_reason_to_complain(tmp_path: Path) -> None:
    home = tmp_path / "home"
    process = start(home)
    assert process.stdout
    process.stdout.readline()
    shutil.rmtree(home)
    finish(process)


def test_whoever_used_a_removed_home_leaves_the_server_of_a_new_one_at_its_place(tmp_path: Path) -> None:
    home = tmp_path / "home"
    of_removed = start(home)
    assert of_removed.stdout
    of_removed.stdout.readline()
    server = int((home / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    shutil.rmtree(home)
    of_new = start(home)
    assert of_new.stdout
    of_new.stdout.readline()
    assert has_ended(server), "within a minute it would take the new one's socket away"
    finish(of_removed)
    assert is_running(home)
    finish(of_new)
    assert not is_running(home)


def test_no_folder_is_opened_to_others(tmp_path: Path) -> None:
    outer = tmp_path / "closed"
    outer.mkdir(mode=0o700)
    finish(start(outer / "home"))
    for path in (outer, outer / "home", outer / "home" / "postgres", outer / "home" / "postgres" / "data"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700, path
        assert path.stat().st_uid == os.geteuid()


MADE_BEFORE = """
create schema meta;
create table meta.deliveries_of_old (delivery_id text, place bigint generated always as identity);
insert into meta.deliveries_of_old values ('nav-2025-T3-01');
create view meta.seen as select * from meta.deliveries_of_old;
create function meta.answer() returns int language sql as 'select 42';
create type meta.mood as enum ('well');
"""


def test_a_home_whose_pipeline_was_the_superuser_is_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    folder = home / "postgres"
    with monkeypatch.context() as patch:
        patch.setattr(embedded, "SUPERUSER", embedded.PIPELINE)
        patch.setattr(embedded, "_set_up", lambda _: None)
        socket = embedded.ensure_running(folder)
        with psycopg.connect(embedded.address(socket, "postgres"), autocommit=True) as connection:
            for database in (embedded.PIPELINE, embedded.AIRFLOW):
                connection.execute(f"create database {database}".encode())
        for database in (embedded.PIPELINE, embedded.AIRFLOW):
            with psycopg.connect(embedded.address(socket, database)) as connection:
                connection.execute(MADE_BEFORE)
        embedded._release(folder, os.getpid())
    (folder / embedded.SET_UP).unlink()

    finish(start(home))
    socket = embedded.ensure_running(folder)
    try:
        for user in (embedded.PIPELINE, embedded.AIRFLOW):
            with psycopg.connect(embedded.address(socket, user, user)) as connection:
                is_super = connection.execute(
                    "select usesuper from pg_user where usename = current_user"
                ).fetchone()
                assert is_super == (False,)
                assert connection.execute("select delivery_id from meta.seen").fetchall() == [
                    ("nav-2025-T3-01",)
                ]
                connection.execute("alter table meta.deliveries_of_old add column more text")
                connection.execute("drop view meta.seen; drop function meta.answer(); drop type meta.mood")
                connection.execute(
                    "insert into meta.deliveries_of_old (delivery_id) values ('nav-2026-T1-01')"
                )
    finally:
        embedded._release(folder, os.getpid())


def test_roles_and_rights_are_laid_again_once_their_texts_are_others() -> None:
    texts = [files("akrim.warehouse").joinpath(name).read_bytes() for name in ("roles.sql", "rights.sql")]
    assert embedded.SET_UP.endswith(hashlib.sha256(b"".join(texts)).hexdigest()[:8])


def test_a_server_that_was_made_and_does_not_start_is_told_with_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    embedded.ensure_running(folder)
    embedded._release(folder, os.getpid())
    (folder / "data" / "global" / "pg_control").unlink()
    with pytest.raises(UserError, match="cannot be started") as told:
        embedded.ensure_running(folder)
    assert "restore a backup" in told.value.next_step
    assert "ordinary user" not in told.value.next_step
    assert not is_held(folder), "it would keep whoever starts the server next from stopping it"


def test_what_the_server_has_is_written_out_beside_what_is_done_next(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    embedded.write_out(folder)  # there is none
    socket = embedded.ensure_running(folder)
    try:
        with psycopg.connect(embedded.address(socket, embedded.PIPELINE), autocommit=True) as connection:
            last = "select checkpoint_lsn from pg_control_checkpoint()"
            before = connection.execute(last).fetchone()
            embedded.write_out(folder)
            for thread in threading.enumerate():
                if thread.name == embedded.WRITES_OUT:
                    thread.join()
            assert connection.execute(last).fetchone() != before
    finally:
        embedded._release(folder, os.getpid())


def test_threads_that_start_at_once_hold_the_server_once(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(embedded.ensure_running, [folder] * 2))
    embedded._release(folder, os.getpid())
    assert not is_held(folder)
    assert not is_running(tmp_path)


def test_a_lock_that_another_program_s_id_keeps_alive_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a machine stopped, where its number is somebody else's now: pg_ctl takes the server for one that runs."""
    monkeypatch.delenv("AKRIM_DATABASE_URL", raising=False)
    get_settings.cache_clear()
    folder = home / "postgres"
    embedded.ensure_running(folder)
    embedded._release(folder, os.getpid())
    lock = folder / "data" / "postmaster.pid"
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        lock.write_text(f"{other.pid}\n")
        with pytest.raises(UserError, match="cannot be") as told, connect():
            pass
        other.kill()
    assert str(lock) in told.value.next_step
    lock.unlink()
    os.close(embedded._held.pop(folder))
    with connect() as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    embedded._release(folder, os.getpid())
