"""Checks of who enters the database: the roles, the addresses that are set for them, what each may do, and its limits."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import psycopg
from psycopg.types.json import Jsonb

from akrim.commands.doctor.caution import Caution
from akrim.errors import UserError
from akrim.settings import get_settings


def roles() -> str:
    from akrim import warehouse
    from akrim.contracts import recipients
    from akrim.warehouse import embedded

    with warehouse.connect() as connection:
        found = {row[0] for row in connection.execute("select rolname from pg_roles").fetchall()}
    wanted = [*warehouse.READABLE, *(embedded.OF_CENTRE + recipient for recipient in recipients())]
    if missing := [role for role in wanted if role not in found]:
        raise UserError(
            f"The server has no role {', '.join(missing)}: nobody can read by it.",
            "the database's roles",
            "An administrator lays roles.sql and rights.sql; docs/database.md says how.",
        )
    return ", ".join(warehouse.READABLE)


def addresses() -> str:
    """Whether people's logins, and Airflow's, are let in by the addresses that are set, and people's as who they are."""
    from akrim import warehouse

    with warehouse.connect() as connection:
        own = connection.execute("select current_database()").fetchone()
    people = warehouse.people_addresses()
    for (where, login), address in people.items():
        with warehouse.connect(address) as connection:
            ((entered, *database, is_login),) = connection.execute(ENTERED, {"login": login}).fetchall()
        if not is_login or tuple(database) != own:
            raise UserError(
                f"It lets in {entered} to {database[0]}, where it is for the role {login} and the warehouse.",
                where,
                "Give the address of that login, as docs/database.md says.",
            )
    if airflows := get_settings().airflow_database_url:
        with warehouse.connect(airflows):
            pass
    return f"{len(people) + bool(airflows)} that are set let in" if people or airflows else "none is set"


def rights() -> str:
    from akrim import warehouse

    with warehouse.connect() as connection:
        _require_no_excess(connection)
        _require_readable(connection, warehouse.READABLE)
        _require_row_security(connection)
        _require_nothing_measured(connection)
    return f"the pipeline owns its schemas alone; {', '.join(warehouse.READABLE)} read theirs alone"


def _require_no_excess(connection: psycopg.Connection) -> None:
    """The pipeline's role owns its schemas, and may do nothing else on the server."""
    if excess := [row[0] for row in connection.execute(EXCESSIVE_RIGHTS).fetchall()]:
        raise UserError(
            f"The pipeline's role may do more than it needs: {', '.join(excess)}.",
            "AKRIM_DATABASE_URL",
            "Give it a role of its own, as docs/database.md says.",
        )


def _require_readable(connection: psycopg.Connection, readable: Mapping[str, Sequence[str]]) -> None:
    """Each role of people's reads the schemas that are its own, and no other."""
    wrong = connection.execute(
        WRONGLY_READABLE, {"roles": list(readable), "schemas": Jsonb(readable)}
    ).fetchall()
    if wrong:
        role, schema, may_read = wrong[0]
        raise UserError(
            f"The role {role} {'reads' if may_read else 'does not read'} the schema {schema}.",
            "the database's roles",
            "Lay the roles as docs/database.md says.",
        )


def _require_row_security(connection: psycopg.Connection) -> None:
    """A centre's login sees of what was sent its own rows."""
    if unguarded := [row[0] for row in connection.execute(WITHOUT_ROW_SECURITY).fetchall()]:
        raise UserError(
            f"Row security is off for {', '.join(unguarded)}.",
            "shared_rows",
            "alter table … enable row level security, force row level security",
        )


def _require_nothing_measured(connection: psycopg.Connection) -> None:
    """A centre's login cannot find out by the server's own figures what it sees no rows of."""
    if telling := connection.execute(TELLING).fetchone():
        raise UserError(
            f"A centre's login can ask how large tables are, how much is written, or whose deliveries came: {telling[0]}.",
            "the database's rights",
            "An administrator lays rights.sql again, as docs/database.md says.",
        )


def own_settings() -> str:
    from akrim import warehouse
    from akrim.warehouse import embedded

    with warehouse.connect() as connection:
        beyond = warehouse.rights_beyond(connection)
        differing = warehouse.own_settings(connection)
        is_open = warehouse.open_databases(connection)
    roles = Path(str(embedded.__file__)).with_name("roles.sql")
    if beyond:
        login, may = beyond[0]
        raise UserError(
            f"The login {login} {may}; so it reads more than is its own.",
            "the database's roles",
            f"An administrator takes that back, and lays the roles again: psql -d postgres -f {roles}",
        )
    if differing:
        login, name, given, found, database = differing[0]
        raise UserError(
            f"The login {login} has {name} {found or 'not set'}{f' in {database}' if database else ''}, where roles.sql gives it"
            f" {given or 'nothing'}; {len(differing)} settings differ.",
            "the database's roles",
            f"Ask who changed it, and set them anew: psql -d postgres -f {roles}"
            if get_settings().database_url
            else f"Set them anew: remove {get_settings().home / 'postgres' / embedded.SET_UP}, and run this again.",
        )
    if is_open:
        return Caution(
            f"every login may enter the databases {', '.join(is_open)}; an administrator says:"
            f" revoke connect, temporary on database {', '.join(is_open)} from public"
        )
    return "have the limits that they were given, and enter no other database"


# Somebody's own login may be a member of the role; an administrator's is of all.
ENTERED = """
select current_user::text, current_database()::text, pg_has_role(%(login)s, 'member') and not usesuper
from pg_user where usename = current_user
"""
# A role that is to read and is not there reads nothing.
WRONGLY_READABLE = """
select wanted.role, n.nspname, coalesce(has_schema_privilege(r.oid, n.oid, 'usage'), false) as may_read
from unnest(%(roles)s::text[]) as wanted (role)
cross join pg_namespace as n
left join pg_roles as r on r.rolname = wanted.role
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and coalesce(has_schema_privilege(r.oid, n.oid, 'usage'), false) <> (%(schemas)s -> wanted.role ? n.nspname)
order by 1, 2
"""
TELLING = """
select 'pg_class.' || name from unnest('{reltuples,relpartbound}'::text[]) as columns (name)
where has_column_privilege('akrim_centres', 'pg_catalog.pg_class', name, 'select')
union all
select name from (values
    ('pg_relation_size(regclass,text)'), ('pg_stat_get_live_tuples(oid)'), ('pg_get_replication_slots()'), ('pg_lock_status()')
) as functions (name)
where has_function_privilege('akrim_centres', 'pg_catalog.' || name, 'execute') limit 1
"""
WITHOUT_ROW_SECURITY = """
select relname from pg_class where relnamespace = to_regnamespace('shared_rows') and relkind = 'r'
    and not (relrowsecurity and relforcerowsecurity) order by 1
"""
EXCESSIVE_RIGHTS = """
select 'superuser' from pg_roles where rolname = current_user and rolsuper
union all select 'makes roles' from pg_roles where rolname = current_user and rolcreaterole
union all select 'passes by row security' from pg_roles where rolname = current_user and rolbypassrls
union all select rolname from pg_roles
where rolname in ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program', 'pg_read_all_data')
    and pg_has_role(current_user, oid, 'member') and not (select rolsuper from pg_roles where rolname = current_user)
"""
