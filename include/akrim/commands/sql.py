"""`akrim sql`: the warehouse, read-only."""

import subprocess
import sys
from typing import Annotated

import psycopg
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from akrim import embedded, warehouse
from akrim.commands.plain_csv import visible, write_csv
from akrim.errors import UserError

ANALYST = "akrim_analyst"
ANALYST_SCHEMAS = (
    "meta",
    "linkage",
    "staging",
    "intermediate",
    "indicators",
    "marts",
    "marts_current",
    "seeds",
)


def sql(
    query: Annotated[str, typer.Argument(help="One SELECT; without it an interactive prompt opens.")] = "",
    role: Annotated[str, typer.Option("--as", help="The database role to read as.")] = ANALYST,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")] = False,
) -> None:
    """Ask the warehouse in SQL, read-only, as an analyst sees it.

    The marts are in `marts` (every release) and `marts_current` (the newest one).

    Example: akrim sql "select centre_id, count(*) from marts_current.assessments group by 1 order by 1"
    """
    warehouse.prepare()
    _grant_analyst()
    if not query:
        _prompt(role)
        return
    with warehouse.connect() as connection:
        try:
            _become(connection, role)
            cursor = connection.execute(query.encode())
            names = [column.name for column in cursor.description or ()]
            rows = cursor.fetchall() if names else []
        except psycopg.Error as error:
            raise UserError(str(error).strip().splitlines()[0], "akrim sql", "Correct the query.") from None
    _show(names, rows, as_csv)


def _grant_analyst() -> None:
    with warehouse.connect() as connection:
        found = connection.execute("select 1 from pg_roles where rolname = %s", [ANALYST]).fetchone()
        if found is None:
            connection.execute(f"create role {ANALYST} nologin".encode())
        for schema in ANALYST_SCHEMAS:
            connection.execute(f"grant usage on schema {schema} to {ANALYST}".encode())
            connection.execute(f"grant select on all tables in schema {schema} to {ANALYST}".encode())


def _become(connection: psycopg.Connection, role: str) -> None:
    connection.execute(psycopg.sql.SQL("set local role {}").format(psycopg.sql.Identifier(role)))
    connection.execute("set transaction read only")


def _prompt(role: str) -> None:
    options = f"-c role={role} -c default_transaction_read_only=on"
    psql = str(embedded.binaries() / "psql")
    subprocess.run([psql, warehouse.url()], env={"PGOPTIONS": options}, check=False)


def _show(names: list[str], rows: list[tuple[object, ...]], as_csv: bool) -> None:
    if as_csv:
        write_csv(sys.stdout, names, rows)
        return
    table = Table(box=None, header_style="bold")
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if value is None else visible(str(value))) for value in row))
    Console().print(table)
    Console().print(f"({len(rows)} rows)", style="dim")
