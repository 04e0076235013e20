"""The legal gate: which columns may be shared at all, and which rows each centre may see."""

from akrim.sharing.centre_tables import (
    MARTS,
    Columns,
    Mart,
    Tables,
    allowed_columns,
    read_tables,
    shared_columns,
)
from akrim.sharing.shared_rows import forget_rows, keep_rows, prepare_tables

__all__ = [
    "MARTS",
    "Columns",
    "Mart",
    "Tables",
    "allowed_columns",
    "forget_rows",
    "keep_rows",
    "prepare_tables",
    "read_tables",
    "shared_columns",
]
