"""`akrim sql`: queries the marts as an analyst, or what a centre was sent as that centre, by a login without other rights.

The database itself, not this module, keeps a query from writing or from reading elsewhere.
"""

import shutil
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from akrim import audit, warehouse
from akrim.commands.audit.consulting import ByOption, PurposeOption
from akrim.commands.options import require_at_most_one
from akrim.commands.output import Screen
from akrim.commands.sql.asking import ask
from akrim.commands.sql.showing import print_csv, print_json, show
from akrim.commands.sql.writing import writer
from akrim.errors import UserError
from akrim.settings import get_settings
from akrim.warehouse import embedded

ANALYST, AUDITOR, CLERK = "analyst", "auditor", "clerk"
LOGINS = {ANALYST: embedded.ANALYST, AUDITOR: embedded.AUDITOR, CLERK: embedded.CLERK}


def sql(
    query: Annotated[
        str | None, typer.Argument(help="One statement; without it an interactive prompt opens.")
    ] = None,
    reader: Annotated[
        str,
        typer.Option(
            "--as",
            help=f"Whose login to read by: {ANALYST}, {AUDITOR}, {CLERK}, a centre's such as oslo, or national.",
        ),
    ] = ANALYST,
    saved: Annotated[
        str,
        typer.Option("--saved", help="The query in NAME.sql of the folder AKRIM_QUERIES.", metavar="NAME"),
    ] = "",
    is_expanded: Annotated[bool, typer.Option("--expanded", "-x", help="A line for each value.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, with JSON for jsonb and arrays.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, an object for each row.")] = False,
    output: Annotated[
        Path | None, typer.Option(help="Write a file that ends in .csv, .parquet or .xlsx.")
    ] = None,
    as_url: Annotated[
        bool,
        typer.Option("--url", help="Print the address that other programs read by (docs/connecting.md)."),
    ] = False,
    is_held: Annotated[
        bool, typer.Option("--hold", help="With --url: keep the embedded database up until Ctrl-C.")
    ] = False,
    by: ByOption = "",
    purpose: PurposeOption = "",
) -> None:
    """Ask the marts in SQL, as an analyst sees them: reading marts and seeds, and nothing else.

    A name alone means `marts_current` (the newest release), then `marts` (every release), then `seeds`. A centre's login reads `shared_current`
    and `shared` instead: what that centre was sent; an auditor's reads `audit`, a clerk's `clerk`. Who asked is logged, and a hash of the query.

    The prompt is psql, with your own settings and pager: \\d tells what there is, Ctrl-C ends a query.

    Example: akrim sql "select centre_id, count(*) from assessments group by 1 order by 1"
    """
    require_at_most_one(
        "akrim sql", "things to do", [query, saved, as_url], "Give a query, --saved or --url."
    )
    require_at_most_one(
        "akrim sql",
        "forms",
        [is_expanded, as_csv, as_json, output],
        "Give one of -x, --csv, --json, --output.",
    )
    if is_held and not as_url:
        raise UserError("No address is asked for that could be held.", "--hold", "Give --url with it.")
    if reader not in LOGINS:
        _require_centre(reader)
    query = _saved(saved) if saved else query
    if query is not None and not query.strip():
        raise UserError(
            "The query is empty.", saved or "akrim sql", "Give one statement, or none for the prompt."
        )
    write = writer(output) if output else None
    warehouse.prepare()
    login = LOGINS.get(reader, embedded.OF_CENTRE + reader)
    address = warehouse.with_search_path(warehouse.login_url(login))
    statement = (
        f"sha256:{sha256(query.encode()).hexdigest()}" if query else "address" if as_url else "interactive"
    )
    audit.log_consultation("sql", by, purpose, reader=reader, statement=statement)
    if as_url:
        _print_address(address, is_held=is_held)
        return
    if not query:
        raise typer.Exit(_prompt(address))
    with warehouse.connect(address) as connection:
        answer = ask(connection, query, has_days=output is not None and output.suffix.lower() != ".csv")
    if write:
        Screen(stderr=True, soft_wrap=True).print(f"{write(answer)} rows in {output}")
    elif as_csv or as_json:
        (print_csv if as_csv else print_json)(answer)
    else:
        show(answer, is_expanded=is_expanded)


def _require_centre(reader: str) -> None:
    # Not in the base install, with which an analyst may ask too.
    from akrim.contracts import NATIONAL, centres

    if reader not in (*centres(), NATIONAL):
        logins = ", ".join((*LOGINS, *centres(), NATIONAL))
        raise UserError("There is no such login to read by.", "--as", f"Use one of: {logins}.")


def _saved(name: str) -> str:
    folder = get_settings().queries_path
    known = {path.stem: path for path in sorted(folder.glob("*.sql"))}
    if name not in known:
        raise UserError(
            "There is no such saved query.",
            str(folder),
            f"There are: {', '.join(known) or 'none; save one as NAME.sql'}.",
        )
    try:
        return known[name].read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError("That query cannot be read.", str(known[name]), f"{type(error).__name__}.") from None


def _prompt(address: str) -> int:
    """Run psql; returns its exit code. Ctrl-C is psql's, which ends the query that runs."""
    installed = shutil.which("psql") if get_settings().database_url else None
    program = installed or str(embedded.binaries() / "psql")
    address, environment = warehouse.for_program(address)
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return subprocess.run([program, address], env=environment, check=False).returncode  # noqa: S603  # psql, no shell
    finally:
        signal.signal(signal.SIGINT, before)


def _print_address(address: str, *, is_held: bool) -> None:
    screen = Screen(stderr=True, soft_wrap=True)
    sys.stdout.write(address + "\n")
    sys.stdout.flush()
    if get_settings().database_url:
        return
    if not is_held:
        screen.print(
            "The embedded database is up while a command of akrim runs, such as `akrim up` or this one with --hold."
        )
        return
    screen.print("The embedded database is up until Ctrl-C.")
    try:
        signal.pause()
    except KeyboardInterrupt:
        screen.print("It has stopped, unless another command holds it.")
