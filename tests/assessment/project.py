"""dbt run in this process on a warehouse, and a small world to run it on: rows in landing, persons in linkage."""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from akrim import warehouse
from akrim.contracts import load_contracts
from akrim.deliveries.landing import add_partition
from akrim.rules import BUILD, catalogue
from akrim.rules.dbt import places, quicken, run_environment
from akrim.settings import PROJECT_ROOT
from dbt.cli.main import dbtRunner
from psycopg import sql
from psycopg.rows import dict_row

from tests.ledger.entering import enter_release

PROJECT = PROJECT_ROOT / "dbt_project"


def rule_blocks() -> dict[str, dict[str, Any]]:
    """The rules as dbt's unit tests get them."""
    return {
        rule.code: {**asdict(rule), "area": rule.area, "valid_from": str(rule.valid_from)}
        for rule in catalogue.load_rules()
    }


@dataclass
class Project:
    """The dbt project on one database."""

    folder: Path

    def __call__(self, *command: str, about: dict[str, str], variables: dict[str, Any] | None = None) -> Any:
        """Run a dbt command about a run; returns its result, in which `results` holds every node."""
        quicken()
        quiet = ("--log-level", "none", "--log-level-file", "none")
        given = ("--vars", json.dumps(variables)) if variables else ()
        with _environment(warehouse.dbt_environment() | run_environment(about)):
            return dbtRunner().invoke([*quiet, *command, *places(PROJECT, self.folder / "target"), *given])

    def build(self, about: dict[str, str], *more: str) -> None:
        """Build every layer; fails with the names and messages of what failed."""
        result = self("build", *BUILD, *more, about=about)
        assert result.exception is None, result.exception
        assert not failures(result), failures(result)


def failures(result: Any) -> list[str]:
    return [
        f"{node.node.name}: {node.message}"
        for node in result.result
        if node.status not in {"success", "pass", "no-op"}
    ]


def land(
    connection: psycopg.Connection, delivery_id: str, extract: str, rows: Iterable[dict[str, str]]
) -> None:
    """Put an accepted delivery's rows of one extract into landing."""
    agency = delivery_id.split("-", maxsplit=1)[0]
    contract_extract = next(e for e in load_contracts()[agency].extracts if e.name == extract)
    partition = add_partition(connection, contract_extract, delivery_id)
    for number, row in enumerate(rows, start=1):
        values = {"delivery_id": delivery_id, "row_number": number, "is_removed": False, **row}
        connection.execute(
            sql.SQL("insert into {} ({}) values ({})").format(
                partition,
                sql.SQL(", ").join(map(sql.Identifier, values)),
                sql.SQL(", ").join(map(sql.Literal, values.values())),
            )
        )


def reserve(
    connection: psycopg.Connection, release_id: str, deliveries: Iterable[str], status: str = "building"
) -> None:
    """Register a release of 2025-T3 that is made from these deliveries, in this order."""
    pinned: dict[str, list[dict[str, str]]] = {}
    for delivery_id in deliveries:
        listed = pinned.setdefault(delivery_id.split("-", maxsplit=1)[0], [])
        listed.append({"delivery_id": delivery_id, "manifest_sha256": ""})
    enter_release(connection, release_id, status, {"deliveries": pinned})


def join_records(connection: psycopg.Connection, **persons: list[tuple[str, str, str]]) -> None:
    """Say which records (source, extract, source_record_id) are one person."""
    for person_id, records in persons.items():
        for source, extract, source_record_id in records:
            connection.execute(
                "insert into linkage.memberships (source, extract, source_record_id, content_digest, person_id,"
                " link_kind, valid_from_release) values (%s, %s, %s, '', %s, 'identifier', '2025-T3.1')",
                [source, extract, source_record_id, person_id],
            )


def rows(query: str | sql.Composable, *parameters: object) -> list[dict[str, Any]]:
    with warehouse.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            query.encode() if isinstance(query, str) else query, parameters or None
        ).fetchall()


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ |= values
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
