"""A workbook's zip container and the XML parts in it, unpacked and parsed within bounds whatever was sent.

A few kilobytes of zip can unpack to gigabytes, and a few kilobytes of XML can name entities that do the same, so
sizes are counted while they are read (what a zip declares is only held against the limit first), document types
are refused before they can define anything, and elements are counted before anything is kept of them.
"""

import mmap
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

# The types that defuse it build trees; here nothing is built, and document types end it.
from xml.parsers import expat

MAX_FILE_BYTES = 64 * 1024**2
MAX_UNPACKED_BYTES = 64 * 1024**2
MAX_ENTRIES = 4_000
MAX_ELEMENTS = 2_000_000
DEEPEST_NESTING = 64
MAX_MARKUP_BYTES = 512 * 1024  # between two tags: more than a cell's longest text, however it is escaped
CHUNK = 64 * 1024
DIRECTORY_ENTRY = b"PK\1\2"
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class UnreadableWorkbook(Exception):
    """The file is no workbook that can be read within bounds.

    Args:
        why: what is wrong, to be read after "cannot be read: "; nothing of the content.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class PartReader:
    """What takes up a part's elements and texts, and by itself none of them; names come without their namespaces."""

    def start(self, name: str, attributes: dict[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, text: str) -> None: ...


class WorkbookPackage:
    """An open workbook file; its parts are read one after another, against one allowance for them all."""

    def __init__(self, path: Path) -> None:
        """Raises UnreadableWorkbook where the container alone is beyond bounds, BadZipFile or OSError where it is none."""
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UnreadableWorkbook("it is larger than any workbook that is filled in here")
        _check_directory(path)
        self._archive = zipfile.ZipFile(path)
        self._left = MAX_UNPACKED_BYTES
        self._elements = MAX_ELEMENTS
        if sum(entry.file_size for entry in self._archive.infolist()) > MAX_UNPACKED_BYTES:
            self._archive.close()
            raise UnreadableWorkbook("it unpacks to more than any workbook that is filled in here")

    def __enter__(self) -> "WorkbookPackage":
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def read(self, part: str, reader: PartReader) -> None:
        """Parse one part; raises KeyError where there is none, UnreadableWorkbook and ExpatError where it is spoilt."""
        parser = expat.ParserCreate("utf-8", " ")
        parser.buffer_text = True
        depth = 0

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            self._elements -= 1
            if self._elements < 0 or depth > DEEPEST_NESTING:
                raise UnreadableWorkbook("it holds more than any workbook that is filled in here")
            reader.start(_local(name), attributes)

        def end(name: str) -> None:
            nonlocal depth
            depth -= 1
            reader.end(_local(name))

        parser.StartDoctypeDeclHandler = _refuse_document_type
        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.CharacterDataHandler = reader.text
        for chunk in self._chunks(part):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """The parts that this one names: by relation id, the last word of the relation's kind and the part's name.

        Args:
            part: a part's name, or nothing for the package as a whole.
        """
        folder, name = PurePosixPath(part).parent, PurePosixPath(part).name
        relations = _Relations(folder)
        self.read(str(folder / "_rels" / f"{name}.rels"), relations)
        return relations.found

    def _chunks(self, part: str) -> Iterator[bytes]:
        entry = self._archive.getinfo(part)
        if entry.compress_type not in METHODS or entry.flag_bits & 1:
            raise UnreadableWorkbook("it is packed in a way that spreadsheet programs do not use")
        since_tag = 0
        with self._archive.open(entry) as content:
            while chunk := content.read(CHUNK):
                self._left -= len(chunk)
                since_tag = since_tag + len(chunk) if b"<" not in chunk else len(chunk) - chunk.rfind(b"<")
                if self._left < 0:
                    raise UnreadableWorkbook("it unpacks to more than any workbook that is filled in here")
                if since_tag > MAX_MARKUP_BYTES:
                    raise UnreadableWorkbook("it holds a longer text than any cell can")
                yield chunk


class _Relations(PartReader):
    """Reads a part's relations."""

    def __init__(self, folder: PurePosixPath) -> None:
        self._folder = folder
        self.found: dict[str, tuple[str, str]] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = self._folder / attributes["Target"]  # an absolute one replaces the folder
            kind = attributes["Type"].rpartition("/")[2]
            self.found[attributes["Id"]] = (kind, str(target).lstrip("/"))


def _check_directory(path: Path) -> None:
    """Count the zip directory's entries before a reader makes an object of each."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        place, entries = -1, 0
        while (place := content.find(DIRECTORY_ENTRY, place + 1)) >= 0:
            entries += 1
            if entries > MAX_ENTRIES:
                raise UnreadableWorkbook("it consists of more parts than any workbook")


def _refuse_document_type(*_: object) -> None:
    raise UnreadableWorkbook("it holds a document type, which workbooks never do")


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
