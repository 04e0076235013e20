"""A sealed archive is extracted into its folder or not at all, and takes no more space than the file that was sent."""

import io
import os
from pathlib import Path

import pytest
from akrim.errors import UserError
from akrim.trust import Refused, sealing
from akrim.trust.sealing import archives
from akrim.trust.sealing.identities import read_identities
from akrim.trust.sealing.unpacking import Limits, unpack
from akrim.trust.signing import read_public_key
from akrim.trust.verification import Check, unseal
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.measured import run_akrim
from tests.trust.conftest import DAY, Sender
from tests.trust.hostile_archives import FOLDER, HOSTILE, MANIFEST, MANIFESTS, files

ENDLESS_HEADER = b"age-encryption.org/v1\n-> X25519 abc\n" + (b"a" * 64 + b"\n") * 50_000


def seal(plain: bytes, target: Path, keys: Path) -> Path:
    """Seal the bytes as anybody can who has the centre's public key."""
    with target.open("wb") as sealed:
        sealing.seal(io.BytesIO(plain), sealed, sealing.read_recipients(keys / "recipient.txt"))
    return target


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_and_leaves_nothing(name: str, check: Check, tmp_path: Path) -> None:
    code, made = HOSTILE[name]
    sealed = seal(made(), tmp_path / "h.tar.age", check.keys)
    with pytest.raises(Refused) as refused:
        unseal(sealed, tmp_path / "out", check)
    assert refused.value.code == code
    assert str(refused.value).replace("\n", "").isprintable()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_hostile_manifest_is_refused_and_leaves_nothing(name: str, check: Check, tmp_path: Path) -> None:
    sealed = seal(files({MANIFEST: MANIFESTS[name]}), tmp_path / "h.tar.age", check.keys)
    with pytest.raises(UserError):
        unseal(sealed, tmp_path / "out", check)
    assert not (tmp_path / "out").exists()


def test_a_header_that_does_not_end_is_not_waited_for(check: Check, tmp_path: Path) -> None:
    (tmp_path / "h.tar.age").write_bytes(ENDLESS_HEADER)
    with pytest.raises(Refused) as refused:
        unseal(tmp_path / "h.tar.age", tmp_path / "out" / "in it", check)
    assert refused.value.code == "not_sealed"
    assert not (tmp_path / "out").exists()


@pytest.mark.timeout(60)
def test_a_pipe_and_a_device_are_not_waited_for(check: Check, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "h.tar.age")
    for path in (tmp_path / "h.tar.age", Path("/dev/zero")):
        with pytest.raises(Refused) as refused:
            unseal(path, tmp_path / "out", check)
        assert refused.value.code == "not_sealed"
        for read in (read_identities, sealing.read_recipients, read_public_key):
            with pytest.raises(UserError):
                read(path)


@pytest.mark.parametrize("limits", [Limits(bytes=20_000), Limits(entries=3)])
def test_more_than_the_limits_is_neither_opened_nor_sent(
    limits: Limits, sender: Sender, tmp_path: Path
) -> None:
    plain = io.BytesIO()
    sealing.pack(sender.release() / "oslo", FOLDER, DAY, plain)
    with pytest.raises(Refused) as refused:
        unpack(plain, tmp_path / "out", "h", limits)
    assert refused.value.code == "too_large"
    assert not (tmp_path / "out").exists()
    with pytest.raises(UserError, match="no centre could open it"):
        sealing.pack(sender.release() / "oslo", FOLDER, DAY, io.BytesIO(), limits)


def test_decrypting_stops_at_the_limit(sender: Sender, check: Check, tmp_path: Path) -> None:
    sealed = sender.seal("oslo", tmp_path / "r.tar.age")
    plain = io.BytesIO()
    with pytest.raises(Refused) as refused:
        archives.unseal(sealed, read_identities(check.keys / "identity.txt"), plain, Limits(bytes=70_000))
    assert refused.value.code == "too_large"
    assert len(plain.getvalue()) <= 70_000


@settings(max_examples=200)
@given(st.data())
def test_whatever_is_altered_in_an_archive_it_is_refused_or_lies_below(data: st.DataObject) -> None:
    raw = bytearray(files({MANIFEST: b"{}", f"{FOLDER}/data/x.parquet": b"PAR1" * 10}))
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, 3 * 512))] = data.draw(st.integers(0, 255))
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "in" / "content"
        try:
            unpack(io.BytesIO(bytes(raw)), folder, "h")
        except Refused:
            assert not folder.exists()
        assert {path.name for path in Path(name).iterdir()} <= {"in"}


def test_the_command_refuses_a_terabyte_in_ten_kilobytes(
    check: Check, sender: Sender, tmp_path: Path
) -> None:
    """Through the real command, with room on the disk for no terabyte: nothing is written, and memory stays small."""
    for number, name in enumerate(("a sparse entry of a terabyte", "a name of 48 MiB")):
        sealed = seal(HOSTILE[name][1](), tmp_path / f"{number}.tar.age", check.keys)
        told = run_akrim(
            "releases", "decrypt", str(sealed), "--keys", str(check.keys), "--out", str(tmp_path / "out"),
            home=sender.home,
        )  # fmt: skip
        assert told.code == 1
        assert "no plain file of its own" in told.err
        assert "Traceback" not in told.err
        assert told.peak_mib < 150
        assert not (tmp_path / "out").exists()
    deep = sender.release() / "oslo" / "manifest.json"
    deep.write_bytes(MANIFESTS["nested 200,000 times"])
    for command in ("verify", "show"):
        arguments = ("--keys", str(check.keys)) if command == "verify" else ()
        told = run_akrim("releases", command, str(deep.parent), *arguments, home=sender.home)
        assert (told.code, "Traceback" in told.err) == (1, False), told.err
