"""Each reason to refuse a release has its own code and message, and leaves no files behind."""

import io
import json
import shutil
import tarfile
from datetime import date
from pathlib import Path

import pytest
from akrim.errors import UserError
from akrim.keys import signing_key
from akrim.keys.centres import all_recipients
from akrim.trust import Refused, Suffix, sealing, signing
from akrim.trust.keyring import KeyFile, write_statement
from akrim.trust.verification import Check, receipt, unseal, unseal_notice, verify

from tests.trust.conftest import CENTRES, FIRST, SECOND, Sender

DAY = date(2026, 6, 1)


@pytest.fixture
def oslo(release: Path) -> Path:
    return release / "oslo"


@pytest.fixture
def check(sender: Sender) -> Check:
    """Oslo's own folder of keys, on a day on which the release holds."""
    return Check(sender.keys("oslo"), DAY)


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


def state(release_id: str, recipient: str = "oslo", **said: object) -> dict[str, object]:
    return {"release_id": release_id, "recipient": recipient, "date": "2026-05-20", **said}


def test_a_centres_folder_and_the_whole_release_hold(sender: Sender, release: Path, check: Check) -> None:
    found = verify(release / "oslo", check)
    assert (found.release_id, found.recipient, found.revision) == (SECOND, "oslo", 2)
    assert verify(release, Check(sender.home / "keys", DAY)).recipient is None


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
)  # fmt: skip
def test_a_file_that_is_not_as_the_manifest_says(spoil: object, code: str, oslo: Path, check: Check) -> None:
    spoil(oslo / "assessment.html")  # type: ignore[operator]  # one of the lambdas above
    assert code_of(oslo, check) == code


def test_a_signed_manifest_may_not_point_outside(oslo: Path, check: Check) -> None:
    entries = json.loads((oslo / "manifest.json").read_text())["files"]
    (oslo.parent / "secret").write_text("x")
    sign_anew(oslo, files=[*entries, entries[0] | {"path": "../secret"}])
    assert code_of(oslo, check) == "outside"


def test_another_centres(release: Path, check: Check) -> None:
    assert code_of(release / "bergen", check) == "other_centre"
    assert code_of(release, check) == "other_centre"


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


def test_a_recall_goes_on_counting_when_the_notice_is_gone(
    sender: Sender, check: Check, tmp_path: Path
) -> None:
    notices = tmp_path / "notices"
    write_statement(notices, "a", {"statement": "recall"} | state(SECOND, reason="Feil."), signing_key())
    verify(sender.release(FIRST) / "oslo", Check(check.keys, DAY, (notices,)))
    shutil.rmtree(notices)
    assert code_of(sender.release() / "oslo", check) == "recalled"


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


def test_another_statement_under_a_notices_seal_is_refused(
    sender: Sender, check: Check, tmp_path: Path
) -> None:
    write_statement(tmp_path / "n", "a", {"statement": "recall"} | state(SECOND, reason="-"), signing_key())
    plain = io.BytesIO()
    sealing.pack(tmp_path / "n", "n", DAY, plain)
    plain.seek(0)
    with (tmp_path / "a.notice.age").open("wb") as target:
        sealing.seal(plain, target, list(all_recipients()["oslo"].keys))
    with pytest.raises(Refused, match="no notice of a dispute"):
        unseal_notice(tmp_path / "a.notice.age", check)


def test_a_file_in_the_way_of_what_is_opened_is_named(sender: Sender, check: Check, tmp_path: Path) -> None:
    sealed = sender.seal("oslo", tmp_path / "r.tar.age")
    for place in (tmp_path / "out", tmp_path / "out" / SECOND):
        place.write_text("x")
        with pytest.raises(UserError, match="where a folder is due"):
            unseal(sealed, tmp_path / "out", check)
        place.unlink()
        (tmp_path / "out").mkdir(exist_ok=True)
    assert list((tmp_path / "out").iterdir()) == []


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


def test_each_centre_opens_its_own_and_no_other(sender: Sender, tmp_path: Path) -> None:
    for recipient in CENTRES:
        sealed = sender.seal(recipient, tmp_path / "outbox" / recipient / "r.tar.age")
        for reader in CENTRES:
            out = tmp_path / "out" / recipient / reader
            reading = Check(sender.keys(reader), DAY)
            if reader == recipient:
                assert unseal(sealed, out, reading)[1].recipient == recipient
                continue
            with pytest.raises(Refused) as refused:
                unseal(sealed, out, reading)
            assert refused.value.code == "sealed_for_others"
            assert not out.exists()


def test_what_is_opened_is_that_centres_part_and_nothing_else(
    sender: Sender, check: Check, tmp_path: Path
) -> None:
    folder, found = unseal(sender.seal("oslo", tmp_path / "r.tar.age"), tmp_path / "out", check)
    sent = sender.release() / "oslo"
    names = sorted(p.relative_to(sent) for p in sent.rglob("*") if p.is_file())
    assert folder == tmp_path / "out" / SECOND / "oslo"
    assert sorted(p.relative_to(tmp_path / "out") for p in (tmp_path / "out").rglob("*") if p.is_file()) == [
        Path(SECOND, "oslo", name) for name in names
    ]
    assert all((folder / name).read_bytes() == (sent / name).read_bytes() for name in names)
    assert receipt(found, DAY)["manifest_sha256"] == found.manifest_sha256


def test_cut_short_at_every_hundredth(sender: Sender, check: Check, tmp_path: Path) -> None:
    whole = sender.seal("oslo", tmp_path / "r.tar.age").read_bytes()
    for percent in range(100):
        cut = tmp_path / "cut.tar.age"
        cut.write_bytes(whole[: len(whole) * percent // 100])
        with pytest.raises(Refused) as refused:
            unseal(cut, tmp_path / "out", check)
        assert refused.value.code == "truncated", percent
        assert not (tmp_path / "out").exists()


def test_altered_anywhere(sender: Sender, check: Check, tmp_path: Path) -> None:
    whole = sender.seal("oslo", tmp_path / "r.tar.age").read_bytes()
    for place in range(30, len(whole) - 70_000, len(whole) // 20):
        spoilt = bytearray(whole)
        spoilt[place] ^= 1
        (tmp_path / "spoilt.tar.age").write_bytes(spoilt)
        with pytest.raises(Refused) as refused:
            unseal(tmp_path / "spoilt.tar.age", tmp_path / "out", check)
        assert refused.value.code in {"altered", "sealed_for_others", "not_sealed"}
        assert not (tmp_path / "out").exists()


def test_no_sealed_file_at_all(check: Check, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Kjære senter! " * 50)
    with pytest.raises(Refused, match="no file that was sealed"):
        unseal(tmp_path / "note.txt", tmp_path / "out", check)


@pytest.mark.parametrize(
    "name", ["../evil", "/evil", "2026-T1.1/oslo/../../../evil", "2026-T1.1/bergen/note.txt", "note.txt"]
)
@pytest.mark.parametrize(
    "kind", [tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE]
)
def test_a_hostile_archive_writes_nothing_outside(
    name: str, kind: bytes, sender: Sender, check: Check, tmp_path: Path
) -> None:
    """Sealing takes the public key alone, so anybody can seal; only what is signed may stay."""
    plain = io.BytesIO()
    sealing.pack(sender.release() / "oslo", f"{SECOND}/oslo", DAY, plain)
    plain.seek(0)
    with tarfile.open(fileobj=plain, mode="a") as archive:
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname, entry.size = kind, "/etc/passwd", 4 if kind == tarfile.REGTYPE else 0
        archive.addfile(entry, io.BytesIO(b"evil"))
    plain.seek(0)
    with (tmp_path / "h.tar.age").open("wb") as target:
        sealing.seal(plain, target, list(all_recipients()["oslo"].keys))
    with pytest.raises(Refused) as refused:
        unseal(tmp_path / "h.tar.age", tmp_path / "out", check)
    assert refused.value.code in {"outside", "extra"}
    assert not (tmp_path / "out").exists()


def test_a_key_that_was_changed(sender: Sender, check: Check, tmp_path: Path) -> None:
    before = sender.seal("oslo", tmp_path / "before.tar.age")
    sealing.create_identity(check.keys)
    after = sender.seal("oslo", tmp_path / "after.tar.age")
    unseal(before, tmp_path / "out", check)
    unseal(after, tmp_path / "out", check)
    newest_alone = tmp_path / "new"
    shutil.copytree(check.keys, newest_alone)
    lines = (newest_alone / "identity.txt").read_text().splitlines(keepends=True)
    (newest_alone / "identity.txt").write_text("".join(lines[:3]))
    unseal(after, tmp_path / "out", Check(newest_alone, DAY))
    with pytest.raises(Refused, match="sealed for other keys"):
        unseal(before, tmp_path / "out", Check(newest_alone, DAY))


def test_a_key_is_never_overwritten_and_is_its_owners_alone(sender: Sender) -> None:
    with pytest.raises(UserError, match="a key already"):
        signing.create_pair(
            sender.home / "keys" / "signing.key", sender.home / "keys" / KeyFile.SIGNING, "signing key"
        )
    modes = {p.name: p.stat().st_mode & 0o077 for p in (sender.home / "keys").rglob("*") if p.is_file()}
    assert {"signing.key", "successor.key", "identity.txt", KeyFile.SIGNING, KeyFile.SUCCESSOR} <= set(modes)
    assert not any(modes.values())
