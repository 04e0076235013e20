"""A foreign release folder and the inbox cannot affect anything but the build environment under the home folder."""

import hashlib
import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from akrim import releases
from akrim.deliveries.inbox import copy_delivery
from akrim.errors import UserError
from akrim.formats import as_json, file_entry
from akrim.keys import sign_release, signing_key
from akrim.linkage.model import model_version
from akrim.orchestration import local, pinning
from akrim.periods import today
from akrim.releases.manifests import MANIFEST
from akrim.releases.provenance import read_provenance
from akrim.reproduction import from_folder
from akrim.reproduction.building import build_release
from akrim.settings import get_settings
from akrim.sharing import load_matrix

from tests.conftest import configure
from tests.measured import run_akrim
from tests.releases.test_pins_schema import INPUTS, RELEASE, changed
from tests.trust.conftest import SECOND, Sender, made, sender  # noqa: F401  # fixtures

DAY_AFTER = "2026-05-01T06:00:00+02:00"


def with_pins(folder: Path, document: dict[str, Any]) -> Path:
    """Give the release these pins, and a manifest that fits; what was signed before no longer is."""
    (folder / "pins.json").write_text(as_json(document))
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["files"] = [file_entry(folder / "pins.json", folder)]
    (folder / MANIFEST).write_text(as_json(manifest))
    return folder


def delivery(inbox: Path, delivery_id: str, content: bytes = b"sak_id\n", **more: Any) -> Path:
    """A delivery's folder with one file and its manifest."""
    folder = inbox / "nav" / delivery_id
    folder.mkdir(parents=True)
    (folder / "saker.csv").write_bytes(content)
    manifest = {
        "agency": "nav", "delivery_id": delivery_id, "period": delivery_id[4:11], "mode": "full", "supersedes": None,
        "contract_version": "1.0", "delivered_at": DAY_AFTER, "purpose": "a-krim", "legal_basis": "-", "synthetic": True,
        "files": [{"extract": "saker", "name": "saker.csv", "rows": 0, "bytes": len(content),
                   "sha256": hashlib.sha256(content).hexdigest()}],
    } | more  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.mark.slow
def test_the_command_deletes_and_copies_nothing_that_a_folder_names(sender: Sender, tmp_path: Path) -> None:  # noqa: F811  # the fixture
    """Unsigned it is refused unread; signed, for its form, by which nothing outside can be named."""
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "kept.txt").write_text("x")
    (sender.home / "reproduced").mkdir()
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    folder = Path(shutil.copytree(sender.release(), tmp_path / "given"))
    for sign in (False, True):
        for release_id in (os.path.relpath(victim, sender.home / "reproduced"), str(victim)):
            with_pins(folder, changed((*INPUTS, "model"), model_version()) | {"release_id": release_id})
            if sign:
                sign_release(folder)
            told = run_akrim(
                "releases", "reproduce", "--release", str(folder), "--inbox", str(inbox),
                "--keys", str(sender.home / "keys"), home=sender.home,
            )  # fmt: skip
            assert told.code == 1
            assert ("release_id: " in told.err) if sign else ("does not fit" in told.err)
            assert "Traceback" not in told.err
            assert [path.name for path in victim.iterdir()] == ["kept.txt"]


def test_only_files_in_the_manifest_are_copied(sender: Sender, tmp_path: Path) -> None:  # noqa: F811  # the fixture
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "s.txt").write_text("s")
    inbox = tmp_path / "inbox"
    taken = delivery(inbox, "nav-2026-T1-01", supersedes="../../secret")
    (taken / "link").symlink_to(tmp_path / "secret")
    (taken / "more.txt").write_text("x")
    digest = hashlib.sha256((taken / "manifest.json").read_bytes()).hexdigest()
    pins = changed(
        ("releases", 0, "inputs", "deliveries"),
        {"nav": [{"delivery_id": "nav-2026-T1-01", "manifest_sha256": digest}]},
    )
    folder = with_pins(sender.release(SECOND), pins)
    sign_release(folder)
    home = tmp_path / "workshop"
    from_folder._collect_deliveries(read_provenance(folder, sender.home / "keys"), inbox, home)
    names = sorted(path.relative_to(home).as_posix() for path in home.rglob("*") if not path.is_dir())
    assert names == [f"deliveries/nav/nav-2026-T1-01/{name}" for name in ("manifest.json", "saker.csv")]


@pytest.mark.parametrize("how", ["a link", "another's manifest"])
def test_a_delivery_under_a_wrong_name_is_named(how: str, tmp_path: Path) -> None:
    other = delivery(tmp_path / "inbox", "nav-2026-T1-02")
    source = tmp_path / "inbox" / "nav" / "nav-2026-T1-01"
    if how == "a link":
        source.symlink_to(other)
    else:
        other.rename(source)
    [told] = copy_delivery(source, tmp_path / "target", None)
    assert told.startswith("nav-2026-T1-01: ")
    assert not (tmp_path / "target").exists()


def test_deliveries_that_supersede_each_other_terminate(tmp_path: Path) -> None:
    names = ("nav-2026-T1-01", "nav-2026-T1-02")
    for name, other in (names, reversed(names)):
        delivery(tmp_path / "inbox", name, supersedes=other)
    home = tmp_path / "home" / "nav"
    assert copy_delivery(tmp_path / "inbox" / "nav" / names[0], home / names[0], None) == []
    assert from_folder._all_superseded(home, {names[0]}) == set(names)


@pytest.mark.usefixtures("home")
def test_an_agency_without_a_contract_here_is_named_before_anything_is_built() -> None:
    pinned = RELEASE | {"inputs": RELEASE["inputs"] | {"deliveries": {"toll": [], "nav": []}}}
    from_folder._require_contracts(pinned)
    pinned["inputs"]["deliveries"]["toll"].append({"delivery_id": "toll-2026-T1-01"})
    with pytest.raises(UserError, match="made from deliveries of toll, whose contract is not here"):
        from_folder._require_contracts(pinned)


@pytest.mark.parametrize("is_shut", [False, True])
@pytest.mark.usefixtures("home")
def test_a_sharing_matrix_that_let_in_other_data_is_a_reason(*, is_shut: bool) -> None:
    withheld = load_matrix().withheld(today())
    if is_shut:
        withheld["assessment"] = withheld.get("assessment", {}) | {"nav.benefit": "nothing"}
    inputs = {"code": pinning.code_digest(get_settings().project_root), "withheld": withheld}
    found: Any = SimpleNamespace(releases=[{"release_id": "2026-T1.1", "inputs": inputs}], link_decisions=[])
    assert [reason[:32] for reason in from_folder._lost_inputs(found)] == [
        "The sharing matrix of 2026-T1.1 "
    ] * is_shut


def test_a_rebuilt_release_is_signed_with_a_key_of_its_own(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With production data, too; the earlier releases lie in its home without the keys that they were signed with."""
    (home / "releases" / "2025-T3.1").mkdir(parents=True)
    (home / "releases" / "2025-T3.1" / "manifest.json").write_text("{}")
    home.chmod(0o700)
    configure(monkeypatch, AKRIM_DATA_MODE="production")

    def asking_for_the_key(release_id: str) -> list[str]:
        signing_key()
        return []

    published: list[tuple[str, bool]] = []
    monkeypatch.setattr(local, "assess", asking_for_the_key)
    monkeypatch.setattr(
        releases, "publish", lambda release_id, *, was_out: published.append((release_id, was_out))
    )
    build_release("2026-T1.1")
    assert published == [("2026-T1.1", True)]
