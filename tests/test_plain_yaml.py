from pathlib import Path

import pytest
from akrim.errors import UserError
from akrim.plain_yaml import read_yaml


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"keep: [", "it is no YAML at line 1"),
        (b"keep: 1\nkeep: 2\n", "a field is named twice at line 2"),
        (b"keep: \xff\n", "it is no text in UTF-8 at its byte 7"),
        (b"day: 2026-02-30\n", "day is out of range for month"),
        (b"keep: &a [*a]\n", "it holds itself"),
        (
            b"a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]\n" + b"b: [" + b"*a, " * 20_000 + b"]\n",
            "it comes to too much",
        ),
        (b"keep: " + b"[" * 5_000, "it is nested too deeply"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_in_words(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "limits.yml"
    path.write_bytes(content)
    with pytest.raises(UserError) as error:
        read_yaml(path, "file of limits", "Write it anew.")
    assert error.value.what == f"The file of limits cannot be read: {fault}."
    assert error.value.next_step == "Write it anew."


def test_a_file_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read: it is not there"):
        read_yaml(tmp_path / "limits.yml", "file of limits", "Write it anew.")


def test_what_is_no_file_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read: it is no file"):
        read_yaml(tmp_path, "file of limits", "Write it anew.")
