"""What may leave, and for whom: the columns that are shared at all, and which rows are a centre's."""

from akrim.sharing.centre_tables import (
    MARTS,
    Columns,
    Mart,
    Tables,
    allowed_columns,
    read_tables,
    shared_columns,
)

__all__ = ["MARTS", "Columns", "Mart", "Tables", "allowed_columns", "read_tables", "shared_columns"]
