"""An empty or damaged file of keys is named in the error, and affects no other centre."""

from collections.abc import Callable
from pathlib import Path

import pytest
from akrim.commands.doctor import doctor
from akrim.commands.keys import app
from akrim.contracts import recipients
from akrim.errors import UserError
from akrim.keys import add_recipient, create_keys, form_key, remove_recipient, signing_key
from akrim.keys.centres import all_recipients, recipients_for, without_keys
from akrim.trust import keyring, sealing
from akrim.trust.keyring import centre
from akrim.trust.sealing.identities import read_identities
from typer.testing import CliRunner

from tests.conftest import configure

DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "blank": lambda path: path.write_bytes(b"\n \n"),
    "zeros": lambda path: path.write_bytes(bytes(200)),
    "half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "no text": lambda path: path.write_bytes(b"\xff\xfe\xfd"),
}


@pytest.fixture
def keys(home: Path, tmp_path: Path) -> Path:
    """The installation's keys, one key of Oslo's own, and demo keys of the others."""
    (tmp_path / "oslo").mkdir()
    sealing.create_identity(tmp_path / "oslo")
    home.mkdir()
    create_keys()
    add_recipient("oslo", tmp_path / "oslo" / "recipient.txt")
    all_recipients()
    return home / "keys"


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize(
    "name",
    ["recipients/oslo.txt", "demo/bergen/recipient.txt", "signing.key", "signing.pub", "successor.pub"],
)
def test_the_doctor_names_a_damaged_file(name: str, damage: str, keys: Path) -> None:
    doctor.CHECKS["keys"]()
    DAMAGES[damage](keys / name)
    with pytest.raises(UserError) as told:
        doctor.CHECKS["keys"]()
    assert told.value.where == str(keys / name)
    assert told.value.next_step


def test_a_public_key_of_another_pair_is_named(keys: Path) -> None:
    (keys / "signing.pub").write_bytes((keys / "successor.pub").read_bytes())
    with pytest.raises(UserError, match="public half"):
        doctor.CHECKS["keys"]()


def test_damage_affects_no_other_centre(keys: Path) -> None:
    (keys / "recipients" / "oslo.txt").write_bytes(b"")
    with pytest.raises(UserError, match="oslo's public keys"):
        recipients_for("oslo")
    assert recipients_for("bergen").kind == "demo"


def test_a_key_more_takes_no_other_ones_place_and_the_same_counts_once(keys: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    sealing.create_identity(tmp_path / "new")
    before = recipients_for("oslo").keys
    for _ in range(2):
        assert add_recipient("oslo", tmp_path / "new" / "recipient.txt") == 2
    assert recipients_for("oslo").keys[:1] == before


def test_an_empty_file_is_replaced_and_removed_with_its_last_key(keys: Path, tmp_path: Path) -> None:
    path = keys / "recipients" / "oslo.txt"
    path.write_bytes(b"")
    assert add_recipient("oslo", tmp_path / "oslo" / "recipient.txt") == 1
    [key] = recipients_for("oslo").keys
    assert remove_recipient("oslo", key) == 0
    assert not path.exists()
    assert recipients_for("oslo").kind == "demo"


def test_with_real_data_nothing_is_signed_or_sealed_with_a_key_that_nobody_gave(
    keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert without_keys() == []
    configure(monkeypatch, AKRIM_DATA_MODE="production")
    assert [recipients_for(name).kind for name in ("oslo", "bergen")] == ["own", "none"]
    assert without_keys() == [name for name in recipients() if name != "oslo"]
    for name, told in (("signing.key", "its public half is here alone"), ("signing.pub", "no key to sign")):
        (keys / name).unlink()
        with pytest.raises(UserError, match=told):
            signing_key()
    assert not (keys / "signing.key").exists()


def test_interrupted_key_creation_is_resumed(home: Path) -> None:
    """The pair that lies in the safe is made first; what was cut off then has no signing key."""
    home.mkdir()
    create_keys()
    for name in ("signing.key", "signing.pub"):
        (home / "keys" / name).unlink()
    before = (home / "keys" / "successor.key").read_bytes()
    signing_key()
    assert (home / "keys" / "successor.key").read_bytes() == before


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("identity.txt", lambda keys: read_identities(keys / "identity.txt")),
        ("centre.txt", keyring.read_centre),
        ("seen.json", centre.read_seen),
    ],
)
def test_a_centre_is_told_which_of_its_files_is_damaged(
    name: str, read: Callable[[Path], object], damage: str, keys: Path
) -> None:
    folder = keys / "demo" / "bergen"
    if name == "seen.json":
        remembered = dict.fromkeys(centre.REMEMBERED, "x")
        centre.write_seen(folder, {"2026-T1": remembered})
    assert read(folder)
    DAMAGES[damage](folder / name)
    if (name, damage) in {("centre.txt", "half"), ("centre.txt", "zeros")}:
        assert read(folder) != "bergen"  # a name, but nobody's: what is another centre's is refused
        return
    with pytest.raises(UserError) as told:
        read(folder)
    assert told.value.where == str(folder / name)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
@pytest.mark.parametrize("name", ["signing.key", "successor.key", "forms.key", "demo/bergen/identity.txt"])
def test_a_secret_key_that_others_may_read_is_named(name: str, mode: int, keys: Path) -> None:
    form_key("2026-T1.1")
    doctor.CHECKS["keys"]()
    (keys / name).chmod(mode)
    with pytest.raises(UserError, match="open to other users") as told:
        doctor.CHECKS["keys"]()
    assert told.value.where == str(keys / name)
    assert f"chmod 600 {keys / name}" in told.value.next_step


def test_nothing_is_signed_or_sealed_with_a_key_that_others_may_read(keys: Path) -> None:
    form_key("2026-T1.1")
    for name, use in (("signing.key", signing_key), ("forms.key", lambda: form_key("2026-T1.1"))):
        (keys / name).chmod(0o644)
        with pytest.raises(UserError, match="open to other users"):
            use()


@pytest.mark.parametrize("name", [*recipients(), "tønsberg"])
def test_a_centre_makes_keys_under_a_name_that_there_is(name: str, tmp_path: Path) -> None:
    made = CliRunner().invoke(app, ["centre", name, "--out", str(tmp_path / "keys")])
    assert (made.exit_code == 0) == (name in recipients())
    assert (tmp_path / "keys").exists() == (name in recipients())


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    ("name", "following"), [("bergen", "akrim releases deliver"), ("nav", "akrim receive")]
)
def test_who_adds_a_key_is_told_what_seals_for_it(name: str, following: str, tmp_path: Path) -> None:
    """What was received before goes to an agency with its next reception, and not with a release."""
    added = CliRunner().invoke(app, ["add", name, str(tmp_path / "oslo" / "recipient.txt")])
    assert added.exit_code == 0
    assert f"{name} now has 1 key(s). " in added.stdout
    assert f"`{following}`" in added.stdout
