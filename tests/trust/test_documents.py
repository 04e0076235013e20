"""What comes from outside is read within limits, and is text that can be written again."""

from pathlib import Path

import pytest
from akrim.trust.documents import parse, read_limited


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"[" * 100_000, "nested too deeply"),
        (rb'{"reason": "\ud800"}', "surrogates"),
        (b"{", "Expecting"),
        (b"\xff", "decode"),
    ],
)
def test_what_is_no_document_is_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse(raw)


def test_a_document_in_any_script_is_read() -> None:
    assert parse('{"reason": "Ærøskøbing \\ud83d\\ude00 Ψ"}'.encode()) == {"reason": "Ærøskøbing 😀 Ψ"}


def test_a_file_has_a_limit_and_is_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 10)
    assert read_limited(path, 10) == b"x" * 10
    with pytest.raises(ValueError, match="larger"):
        read_limited(path, 9)
    with pytest.raises(OSError, match="no such file"):
        read_limited(tmp_path, 9)
