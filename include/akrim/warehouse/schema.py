"""The warehouse's schema, brought to this program's version: tables by Alembic's revisions, views and functions by their texts.

A text is laid again whenever it differs from the one that was laid last under its name, so that a program that is put
back to an earlier version, or a contract that is, gets its own functions back.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from importlib.resources import files
from typing import cast

import psycopg
from psycopg import sql

from akrim import identifiers
from akrim.errors import UserError
from akrim.warehouse.connection import READABLE, connect, engine, has_table
from akrim.warehouse.logins import end_long_transactions
from akrim.warehouse.requirements import require_usable

# Views and functions, by their files within the package; a file comes after those whose views it reads.
DEFINITIONS = (
    "warehouse/texts.sql",
    "warehouse/definitions.sql",
    "warehouse/marts.sql",
    "linkage/store/definitions.sql",
    "audit/definitions.sql",
    "linkage/review/waiting.sql",
    "linkage/review/definitions.sql",
    "linkage/review/queue.sql",
    "corrections/definitions.sql",
    "changes/definitions.sql",
    "sharing/definitions.sql",
)
LOCK = "select pg_advisory_xact_lock(hashtext('akrim.prepare'))"
# Most servers compile what looks dear: some 80 seconds a run, whatever its size, where the models themselves take 5 (docs/sizing.md).
COMPILE_NOTHING = """
do $$ begin
    if current_setting('jit')::boolean then
        perform pg_advisory_xact_lock(hashtext('akrim.prepare'));
        execute format('alter role %I set jit = off', current_user);
        set jit = off;
    end if;
end $$
"""


def prepare() -> None:
    """Bring tables, views and functions to this program's version, in one transaction; a few short queries where they are.

    Before that, sessions of people that hold up everybody are ended, and the server is told to compile none of our statements.

    Raises UserError where a newer program has changed the tables, or the role lacks what this needs.
    """
    with connect() as connection:
        require_usable(connection)
        end_long_transactions(connection)
        connection.execute(COMPILE_NOTHING)
    with _migrated() as connection:
        _apply_definitions(connection, _definitions())
        for role, schemas in READABLE.items():
            _grant_read(connection, role, schemas)


def is_prepared() -> bool:
    """Whether tables, views and functions are this program's version; changes nothing.

    Raises UserError where a newer program has changed the tables.
    """
    digests = {name: sha256(text.encode()).hexdigest() for name, text in _definitions().items()}
    with connect() as connection:
        return _is_migrated(connection) and not _changed(connection, digests)


def apply_definitions(definitions: Mapping[str, str]) -> None:
    """Run each text that differs from the one run last under its name; call `prepare` first.

    Args:
        definitions: SQL by its lasting name, which changes nothing where all that it defines is there already.
    """
    with connect() as connection:
        _apply_definitions(connection, definitions)


@contextmanager
def _migrated() -> Iterator[psycopg.Connection]:
    """A connection to the migrated tables; what had to be migrated is committed together with what the block does."""
    with connect() as connection:
        is_migrated = _is_migrated(connection)
        if is_migrated:
            yield connection
    if not is_migrated:
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", "akrim.warehouse:migrations")
        with engine().begin() as migrating:
            config.attributes["connection"] = migrating
            command.upgrade(config, "head")
            yield cast("psycopg.Connection", migrating.connection.driver_connection)


def revision() -> str | None:
    """The revision of the tables that lie there; None where there are none."""
    with connect() as connection:
        return _laid(connection)


def require_known(revision: str) -> None:
    """Raise UserError where it is a newer program's."""
    if revision not in _revisions():
        raise UserError(
            f"The warehouse's tables are those of a newer akrim: this one does not know their revision {revision}.",
            "meta.alembic_version",
            "Install that version or a newer one; docs/database.md says how to go back.",
        )


def _is_migrated(connection: psycopg.Connection) -> bool:
    laid = _laid(connection)
    if laid is not None:
        require_known(laid)
    return laid == _revisions()[-1]


def _laid(connection: psycopg.Connection) -> str | None:
    if not has_table(connection, "meta.alembic_version"):
        return None
    laid = connection.execute("select version_num from meta.alembic_version").fetchone()
    return str(laid[0]) if laid else None


def _revisions() -> list[str]:
    """Those that this program knows, the newest last, by their files: importing Alembic costs more than all else here."""
    versions = files("akrim.warehouse").joinpath("migrations", "versions").iterdir()
    return sorted(path.name.partition("_")[0] for path in versions if path.name.endswith(".py"))


def _apply_definitions(connection: psycopg.Connection, definitions: Mapping[str, str]) -> None:
    digests = {name: sha256(text.encode()).hexdigest() for name, text in definitions.items()}
    if not _changed(connection, digests):
        return
    connection.execute(LOCK)
    for name in _changed(connection, digests):  # another process may have laid them meanwhile
        connection.execute(definitions[name].encode())
        connection.execute(
            "insert into meta.schema_version values (%s, %s) on conflict (part) do update set sha256 = excluded.sha256",
            [name, digests[name]],
        )


def _changed(connection: psycopg.Connection, digests: Mapping[str, str]) -> list[str]:
    laid: dict[str, str] = dict(connection.execute("select part, sha256 from meta.schema_version").fetchall())
    return [name for name, digest in digests.items() if laid.get(name) != digest]


def _definitions() -> dict[str, str]:
    texts = {name: files("akrim").joinpath(name).read_text(encoding="utf-8") for name in DEFINITIONS}
    return {"identifiers": _identifier_functions()} | texts


def _identifier_functions() -> str:
    """One argument each, so that PostgreSQL inlines them into the query that calls them."""
    bodies = {
        "person_number_kind(value text) returns text": identifiers.person_number_kind_sql("value", "strict"),
        "person_number_kind_2032(value text) returns text": identifiers.person_number_kind_sql(
            "value", "2032"
        ),
        "is_orgnr(value text) returns boolean": identifiers.is_orgnr_sql("value"),
    }
    return "".join(
        f"create or replace function meta.{signature} language sql immutable parallel safe as $$ select {body} $$;\n"
        for signature, body in bodies.items()
    )


def _grant_read(connection: psycopg.Connection, role: str, schemas: tuple[str, ...]) -> None:
    """Where the role is there and may not read yet; tables that come later are then readable from the start."""
    row = connection.execute(
        "select coalesce(bool_and(has_schema_privilege(rolname, s, 'usage')), true)"
        " from pg_roles cross join unnest(%s::text[]) as s where rolname = %s",
        [list(schemas), role],
    ).fetchone()
    if row and row[0]:
        return
    listed = sql.SQL(", ").join(map(sql.Identifier, schemas))
    for granting in (
        "grant usage on schema {} to {}",
        "grant select on all tables in schema {} to {}",
        "alter default privileges in schema {} grant select on tables to {}",
    ):
        connection.execute(sql.SQL(granting).format(listed, sql.Identifier(role)))
