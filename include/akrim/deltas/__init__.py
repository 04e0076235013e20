"""The delta between two releases' data, and the check that previous + delta = this one.

It needs only the files and pyarrow, so that a centre can check it on any machine.
"""

from akrim.deltas.checking import check
from akrim.deltas.difference import IdentityChanges
from akrim.deltas.records import as_records, as_texts
from akrim.deltas.writing import DOCUMENT, write_delta

__all__ = ["DOCUMENT", "IdentityChanges", "as_records", "as_texts", "check", "write_delta"]
