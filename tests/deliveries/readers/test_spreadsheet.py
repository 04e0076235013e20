"""Sheets come out as another library reads them, and whatever is beyond bounds is refused before it is held."""

import resource
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from akrim.deliveries.readers import SheetRow, UnreadableWorkbook, read_sheet
from akrim.deliveries.readers.spreadsheet import column_letters
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from tests.deliveries.readers.workbooks import BOMBS, CORNER, SHEET_PART, shared, sheet, write_workbook

MIB = 1024**2
VALUES: list[tuple[Any, str]] = [
    ("æ ø å\n<&>", "æ ø å\n<&>"),
    ("  beside  ", "beside"),
    ("00123", "00123"),
    (7, "7"),
    (7.0, "7"),
    (-1.5, "-1.5"),
    (12345678901234, "12345678901234"),
    (True, "J"),
    (False, "N"),
    (date(2026, 5, 12), "2026-05-12"),
    (datetime(2026, 5, 12, 13, 30), "2026-05-12"),  # noqa: DTZ001 - spreadsheets know no time zones
    ("=1+1", ""),
]


def test_values_come_out_as_text(tmp_path: Path) -> None:
    book = Workbook()
    page = book.active
    page.title = "Beslutninger"
    for number, (value, _) in enumerate(VALUES, start=2):
        page.cell(number, number).value = value
    book.create_sheet("veiledning")["A1"] = "not this one"
    book.save(tmp_path / "book.xlsx")
    expected = [SheetRow(n, {n: text}) for n, (_, text) in enumerate(VALUES, start=2) if text]
    assert read_sheet(tmp_path / "book.xlsx") == expected
    assert read_sheet(tmp_path / "book.xlsx", "beslutninger") == expected
    with pytest.raises(UnreadableWorkbook, match="with a sheet review"):
        read_sheet(tmp_path / "book.xlsx", "review")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>", {1: {1: "1", 2: "2"}, 2: {1: "3"}}),
        ('<row r="4"><c r="C4" t="s"><v>1</v></c></row>', {4: {3: "two runs"}}),
        ('<row><c t="str"><f>A1</f><v>a_x000D__x005F_b_x0000_</v></c></row>', {1: {1: "a\r_b_x0000_"}}),
        ('<row><c t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c></row>', {1: {1: "ab"}}),
        ('<row><c t="d"><v>2026-05-12T00:00:00</v></c></row>', {1: {1: "2026-05-12"}}),
        ('<row><c t="e"><v>#N/A</v></c><c t="b"><v>1</v></c></row>', {1: {1: "#N/A", 2: "J"}}),
        ('<row><c s="1"><v>46154</v></c><c s="1"><v>9e99</v></c></row>', {1: {1: "2026-05-12", 2: "9e99"}}),
        ('<row><c s="2"><v>46154</v></c><c><v>1E+2</v></c></row>', {1: {1: "46154", 2: "100"}}),
    ],
)  # fmt: skip
def test_what_programs_write_in_their_own_ways(
    tmp_path: Path, rows: str, expected: dict[int, dict[int, str]]
) -> None:
    runs = "<sst><si/><si><r><t>two </t></r><r><t>runs</t></r><rPh><t>TO</t></rPh></si></sst>"
    styles = (
        '<styleSheet><numFmts><numFmt numFmtId="170" formatCode="[$-414]dd.mm.yyyy"/>'
        '<numFmt numFmtId="171" formatCode="0&quot; dager&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
        '<cellXfs><xf/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs></styleSheet>'
    )
    path = write_workbook(tmp_path / "book.xlsx", sheet(rows), runs, **{"xl/styles.xml": styles})
    assert {row.number: row.cells for row in read_sheet(path)} == expected


def test_a_cell_in_the_last_corner_costs_one_cell(tmp_path: Path) -> None:
    rows = read_sheet(write_workbook(tmp_path / "book.xlsx", CORNER))
    assert rows == [SheetRow(1, {1: "1"}), SheetRow(1_048_576, {16_384: "1"})]


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_before_it_is_held(tmp_path: Path, bomb: str) -> None:
    path = write_workbook(tmp_path / "book.xlsx", **BOMBS[bomb])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UnreadableWorkbook, match=r"than any|document type|no spreadsheet"):
        read_sheet(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150 * 1024


@pytest.mark.parametrize(
    ("part", "content"),
    [
        (SHEET_PART, "<worksheet><sheetData>"),
        (SHEET_PART, sheet('<row r="0"/>')),
        (SHEET_PART, sheet('<row><c r="XFE1"><v>1</v></c></row>')),
        (SHEET_PART, sheet("<row><c t='s'><v>9</v></c></row>")),
        (SHEET_PART, sheet("<row><c><v>much</v></c></row>")),
        ("xl/workbook.xml", "<workbook/>"),
        ("_rels/.rels", "<Relationships/>"),
    ],
)
def test_a_broken_part_makes_no_workbook(tmp_path: Path, part: str, content: str) -> None:
    with pytest.raises(UnreadableWorkbook):
        read_sheet(write_workbook(tmp_path / "book.xlsx", sheet(""), shared(), **{part: content}))


def test_the_container_is_held_to_bounds_too(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(5_000):
            archive.writestr(f"{number}", b"")
    with pytest.raises(UnreadableWorkbook, match="more parts"):
        read_sheet(path)
    write_workbook(path, sheet("<row/>" * 10_000))
    lying = path.read_bytes().replace(len(sheet("<row/>" * 10_000)).to_bytes(4, "little"), b"\5\0\0\0")
    path.write_bytes(lying)
    with pytest.raises(UnreadableWorkbook):
        read_sheet(path)
    for content in (b"", b"PK", path.read_bytes()[:-30], b"\0" * (65 * MIB)):
        path.write_bytes(content)
        with pytest.raises(UnreadableWorkbook):
            read_sheet(path)


@pytest.mark.parametrize("number", [1, 26, 27, 702, 703, 16_384])
def test_column_letters_are_a_spreadsheets(number: int) -> None:
    assert column_letters(number) == get_column_letter(number)
