"""What was sealed for a centre opens for it alone, and where it is refused, it leaves no files behind."""

import io
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest
from akrim.errors import UserError
from akrim.keys import signing_key
from akrim.keys.centres import all_recipients
from akrim.trust import Refused, sealing, signing
from akrim.trust.keyring import KeyFile, write_statement
from akrim.trust.verification import Check, receipt, unseal, unseal_notice

from tests.trust.conftest import CENTRES, DAY, SECOND, Sender, state


def seal_notice(target: Path, content: dict[str, Any]) -> Path:
    """Sign and seal a notice for Oslo; only the sealed file is left."""
    folder = target.parent / "plain"
    write_statement(folder, "a", content, signing_key())
    plain = io.BytesIO()
    sealing.pack(folder, "n", DAY, plain)
    shutil.rmtree(folder)
    plain.seek(0)
    with target.open("wb") as sealed:
        sealing.seal(plain, sealed, list(all_recipients()["oslo"].keys))
    return target


def test_another_statement_under_a_notices_seal_is_refused(
    sender: Sender, check: Check, tmp_path: Path
) -> None:
    sealed = seal_notice(tmp_path / "a.notice.age", {"statement": "recall"} | state(SECOND, reason="-"))
    with pytest.raises(Refused, match="no notice of a dispute"):
        unseal_notice(sealed, check)


def test_a_notice_refused_for_another_has_that_one_kept_and_itself_not(
    sender: Sender, check: Check, tmp_path: Path
) -> None:
    """Else whoever takes the succession away has what a stolen key signed taken for sound."""
    keys = sender.home / "keys"
    dispute = {"statement": "correction", "recipient": "oslo", "sent_in": [SECOND]}
    sealed = seal_notice(tmp_path / "a.notice.age", dispute)
    of_another = seal_notice(tmp_path / "b.notice.age", dispute | {"recipient": "bergen"})
    refused_for(of_another, check, "other_centre")
    assert not (check.keys / KeyFile.STATEMENTS).exists()

    signing.create_pair(tmp_path / "key", tmp_path / "pub", "the next key")
    named = signing.read_public_key(tmp_path / "pub").to_base64().decode()
    said = {
        "statement": "succession", "replaces": signing.key_id(signing.read_public_key(keys / KeyFile.SIGNING)),
        "signing_key": named, "successor_key": named, "reason": "stolen", "date": "2026-05-20",
    }  # fmt: skip
    succession = write_statement(
        tmp_path, "succession", said, signing.read_secret_key(keys / KeyFile.SUCCESSOR_SECRET)
    )
    refused_for(sealed, check, "replaced_key")
    succession.unlink()
    refused_for(sealed, check, "replaced_key")


def refused_for(sealed: Path, check: Check, code: str) -> None:
    with pytest.raises(Refused) as refused:
        unseal_notice(sealed, check)
    assert refused.value.code == code


def test_a_file_in_the_way_of_what_is_opened_is_named(sender: Sender, check: Check, tmp_path: Path) -> None:
    sealed = sender.seal("oslo", tmp_path / "r.tar.age")
    for place in (tmp_path / "out", tmp_path / "out" / SECOND):
        place.write_text("x")
        with pytest.raises(UserError, match="where a folder is due"):
            unseal(sealed, tmp_path / "out", check)
        place.unlink()
        (tmp_path / "out").mkdir(exist_ok=True)
    assert list((tmp_path / "out").iterdir()) == []


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


def test_what_lies_under_another_name_than_its_own_is_refused(
    sender: Sender, check: Check, tmp_path: Path
) -> None:
    for name in (f"{SECOND}/bergen", "2026-T1.2/oslo"):
        plain = io.BytesIO()
        sealing.pack(sender.release() / "oslo", name, DAY, plain)
        plain.seek(0)
        with (tmp_path / "a.tar.age").open("wb") as target:
            sealing.seal(plain, target, list(all_recipients()["oslo"].keys))
        with pytest.raises(Refused, match="not those that its manifest names"):
            unseal(tmp_path / "a.tar.age", tmp_path / "out", check)


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
    assert refused.value.code == "extra" or refused.value.next_step == "Do not use it; call the sender."
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
