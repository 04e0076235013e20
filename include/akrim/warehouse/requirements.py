"""Whether the pipeline can work where its address leads: how old the server is, how it holds text, and what the role may do there."""

import psycopg

from akrim.errors import Unreachable, UserError

# The first with a collation that lowers letters the same way everywhere, `pg_c_utf8`.
OLDEST = 17

# Tables that a superuser has loaded from a dump by hand are the superuser's.
FOUND = """
select current_user::text, current_database()::text, current_setting('transaction_read_only')::boolean,
    has_database_privilege(current_database(), 'create'),
    coalesce((
        select bool_and(pg_has_role(c.relowner, 'usage') and pg_has_role(n.nspowner, 'usage'))
        from pg_namespace as n join pg_class as c on c.relnamespace = n.oid where n.nspname = 'meta'
    ), true)
"""


def server_version(connection: psycopg.Connection) -> int:
    """The server's major version, such as 18."""
    return connection.info.server_version // 10000


def require_usable(connection: psycopg.Connection) -> None:
    """Raise UserError where the server, the database or the role lacks what the pipeline needs, Unreachable where nobody may write just now."""
    if (version := server_version(connection)) < OLDEST:
        raise UserError(
            f"PostgreSQL {version} is too old.", "AKRIM_DATABASE_URL", f"Use PostgreSQL {OLDEST} or newer."
        )
    if (encoding := connection.info.parameter_status("server_encoding")) != "UTF8":
        raise UserError(
            f"The database holds text as {encoding}.",
            "AKRIM_DATABASE_URL",
            "Make one with `create database … encoding 'UTF8'`.",
        )
    ((role, database, is_read_only, may_make, owns_tables),) = connection.execute(FOUND).fetchall()
    where = f"AKRIM_DATABASE_URL: role {role}, database {database}"
    if is_read_only:
        raise Unreachable(
            "The database may only be read: it is a standby, or set so.",
            where,
            "Name the server that is written to, or have an administrator lift `default_transaction_read_only`.",
        )
    if not may_make:
        raise UserError(
            "The role may not make schemas in the database.",
            where,
            f'An administrator says: alter database "{database}" owner to "{role}"',
        )
    if not owns_tables:
        raise UserError(
            "The tables that lie there are another role's.",
            where,
            "Load a backup by `akrim restore` and as that role, or name the role that they belong to.",
        )
