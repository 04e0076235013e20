"""The scratch schema in which one delivery's rows are judged: loaded, validated by Great Expectations, marked.

Emptied when it is opened and when it is closed. Nothing here is read by anyone else, and every row that may not
be kept is gone with it.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
from psycopg import sql
from psycopg.types.json import Jsonb

from akrim.contracts import Contract, Extract
from akrim.deliveries.inbox.manifest import DeclaredFile, Manifest
from akrim.deliveries.outcome import Refusal
from akrim.deliveries.readers import CountedBatches, read_records
from akrim.deliveries.upgrading import upgrade_loaded
from akrim.identifiers import control_rule
from akrim.periods import today
from akrim.settings import get_settings
from akrim.sharing import load_matrix
from akrim.warehouse import connect, write_arrow

READER_COLUMNS = sql.SQL(
    "row_number bigint, defect text, defect_raw text, mistyped text, removed text, cells text"
)

# Besides the extracts' rows and keys, and `delivery`.
OWN_TABLES = {
    # Of the extract that is being validated: which rows an expectation's query found, by its MD5.
    "found": sql.SQL("query text, row_number bigint"),
    "violations": sql.SQL(
        "extract text, row_number bigint, rank int, expectation text, code text, column_name text"
    ),
    # The fields of rows that are kept although their control digits fail.
    "invalid": sql.SQL("extract text, row_number bigint, columns text[]"),
    "quarantine": sql.SQL("extract text, row_number bigint, expectation text, reason text, raw jsonb"),
    "results": sql.SQL("extract text, result jsonb"),
}


@dataclass(frozen=True)
class Scratch:
    """One delivery's scratch schema."""

    schema: str
    contract: Contract
    manifest: Manifest
    before: tuple[str, ...]  # the deliveries that the state before this one consists of
    closed: frozenset[str]  # the categories of data that the sharing matrix does not let in

    @property
    def is_delta(self) -> bool:
        return self.manifest.mode == "delta"

    def table(self, name: str) -> sql.Identifier:
        """The table's name with its schema."""
        return sql.Identifier(self.schema, name)

    def person_number_kind(self, value: sql.Composable) -> sql.Composed:
        """The SQL that tells whose world a person number is of, by the rule of the delivery's year."""
        is_relaxed = control_rule(self.manifest.period.year) == "2032"
        call = "meta.person_number_kind_2032({})" if is_relaxed else "meta.person_number_kind({})"
        return sql.SQL(call).format(value)

    @contextmanager
    def connect(self) -> Iterator[psycopg.Connection]:
        """A transaction in which tables are looked for in this schema first."""
        with connect() as connection:
            connection.execute(
                sql.SQL("set local search_path to {}, public").format(sql.Identifier(self.schema))
            )
            yield connection

    def load(self, extract: Extract, file: DeclaredFile, path: Path) -> tuple[int, Refusal | None]:
        """Load one file's records; returns how many there were, and why the file is refused if it is.

        Nothing is read beyond the records that are declared: that there are more is enough to refuse it.
        A file of an earlier version of the contract is read by that, and its rows are upgraded.
        """
        upgrades = self.contract.upgrades_of(extract.name, self.manifest.contract_version)
        agreed = upgrades[0].earlier(extract) if upgrades else extract
        columns = [sql.SQL("{} text").format(sql.Identifier(column.name)) for column in agreed.columns]
        with connect() as connection:
            connection.execute(
                sql.SQL("create unlogged table {} ({})").format(
                    self.table(extract.name), sql.SQL(", ").join([READER_COLUMNS, *columns])
                )
            )
        reading = CountedBatches(read_records(path, file.name, agreed, self.is_delta), file.name, file.rows)
        first = next(reading, None)
        if first is not None:
            batches = pa.RecordBatchReader.from_batches(first.schema, chain([first], reading))
            write_arrow(batches, self.schema, extract.name, mode="append")
        with connect() as connection:
            for statement in (
                s for upgrade in upgrades for s in upgrade_loaded(self.table(extract.name), extract, upgrade)
            ):
                connection.execute(statement)
        return reading.count, reading.refusal

    def mark_unsealed(self, cells: list[str]) -> None:
        """Write down the cells of a decision form that name somebody whom their rows were not made for, such as beslutninger!J5.

        Of what is no form whose seals were looked at, nothing is written down: not even that there are none.
        """
        with connect() as connection:
            connection.execute(sql.SQL("update {} set unsealed = %s").format(self.table("delivery")), [cells])

    def keep_result(self, extract: Extract, result: dict[str, Any]) -> None:
        """Write down what was found of the extract's rows as a whole."""
        with self.connect() as connection:
            connection.execute("insert into results values (%s, %s)", [extract.name, Jsonb(result)])

    def centres(self) -> list[str]:
        """The centres of the contract that the loaded rows are said to be by."""
        named = []
        for extract in (self.contract.extract(file.extract) for file in self.manifest.files):
            for column in extract.columns_meaning("centre"):
                query = sql.SQL("select distinct {} from {} where {} = any(%s)").format(
                    sql.Identifier(column.name),
                    sql.Identifier(self.schema, extract.name),
                    sql.Identifier(column.name),
                )
                with connect() as connection:
                    named += connection.execute(query, [list(column.codes)]).fetchall()
        return sorted(row[0] for row in named)

    def keep_keys(self, extract: Extract, is_delivered: bool) -> None:
        """Write down the extract's keys as they are after this delivery, for its children's rows to be held against."""
        key, keys = sql.Identifier(extract.key.name), sql.Identifier(f"{extract.name}_keys")
        accepted = _accepted_row(extract)
        with self.connect() as connection:
            connection.execute(sql.SQL("create unlogged table {} (key text)").format(keys))
            if self.is_delta:
                replaced = sql.SQL(" and not exists ({} and r.{} = s.{})").format(accepted, key, key)
                connection.execute(
                    sql.SQL(
                        "insert into {keys} select s.{key} from {state}(%s::text[]) as s{parents} where true{replaced}{stand}"
                    ).format(
                        keys=keys,
                        key=key,
                        state=sql.Identifier("state", extract.table),
                        replaced=replaced if is_delivered else sql.SQL(""),
                        parents=_of_parents(extract, PARENT),
                        stand=_of_parents(extract, PARENT_STANDS),
                    ),
                    [list(self.before)],
                )
            if is_delivered:
                connection.execute(
                    sql.SQL("insert into {} {} and coalesce(r.removed, 'N') <> 'J'").format(keys, accepted)
                )
            connection.execute(sql.SQL("analyze {}").format(keys))


def _accepted_row(extract: Extract) -> sql.Composed:
    """Select the keys of this delivery's rows that are not set aside."""
    return sql.SQL(
        "select r.{} from {} as r where not exists"
        " (select 1 from quarantine as q where q.extract = {} and q.row_number = r.row_number)"
    ).format(sql.Identifier(extract.key.name), sql.Identifier(extract.name), sql.Literal(extract.name))


# Joined, since there may be none: beside an `or` it would be looked for row by row, where there are more than fit into memory.
PARENT = sql.SQL(" left join {keys} as {parent} on {parent}.key = s.{column}")
PARENT_STANDS = sql.SQL(" and (s.{column} is null or {parent}.key is not null)")


def _of_parents(extract: Extract, each: sql.SQL) -> sql.Composed:
    return sql.SQL("").join(
        each.format(
            keys=sql.Identifier(f"{parent}_keys"),
            parent=sql.Identifier(f"parent_{column.name}"),
            column=sql.Identifier(column.name),
        )
        for column, parent in extract.parents
    )


def clear_leftovers(agency: str) -> None:
    """Drop what a killed receiver of the agency may have left: its scratch schema and its copies of files."""
    shutil.rmtree(get_settings().home / "spool" / agency, ignore_errors=True)
    with connect() as connection:
        _drop(connection, _schema_of(agency))


@contextmanager
def open_scratch(contract: Contract, manifest: Manifest, before: list[str]) -> Iterator[Scratch]:
    """An empty scratch schema for this delivery, dropped when the block ends."""
    closed = load_matrix().at_the_door(contract.agency, today())
    scratch = Scratch(_schema_of(contract.agency), contract, manifest, tuple(before), closed)
    with connect() as connection:
        _drop(connection, scratch.schema)
        connection.execute(sql.SQL("create schema {}").format(sql.Identifier(scratch.schema)))
        for name, columns in OWN_TABLES.items():
            connection.execute(sql.SQL("create unlogged table {} ({})").format(scratch.table(name), columns))
        connection.execute(
            sql.SQL(
                "create table {} as select %s::text as mode, %s::date as delivered_on,"
                " %s::text as data_mode, %s::text as control_rule, null::text[] as unsealed"
            ).format(scratch.table("delivery")),
            [
                manifest.mode,
                manifest.delivered_on,
                get_settings().data_mode,
                control_rule(manifest.period.year),
            ],
        )
    try:
        yield scratch
    finally:
        with connect() as connection:
            _drop(connection, scratch.schema)


def _schema_of(agency: str) -> str:
    return f"scratch_{agency}"


def _drop(connection: psycopg.Connection, schema: str) -> None:
    connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema)))
