"""The file formats of a release: data package, workbook, decision form, changes, and other projects' formats."""

from akrim.formats.changes_json import changes_document
from akrim.formats.dictionary import Vocabulary, read_vocabulary
from akrim.formats.files import as_json, file_entry
from akrim.formats.registry import Snapshot, check_exports, write_files

__all__ = [
    "Snapshot",
    "Vocabulary",
    "as_json",
    "changes_document",
    "check_exports",
    "file_entry",
    "read_vocabulary",
    "write_files",
]
