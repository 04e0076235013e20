"""The mirror has what the home has, whatever it was interrupted by, altered by or kept from."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from akrim.cli import app
from akrim.commands.doctor import doctor
from akrim.keys import create_keys
from akrim.releases.erasing.erasure import erase_parts
from akrim.sending import in_force, notices
from akrim.sending.key_succession import replace_keys
from akrim.sending.mirror import keep_mirror
from akrim.trust import Refused, find_problems
from akrim.trust.verification import Check, verify
from typer.testing import CliRunner

from tests.audit.events import events
from tests.conftest import configure
from tests.releases.tables import create_marts
from tests.sending.outboxes import DAY, enter
from tests.sending.test_allowed import PROTECT
from tests.trust.conftest import FIRST, SECOND, make_release

CENTRES = ("bergen", "oslo")
Tree = dict[str, bytes]


@pytest.fixture
def mirror(warehouse: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the mirror will be, of a home with two published releases of two centres."""
    configure(monkeypatch, AKRIM_RELEASES_MIRROR=str(tmp_path / "mirrored" / "releases"))
    create_keys()
    with psycopg.connect(warehouse) as connection:
        create_marts(connection, "named_persons")
    for release_id, serial in ((FIRST, 1), (SECOND, 2)):
        make_release(home, release_id, serial, recipients=CENTRES)
        enter(warehouse, release_id, serial)
    (home / "releases" / "catalogue.jsonld").write_text("{}")
    return tmp_path / "mirrored" / "releases"


def kept(*, again: bool = False) -> list[str]:
    """The releases that the mirror's next run sends or puts right."""
    found = keep_mirror(in_force(), again=again)
    assert found.failed == {}
    return found.releases


def tree(folder: Path) -> Tree:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def as_at_home(home: Path) -> Tree:
    """What the mirror should have beside its index: the releases, and the statements about them."""
    statements = home / "keys" / "statements"
    return tree(home / "releases") | (tree(statements) if statements.exists() else {})


def mirrored(mirror: Path) -> Tree:
    """What the mirror has, of which its index is checked."""
    found = tree(mirror)
    told = json.loads(found.pop("index.json"))["files"]
    assert {entry["path"]: entry["sha256"] for entry in told} == {
        path: hashlib.sha256(content).hexdigest() for path, content in found.items()
    }
    return found


def times(mirror: Path) -> dict[str, int]:
    return {str(p.relative_to(mirror)): p.stat().st_mtime_ns for p in mirror.rglob("*") if p.is_file()}


def index(mirror: Path) -> tuple[list[str], dict[str, str]]:
    told = json.loads((mirror / "index.json").read_bytes())
    return told["in_force"], {row["release_id"]: row["status"] for row in told["releases"]}


def test_every_published_release_is_there_once_and_may_be_used(
    mirror: Path, home: Path, warehouse: str, tmp_path: Path
) -> None:
    assert kept() == [FIRST, SECOND]
    assert mirrored(mirror) == as_at_home(home)
    assert index(mirror) == ([SECOND], {SECOND: "published", FIRST: "published"})
    assert not [path for path in (mirror.parent, *mirror.parent.rglob("*")) if path.stat().st_mode & 0o077]
    copy = shutil.copytree(mirror, tmp_path / "copy")
    for folder in (copy / SECOND, copy / SECOND / "oslo"):
        assert verify(folder, Check(home / "keys", DAY)).release_id == SECOND
    logged = [e for e in events(warehouse, "disclosure") if e["detail"]["means"] == "mirror"]
    assert sorted((e["release_id"], e["recipient"]) for e in logged) == [
        (release_id, centre) for release_id in (FIRST, SECOND) for centre in CENTRES
    ]

    before = times(mirror)
    for again in (False, True):
        assert kept(again=again) == []
        assert {path: at for path, at in times(mirror).items() if path != "index.json"} == {
            path: at for path, at in before.items() if path != "index.json"
        }
    keep_mirror([FIRST])
    assert index(mirror)[0] == [FIRST]


def test_what_shows_a_home_protected_since_is_not_put_there_anew(
    mirror: Path, home: Path, warehouse: str
) -> None:
    """What is whole there stays; neither an altered file nor a mirror that was lost is put right with it."""
    kept()
    with psycopg.connect(warehouse) as connection:
        connection.execute(PROTECT.encode())
    before = mirrored(mirror)
    assert (kept(), kept(again=True), mirrored(mirror)) == ([], [], before)
    altered = f"{FIRST}/oslo/assessment.html"
    (mirror / altered).write_bytes(b"altered")
    assert kept() == []
    of_first = {f"{FIRST}/{name}" for name in ("manifest.json", "manifest.json.minisig")} | {altered}
    assert mirrored(mirror) == {path: content for path, content in before.items() if path not in of_first}
    assert not CliRunner().invoke(app, ["doctor"]).output.count("not in the mirror")

    shutil.rmtree(mirror)
    for _ in range(2):
        found = keep_mirror(in_force())
        assert (found.releases, list(found.failed)) == ([], [SECOND])
        assert "before it was said that somebody's home is protected" in found.failed[SECOND]
        assert mirrored(mirror).keys() == {"catalogue.jsonld"}


def test_what_is_cut_off_by_a_kill_is_completed(mirror: Path, home: Path) -> None:
    """Killed in the first release's second part; what was whole is not sent again."""
    program = [sys.executable, "-m", "tests.sending.killed", "11"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run(program, env=environment, check=False).returncode == -signal.SIGKILL
    left = times(mirror)
    assert len([path for path in left if path.endswith(".part")]) == 1
    assert f"{SECOND}/manifest.json" not in left
    assert "mind mirror" in CliRunner().invoke(app, ["doctor"]).output

    assert kept() == [FIRST, SECOND]
    assert mirrored(mirror) == as_at_home(home)
    whole = {path: at for path, at in left.items() if not path.endswith(".part")}
    assert whole.items() <= times(mirror).items()

    for name in ("oslo/changes.json", "manifest.json.minisig"):
        (mirror / SECOND / name).unlink()
    assert subprocess.run([*program[:3], "3"], env=environment, check=False).returncode == -signal.SIGKILL
    left = times(mirror)
    assert f"{SECOND}/manifest.json.minisig" in left
    assert f"{SECOND}/manifest.json" not in left, "a release that is being put right is not there"
    assert kept() == [SECOND]
    assert mirrored(mirror) == as_at_home(home)
    assert "well mirror" in CliRunner().invoke(app, ["doctor"]).output


def test_what_is_altered_or_missing_there_is_put_right_and_nothing_else_is_sent(
    mirror: Path, home: Path
) -> None:
    kept()
    before = times(mirror)
    part = mirror / SECOND / "oslo"
    content = (part / "assessment.pdf").read_bytes()
    (part / "assessment.pdf").write_bytes(content[::-1])
    (part / "assessment.html").write_bytes(b"")
    (part / "changes.json").unlink()
    (part / "strange.html").write_bytes(b"<p>")
    (mirror / FIRST / "manifest.json").unlink()

    assert kept() == [FIRST, SECOND]

    assert mirrored(mirror) == as_at_home(home)
    after = times(mirror)
    assert {path for path in after if after[path] != before[path]} == {
        *(f"{SECOND}/oslo/{name}" for name in ("assessment.pdf", "assessment.html", "changes.json")),
        f"{SECOND}/manifest.json",
        f"{FIRST}/manifest.json",
        "index.json",
    }


def test_what_hides_its_alteration_is_found_by_content(mirror: Path, home: Path) -> None:
    kept()
    path = mirror / SECOND / "oslo" / "assessment.pdf"
    was, content = path.stat(), path.read_bytes()
    for altered, is_found in ((content[:-1], True), (content[::-1], False)):
        path.write_bytes(altered)
        os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
        assert kept() == ([SECOND] if is_found else [])
    assert kept(again=True) == [SECOND]
    assert mirrored(mirror) == as_at_home(home)


def test_a_damaged_index_is_written_anew_and_nothing_is_sent(mirror: Path, home: Path) -> None:
    kept()
    for damaged in (b"", b'{"files": [{"path": []}]}', b'{"files": [[]]}', b"[" * 100_000):
        (mirror / "index.json").write_bytes(damaged)
        assert kept() == []
        assert mirrored(mirror) == as_at_home(home)


def test_what_is_erased_at_home_is_gone_there(mirror: Path, home: Path, warehouse: str) -> None:
    kept()
    logged = len(events(warehouse, "disclosure"))
    erase_parts(FIRST, ["oslo"], "Sletting krevd.")
    assert kept() == [FIRST]

    assert set(tree(mirror / FIRST / "oslo")) == {"manifest.json", "manifest.json.minisig"}
    assert mirrored(mirror) == as_at_home(home)
    assert find_problems(mirror / FIRST) == []
    with pytest.raises(Refused, match="Sletting krevd"):
        verify(mirror / FIRST / "oslo", Check(home / "keys", DAY))
    assert len(events(warehouse, "disclosure")) == logged, "a tombstone tells of nobody"


def test_what_is_recalled_or_superseded_at_home_is_so_there(
    mirror: Path, home: Path, warehouse: str, tmp_path: Path
) -> None:
    kept()
    keys = tmp_path / "keys"
    shutil.copytree(home / "keys", keys)
    notices.recall_release(FIRST, "Kari Vakt", "Feil leveranse.")
    make_release(home, "2026-T1.2", 3, recipients=CENTRES)
    enter(warehouse, "2026-T1.2", 3)
    notices.announce_supersession("2026-T1.2")
    assert kept() == ["2026-T1.2"]

    assert mirrored(mirror) == as_at_home(home)
    assert index(mirror) == (
        ["2026-T1.2"],
        {"2026-T1.2": "published", SECOND: "superseded", FIRST: "recalled"},
    )
    for release_id, told in ((FIRST, "Feil leveranse"), (SECOND, r"superseded by 2026-T1\.2")):
        with pytest.raises(Refused, match=told):
            verify(mirror / release_id / "oslo", Check(keys, DAY))


def test_a_new_key_signs_what_lies_there_too(mirror: Path, home: Path, tmp_path: Path) -> None:
    kept()
    replace_keys((home / "keys" / "successor.key").rename(tmp_path / "key"), "stolen")
    assert kept() == [FIRST, SECOND]
    assert mirrored(mirror) == as_at_home(home)
    assert verify(mirror / SECOND, Check(home / "keys", DAY)).release_id == SECOND


def test_a_mirror_that_is_down_is_told_and_hinders_nothing(mirror: Path, home: Path) -> None:
    mirror.parent.write_bytes(b"in its place")
    ran = CliRunner().invoke(app, ["releases", "deliver"])
    assert ran.exit_code == 1
    assert "the mirror: NotADirectoryError" in str(ran.exception)
    assert str(mirror) in str(ran.exception)
    assert verify(home / "releases" / SECOND, Check(home / "keys", DAY)).release_id == SECOND
    assert (home / "outbox" / "oslo" / f"{SECOND}.tar.age").exists()
    with pytest.raises(doctor.UserError, match="may not be read"):
        doctor.CHECKS["mirror"]()
    mirror.parent.unlink()
    assert kept() == [FIRST, SECOND]
    assert mirrored(mirror) == as_at_home(home)


def test_a_mirror_in_the_home_itself_is_refused(
    mirror: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(home)
    mirror.parent.mkdir()
    mirror.symlink_to(home / "releases")
    for address in (mirror, home / "mirror"):
        configure(monkeypatch, AKRIM_RELEASES_MIRROR=str(address))
        assert "in the home folder itself" in keep_mirror([]).failed["the mirror"]
    assert tree(home) == before


def test_a_release_that_is_damaged_at_home_is_left_there_as_it_was(mirror: Path, home: Path) -> None:
    kept()
    before = tree(mirror / FIRST)
    (home / "releases" / FIRST / "oslo" / "manifest.json").unlink()
    (home / "releases" / SECOND / "oslo" / "manifest.json.minisig").rename(home / "signature")
    failed = keep_mirror([SECOND]).failed
    assert failed.keys() == {FIRST, SECOND}
    assert "There is no manifest.json" in failed[FIRST]
    assert tree(mirror / FIRST) == before
    shutil.copy(mirror / FIRST / "oslo" / "manifest.json", home / "releases" / FIRST / "oslo")
    (home / "signature").rename(home / "releases" / SECOND / "oslo" / "manifest.json.minisig")
    assert kept() == []
    assert mirrored(mirror) == as_at_home(home)


def test_the_doctor_tells_what_is_missing_and_what_is_not_ours(mirror: Path) -> None:
    assert f"{SECOND}, {FIRST}: missing there" in doctor.CHECKS["mirror"]()
    kept()
    assert doctor.CHECKS["mirror"]() == f"{mirror} has every published release that may still be sent"
    shutil.copytree(mirror / FIRST, mirror / "2020-T1.1")
    kept()
    assert "2020-T1.1: there, and not published here" in doctor.CHECKS["mirror"]()
