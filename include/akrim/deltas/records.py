"""Columns that hold several things a row: lists of records with a stated schema in files, JSON text in memory and in the database.

The text is that of PostgreSQL's jsonb, to the letter, so that a row has one state however it is held: fields by length and then
by letter, and what only some records have left out where it is empty.
"""

import json
from datetime import date
from typing import Any

import pyarrow as pa

# By column. The fields stand in the order of the text.
RECORDS: dict[str, pa.StructType] = {
    "evidence": pa.struct(
        {
            "date": pa.date32(),
            "orgnr": pa.string(),
            "agency": pa.string(),
            "extract": pa.string(),
            "through": pa.list_(pa.string()),
            "lent_name": pa.bool_(),
            "weak_link": pa.bool_(),
            "source_row_id": pa.string(),
            "through_another": pa.bool_(),
        }
    ),
    "events": pa.struct({"event": pa.string(), "points": pa.int32()}),
    "disputes": pa.struct(
        {
            "since": pa.date32(),
            "agency": pa.string(),
            "case_id": pa.string(),
            "extract": pa.string(),
            "is_open": pa.bool_(),
            "source_row_id": pa.string(),
        }
    ),
    "open_matters_by_agency": pa.struct({"agency": pa.string(), "matters": pa.int32()}),
    "controlled_twice": pa.struct(
        {"orgnr": pa.string(), "last_date": pa.date32(), "days_between": pa.int32()}
    ),
}
# A row about somebody else comes without its id; a mark is there where it holds, and a chain of enterprises where there is one.
MARKS = {"lent_name", "weak_link", "through_another"}
OPTIONAL = {"source_row_id", "through", *MARKS}


def as_records(table: pa.Table) -> pa.Table:
    """The table with its columns of RECORDS as lists; raises ValueError where a text has a field that the schema does not know."""
    for place, field in enumerate(table.schema):
        if field.name in RECORDS and pa.types.is_string(field.type):
            table = table.set_column(place, field.name, listed(table[field.name], field.name))
    return table


def as_texts(table: pa.Table) -> pa.Table:
    """The table with its lists of records as JSON text."""
    for place, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            table = table.set_column(place, field.name, texts_of(table[field.name]))
    return table


def listed(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """A column's JSON texts as lists of that name's records."""
    struct = RECORDS[name]
    kinds = {field.name: field.type for field in struct}
    rows = [
        None if text is None else [_record(item, kinds) for item in json.loads(text)]
        for text in column.to_pylist()
    ]
    return pa.chunked_array([pa.array(rows, pa.list_(struct))])


def texts_of(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column's lists of records as JSON text."""
    rows = column.to_pylist()
    return pa.chunked_array([pa.array([None if row is None else _text(row) for row in rows], pa.string())])


def _record(item: dict[str, Any], kinds: dict[str, pa.DataType]) -> dict[str, Any]:
    if unknown := item.keys() - kinds.keys():
        raise ValueError(f"records with {', '.join(sorted(unknown))}, which their schema does not know")
    dated = {
        name: date.fromisoformat(value)
        for name, value in item.items()
        if value is not None and pa.types.is_date(kinds[name])
    }
    return dict.fromkeys(MARKS & kinds.keys(), False) | item | dated


def _text(records: list[dict[str, Any]]) -> str:
    told = [
        {name: value for name, value in record.items() if value or name not in OPTIONAL} for record in records
    ]
    return json.dumps(told, ensure_ascii=False, default=date.isoformat)
