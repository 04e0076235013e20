"""What a release is signed with, also where the one who signed it was killed before."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from akrim.keys import create_keys, sign_release
from akrim.trust import find_problems

from tests.trust.conftest import FIRST, make_release

# Killed as the file that was written aside is to get its name.
KILLED = """
import os, signal, sys
from pathlib import Path
from akrim import atomic_files
from akrim.keys import sign_release
replace, left = os.replace, int(sys.argv[2])
def name(aside, path):
    global left
    left -= 1
    os.kill(os.getpid(), signal.SIGKILL) if not left else replace(aside, path)
atomic_files.os.replace = name
sign_release(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("at", [1, 5], ids=["of the release", "of a centre's part"])
def test_what_a_killed_signing_left_is_in_no_part_once_it_is_repeated(at: int, home: Path) -> None:
    create_keys()
    folder = make_release(home, FIRST, 1)
    program = [sys.executable, "-c", KILLED, str(folder), str(at)]
    environment = os.environ | {"AKRIM_HOME": str(home)}
    assert subprocess.run(program, env=environment, check=False).returncode == -signal.SIGKILL
    assert [problem.reason for problem in find_problems(folder)] == ["extra, no manifest names it"]
    sign_release(folder)
    assert find_problems(folder) == []
