"""The file formats of a release: data package, workbook, decision form, changes, and other projects' formats."""

from akrim.formats.changes_json import changes_document
from akrim.formats.data_package import write_package
from akrim.formats.dictionary import Vocabulary, national_vocabulary, read_vocabulary
from akrim.formats.files import as_json, file_entry
from akrim.formats.registry import Snapshot, check_exports, write_files
from akrim.formats.schemas import Schemas

__all__ = [
    "Schemas",
    "Snapshot",
    "Vocabulary",
    "as_json",
    "changes_document",
    "check_exports",
    "file_entry",
    "national_vocabulary",
    "read_vocabulary",
    "write_files",
    "write_package",
]
