"""A real `akrim` command in a process of its own, with its outcome, its peak memory and its seconds.

Memory is of the command's own process and may be asserted; seconds are only told, since they are the machine's.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.installation import AKRIM

PROJECT = Path(__file__).resolve().parents[1]
MIB_IN_KIB = 1024


@dataclass(frozen=True)
class Measured:
    """What a command came to: exit code, what it printed, its peak resident memory in MiB and its seconds."""

    code: int
    out: str
    err: str
    peak_mib: float
    seconds: float


def run_akrim(
    *arguments: str,
    home: Path,
    timeout: float = 240,
    environment: Mapping[str, str] | None = None,
    under: Sequence[str] = (),
) -> Measured:
    """Run `akrim ARGUMENTS` with that home; fails the test where it does not end within `timeout` seconds.

    Args:
        under: a program and its arguments that starts the command in a place of its own, such as `unshare`.
    """
    variables = {name: value for name, value in os.environ.items() if not name.startswith("AKRIM_")}
    variables |= {"AKRIM_HOME": str(home), "PYTHONPATH": f"{PROJECT / 'include'}:{PROJECT}"} | dict(
        environment or {}
    )
    command = [*under, *AKRIM, *arguments]
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        started = time.monotonic()
        peak = 0.0
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=variables)
        while True:
            peak = max(peak, _peak_mib(process.pid))
            pid, status = os.waitpid(process.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() - started > timeout:
                process.kill()
                os.waitpid(process.pid, 0)
                pytest.fail(f"akrim {arguments[0]} did not end within {timeout:g} s")
            time.sleep(0.02)
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return Measured(process.returncode, out.read(), err.read(), peak, seconds)


def _peak_mib(pid: int) -> float:
    """The most that the process has had in memory so far; 0 once it has ended.

    What wait4 tells would not do: it counts the memory of the process that started it too.
    """
    told = Path(f"/proc/{pid}/status").read_text()
    lines = [line.split() for line in told.splitlines() if line.startswith("VmHWM:")]
    return int(lines[0][1]) / MIB_IN_KIB if lines else 0.0
