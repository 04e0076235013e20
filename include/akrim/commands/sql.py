"""`akrim sql`: queries the marts as an analyst, or what a centre was sent as that centre, by a login without other rights.

The database itself, not this module, keeps a query from writing or from reading elsewhere.
"""

import subprocess
import sys
from hashlib import sha256
from typing import Annotated, Any

import psycopg
import typer
from psycopg.adapt import Loader
from psycopg.types.string import TextLoader
from rich.table import Table
from rich.text import Text

from akrim import warehouse
from akrim.characters import visible
from akrim.commands.audit.consulting import ByOption, PurposeOption, log_consultation
from akrim.commands.output import Screen, write_csv
from akrim.errors import UserError
from akrim.warehouse import embedded

ANALYST, AUDITOR, CLERK = "analyst", "auditor", "clerk"
ADDRESSES = {ANALYST: warehouse.analyst_url, AUDITOR: warehouse.auditor_url, CLERK: warehouse.clerk_url}
NUMBERS = {"int2", "int4", "int8", "float4", "float8", "numeric", "oid"}


def sql(
    query: Annotated[str, typer.Argument(help="One statement; without it an interactive prompt opens.")] = "",
    reader: Annotated[
        str,
        typer.Option(
            "--as", help=f"Whose login to read by: {ANALYST}, {AUDITOR}, {CLERK}, or a centre's such as oslo."
        ),
    ] = ANALYST,
    by: ByOption = "",
    purpose: PurposeOption = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")] = False,
) -> None:
    """Ask the marts in SQL, as an analyst sees them: reading marts and seeds, and nothing else.

    The marts are in `marts` (every release) and `marts_current` (the newest one). A centre's login reads `shared` and
    `shared_current` instead: what that centre was sent; an auditor's reads `audit`, a clerk's `clerk`. Who asked is logged, and a hash of the query.

    Example: akrim sql "select centre_id, count(*) from marts_current.assessments group by 1 order by 1"
    """
    if reader not in ADDRESSES:
        _require_centre(reader)
    warehouse.prepare()
    address = _address(reader)
    statement = f"sha256:{sha256(query.encode()).hexdigest()}" if query else "interactive"
    log_consultation("sql", by=by, purpose=purpose, reader=reader, statement=statement)
    if not query:
        address, environment = warehouse.for_program(address)
        subprocess.run([str(embedded.binaries() / "psql"), address], env=environment, check=False)  # noqa: S603  # psql of the embedded server, no shell
        return
    with warehouse.connect(address) as connection:
        try:
            names, rows = ask(connection, query)
        except psycopg.Error as error:
            raise UserError(str(error).strip().splitlines()[0], "akrim sql", "Correct the query.") from None
    _show(names, rows, as_csv)


def _require_centre(reader: str) -> None:
    from akrim.contracts import centres  # not in the base install, with which an analyst may ask too

    if reader not in centres():
        logins = ", ".join((*ADDRESSES, *centres()))
        raise UserError("There is no such login to read by.", "--as", f"Use one of: {logins}.")


def _address(reader: str) -> str:
    return ADDRESSES[reader]() if reader in ADDRESSES else warehouse.centre_url(reader)


def ask(connection: psycopg.Connection, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The column names and rows of one statement: numbers, booleans as true and false, all else as PostgreSQL's text.

    Raises psycopg.Error if it is several statements, or the role lacks the right.
    """
    for kind in psycopg.adapters.types:
        if kind.name not in NUMBERS:
            connection.adapters.register_loader(kind.oid, _Boolean if kind.name == "bool" else TextLoader)
        if kind.array_oid:
            connection.adapters.register_loader(kind.array_oid, TextLoader)
    # A prepared text can only be one statement.
    cursor = connection.execute(query.encode(), prepare=True)
    names = [column.name for column in cursor.description or ()]
    return names, cursor.fetchall() if names else []


class _Boolean(Loader):
    """A boolean as SQL, JSON and spreadsheets write it."""

    def load(self, data: Any) -> str:
        return "true" if bytes(data) == b"t" else "false"


def _show(names: list[str], rows: list[tuple[object, ...]], as_csv: bool) -> None:
    if as_csv:
        write_csv(sys.stdout, names, rows)
        return
    table = Table(box=None, header_style="bold")
    for name in names:
        table.add_column(Text(visible(name)), overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if value is None else visible(str(value))) for value in row))
    Screen().print(table)
    Screen().print(f"({len(rows)} rows)", style="dim")
