"""One way to reach the warehouse: connect, read and write Arrow, and lay the tables that every stage shares.

The warehouse is PostgreSQL: the embedded server by default, any server by AKRIM_DATABASE_URL.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg

from akrim import embedded, identifiers
from akrim.errors import UserError
from akrim.settings import get_settings

if TYPE_CHECKING:
    import adbc_driver_postgresql.dbapi as adbc
    import pyarrow as pa

DATABASE = "akrim"
SCHEMAS = (
    "meta", "landing", "quarantine", "state", "linkage",
    "staging", "intermediate", "indicators", "marts", "marts_current", "seeds",
)  # fmt: skip


def url(database: str | None = None) -> str:
    """The warehouse's address as libpq reads it (`postgresql://…`); starts the embedded server when that is ours.

    Args:
        database: another database of the embedded server, such as Airflow's.
    """
    settings = get_settings()
    if settings.database_url:
        return settings.database_url
    socket_folder = embedded.ensure_running(settings.home / "postgres")
    name = database or DATABASE
    _ensure_database(socket_folder, name)
    return f"postgresql://{embedded.USER}@localhost/{name}?host={socket_folder}"


def sqlalchemy_url(database: str | None = None) -> str:
    """The same address for SQLAlchemy with psycopg 3."""
    return url(database).replace("postgresql://", "postgresql+psycopg://", 1)


def dbt_environment() -> dict[str, str]:
    """The environment variables that dbt_project/profiles.yml reads."""
    parts = urlsplit(url())
    host = parse_qs(parts.query).get("host", [parts.hostname or "localhost"])[0]
    return {
        "DBT_HOST": host,
        "DBT_PORT": str(parts.port or 5432),
        "DBT_USER": unquote(parts.username or ""),
        "DBT_PASSWORD": unquote(parts.password or ""),
        "DBT_DBNAME": parts.path.lstrip("/"),
    }


@contextmanager
def connect() -> Iterator[psycopg.Connection]:
    """A connection that commits when the block ends and rolls back when it fails."""
    try:
        connection = psycopg.connect(url(), application_name="akrim")
    except psycopg.OperationalError as error:
        raise UserError(
            f"The database cannot be reached: {str(error).strip().splitlines()[-1]}",
            "AKRIM_DATABASE_URL",
            "Check the address, or unset it to use the embedded server.",
        ) from None
    with connection:
        yield connection


@contextmanager
def arrow_cursor() -> Iterator["adbc.Cursor"]:
    """A cursor for several Arrow reads in one transaction; connecting costs more than a small query."""
    import adbc_driver_postgresql.dbapi as adbc  # imports pandas, which most commands do without

    with adbc.connect(url()) as connection, connection.cursor() as cursor:
        yield cursor


def read_arrow(query: str) -> "pa.Table":
    """The query's rows as an Arrow table."""
    with arrow_cursor() as cursor:
        cursor.execute(query)
        return cursor.fetch_arrow_table()


def write_arrow(
    data: "pa.Table | pa.RecordBatchReader",
    schema: str,
    table: str,
    mode: Literal["create", "append", "replace"] = "create",
) -> int:
    """Write Arrow data into a table by COPY, in one transaction; returns the number of rows."""
    import adbc_driver_postgresql.dbapi as adbc

    with adbc.connect(url()) as connection:
        with connection.cursor() as cursor:
            rows = cursor.adbc_ingest(table, data, mode=mode, db_schema_name=schema)
        connection.commit()
    return rows


def prepare() -> None:
    """Lay the schemas, meta tables and functions; does nothing when this version's are there."""
    ddl = _ddl()
    version = hashlib.sha256(ddl.encode()).hexdigest()
    with connect() as connection:
        found = connection.execute("select to_regclass('meta.schema_version')").fetchone()
        if found and found[0] and _laid(connection, version):
            return
        connection.execute("select pg_advisory_xact_lock(hashtext('akrim.prepare'))")
        connection.execute(ddl)
        connection.execute("insert into meta.schema_version values (%s) on conflict do nothing", [version])


def _laid(connection: psycopg.Connection, version: str) -> bool:
    row = connection.execute("select 1 from meta.schema_version where version = %s", [version]).fetchone()
    return row is not None


def _ddl() -> str:
    schemas = "".join(f"create schema if not exists {name};\n" for name in SCHEMAS)
    return schemas + _identifier_functions() + files("akrim").joinpath("warehouse.sql").read_text()


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


def _ensure_database(socket_folder: object, name: str) -> None:
    if name in _known_databases:
        return
    address = f"postgresql://{embedded.USER}@localhost/postgres?host={socket_folder}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(hashtext('akrim.database'))")
        row = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
        if row is None:
            connection.execute(psycopg.sql.SQL("create database {}").format(psycopg.sql.Identifier(name)))
    _known_databases.add(name)


_known_databases: set[str] = set()
