"""The legal gate: the matrix of what may be used and shared, the columns that may leave, and the rows each centre may see."""

from akrim.sharing.centre_rows import MARTS, Mart
from akrim.sharing.centre_tables import Tables, read_tables, sent_tables
from akrim.sharing.columns import Columns, allowed_columns, shared_columns
from akrim.sharing.matrix import ASSESSMENT, classified, is_withheld_more
from akrim.sharing.matrix_file import load_matrix, require_approved, state_of_matrix
from akrim.sharing.national_changes import FigureChange, moved_figures, new_on_several
from akrim.sharing.national_tables import (
    national_columns,
    national_documents,
    national_marts,
    read_national_tables,
    sent_national_tables,
)
from akrim.sharing.sent_about import sent_about_group, sent_about_person, sent_list
from akrim.sharing.shared_rows import (
    empty_kept,
    forget_rows,
    has_kept_rows,
    keep_rows,
    mark_kept,
    prepare_tables,
)
from akrim.sharing.small_numbers import HIDDEN

__all__ = [
    "ASSESSMENT",
    "HIDDEN",
    "MARTS",
    "Columns",
    "FigureChange",
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
    "moved_figures",
    "national_columns",
    "national_documents",
    "national_marts",
    "new_on_several",
    "prepare_tables",
    "read_national_tables",
    "read_tables",
    "require_approved",
    "sent_about_group",
    "sent_about_person",
    "sent_list",
    "sent_national_tables",
    "sent_tables",
    "shared_columns",
    "state_of_matrix",
]
