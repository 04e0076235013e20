"""A table's state: the sum modulo 2^256 of its rows' SHA-256, independent of the order of rows.

A row is hashed as in PostgreSQL's COPY text format, so that anybody can compute the same: values joined by tabs,
backslash, tab, newline and carriage return escaped, \\N for no value, after the table's and the columns' names.
`release_id` is left out, since it differs in every row.
"""

import hashlib
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from akrim.deltas.records import texts_of

ENCODING = (
    "Each row: the table's name, a tab, the columns' names joined by commas, a newline, then the values in COPY text format "
    "(joined by tabs; \\\\, \\t, \\n and \\r escaped; \\N for no value; dates as YYYY-MM-DD, booleans as true and false, numbers "
    "as the shortest decimal that gives them back, lists of records as the text that PostgreSQL gives of jsonb, without source_row_id, "
    "through, lent_name, weak_link and through_another where these are empty or false), UTF-8. State: the sum of the rows' SHA-256 "
    "modulo 2^256, as 64 hex digits. release_id is left out. A release's state is the sum of its tables' states."
)
MODULUS = 1 << 256
RELEASE_COLUMN = "release_id"
ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))


def compared_columns(table: pa.Table) -> list[str]:
    return [name for name in table.column_names if name != RELEASE_COLUMN]


def row_texts(table: pa.Table, columns: list[str]) -> list[str]:
    """Every row's values as text, in the order of the rows."""
    if not columns or table.num_rows == 0:
        return [""] * table.num_rows
    values = [_texts(table[name]) for name in columns]
    return list(pc.binary_join_element_wise(*values, "\t").to_pylist())


def state_of(name: str, columns: list[str], texts: Iterable[str]) -> int:
    """The table's state."""
    head = hashlib.sha256(f"{name}\t{','.join(columns)}\n".encode())
    total = 0
    for text in texts:
        digest = head.copy()
        digest.update(text.encode())
        total += int.from_bytes(digest.digest(), "big")
    return total % MODULUS


def table_state(name: str, table: pa.Table) -> int:
    columns = compared_columns(table)
    return state_of(name, columns, row_texts(table, columns))


def as_hex(state: int) -> str:
    return f"{state % MODULUS:064x}"


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_floating(column.type):
        text = pa.chunked_array(
            [pa.array([None if v is None else _number(v) for v in column.to_pylist()], pa.string())]
        )
    elif pa.types.is_list(column.type):
        text = texts_of(column)
    else:
        text = column.cast(pa.string())
    for raw, escaped in ESCAPES:
        text = pc.replace_substring(text, raw, escaped)
    return pc.fill_null(text, "\\N")


def _number(value: float) -> str:
    """Whole numbers without a point, so that a column may become an integer without a change of state."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
