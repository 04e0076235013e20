"""Person records for linkage tests: built by hand, linked without a database."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date

import duckdb
import pyarrow as pa
from akrim.identifiers import FIRST_WEIGHTS, SECOND_WEIGHTS
from akrim.linkage.engine import EngineLimits, open_engine
from akrim.linkage.matching.existing_persons import start_empty
from akrim.linkage.model.file import load_model
from akrim.linkage.pipeline import find_persons, prepare
from akrim.linkage.records.standardise import RECORD_COLUMNS

Record = dict[str, str | None]
SMALL = EngineLimits(memory="1GB", threads=1)


def person_number(born: date, serial: int = 0, d_number: bool = False) -> str:
    """A synthetic person number (month + 80) for that day: the serial-th that control digits allow."""
    day = born.day + (40 if d_number else 0)
    first_serial = 500 if born.year >= 2000 else 0
    found = -1
    for individual in range(first_serial, first_serial + 400):
        digits = f"{day:02}{born.month + 80:02}{born.year % 100:02}{individual:03}"
        first = _control_digit(digits, FIRST_WEIGHTS)
        second = _control_digit(f"{digits}{first}", SECOND_WEIGHTS) if first < 10 else 10
        found += first < 10 and second < 10
        if found == serial:
            return f"{digits}{first}{second}"
    raise AssertionError("no such serial")


def _control_digit(digits: str, weights: tuple[int, ...]) -> int:
    return -sum(int(digit) * weight for digit, weight in zip(digits, weights[:-1], strict=True)) % 11


def record(source: str, source_record_id: str, **fields: str | None) -> Record:
    blank: Record = dict.fromkeys(RECORD_COLUMNS)
    return blank | {"source": source, "extract": "persons", "source_record_id": source_record_id} | fields


def as_table(records: Iterable[Record]) -> pa.Table:
    schema = pa.schema([(name, pa.string()) for name in RECORD_COLUMNS])
    return pa.Table.from_pylist(list(records), schema=schema)


@contextmanager
def linked(records: Iterable[Record]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in which these records have been linked by the committed model."""
    with open_engine(SMALL) as con:
        con.register("given", as_table(records))
        con.execute("create temp table records as select * from given")
        model = load_model(con)
        start_empty(con)
        prepare(con)
        find_persons(con, model)
        yield con


def groups(con: duckdb.DuckDBPyConnection) -> set[frozenset[str]]:
    """The record keys that ended up together."""
    rows = con.execute("select list(record_key) from membership group by cluster_id").fetchall()
    return {frozenset(row[0]) for row in rows}
