"""Signatures are minisign's: its published example verifies, and ours have its format."""

import base64
from pathlib import Path

import minisign
from akrim.trust import signing
from akrim.trust.signing.signatures import is_valid, read_signature

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


def test_what_a_signature_states_of_the_audit_log_is_signed_too(tmp_path: Path) -> None:
    signing.create_pair(tmp_path / "secret", tmp_path / "public", "key")
    manifest, head = tmp_path / "manifest.json", {"position": 812, "sha256": "ab" * 32}
    manifest.write_text("{}")
    comment = signing.release_comment({"release_id": "2026-T1.1", "recipient": "oslo", "revision": 2}, head)
    beside = signing.sign(manifest, signing.read_secret_key(tmp_path / "secret"), comment)
    assert signing.stated_head(manifest) == head
    assert signing.is_signed(b"{}", beside.read_bytes(), tmp_path / "public")
    altered = beside.read_bytes().replace(b" 812:", b" 813:")
    assert not signing.is_signed(b"{}", altered, tmp_path / "public")
