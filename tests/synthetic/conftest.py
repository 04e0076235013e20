"""Small worlds, made once: tests read only their deliveries and answer keys, as files."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from akrim.periods import Period
from akrim.synthetic import Request, produce
from akrim.synthetic.extracts import AGENCIES

# A file as a table, once there is a connection to read it with.
Table = Callable[[duckdb.DuckDBPyConnection], duckdb.DuckDBPyRelation]
PERIODS = ("2025-T2", "2025-T3", "2026-T1")


@dataclass(frozen=True)
class Made:
    """An inbox with its truth beside it."""

    inbox: Path

    @property
    def truth(self) -> Path:
        return self.inbox.parent / "truth"

    def folder(self, agency: str, period: str, number: int = 1) -> Path:
        return self.inbox / agency / f"{agency}-{period}-{number:02}"

    def key(self, name: str) -> Table:
        """A file of the answer key."""
        return lambda con: con.read_csv(str(self.truth / f"{name}.csv"), all_varchar=True)


def make(inbox: Path, period: str, persons: int = 2000, seed: int = 11, **more: object) -> Made:
    produce(Request(inbox, Period.parse(period), persons, seed, **more))
    return Made(inbox)


def ask(query: str, *parameters: object, **tables: Table) -> list[tuple[object, ...]]:
    """The query's rows; it knows each table by the name that it is given here."""
    with duckdb.connect() as connection:
        for name, table in tables.items():
            table(connection).create(name)
        return connection.execute(query, parameters).fetchall()


def identified(table: Table, column: str) -> Table:
    """The table with that column alone, as `id`."""
    return lambda con: table(con).select(duckdb.ColumnExpression(column).alias("id"))


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Three periods in a row of a world of 2,000 persons."""
    inbox = tmp_path_factory.mktemp("synthetic") / "inbox"
    for period in PERIODS:
        make(inbox, period)
    return Made(inbox)


def rows_of(made: Made, agency: str, period: str, name: str) -> Table:
    """A file's rows; those with a surplus field are left out."""
    path = made.folder(agency, period) / name
    if path.suffix == ".parquet":
        return lambda con: con.read_parquet(str(path))
    if path.suffix == ".gz":
        return lambda con: con.read_json(str(path), format="newline_delimited")
    delimiter = "," if agency == "arbeidstilsynet" else ";"
    encoding = "latin-1" if agency == "politiet" else "utf-8"
    read = "from read_csv(?, all_varchar=true, header=true, ignore_errors=true, delim=?, encoding=?)"
    return lambda con: con.sql(read, params=[str(path), delimiter, encoding])


__all__ = ["AGENCIES", "PERIODS", "Made", "Table", "ask", "identified", "make", "rows_of"]
