"""Encodes tables as files in the agency's agreed format: CSV, gzipped JSON lines or Parquet; always the same bytes.

Cells are text (in JSON lines, for other kinds than text, the JSON itself); null is an empty cell or an absent field.
"""

import io
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from akrim.contracts import Extract
from akrim.synthetic.world.randomness import NULL, Booleans

ROWS_AT_ONCE = 50_000
GZIP = zlib.MAX_WBITS | 16
WITH_BYTE_ORDER_MARK = ("arbeidstilsynet",)


def file_name(contract: Extract) -> str:
    return f"{contract.name}.{contract.formats[0].name}"


def as_bytes(contract: Extract, table: pa.Table, has_surplus_field: Booleans) -> bytes:
    """The file's content; rows marked in `has_surplus_field` get one cell too many if the format allows it."""
    form = contract.formats[0]
    if form.name == "parquet":
        return _parquet(table)
    if form.name == "jsonl.gz":
        squeezed = zlib.compressobj(6, wbits=GZIP)
        parts = [squeezed.compress(_lines(_json_objects(contract, piece))) for piece in _pieces(table)]
        return b"".join([*parts, squeezed.flush()])
    mark = "\ufeff" if contract.agency in WITH_BYTE_ORDER_MARK else ""
    header = mark + form.delimiter.join(table.column_names) + "\n"
    surplus = pa.table([pc.if_else(pa.array(has_surplus_field), form.delimiter + "x", "")], ["surplus"])
    rows = (
        pc.binary_join_element_wise(_csv_rows(piece, form.delimiter), ends[0].combine_chunks(), "")
        for piece, ends in zip(_pieces(table), _pieces(surplus), strict=True)
    )
    written = [_lines(of_piece).decode().encode(form.encoding) for of_piece in rows]
    return b"".join([header.encode(form.encoding), *written])


def _pieces(table: pa.Table) -> Iterator[pa.Table]:
    """Some rows at a time: written out they take several times what the table does."""
    for start in range(0, table.num_rows, ROWS_AT_ONCE):
        yield table.slice(start, ROWS_AT_ONCE)


def comma_separated(tables: Iterable[pa.Table]) -> Iterator[bytes]:
    """Tables with the same columns as the parts of one plain CSV file, as the answer key is written."""
    header = b""
    for table in tables:
        if not header:
            header = (",".join(table.column_names) + "\n").encode()
            yield header
        yield from (_lines(_csv_rows(as_text(piece), ",")) for piece in _pieces(table))


def _lines(rows: pa.StringArray) -> bytes:
    """The rows, each ended by a line feed: what an array's texts are next to each other in memory."""
    ended = pc.binary_join_element_wise(rows, "\n", "")
    return ended.buffers()[2].to_pybytes() if len(ended) else b""


def _parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def as_text(table: pa.Table) -> pa.Table:
    """Every cell as text: 'true' and 'false', whole numbers without a point."""
    columns = [column.combine_chunks().cast(pa.string()) for column in table.columns]
    return pa.table(dict(zip(table.column_names, columns, strict=True)))


def _csv_rows(table: pa.Table, delimiter: str) -> Any:
    cells = [_quoted(column, delimiter) for column in table.columns]
    return pc.binary_join_element_wise(*cells, delimiter, null_handling="replace", null_replacement="")


def _quoted(column: Any, delimiter: str) -> Any:
    column = column.combine_chunks()
    needs = pc.match_substring_regex(column, f'[{delimiter}"\r\n]')
    if not pc.any(needs).as_py():
        return column
    doubled = pc.replace_substring(column, '"', '""')
    return pc.if_else(pc.fill_null(needs, False), pc.binary_join_element_wise('"', doubled, '"', ""), column)


def _json_objects(contract: Extract, table: pa.Table) -> Any:
    kinds = {column.path: column.kind for column in contract.columns}
    values = {
        name: _json_values(table[name].combine_chunks(), kinds.get(name, "text"))
        for name in table.column_names
    }
    return pc.binary_join_element_wise("{", _members(values, ""), "}", "")


def _json_values(column: Any, kind: str) -> Any:
    if kind in ("integer", "decimal", "boolean"):
        return column
    escaped = pc.replace_substring(pc.replace_substring(column, "\\", "\\\\"), '"', '\\"')
    opening, closing = ('["', '"]') if kind == "text_list" else ('"', '"')
    return pc.binary_join_element_wise(opening, escaped, closing, "")


def _members(values: dict[str, Any], prefix: str) -> Any:
    """The members of one object, separated by commas, without null members and empty objects."""
    parts, done = [], set()
    for path, whole in values.items():
        if not path.startswith(prefix):
            continue
        name, _, deeper = path.removeprefix(prefix).partition(".")
        if name in done:
            continue
        done.add(name)
        value = _object(values, f"{prefix}{name}.") if deeper else whole
        parts.append(pc.fill_null(pc.binary_join_element_wise(f',"{name}":', value, ""), ""))
    # not null_handling="skip": pyarrow drops the rows in which everything is null
    return pc.utf8_slice_codeunits(pc.binary_join_element_wise(*parts, ""), 1)


def _object(values: dict[str, Any], prefix: str) -> Any:
    inside = _members(values, prefix)
    return pc.if_else(pc.equal(inside, ""), NULL, pc.binary_join_element_wise("{", inside, "}", ""))
