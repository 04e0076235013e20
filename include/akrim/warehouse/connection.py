"""One way to reach the warehouse: its addresses, connections and SQLAlchemy engine.

The warehouse is PostgreSQL: the embedded server by default, any server by AKRIM_DATABASE_URL.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlsplit

import psycopg
from psycopg import sql
from psycopg.abc import Params, QueryNoTemplate
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row, scalar_row

from akrim.errors import Unreachable, UserError
from akrim.full_disk import full_disk
from akrim.settings import get_settings
from akrim.warehouse import embedded, idle

if TYPE_CHECKING:
    from sqlalchemy import Engine

# Of an address: whether the connection is encrypted, by which root the server is known, and by which certificate or file of passwords we are.
LIBPQ_OPTIONS = ("sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "passfile")
# How the database's text is compared, as docs/database.md has it made.
BY_CODE_POINT = "locale_provider builtin builtin_locale 'C.UTF-8'"
# Of the advisory lock that whoever makes the tables between staging and marts holds, and shares who reads them as they stand.
ASSESSMENT_KEY = "hashtext('akrim.assessment')"
# What each kind of login reads, in the order in which a name alone is looked for.
READABLE = {
    embedded.ANALYST: ("marts_current", "marts", "marts_history", "seeds"),
    embedded.AUDITOR: ("audit",),
    embedded.CLERK: ("clerk",),
    embedded.CENTRES: ("shared_current", "shared", "seeds"),
}


def url() -> str:
    """The warehouse's address as libpq reads it (`postgresql://…`); starts the embedded server when that is ours."""
    return get_settings().database_url or embedded_url(embedded.PIPELINE)


def embedded_url(user: str) -> str:
    """The address of the embedded server's database for one of its roles; Airflow's has one of its own."""
    socket_folder = embedded.ensure_running(get_settings().home / "postgres")
    database = embedded.AIRFLOW if user == embedded.AIRFLOW else embedded.PIPELINE
    return embedded.address(socket_folder, database, user)


def write_out() -> None:
    """Let the embedded server, where it is ours, write what it has to disk beside whatever is done next."""
    embedded.write_out(get_settings().home / "postgres")


def login_url(role: str) -> str:
    """The warehouse's address for a login of people's, which reads what READABLE says and nothing else.

    Raises UserError where the warehouse is a server of yours and the setting is missing.
    """
    where, given = _people().get(role, ("AKRIM_CENTRE_DATABASE_URLS", None))
    if given:
        return given
    if get_settings().database_url:
        raise UserError(
            f"The role {role} has a login of its own, whose address is not set.",
            where,
            "Give its address; docs/database.md says how the role is made.",
        )
    return embedded_url(role)


def analyst_url() -> str:
    """As `login_url`, for the login that reads marts and seeds."""
    return login_url(embedded.ANALYST)


def with_search_path(address: str) -> str:
    """The address of a person's login, by which a name alone is looked for in what that login reads; one with options of its own stays."""
    parts = urlsplit(address)
    user = str(conninfo_to_dict(address).get("user", ""))
    schemas = READABLE.get(embedded.CENTRES if user.startswith(embedded.OF_CENTRE) else user)
    if schemas is None or "options" in parse_qs(parts.query):
        return address
    options = f"options={quote('-csearch_path=' + ','.join(schemas), safe=',')}"
    return parts._replace(query="&".join(filter(None, (parts.query, options)))).geturl()


def engine() -> "Engine":
    """SQLAlchemy's way to the warehouse: Alembic's connection and Great Expectations' address; no connection outlives its use."""
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    return create_engine(for_sqlalchemy(url()), poolclass=NullPool)


def for_sqlalchemy(address: str) -> str:
    """The address for SQLAlchemy with psycopg 3."""
    return address.replace("postgresql://", "postgresql+psycopg://", 1)


def dbt_environment() -> dict[str, str]:
    """The environment variables that dbt_project/profiles.yml reads, and libpq below it: where the warehouse is, and how it is entered."""
    given = conninfo_to_dict(url())
    options = {f"PG{name.upper()}": str(given[name]) for name in LIBPQ_OPTIONS if name in given}
    return options | {
        "DBT_HOST": str(given.get("host", "localhost")),
        "DBT_PORT": str(given.get("port", 5432)),
        "DBT_USER": str(given.get("user", "")),
        "DBT_PASSWORD": str(given.get("password", "")),
        "DBT_DBNAME": str(given.get("dbname", "")),
    }


@contextmanager
def connect(address: str | None = None) -> Iterator[psycopg.Connection]:
    """A connection that commits when the block ends and rolls back when it fails.

    Args:
        address: another one than the pipeline's, such as the analysts'.
    """
    if address:
        with _open(address) as connection:
            yield connection
        return
    own = url()
    connection = idle.take(own) or _open(own, prepare_threshold=None)
    try:
        yield connection
        if not connection.closed:
            connection.commit()
            idle.keep(own, connection)
    except BaseException:
        with connection:  # rolls back and closes
            raise


def _open(address: str, **options: Any) -> psycopg.Connection:
    try:
        return psycopg.connect(address, application_name="akrim", **options)
    except psycopg.OperationalError as error:
        lines = str(error).strip().splitlines()
        folder = get_settings().home / "postgres"
        full = full_disk(error)
        if given := _given_in(address):
            where = given
            next_step = "See that the server is up and the address right, and do it again: what was done before is kept."
        else:
            # A server that ended for want of room says nothing.
            full = full or full_disk(embedded.room(folder))
            where, next_step = str(folder), embedded.put_right(folder)
        raise full or Unreachable(
            f"The database cannot be reached: {next((line for line in lines if 'FATAL' in line), lines[0]).strip()}",
            where,
            next_step,
        ) from None


def read_rows(
    connection: psycopg.Connection[Any], query: QueryNoTemplate, values: Params | None = None
) -> list[dict[str, Any]]:
    """The rows of a query, each by its columns' names."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, values).fetchall()


def people_addresses() -> dict[tuple[str, str], str]:
    """Every address that the settings give for a login of people's, by where it is set and the login."""
    return {(where, role): address for role, (where, address) in _people().items() if address}


def _people() -> dict[str, tuple[str, str | None]]:
    """Where the address of each login of people's is set, and what is; of centres' those that are."""
    settings = get_settings()
    return {
        embedded.ANALYST: ("AKRIM_ANALYST_DATABASE_URL", settings.analyst_database_url),
        embedded.AUDITOR: ("AKRIM_AUDITOR_DATABASE_URL", settings.auditor_database_url),
        embedded.CLERK: ("AKRIM_CLERK_DATABASE_URL", settings.clerk_database_url),
    } | {
        embedded.OF_CENTRE + centre: (f"AKRIM_CENTRE_DATABASE_URLS, {centre}", address)
        for centre, address in settings.centre_database_urls.items()
    }


def _given_in(address: str | None) -> str:
    """The settings that give this address, or nothing where it is the embedded server's."""
    settings = get_settings()
    given = {where: of_people for (where, _), of_people in people_addresses().items()}
    given |= {
        "AKRIM_DATABASE_URL": settings.database_url or "",
        "AKRIM_AIRFLOW_DATABASE_URL": settings.airflow_database_url or "",
    }
    return "; ".join(where for where, one in given.items() if address and _plain(one) == _plain(address))


def _plain(address: str) -> str:
    """The address without its options: to a person's, those of its search path may have been added."""
    return urlsplit(address)._replace(query="").geturl()


def without_person_numbers(connection: psycopg.Connection, text: str) -> str:
    """A text that somebody wrote, such as a reason, in which every person number is stars."""
    ((masked,),) = connection.execute("select meta.without_person_numbers(%s)", [text]).fetchall()
    return str(masked)


@contextmanager
def passing_database(name: str) -> Iterator[str]:
    """The address of an empty database beside the warehouse, of the same owner, gone at the end.

    Raises UserError where the server is yours and the pipeline's role may not make databases there.
    """
    own = url()
    drop = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
    # From the template that is empty: the other may be of another encoding, and hold what its server's owner laid there.
    create = sql.SQL("create database {} owner {} template template0 encoding 'UTF8' {}").format(
        sql.Identifier(name),
        sql.Identifier(str(conninfo_to_dict(own).get("user", ""))),
        sql.SQL(BY_CODE_POINT),
    )
    with _master(own) as connection:
        try:
            connection.execute(drop)
            connection.execute(create)
        except psycopg.errors.InsufficientPrivilege:
            raise UserError(
                "The pipeline's role may not make a database, which this needs for as long as it runs.",
                "AKRIM_DATABASE_URL",
                "Have an administrator say `alter role akrim createdb`, and take it back afterwards.",
            ) from None
    try:
        yield urlsplit(own)._replace(path=f"/{name}").geturl()
    finally:
        with _master(own) as connection:
            connection.execute(drop)


def has_table(connection: psycopg.Connection[Any], name: str) -> bool:
    """Whether a table, named with its schema, is there yet: the first run makes those of linkage and assessment."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        return bool(cursor.execute("select to_regclass(%s) is not null", [name]).fetchone())


@contextmanager
def _master(own: str) -> Iterator[psycopg.Connection]:
    """A connection that may make databases: the superuser's of the embedded server, the pipeline's own elsewhere."""
    if get_settings().database_url:
        with psycopg.connect(own, autocommit=True) as connection:
            yield connection
    else:
        with embedded.administer(embedded.ensure_running(get_settings().home / "postgres")) as connection:
            yield connection
