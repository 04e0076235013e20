"""A centre confirms that it deleted its part of an erased release, by the real command; without its notice or with a copy left nothing is confirmed."""

import json
from pathlib import Path

import pytest
from akrim.cli import app
from akrim.keys import signing_key
from akrim.sending.receipts import parse_receipt
from akrim.trust import file_sha256, signing
from akrim.trust.keyring import write_statement
from typer.testing import CliRunner

from tests.trust.conftest import SECOND, Sender

ERASURE = {
    "statement": "erasure",
    "release_id": SECOND,
    "recipient": "oslo",
    "date": "2026-06-01",
    "reason": "Sletting krevd.",
}


@pytest.fixture
def fetched(sender: Sender, tmp_path: Path) -> Path:
    """What Oslo fetched: the notice of the erasure."""
    write_statement(tmp_path / "fetched", f"erasure-{SECOND}-oslo", ERASURE, signing_key())
    return tmp_path / "fetched"


def confirm(
    sender: Sender, folder: Path, centre: str = "oslo", release: str = SECOND, copies: str = "releases"
) -> str:
    """What the command says against it; nothing where it wrote a receipt."""
    places = (
        "--notices",
        str(folder),
        "--copies",
        str(folder.parent / copies),
        "--receipt",
        str(folder.parent / "receipts"),
    )
    keys = ("--keys", str(sender.keys(centre) if centre else sender.home / "keys"))
    ran = CliRunner().invoke(app, ["releases", "deleted", release, "--at", "2026-06-02", *keys, *places])
    return str(ran.exception) if ran.exception else ""


def test_the_receipt_names_the_notice_and_is_one_that_the_installation_reads(
    sender: Sender, fetched: Path
) -> None:
    assert confirm(sender, fetched) == ""
    written = fetched.parent / "receipts" / f"erasure-{SECOND}-oslo.receipt.json"
    notice = file_sha256(fetched / f"erasure-{SECOND}-oslo.statement.json")
    told = {"release_id": SECOND, "recipient": "oslo", "erasure_sha256": notice, "deleted": "2026-06-02"}
    assert parse_receipt(written.read_bytes()) == told
    assert written.stat().st_mode & 0o077 == 0
    for path in fetched.iterdir():  # the notice was kept with the keys
        path.unlink()
    assert confirm(sender, fetched) == ""
    assert json.loads(written.read_bytes())["erasure_sha256"] == notice


@pytest.mark.parametrize(
    "copy",
    [
        f"releases/{SECOND}/oslo/manifest.json",
        f"fetched/{SECOND}.tar.age",
        f"releases/{SECOND}.tar.age",
        f"releases/of-spring/{SECOND}/oslo/manifest.json",
        f"releases/of-spring/sealed/{SECOND}.tar.age",
    ],
)
def test_while_a_copy_is_left_nothing_is_confirmed(copy: str, sender: Sender, fetched: Path) -> None:
    left = fetched.parent / copy
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"")
    assert confirm(sender, fetched).startswith(f"A copy of {SECOND} is still there.")
    assert not (fetched.parent / "receipts").exists()
    left.unlink()
    if left.parent.name == "oslo":
        left.parent.rmdir()
    assert confirm(sender, fetched) == ""


@pytest.mark.parametrize("named", [SECOND, f"{SECOND}/oslo"])
def test_a_copy_is_found_where_its_own_folder_is_named(named: str, sender: Sender, fetched: Path) -> None:
    (fetched.parent / "releases" / SECOND / "oslo").mkdir(parents=True)
    assert "still there" in confirm(sender, fetched, copies=f"releases/{named}")


@pytest.mark.parametrize(
    ("centre", "release"), [("bergen", SECOND), ("oslo", "2025-T3.1"), ("oslo", "../2025-T3.1")]
)
def test_without_a_notice_for_that_part_nothing_is_confirmed(
    centre: str, release: str, sender: Sender, fetched: Path
) -> None:
    assert confirm(sender, fetched, centre, release).startswith("No signed notice says")
    assert not (fetched.parent / "receipts").exists()


def test_a_notice_that_somebody_else_signed_is_none(sender: Sender, fetched: Path, tmp_path: Path) -> None:
    signing.create_pair(tmp_path / "key", tmp_path / "pub", "thief's key")
    write_statement(fetched, f"erasure-{SECOND}-oslo", ERASURE, signing.read_secret_key(tmp_path / "key"))
    assert confirm(sender, fetched).startswith("No signed notice says")


def test_the_installations_own_keys_confirm_nothing(sender: Sender, fetched: Path) -> None:
    assert confirm(sender, fetched, centre="").startswith("These are not a centre's keys.")
