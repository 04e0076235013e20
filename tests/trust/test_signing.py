"""Signatures are minisign's: its published example verifies, and ours have its format."""

import base64
from pathlib import Path

import minisign
import pytest
from akrim.cli import app
from akrim.keys import sign_release
from akrim.reproduction.comparing import compare_builds
from akrim.settings import get_settings
from akrim.trust import signing
from akrim.trust.signing.signatures import is_valid, read_signature
from typer.testing import CliRunner

from tests.conftest import configure
from tests.trust.conftest import make_release

# The example of minisign's verification libraries: key, message and prehashed signature.
KEY = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"
MESSAGE = b"test"
SIGNATURE = """untrusted comment: signature from minisign secret key
RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=
trusted comment: timestamp:1556193335\tfile:test
y/rUw2y8/hOUYjZU71eHp/Wo1KZ40fGy2VJEDl34XMJM+TX48Ss/17u3IvIfbVR1FkZZSNCisQbuQY+bHwhEBg==
"""


def test_the_published_example_holds_and_an_altered_one_does_not(tmp_path: Path) -> None:
    key = minisign.PublicKey.from_base64(KEY)
    (tmp_path / "test").write_bytes(MESSAGE)
    (tmp_path / "test.minisig").write_text(SIGNATURE)

    signature, by = read_signature(tmp_path / "test")

    assert by == signing.key_id(key)
    assert is_valid(key, MESSAGE, signature)
    assert not is_valid(key, b"Test", signature)


def test_ours_are_prehashed_and_the_same_each_time(tmp_path: Path) -> None:
    signing.create_pair(tmp_path / "key", tmp_path / "pub", "signing key")
    (tmp_path / "file").write_bytes(b"content")
    key = signing.read_secret_key(tmp_path / "key")

    first = signing.sign(tmp_path / "file", key, "release x for oslo, revision 1").read_bytes()
    second = signing.sign(tmp_path / "file", key, "release x for oslo, revision 1").read_bytes()

    assert first == second
    lines = first.decode().splitlines()
    assert base64.b64decode(lines[1])[:2] == b"ED"
    assert lines[2] == "trusted comment: release x for oslo, revision 1"
    signature, _ = read_signature(tmp_path / "file")
    assert is_valid(signing.read_public_key(tmp_path / "pub"), b"content", signature)


def test_what_a_signature_states_of_the_audit_log_and_of_its_origin_is_signed_too(tmp_path: Path) -> None:
    signing.create_pair(tmp_path / "secret", tmp_path / "public", "key")
    manifest, head = tmp_path / "manifest.json", {"position": 812, "sha256": "ab" * 32}
    build = {"commit": "5" * 40, "image": f"sha256:{'c' * 64}"}
    manifest.write_text("{}")
    assert signing.stated_build(manifest) is None
    release = {"release_id": "2026-T1.1", "recipient": "oslo", "revision": 2}
    beside = signing.sign(
        manifest, signing.read_secret_key(tmp_path / "secret"), signing.release_comment(release, head, build)
    )
    assert (signing.stated_head(manifest), signing.stated_build(manifest)) == (head, build)
    assert signing.is_signed(b"{}", beside.read_bytes(), tmp_path / "public")
    for was, becomes in ((b" 812:", b" 813:"), (b"commit 5", b"commit 6"), (b"sha256:c", b"sha256:d")):
        altered = beside.read_bytes().replace(was, becomes)
        assert not signing.is_signed(b"{}", altered, tmp_path / "public")


def test_the_commit_and_image_of_a_release_stay_with_it_and_change_none_of_its_files(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    get_settings()
    unknown = make_release(home / "elsewhere", "2026-T1.1", 1)
    assert signing.stated_build(unknown / "manifest.json") == {}
    for name, value in (("AKRIM_COMMIT", "5" * 40), ("AKRIM_IMAGE_DIGEST", f"sha256:{'c' * 64}")):
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    release = make_release(home, "2026-T1.1", 1)
    stated = {"commit": "5" * 40, "image": f"sha256:{'c' * 64}"}
    assert compare_builds("2026-T1.1", unknown, release, []).differing == []
    configure(monkeypatch, AKRIM_COMMIT="6" * 40)
    sign_release(release)  # as after a new key, by another version
    assert [signing.stated_build(release / of / "manifest.json") for of in ("", "oslo")] == [stated, stated]
    shown = CliRunner().invoke(app, ["releases", "show", str(release)])
    assert f"commit: {'5' * 40}" in shown.output
    assert f"image: sha256:{'c' * 64}" in shown.output
