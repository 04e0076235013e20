"""Each reason not to use a release has its own code and message."""

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from akrim.commands.releases.releases import app
from akrim.errors import UserError
from akrim.keys import signing_key
from akrim.trust import Refused, Suffix, signing
from akrim.trust.keyring import KeyFile, write_statement
from akrim.trust.verification import Check, disputed, verify
from typer.testing import CliRunner

from tests.trust.conftest import DAY, FIRST, SECOND, Sender, make_release, state


@pytest.fixture
def oslo(release: Path) -> Path:
    return release / "oslo"


def code_of(folder: Path, check: Check) -> str:
    with pytest.raises(Refused) as refused:
        verify(folder, check)
    assert str(refused.value)
    return refused.value.code


def sign_anew(folder: Path, **changed: object) -> None:
    """The sender's own word on a manifest with other content."""
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))
    signing.sign(path, signing_key(), "for a test")


def test_a_centres_folder_and_the_whole_release_hold(sender: Sender, release: Path, check: Check) -> None:
    found = verify(release / "oslo", check)
    assert (found.release_id, found.recipient, found.revision) == (SECOND, "oslo", 2)
    assert verify(release, Check(sender.home / "keys", DAY)).recipient is None


def test_the_release_and_the_one_before_are_named_alike_by_folder_or_id(sender: Sender) -> None:
    none = "0" * 64
    delta = {"previous": SECOND, "recipient": "oslo", "tables": {}, "state_before": none, "state_after": none}
    third = make_release(
        sender.home, "2026-T2.1", 3, {"oslo": {"delta.json": json.dumps(delta).encode()}}, ["oslo"]
    )
    keys = ("--keys", str(sender.keys("oslo")), "--at", "2026-09-20")
    for release in (str(third / "oslo"), "2026-T2.1/oslo"):
        for base, ending in (
            (str(sender.release(SECOND) / "oslo"), None),
            (f"{SECOND}/oslo", None),
            (f"{FIRST}/oslo", "is against oslo's"),
            ("2026-T9.1/oslo", "There is no release"),
        ):
            ran = CliRunner().invoke(app, ["verify", release, "--base", base, *keys])
            assert (ending in str(ran.exception)) if ending else (ran.exit_code == 0), (base, ran.exception)
    # What never has a delta is not told to be damaged.
    ran = CliRunner().invoke(app, ["verify", f"{SECOND}/oslo", "--base", f"{FIRST}/oslo", "--older", *keys])
    assert str(ran.exception).startswith("Only a centre's part of a release has a delta")


def test_unsigned(oslo: Path, check: Check) -> None:
    (oslo / "manifest.json.minisig").write_text("untrusted comment: nothing\n")
    assert code_of(oslo, check) == "unsigned"
    (oslo / "manifest.json.minisig").unlink()
    assert code_of(oslo, check) == "unsigned"


def test_signed_with_a_key_that_nobody_knows(oslo: Path, check: Check, tmp_path: Path) -> None:
    signing.create_pair(tmp_path / "key", tmp_path / "pub", "thief's key")
    signing.sign(
        oslo / "manifest.json", signing.read_secret_key(tmp_path / "key"), "release 2026-T1.1 for oslo"
    )
    assert code_of(oslo, check) == "unknown_key"


def test_a_thief_may_not_borrow_the_keys_id(oslo: Path, check: Check, tmp_path: Path) -> None:
    (oslo / "manifest.json").write_bytes(
        (oslo / "manifest.json").read_bytes().replace(b"changes", b"chances")
    )
    assert code_of(oslo, check) == "altered"


def test_every_part_of_the_signature_counts(oslo: Path, check: Check) -> None:
    path = oslo / "manifest.json.minisig"
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([*lines[:2], lines[2].replace(b"oslo", b"alta"), lines[3]]) + b"\n")
    assert code_of(oslo, check) == "altered"


def test_without_the_senders_keys_nothing_is_believed(oslo: Path, tmp_path: Path) -> None:
    assert code_of(oslo, Check(tmp_path, DAY)) == "no_keys"


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "truncated"),
        (lambda path: path.write_bytes(b"x" + path.read_bytes()[1:]), "altered"),
        (lambda path: path.write_bytes(path.read_bytes() + b"x"), "altered"),
        (lambda path: path.unlink(), "missing"),
        (lambda path: (path.parent / "extra").touch(), "extra"),
        (lambda path: (path.unlink(), path.symlink_to("/etc/hostname")), "outside"),
    ],
)
def test_a_file_that_is_not_as_the_manifest_says(spoil: object, code: str, oslo: Path, check: Check) -> None:
    spoil(oslo / "assessment.html")
    assert code_of(oslo, check) == code


def test_a_signed_manifest_may_not_point_outside(oslo: Path, check: Check) -> None:
    entries = json.loads((oslo / "manifest.json").read_text())["files"]
    (oslo.parent / "secret").write_text("x")
    sign_anew(oslo, files=[*entries, entries[0] | {"path": "../secret"}])
    assert code_of(oslo, check) == "outside"


def test_another_centres_is_to_be_deleted_and_not_asked_for_again(release: Path, check: Check) -> None:
    for folder in (release / "bergen", release):
        with pytest.raises(Refused) as refused:
            verify(folder, check)
        assert (refused.value.code, refused.value.next_step) == (
            "other_centre",
            "Delete it, and tell the installation.",
        )


def test_another_centres_under_ones_own_name(release: Path, check: Check) -> None:
    shutil.rmtree(release / "oslo")
    (release / "bergen").rename(release / "oslo")
    assert code_of(release / "oslo", check) == "other_centre"


def test_expired(oslo: Path, check: Check) -> None:
    last_day = date.fromisoformat(json.loads((oslo / "manifest.json").read_text())["expires"])
    verify(oslo, Check(check.keys, last_day))
    assert code_of(oslo, Check(check.keys, date.fromordinal(last_day.toordinal() + 1))) == "expired"


def test_older_than_the_last_seen(sender: Sender, oslo: Path, check: Check) -> None:
    older = sender.release(FIRST) / "oslo"
    verify(older, check)
    verify(oslo, check)
    assert code_of(older, check) == "older"
    assert verify(older, Check(check.keys, DAY, allow_older=True)).release_id == FIRST
    verify(oslo, check)


def test_an_older_revision_that_was_looked_into_is_still_older(
    sender: Sender, oslo: Path, check: Check
) -> None:
    older = sender.release(FIRST) / "oslo"
    sign_anew(older, period=json.loads((oslo / "manifest.json").read_text())["period"])
    verify(oslo, check)
    assert code_of(older, check) == "older"
    verify(older, replace(check, allow_older=True))
    assert code_of(older, check) == "older"


def test_a_correction_of_an_earlier_period_does_not_outdate_the_later_one(
    sender: Sender, oslo: Path, check: Check
) -> None:
    verify(oslo, check)
    corrected = sender.release(FIRST) / "oslo"
    sign_anew(corrected, release_id="2025-T3.2", revision=3)
    verify(corrected, check)
    verify(oslo, check)


def test_two_releases_under_one_number(oslo: Path, check: Check) -> None:
    verify(oslo, check)
    sign_anew(oslo, as_of="2026-04-29")
    assert code_of(oslo, check) == "altered"


def test_recalled_and_superseded(sender: Sender, oslo: Path, check: Check, tmp_path: Path) -> None:
    notices = tmp_path / "notices"
    write_statement(
        notices, "a", {"statement": "supersession"} | state(SECOND, superseded_by="2026-T1.2"), signing_key()
    )
    listening = Check(check.keys, DAY, (notices,))
    assert code_of(oslo, listening) == "superseded"
    write_statement(
        notices, "b", {"statement": "recall"} | state(SECOND, reason="Feil leveranse."), signing_key()
    )
    assert code_of(oslo, listening) == "recalled"
    assert code_of(oslo, Check(check.keys, DAY, (notices,), allow_older=True)) == "recalled"


def test_nobody_is_sent_to_a_newer_release_that_was_recalled(
    oslo: Path, check: Check, tmp_path: Path
) -> None:
    notices, newer = tmp_path / "notices", "2026-T1.2"
    for name, said in (
        ("a", {"statement": "supersession"} | state(SECOND, superseded_by=newer)),
        ("b", {"statement": "recall"} | state(newer, reason="Feil leveranse.")),
    ):
        write_statement(notices, name, said, signing_key())
    with pytest.raises(Refused, match="superseded by") as refused:
        verify(oslo, Check(check.keys, DAY, (notices,)))
    assert refused.value.next_step.startswith("That one was recalled since")


def test_what_is_said_to_another_centre_says_nothing_here(
    sender: Sender, oslo: Path, check: Check, tmp_path: Path
) -> None:
    notices, case = tmp_path / "notices", {"case_id": "K-2026-001", "sent_in": [SECOND]}
    for name, to in (("a", "bergen"), ("b", "oslo")):
        write_statement(notices, name, {"statement": "correction"} | state(SECOND, to, **case), signing_key())
    write_statement(
        notices, "c", {"statement": "recall"} | state(SECOND, "bergen", reason="Feil."), signing_key()
    )
    listening = Check(check.keys, DAY, (notices,))
    found = verify(oslo, listening)
    assert [said["recipient"] for said in disputed(found, listening)] == ["oslo"]


def test_a_later_release_that_was_recalled_since_makes_none_older(
    sender: Sender, oslo: Path, check: Check, tmp_path: Path
) -> None:
    verify(oslo, check)
    recall = {"statement": "recall"} | state(SECOND, reason="Feil.")
    write_statement(tmp_path / "notices", "a", recall, signing_key())
    assert (
        verify(sender.release(FIRST) / "oslo", Check(check.keys, DAY, (tmp_path / "notices",))).revision == 1
    )


def test_a_recall_goes_on_counting_when_the_notice_is_gone(
    sender: Sender, check: Check, tmp_path: Path
) -> None:
    notices = tmp_path / "notices"
    write_statement(notices, "a", {"statement": "recall"} | state(SECOND, reason="Feil."), signing_key())
    verify(sender.release(FIRST) / "oslo", Check(check.keys, DAY, (notices,)))
    shutil.rmtree(notices)
    assert code_of(sender.release() / "oslo", check) == "recalled"


@pytest.mark.parametrize(("kind", "code"), [("recall", "recalled"), ("succession", "replaced_key")])
def test_a_notice_that_a_release_was_refused_for_goes_on_counting_when_it_is_gone(
    kind: str, code: str, sender: Sender, oslo: Path, check: Check, tmp_path: Path
) -> None:
    """Also where nothing else was verified while it lay there: else whoever takes it away has the release taken for sound."""
    keys, notices = sender.home / "keys", tmp_path / "notices"
    signing.create_pair(tmp_path / "key", tmp_path / "pub", "the next key")
    named = signing.read_public_key(tmp_path / "pub").to_base64().decode()
    said = {
        "recall": state(SECOND, reason="Feil."),
        "succession": {
            "replaces": signing.key_id(signing.read_public_key(keys / KeyFile.SIGNING)),
            "signing_key": named, "successor_key": named, "reason": "stolen", "date": "2026-05-20",
        },
    }  # fmt: skip
    by = KeyFile.SUCCESSOR_SECRET if kind == "succession" else KeyFile.SIGNING_SECRET
    write_statement(notices, "a", {"statement": kind} | said[kind], signing.read_secret_key(keys / by))
    assert code_of(oslo, Check(check.keys, DAY, (notices,))) == code
    shutil.rmtree(notices)
    assert code_of(oslo, check) == code


@pytest.mark.parametrize("is_signed", [True, False])
def test_a_file_of_a_recalls_name_does_not_take_the_recall_away(
    is_signed: bool, sender: Sender, oslo: Path, check: Check, tmp_path: Path
) -> None:
    """Not even one that the sender did sign, once, about another release."""
    name = "recall-2026-T1.1-oslo"
    recall = {"statement": "recall"} | state(SECOND, reason="Feil.")
    write_statement(tmp_path / "first", name, recall, signing_key())
    assert code_of(oslo, Check(check.keys, DAY, (tmp_path / "first",))) == "recalled"
    verify(sender.release(FIRST) / "oslo", Check(check.keys, DAY, (tmp_path / "first",)))
    other = {"statement": "supersession"} | state("2024-T1.1", superseded_by="2024-T1.2")
    path = write_statement(tmp_path / "later", name, other, signing_key())
    if not is_signed:
        path.write_text("[" * 30_000)
    for _ in range(2):
        assert code_of(oslo, Check(check.keys, DAY, (tmp_path / "later",))) == "recalled"
        verify(
            sender.release(FIRST) / "oslo", Check(check.keys, DAY, (tmp_path / "later",), allow_older=True)
        )
    assert code_of(oslo, check) == "recalled"


@pytest.mark.parametrize("by", ["nobody", "a thief"])
def test_a_recall_that_the_sender_did_not_sign_says_nothing(
    by: str, sender: Sender, oslo: Path, check: Check, tmp_path: Path
) -> None:
    signing.create_pair(tmp_path / "key", tmp_path / "pub", "thief's key")
    path = write_statement(
        tmp_path / "n",
        "a",
        {"statement": "recall"} | state(SECOND, reason="-"),
        signing.read_secret_key(tmp_path / "key"),
    )
    if by == "nobody":
        path.with_name(path.name + Suffix.SIGNATURE).unlink()
    verify(oslo, Check(check.keys, DAY, (tmp_path / "n",)))


@pytest.mark.parametrize(
    ("by", "replaces"), [(KeyFile.SIGNING_SECRET, None), (KeyFile.SUCCESSOR_SECRET, "0123456789ABCDEF")]
)
def test_a_new_key_is_named_by_the_offline_key_alone_and_in_place_of_the_one_that_is_trusted(
    by: str, replaces: str | None, sender: Sender, oslo: Path, check: Check, tmp_path: Path
) -> None:
    """Whoever has stolen the signing key names none, and what was said of another key says nothing of this one."""
    keys, beside = sender.home / "keys", tmp_path / "beside"
    signing.create_pair(tmp_path / "key", tmp_path / "pub", "thief's key")
    named = signing.read_public_key(tmp_path / "pub").to_base64().decode()
    content = {
        "statement": "succession", "replaces": replaces or signing.key_id(signing.read_public_key(keys / KeyFile.SIGNING)),
        "signing_key": named, "successor_key": named, "reason": "stolen", "date": "2026-05-20",
    }  # fmt: skip
    write_statement(beside, "succession-1", content, signing.read_secret_key(keys / by))
    listening = replace(check, beside=(beside,))
    assert verify(oslo, listening).release_id == SECOND
    signing.sign(oslo / "manifest.json", signing.read_secret_key(tmp_path / "key"), "forged")
    assert code_of(oslo, listening) == "unknown_key"


def test_a_key_is_never_overwritten_and_is_its_owners_alone(sender: Sender) -> None:
    with pytest.raises(UserError, match="a key already"):
        signing.create_pair(
            sender.home / "keys" / "signing.key", sender.home / "keys" / KeyFile.SIGNING, "signing key"
        )
    modes = {p.name: p.stat().st_mode & 0o077 for p in (sender.home / "keys").rglob("*") if p.is_file()}
    assert {"signing.key", "successor.key", "identity.txt", KeyFile.SIGNING, KeyFile.SUCCESSOR} <= set(modes)
    assert not any(modes.values())
