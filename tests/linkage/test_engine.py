"""Spill files hold personal data: they are removed with their linkage, even if it was killed."""

import fcntl
import os
import tempfile
from pathlib import Path

import pytest
from akrim.linkage.engine import SPILL, open_engine
from akrim.scratch_folders import GRACE_SECONDS


@pytest.fixture
def spills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def leave(folder: Path, seconds_ago: float) -> Path:
    folder.mkdir()
    (folder / "duckdb_temp_storage").write_text("persons")
    moment = folder.stat().st_mtime - seconds_ago
    os.utime(folder, (moment, moment))
    return folder


def test_a_spill_folder_goes_with_its_linkage(spills: Path) -> None:
    with open_engine():
        assert [path.stat().st_mode & 0o077 for path in spills.iterdir()] == [0]
    assert list(spills.iterdir()) == []


def test_what_a_killed_linkage_left_goes_and_what_is_used_stays(spills: Path) -> None:
    left = leave(spills / f"{SPILL}left", 2 * GRACE_SECONDS)
    used = leave(spills / f"{SPILL}used", 2 * GRACE_SECONDS)
    new = leave(spills / f"{SPILL}new", 0)
    other = leave(spills / "of-another-program", 2 * GRACE_SECONDS)
    lock = os.open(used, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with open_engine():
        pass
    os.close(lock)
    assert {path for path in (left, used, new, other) if path.exists()} == {used, new, other}
