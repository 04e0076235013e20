"""Ends a run by every fault of a list, each in a copy of one installation, and holds what the next run makes against a run let alone.

`make fault-sweep`; `python -m tests.fault_sweep link "after pin"` for the faults that these words name. Two releases of a small synthetic
Norway: the first is made once, the faults strike the second. A point inside a task is a share of the time that it took the run let alone; a run
that is done before is told as `not struck`, and counts as a failure of the sweep. A disk is full where a small one is mounted over the home, which
takes root; the clock jumps where Debian's `faketime` is installed.
"""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import psycopg

from tests.installation import AKRIM, Installation, bytes_of
from tests.storages.s3 import S3

FIRST, SECOND = "2025-T3", "2026-T1"
RELEASE = f"{SECOND}.1"
WRITING = ("receive_skatteetaten", "stage", "link", "assess", "explain", "publish")
COMMITTING = ("receive_skatteetaten", "link", "publish")
SHARES = (0.1, 0.5, 0.9)
AT_ONCE = 2
DONE = re.compile(r"^  (\w+) +done +([\d.]+) s", re.MULTILINE)
IN_COMMIT = "select 1 from pg_stat_activity where state = 'active' and query ilike 'commit%'"
FAKETIME = sorted(map(str, Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")))
# Each commit then lasts a tenth of a second, so that one can be met.
SLOW_COMMITS = "commit_delay = 100000\ncommit_siblings = 0\n"


class Fault(NamedTuple):
    """What goes wrong and where; `strike` does it and returns how the run ended."""

    what: str
    where: str
    strike: Callable[[Installation], str]
    is_received: bool = False


class Stage(NamedTuple):
    """A task that the run let alone told of: its name, what it took, and the one before."""

    name: str
    seconds: float
    before: str


class Ended(NamedTuple):
    """A line of the table."""

    fault: Fault
    how: str
    manifest: str
    is_same: bool


def sweep(folder: Path, words: list[str]) -> list[Ended]:
    """Every fault whose description has one of the words; a line is printed as each is done."""
    fresh, received, stages, alone = _prepare(folder)
    every = {f"{fault.what} {fault.where}": fault for fault in _faults(stages)}
    unknown = [word for word in words if not any(word in name for name in every)]
    if unknown:
        raise SystemExit(f"No fault is named by {', '.join(unknown)}. There are: {', '.join(every)}.")
    faults = [fault for name, fault in every.items() if not words or any(word in name for word in words)]

    def ended(numbered: tuple[int, Fault]) -> Ended:
        number, fault = numbered
        with _copy(received if fault.is_received else fresh, folder / f"fault-{number}") as installation:
            found = _resume(fault, installation, alone)
        _tell(found)
        return found

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(ended, enumerate(faults)))


def _prepare(folder: Path) -> tuple[Installation, Installation, list[Stage], dict[str, str]]:
    """Installations with the first release, without and with the second's deliveries; the second's stages and files, let alone."""
    inbox = folder / "inbox"
    fresh = Installation(folder / "fresh" / "home", inbox)
    fresh.home.parent.mkdir(mode=0o700)
    for period in (FIRST, SECOND):
        world = ["--persons", "1000", "--seed", "1", "--period", period]
        subprocess.run([*AKRIM, "synth", "--out", str(inbox), *world], check=True, capture_output=True)
        if period == FIRST:
            fresh.run(FIRST)
    received = Installation(folder / "received" / "home", inbox)
    shutil.copytree(fresh.home.parent, received.home.parent, symlinks=True, ignore=_sockets)
    assert received.tell("receive", "--inbox", str(inbox)).returncode == 0
    with _copy(fresh, folder / "alone") as whole:
        process = whole.start(SECOND)
        _, progress = process.communicate(timeout=900)
        assert process.returncode == 0, progress
        told = [(name, float(seconds)) for name, seconds in DONE.findall(progress)]
        stages = [Stage(name, seconds, before) for (before, _), (name, seconds) in pairwise(told)]
        return fresh, received, stages, bytes_of(whole.home / "releases" / RELEASE)


def _faults(stages: list[Stage]) -> Iterator[Fault]:
    assert set(WRITING) <= {stage.name for stage in stages}
    received = [stage.name for stage in stages if stage.name.startswith(("scan", "rece"))]
    # One installation is killed at the end of each of these, run after run: a release after each would take most of the sweep's time.
    yield Fault("SIGKILL", "after each of reception in turn", _kill_in_turn(received))
    for stage in stages:
        is_received = stage.name not in received
        if is_received:
            yield Fault("SIGKILL", f"after {stage.name}", _kill(stage.name, 0), is_received)
        if stage.name in WRITING:
            for share in SHARES:
                where = f"{share:.0%} into {stage.name}"
                yield Fault("SIGKILL", where, _kill(stage.before, share * stage.seconds), is_received)
        if stage.name in COMMITTING:
            yield Fault("database down", f"commit in {stage.name}", _break(stage.before), is_received)
    yield Fault("two runs", "at once", _run_twice, is_received=True)
    yield Fault("inbox changes", "while it is read", _receive_changing)
    yield Fault("listed late", "files of a bucket", _receive_listed_late)
    for after in ("stage", "assess"):
        yield Fault("disk full", f"after {after}", _fill_disk(after), is_received=True)
    for jump in ("+3d", "-3d"):
        yield Fault("clock jumps", f"back from {jump} after link", _jump(jump), is_received=True)


def _kill(after: str, seconds: float) -> Callable[[Installation], str]:
    def strike(installation: Installation) -> str:
        code, _ = installation.stop_after(SECOND, after, seconds, signal.SIGKILL)
        return "killed" if code == -signal.SIGKILL else f"not struck: {code}"

    return strike


def _kill_in_turn(tasks: list[str]) -> Callable[[Installation], str]:
    def strike(installation: Installation) -> str:
        ended = {_kill(task, 0)(installation) for task in tasks}
        return f"killed {len(tasks)}x" if ended == {"killed"} else f"not struck: {ended - {'killed'}}"

    return strike


def _break(after: str) -> Callable[[Installation], str]:
    """Have the database's server end at once, without a checkpoint, while it commits something of the task that follows."""

    def strike(installation: Installation) -> str:
        data = installation.home / "postgres" / "data"
        with (data / "postgresql.auto.conf").open("a") as configuration:
            configuration.write(SLOW_COMMITS)
        process = installation.start_until(SECOND, after)
        is_struck = _end_in_commit(installation, process)
        process.communicate(timeout=900)
        text = (data / "postgresql.auto.conf").read_text()
        (data / "postgresql.auto.conf").write_text(text.replace(SLOW_COMMITS, ""))
        return f"failed: {process.returncode}" if is_struck and process.returncode else "not struck"

    return strike


def _end_in_commit(installation: Installation, process: subprocess.Popen[str]) -> bool:
    with (
        suppress(psycopg.OperationalError),
        psycopg.connect(installation.database, autocommit=True) as watcher,
    ):
        while process.poll() is None:
            if watcher.execute(IN_COMMIT).fetchone():
                server = (installation.home / "postgres" / "data" / "postmaster.pid").read_text().split()[0]
                os.kill(int(server), signal.SIGQUIT)
                return True
    return False


def _run_twice(installation: Installation) -> str:
    processes = [installation.start(SECOND) for _ in range(2)]
    told = [process.communicate(timeout=900)[0] for process in processes]
    made = sum('"new": true' in text for text in told)
    both = [process.returncode for process in processes] == [0, 0]
    return "both went on" if both and made == 1 else f"not as meant: {made} made it"


def _receive_changing(installation: Installation) -> str:
    """An agency writes into its delivery as it is received; then it is as it was."""
    changing = shutil.copytree(installation.inbox, installation.home.parent / "inbox")
    paths = list(changing.glob(f"*/*-{SECOND}-*/*.csv"))
    whole = {path: path.read_bytes() for path in paths}
    is_over = threading.Event()

    def write() -> None:
        while not is_over.is_set():
            for path in paths:
                path.write_bytes(whole[path] + b"1;2;3\n")
                time.sleep(0.01)
                path.write_bytes(whole[path][:-1])

    writer = threading.Thread(target=write)
    writer.start()
    told = installation.tell("receive", "--inbox", str(changing), "--json")
    is_over.set()
    writer.join()
    for path, content in whole.items():
        path.write_bytes(content)
    assert told.returncode == 0, told.stderr
    refused = sum(outcome["status"] == "refused" for outcome in json.loads(told.stdout))
    return f"{refused} refused" if refused else "not struck"


def _receive_listed_late(installation: Installation) -> str:
    """Every table lies in a bucket that does not list it yet, and its manifest does."""
    bucket = S3()
    bucket.late = {path.name for path in installation.inbox.glob("*/*/*.csv")}
    bucket.lay(installation.inbox)
    told = installation.tell("receive", "--inbox", bucket.inbox, "--json")
    bucket.stop()
    assert told.returncode == 0, told.stderr
    taken = [outcome for outcome in json.loads(told.stdout) if outcome["status"] != "already_loaded"]
    return f"{len(taken)} came" if taken else "not struck"


def _fill_disk(after: str) -> Callable[[Installation], str]:
    """Have a disk that is as full as can be when the task has ended, and has room again for the next run."""

    def strike(installation: Installation) -> str:
        home = installation.home
        aside = home.rename(home.with_name("aside"))
        home.mkdir(mode=0o700)
        used = sum(path.lstat().st_blocks for path in aside.rglob("*")) // 2048  # of 512 bytes each
        _mount(home, f"size={used + 600}m,mode=700")
        shutil.copytree(aside, home, symlinks=True, ignore=_sockets, dirs_exist_ok=True)
        shutil.rmtree(aside)
        process = installation.start_until(SECOND, after)
        filler = home / "filler"
        with suppress(OSError), filler.open("wb") as file:
            while True:
                file.write(bytes(1 << 20))
        _, words = process.communicate(timeout=900)
        filler.unlink()
        return (
            "told as full"
            if process.returncode and "disk is full" in words
            else f"not told: {process.returncode}"
        )

    return strike


def _mount(folder: Path, options: str) -> None:
    subprocess.run(["/usr/bin/mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)


def _jump(jump: str) -> Callable[[Installation], str]:
    """Kill a run whose clock is wrong by so much, its database's clock too; the next run has the true one."""

    def strike(installation: Installation) -> str:
        if not FAKETIME:
            return "not struck: there is no faketime"
        surroundings = {"LD_PRELOAD": FAKETIME[0], "FAKETIME": jump, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        return _kill("link", 0)(Installation(installation.home, installation.inbox, surroundings))

    return strike


def _resume(fault: Fault, installation: Installation, alone: dict[str, str]) -> Ended:
    how = fault.strike(installation)
    inbox = installation.home.parent / "inbox"
    again = Installation(installation.home, inbox if inbox.is_dir() else installation.inbox)
    process = again.start(SECOND)
    _, progress = process.communicate(timeout=900)
    release = installation.home / "releases" / RELEASE
    if process.returncode or not release.is_dir():
        return Ended(fault, f"{how}; {progress.strip().splitlines()[-1]}", "", is_same=False)
    manifest = hashlib.sha256((release / "manifest.json").read_bytes()).hexdigest()[:12]
    is_same = not how.startswith("not ") and bytes_of(release) == alone
    return Ended(fault, how, manifest, is_same)


@contextmanager
def _copy(installation: Installation, folder: Path) -> Iterator[Installation]:
    shutil.copytree(installation.home.parent, folder, symlinks=True, ignore=_sockets)
    try:
        yield Installation(folder / "home", installation.inbox)
    finally:
        subprocess.run(["/usr/bin/umount", "-l", str(folder / "home")], check=False, capture_output=True)
        shutil.rmtree(folder)


def _sockets(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if (Path(folder) / name).is_socket()]


def _tell(ended: Ended) -> None:
    same = "yes" if ended.is_same else "NO"
    print(
        f"{ended.fault.what:14} {ended.fault.where:32} {ended.how:14} {same:4} {ended.manifest}", flush=True
    )


def main(words: list[str]) -> int:
    since = time.monotonic()
    print(f"{'fault':14} {'where':32} {'how it ended':14} {'same':4} manifest")
    # Short, as the server's socket lies below it.
    with tempfile.TemporaryDirectory(prefix="sweep-") as folder:
        ended = sweep(Path(folder), words)
    differing = sum(not line.is_same for line in ended)
    minutes = (time.monotonic() - since) / 60
    print(f"{len(ended)} faults in {minutes:.0f} minutes; {differing} ended in another release.")
    return 1 if differing or not ended else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
