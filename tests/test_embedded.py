"""The embedded server: closed to others, shared by processes, gone with the last of them."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from akrim import warehouse
warehouse.prepare()
with warehouse.connect() as connection:
    print(connection.execute("select count(*) from meta.deliveries").fetchone()[0], flush=True)
    sys.stdin.readline()
"""


def start(home: Path) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AKRIM_")} | {
        "AKRIM_HOME": str(home)
    }
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def is_running(home: Path) -> bool:
    return (home / "postgres" / "data" / "postmaster.pid").exists()


def finish(process: subprocess.Popen[str]) -> None:
    process.communicate("\n", timeout=60)
    assert process.returncode == 0


@pytest.mark.parametrize("depth", [0, 3], ids=["short path", "path too long for a socket"])
def test_processes_share_the_server_and_the_last_one_stops_it(tmp_path: Path, depth: int) -> None:
    home = tmp_path.joinpath(*["a" * 40] * depth, "home")
    first, second = start(home), start(home)
    for process in (first, second):
        assert process.stdout
        assert process.stdout.readline() == "0\n"
    finish(first)
    assert is_running(home)
    finish(second)
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


def test_no_folder_is_opened_to_others(tmp_path: Path) -> None:
    outer = tmp_path / "closed"
    outer.mkdir(mode=0o700)
    finish(start(outer / "home"))
    for path in (outer, outer / "home", outer / "home" / "postgres", outer / "home" / "postgres" / "data"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700, path
        assert path.stat().st_uid == os.geteuid()
