"""How Alembic reaches the warehouse: `prepare` gives its connection; the command line, run from the project's folder, none."""

from contextlib import nullcontext
from typing import Any

from akrim.errors import UserError
from akrim.warehouse import connect, engine
from akrim.warehouse.schema import LOCK
from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection


def migrate(connection: Connection) -> None:
    """Run the revisions asked for, one process at a time."""
    connection.exec_driver_sql(LOCK)
    connection.exec_driver_sql("create schema if not exists meta")
    context.configure(connection=connection, version_table_schema="meta", on_version_apply=forget_definitions)
    with context.begin_transaction():
        context.run_migrations()


def forget_definitions(ctx: Any, step: Any, heads: Any, run_args: Any) -> None:  # noqa: ARG001  # Alembic names them
    """Have all views and functions laid again: a revision may have taken some along with what it changed."""
    context.execute("""
        do $$ begin
            if to_regclass('meta.schema_version') is not null then delete from meta.schema_version; end if;
        end $$
    """)


def reach() -> None:
    """Say in words, and not by SQLAlchemy's traceback, where the database does not let the command line in."""
    try:
        with connect():
            pass
    except UserError as error:
        raise CommandError(str(error)) from None


given = context.config.attributes.get("connection")
if given is None:
    reach()
with nullcontext(given) if given else engine().begin() as ready:
    migrate(ready)
