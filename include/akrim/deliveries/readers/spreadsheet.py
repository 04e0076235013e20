"""One sheet of an .xlsx workbook as rows of text: the one way in which workbooks from outside are read.

The libraries for it hold more than they are sent: a sheet with one cell in its last corner, or one long text that
every cell refers to, makes gigabytes of a few kilobytes. Here cells are taken up one by one, empty ones not at all,
and rows, cells and characters are counted as they come.
"""

import re
import zipfile
import zlib
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from xml.parsers import expat

from akrim.deliveries.readers.workbook_package import PartReader, UnreadableWorkbook, WorkbookPackage

# NotImplementedError is the library's word for a part that is compressed or encrypted in a way that it does not know.
UNSOUND = (zipfile.BadZipFile, NotImplementedError, zlib.error, expat.ExpatError, EOFError, OSError)
MISMADE = (LookupError, StopIteration, ValueError)
MAX_ROWS = 20_000
MAX_CELLS = 500_000
MAX_CHARACTERS = 32 * 1024**2  # in all cells together, a text that many share counted for each
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  # a spreadsheet's own limits
REFERENCE = re.compile("([A-Z]{1,3})([0-9]{1,7})")
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
NO_CHARACTER = re.compile("0000|[dD][89a-fA-F]..")  # NUL and half characters, which stay escaped
FIRST_DAY, FIRST_DAY_1904 = date(1899, 12, 30), date(1904, 1, 1)
# Those that a workbook need not spell out.
DATE_FORMATS = {*range(14, 18), 22, *range(27, 32), 36, *range(50, 59)}
NOT_FORMAT = re.compile(r'"[^"]*"|\[[^\]]*\]|[\\_*].')


@dataclass(frozen=True)
class SheetRow:
    """One row of a sheet that holds anything: its number, and its cells that are not empty by column, both from 1."""

    number: int
    cells: dict[int, str]


def read_sheet(path: Path, name: str = "") -> list[SheetRow]:
    """The sheet's rows in their order, values as text: dates as YYYY-MM-DD, whole numbers without a fraction, J or N.

    Args:
        path: a regular file.
        name: the sheet's, in upper or lower case; the first sheet where none is given.

    Raises UnreadableWorkbook where the file is no workbook with that sheet, or goes beyond the bounds above.
    """
    try:
        with WorkbookPackage(path) as package:
            return _rows(package, name)
    except UNSOUND:
        raise UnreadableWorkbook("it is no sound workbook") from None
    except MISMADE:
        raise UnreadableWorkbook(
            "its parts do not make a workbook" + (f" with a sheet {name}" if name else "")
        ) from None


def has_sheet(path: Path, name: str) -> bool:
    """Whether the workbook has a sheet of that name, in upper or lower case; what is no workbook has none."""
    try:
        with WorkbookPackage(path) as package:
            return name.lower() in _book(package)[0].sheets
    except (UnreadableWorkbook, *UNSOUND, *MISMADE):
        return False


def column_letters(number: int) -> str:
    """A column's letters from its number: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, digit = divmod(number - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def _book(package: WorkbookPackage) -> tuple["_Book", dict[str, tuple[str, str]]]:
    """The workbook's own part, and what it refers to."""
    start = dict(package.related("").values())["officeDocument"]
    book = _Book()
    package.read(start, book)
    return book, package.related(start)


def _rows(package: WorkbookPackage, name: str) -> list[SheetRow]:
    book, relations = _book(package)
    chosen = book.sheets[name.lower() if name else next(iter(book.sheets))]
    strings, formats = _Strings(), _Formats()
    for kind, part in relations.values():
        if kind == "sharedStrings":
            package.read(part, strings)
        elif kind == "styles":
            package.read(part, formats)
    first_day = FIRST_DAY_1904 if book.counts_from_1904 else FIRST_DAY
    cells = _Cells(strings.found, formats.are_dates, first_day)
    package.read(relations[chosen][1], cells)
    return cells.rows


class _Book(PartReader):
    """Reads which sheets there are, and from which day dates count."""

    def __init__(self) -> None:
        self.sheets: dict[str, str] = {}
        self.counts_from_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            (relation,) = (value for key, value in attributes.items() if key.endswith(" id"))
            self.sheets.setdefault(attributes["name"].lower(), relation)
        elif name == "workbookPr":
            self.counts_from_1904 = attributes.get("date1904") in ("1", "true")


class _Text(PartReader):
    """Collects the text of `t` elements, which may come in runs; how it is pronounced (`rPh`) is left out."""

    def __init__(self) -> None:
        self.left = MAX_CHARACTERS
        self._pieces: list[str] = []
        self._is_open = self._is_aside = False

    def start(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 - as every part's reader
        self._is_aside = self._is_aside or name == "rPh"
        self._is_open = name in ("t", "v") and not self._is_aside

    def end(self, name: str) -> None:
        self._is_open = False
        self._is_aside = self._is_aside and name != "rPh"

    def text(self, text: str) -> None:
        if self._is_open:
            self.charge(len(text))
            self._pieces.append(text)

    def charge(self, characters: int) -> None:
        self.left -= characters
        if self.left < 0:
            raise UnreadableWorkbook("its cells hold more text than any workbook that is filled in here")

    def taken(self) -> str:
        text = "".join(self._pieces)
        self._pieces = []
        return text


class _Strings(_Text):
    """Reads the texts that cells share."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def end(self, name: str) -> None:
        super().end(name)
        if name == "si":
            self.found.append(_unescaped(self.taken()))


class _Formats(PartReader):
    """Reads which of the cells' formats show a number as a date."""

    def __init__(self) -> None:
        self.are_dates: list[bool] = []
        self._dates = set(DATE_FORMATS)
        self._is_cells = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt" and re.search("[yYdD]", NOT_FORMAT.sub("", attributes.get("formatCode", ""))):
            self._dates.add(int(attributes["numFmtId"]))
        elif name == "cellXfs":
            self._is_cells = True
        elif name == "xf" and self._is_cells:
            self.are_dates.append(int(attributes.get("numFmtId", "0")) in self._dates)

    def end(self, name: str) -> None:
        self._is_cells = self._is_cells and name != "cellXfs"


@dataclass
class _Place:
    """Where the reading of a sheet stands."""

    row: int = 0
    column: int = 0
    kind: str = "n"
    is_date: bool = False
    cells: dict[int, str] = field(default_factory=dict)


class _Cells(_Text):
    """Reads a sheet's cells."""

    def __init__(self, strings: list[str], are_dates: list[bool], first_day: date) -> None:
        super().__init__()
        self.rows: list[SheetRow] = []
        self._strings, self._are_dates, self._first_day = strings, are_dates, first_day
        self._at = _Place()
        self._cells = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        super().start(name, attributes)
        if name == "row":
            self._at = _Place(_within(int(attributes.get("r", self._at.row + 1)), LAST_ROW))
        elif name == "c":
            self._begin(attributes)

    def _begin(self, attributes: dict[str, str]) -> None:
        self._cells += 1
        if self._cells > MAX_CELLS:
            raise UnreadableWorkbook("it has more cells than any workbook that is filled in here")
        reference = REFERENCE.fullmatch(attributes["r"]) if "r" in attributes else None
        column = _column_number(reference[1]) if reference else self._at.column + 1
        self._at.column = _within(column, LAST_COLUMN)
        self._at.kind = attributes.get("t", "n")
        style = int(attributes.get("s", "0"))
        self._at.is_date = self._are_dates[style] if style < len(self._are_dates) else False

    def end(self, name: str) -> None:
        super().end(name)
        if name == "c":
            text = self._value(self.taken()).strip()
            if text:
                self._at.cells[self._at.column] = text
        elif name == "row" and self._at.cells:
            self.rows.append(SheetRow(self._at.row, self._at.cells))
            if len(self.rows) > MAX_ROWS:
                raise UnreadableWorkbook("it has more rows than any workbook that is filled in here")

    def _value(self, text: str) -> str:
        kind = self._at.kind
        if kind == "s" and text:
            shared = self._strings[int(text)]
            self.charge(len(shared))
            return shared
        if kind == "b":
            return {"1": "J", "0": "N"}.get(text, text)
        if kind == "n" and text:
            return _number(text, self._first_day if self._at.is_date else None)
        return text[:10] if kind == "d" else _unescaped(text)


def _number(text: str, first_day: date | None) -> str:
    """A number as text: a date where its format shows one, without a fraction where it has none."""
    number = float(text)
    if first_day is not None and number >= 1:
        try:
            return str(first_day + timedelta(days=int(number)))
        except OverflowError:
            return text
    if text.lstrip("-").isdecimal():
        return text
    return str(int(number)) if number.is_integer() else str(number)


def _unescaped(text: str) -> str:
    """The text with what spreadsheets write as _x000D_ in its place."""
    return ESCAPED.sub(
        lambda found: found[0] if NO_CHARACTER.fullmatch(found[1]) else chr(int(found[1], 16)), text
    )


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _within(number: int, last: int) -> int:
    if not 1 <= number <= last:
        raise UnreadableWorkbook("it has cells where no spreadsheet has any")
    return number
