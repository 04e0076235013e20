"""What logging costs, as a share of what is logged: python benchmarks/audit_log.py [--persons 20000] [--home FOLDER] [--reads].

A world of that size is made under FOLDER and run through the pipeline; the seconds within the log's own functions are held
against those of the run. Then the commands that show persons are asked by turns with the log and without it, in this process,
and what the log adds, turn by turn, is held against the whole command with a program's start. Ratios of one run, since two
cores shared with others tell little by the clock. Exits 1 where a read costs more than 5 % more by its log.
"""

import argparse
import contextlib
import io
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

from akrim import audit, warehouse
from akrim.cli import app

PERIOD = "2025-T3"
LARGEST_SHARE = 0.05
READS = {
    "sql: one person's findings": [
        "sql", "select indicator_code, points, evidence from marts_current.indicator_observations where person_id = '{person}'",
    ],
    "sql: a centre's list with names": [
        "sql", "select * from marts_current.assessments join marts_current.persons using (release_id, person_id)"
        " where centre_id = 'oslo' order by rank",
    ],
    "sql: persons by rule": [
        "sql", "select indicator_code, count(distinct person_id), sum(points) from marts_current.indicator_observations"
        " join marts_current.persons using (release_id, person_id) where checked = 'fired' group by 1 order by 2 desc",
    ],
    "explain: one person": ["explain", "{person}"],
}  # fmt: skip

WORLD = """
select (select count(*) from linkage.person_records), count(distinct person_id), min(person_id) filter (where rank = 1)
from marts_current.persons left join marts_current.assessments using (person_id)
"""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--persons", type=int, default=20_000)
    parser.add_argument("--home", type=Path, default=Path("var/bench/audit"))
    parser.add_argument("--turns", type=int, default=30)
    parser.add_argument("--reads", action="store_true", help="the reads alone, in the world that is there")
    given = parser.parse_args()
    os.environ["AKRIM_HOME"] = str(given.home.resolve() / "home")
    if not given.reads:
        shutil.rmtree(given.home, ignore_errors=True)
        inbox = str(given.home / "inbox")
        _say("synth", "--out", inbox, "--persons", str(given.persons), "--seed", "11", "--period", PERIOD)
        _run(inbox)
    with warehouse.connect() as connection:
        ((records, persons, person),) = connection.execute(WORLD).fetchall()
    start = _start()
    print(
        f"{records} person records, {persons} persons in the marts; a program's start takes {start * 1000:.0f} ms"
    )
    print(f"{'':34}{'command':>10}{'log':>9}{'share':>8}")
    shares = [
        _read(name, [part.format(person=person) for part in command], start, given.turns)
        for name, command in READS.items()
    ]
    started = time.perf_counter()
    verified = audit.verify()
    print(f"verify: {verified.position} events in {time.perf_counter() - started:.2f} s")
    return int(max(shares) > LARGEST_SHARE)


def _start() -> float:
    """What the program's own start takes, in seconds."""
    command = [str(Path(sys.executable).with_name("akrim")), "sql", "--help"]
    seconds = []
    for _ in range(7):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        seconds.append(time.perf_counter() - started)
    return median(seconds)


def _run(inbox: str) -> None:
    """A run of the pipeline, and how much of it is the log's."""
    spent: list[float] = []
    started = time.perf_counter()
    with _timed("record", spent), _timed("anchor", spent):
        _say("run", "--inbox", inbox, "--period", PERIOD)
    whole = time.perf_counter() - started
    print(
        f"run: {sum(spent):.2f} s of {whole:.0f} s in {len(spent)} calls of the log, {sum(spent) / whole:.2%}"
    )


@contextlib.contextmanager
def _timed(name: str, spent: list[float]) -> Iterator[None]:
    own: Callable[..., Any] = getattr(audit, name)

    def timed(*given: Any) -> Any:
        started = time.perf_counter()
        try:
            return own(*given)
        finally:
            spent.append(time.perf_counter() - started)

    with mock.patch.object(audit, name, timed):
        yield


def _read(name: str, command: list[str], start: float, turns: int) -> float:
    """Ask by turns, in changing order; returns the share of the whole command that the log adds."""
    added, without = [], []
    for turn in range(turns + 1):
        seconds = {is_logged: _asked(command, is_logged) for is_logged in (bool(turn % 2), not turn % 2)}
        added.append(seconds[True] - seconds[False])
        without.append(seconds[False])
    log, whole = median(added[1:]), start + median(without[1:])  # the first turn is colder
    print(f"{name:34}{whole * 1000:>7.0f} ms{log * 1000:>6.0f} ms{log / whole:>8.1%}")
    return log / whole


def _asked(command: list[str], is_logged: bool) -> float:
    started = time.perf_counter()
    with contextlib.nullcontext() if is_logged else _unlogged():
        _say(*command)
    return time.perf_counter() - started


@contextlib.contextmanager
def _unlogged() -> Iterator[None]:
    with (
        mock.patch("akrim.commands.sql.log_consultation"),
        mock.patch.object(audit, "record", return_value=0),
    ):
        yield


def _say(*command: str) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        app(list(command), standalone_mode=False)


if __name__ == "__main__":
    sys.exit(main())
