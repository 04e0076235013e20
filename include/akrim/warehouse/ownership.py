"""Whether the pipeline's role may do its work where its address leads: write, make schemas, and change the tables that lie there."""

import psycopg

from akrim.errors import Unreachable, UserError

# Tables that a superuser has loaded from a dump by hand are the superuser's.
FOUND = """
select current_user::text, current_database()::text, current_setting('transaction_read_only')::boolean,
    has_database_privilege(current_database(), 'create'),
    coalesce((
        select bool_and(pg_has_role(c.relowner, 'usage') and pg_has_role(n.nspowner, 'usage'))
        from pg_namespace as n join pg_class as c on c.relnamespace = n.oid where n.nspname = 'meta'
    ), true)
"""


def require_ownership(connection: psycopg.Connection) -> None:
    """Raise UserError where the role that is connected lacks what the pipeline needs, Unreachable where nobody may write just now."""
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
