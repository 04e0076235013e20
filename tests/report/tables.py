"""A centre's tables as tests of the report need them: with the rows that a test gives, and no others."""

from typing import Any

import pyarrow as pa
from akrim.sharing import Tables, allowed_columns


def tables_of(**rows: list[dict[str, Any]]) -> Tables:
    """Every table that a centre gets, empty but for these rows."""
    nothing = {
        mart: pa.table({name: pa.array([], pa.string()) for name in columns})
        for mart, columns in allowed_columns().items()
    }
    return nothing | {mart: pa.Table.from_pylist(found) for mart, found in rows.items() if found}
