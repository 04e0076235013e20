"""A returned review file is read within limits, whatever its content."""

import csv
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from akrim.commands.link.review import decide
from akrim.commands.link.review_file import read_review_file, write_review_file
from akrim.deliveries.readers import read_sheet
from akrim.errors import UserError

from tests.deliveries.readers.workbooks import BOMBS, write_workbook
from tests.measured import run_akrim

HEADER = b"one;other;verdict;reason;author\n"
START_UP_MIB = 350  # what the command alone takes


def test_a_bomb_ends_in_a_plain_sentence_within_memory(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "review.xlsx", **BOMBS["nested entities"])
    assert path.stat().st_size < 10_000
    came = run_akrim("link", "decide", "--file", str(path), home=tmp_path / "home", timeout=60)
    assert came.code == 1
    assert "document type" in " ".join(came.err.split())
    assert "Traceback" not in came.err
    assert came.peak_mib < START_UP_MIB


def test_an_ending_in_capitals_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "review.XLSX"
    pair = {f"{name}_{side}": "x" for name in ("source", "source_record_id", "says") for side in "lr"}
    write_review_file(path, [pair], {})
    assert read_review_file(path) == []
    assert "first" in read_sheet(path)[1].cells.values()


@pytest.mark.parametrize("bomb", BOMBS)
def test_every_bomb_is_named_as_a_file_that_cannot_be_read(tmp_path: Path, bomb: str) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_review_file(write_workbook(tmp_path / "review.xlsx", **BOMBS[bomb]))


@pytest.mark.parametrize(
    "content",
    [
        b"x" * 20_000_000,
        HEADER + b"nav/1;nav/2;;;\n" * 30_000,
        HEADER + b";" * 1_000_000 + b"\n",
        HEADER + b"nav/1;nav/2;same;a\0b;me\n",
        HEADER + b"nav/1;nav/2;same;\xff;me\n",
        HEADER + b'nav/1;nav/2;same;"' + b"x" * 200_000 + b'";me\n',
    ],
    ids=["large", "many rows", "a wide row", "NUL", "no text", "a giant value"],
)
def test_delimited_text_is_held_to_the_same_bounds(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "review.csv"
    path.write_bytes(content)
    csv.field_size_limit(10**9)  # as another reader in the process may have left it
    with pytest.raises(UserError, match="cannot be read"):
        read_review_file(path)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to(path)])
def test_what_is_no_file_is_never_opened(tmp_path: Path, make: Callable[[Path], object]) -> None:
    path = tmp_path / "review.csv"
    make(path)
    with pytest.raises(UserError, match="no such file"):
        read_review_file(path)


def test_line_breaks_in_quotes_do_not_shift_the_rows(tmp_path: Path) -> None:
    path = tmp_path / "review.csv"
    path.write_bytes(HEADER + b'nav/1;nav/2;same;"two\nlines";me\n')
    assert [decision.reason for decision in read_review_file(path)] == ["two\nlines"]


@pytest.mark.parametrize("sample", ["9" * 19, "9" * 5000, "-1", "\N{ARABIC-INDIC DIGIT THREE}"])
def test_a_sample_is_a_number_that_can_be_kept(tmp_path: Path, sample: str) -> None:
    path = tmp_path / "review.csv"
    path.write_text(f"sample;one;other;verdict;reason;author\n{sample};nav/1;nav/2;same;why;me\n", "utf-8")
    with pytest.raises(UserError, match="is no sample"):
        read_review_file(path)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("verdict", "no verdict"),
        ("reading", "no reading"),
        ("sample", "no sample"),
        ("one", "names no record"),
    ],
)
def test_of_what_is_wrong_in_a_cell_no_more_is_said_than_fits_a_line(
    tmp_path: Path, column: str, said: str
) -> None:
    row = {
        "sample": "",
        "reading": "",
        "one": "nav/1",
        "other": "nav/2",
        "verdict": "same",
        "reason": "why",
        "author": "me",
    }
    row[column] = "x" * 100_000
    path = tmp_path / "review.csv"
    path.write_text(f"{';'.join(row)}\n{';'.join(row.values())}\n", "utf-8")
    with pytest.raises(UserError, match=said) as told:
        read_review_file(path)
    assert len(told.value.what) < 100


@pytest.mark.parametrize("beside", [{"second": True}, {"reason": "why"}, {"one": "nav/1"}])
def test_what_a_file_says_itself_is_not_said_beside_it(tmp_path: Path, beside: dict[str, Any]) -> None:
    path = tmp_path / "review.csv"
    path.write_bytes(HEADER + b"nav/1;nav/2;same;why;me\n")
    with pytest.raises(UserError, match="says itself"):
        decide(file=path, **beside)
