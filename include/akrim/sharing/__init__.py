"""The legal gate: the matrix of what may be used and shared, the columns that may leave, and the rows each centre may see.

`sharing.national`, what the national part tells, is a face too.
"""

from akrim.sharing.centre_rows import MARTS, Mart
from akrim.sharing.centre_tables import Tables, read_tables, sent_tables
from akrim.sharing.columns import Columns, allowed_columns, shared_columns
from akrim.sharing.matrix import ASSESSMENT, classified, is_withheld_more
from akrim.sharing.matrix_file import load_matrix, require_approved, state_of_matrix
from akrim.sharing.sent_about import sent_about_group, sent_about_person, sent_list
from akrim.sharing.shared_rows import (
    empty_kept,
    forget_rows,
    has_kept_rows,
    keep_rows,
    mark_kept,
    prepare_tables,
)

__all__ = [
    "ASSESSMENT",
    "MARTS",
    "Columns",
    "Mart",
    "Tables",
    "allowed_columns",
    "classified",
    "empty_kept",
    "forget_rows",
    "has_kept_rows",
    "is_withheld_more",
    "keep_rows",
    "load_matrix",
    "mark_kept",
    "prepare_tables",
    "read_tables",
    "require_approved",
    "sent_about_group",
    "sent_about_person",
    "sent_list",
    "sent_tables",
    "shared_columns",
    "state_of_matrix",
]
