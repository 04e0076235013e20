"""The legal gate: the matrix of what may be used and shared, the columns that may leave, and the rows each centre may see."""

from akrim.sharing.centre_tables import (
    MARTS,
    Columns,
    Mart,
    Tables,
    allowed_columns,
    read_tables,
    shared_columns,
)
from akrim.sharing.matrix import ASSESSMENT, classified, load_matrix, state_of_matrix
from akrim.sharing.shared_rows import forget_rows, keep_rows, prepare_tables

__all__ = [
    "ASSESSMENT",
    "MARTS",
    "Columns",
    "Mart",
    "Tables",
    "allowed_columns",
    "classified",
    "forget_rows",
    "keep_rows",
    "load_matrix",
    "prepare_tables",
    "read_tables",
    "shared_columns",
    "state_of_matrix",
]
