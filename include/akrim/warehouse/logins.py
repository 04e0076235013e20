"""What people's logins have set for themselves, and where on the server they may do more than in the warehouse.

A login may change its own settings (`alter role … set`), so that the limits of roles.sql are defaults; what it has changed can be seen.
"""

from typing import NamedTuple

import psycopg

from akrim.warehouse import embedded

# Twice what their limits allow one statement, or one pause: nobody gets there who has not lifted them, but by many statements.
LONGEST_TRANSACTION = "30 min"


class OwnSetting(NamedTuple):
    """A setting of a login that is not what roles.sql gives it; None where there is none, `database` where it is for one alone."""

    login: str
    name: str
    given: str | None
    found: str | None
    database: str | None


def own_settings(connection: psycopg.Connection) -> list[OwnSetting]:
    """Where the logins of people differ from roles.sql, by name."""
    people = [embedded.ANALYST, embedded.AUDITOR, embedded.CLERK]
    found = connection.execute(
        DIFFERING, {"people": people, "of_centre": embedded.OF_CENTRE, "clerk": embedded.CLERK}
    )
    return [OwnSetting(*row) for row in found.fetchall()]


def rights_beyond(connection: psycopg.Connection) -> list[tuple[str, str]]:
    """The logins of people that may more than roles.sql gives them: the login, and what."""
    people = [embedded.ANALYST, embedded.AUDITOR, embedded.CLERK]
    about = {"people": people, "of_centre": embedded.OF_CENTRE, "centres": embedded.CENTRES}
    return connection.execute(BEYOND, about).fetchall()


def open_databases(connection: psycopg.Connection) -> list[str]:
    """Those of every PostgreSQL server that let every login in."""
    return [row[0] for row in connection.execute(OPEN).fetchall()]


def end_long_transactions(connection: psycopg.Connection) -> None:
    """End the sessions of people whose transaction is too old, where the administrator has laid rights.sql."""
    (laid,) = connection.execute(
        "select to_regprocedure('public.end_long_transactions(interval)')"
    ).fetchall()
    if laid[0]:
        connection.execute("select public.end_long_transactions(%s)", [LONGEST_TRANSACTION])


DIFFERING = """
with logins as (
    select oid, rolname from pg_roles where rolname = any(%(people)s) or starts_with(rolname, %(of_centre)s)
),
given as (
    select l.oid, name, value from logins as l cross join (values
        ('default_transaction_read_only', null), ('statement_timeout', '15min'),
        ('idle_in_transaction_session_timeout', '15min'), ('temp_file_limit', '10GB')
    ) as settings (name, given)
    cross join lateral (select coalesce(given, case l.rolname when %(clerk)s then 'off' else 'on' end)) as its (value)
),
found as (
    select l.oid, split_part(setting, '=', 1) as name, substr(setting, strpos(setting, '=') + 1) as value, d.datname
    from logins as l join pg_db_role_setting as s on s.setrole = l.oid
    cross join unnest(s.setconfig) as setting left join pg_database as d on d.oid = s.setdatabase
)
select l.rolname, coalesce(g.name, f.name), g.value, f.value, f.datname
from given as g full join found as f on f.oid = g.oid and f.name = g.name and f.datname is null
join logins as l on l.oid = coalesce(g.oid, f.oid)
where g.value is distinct from f.value order by 1, 2, 5
"""
# What a login is a member of it may do, whichever right it has itself.
BEYOND = """
with logins as (
    select * from pg_roles where rolname = any(%(people)s) or starts_with(rolname, %(of_centre)s) or rolname = %(centres)s
)
select rolname::text, told from logins cross join lateral (values
    (rolsuper, 'is a superuser'), (rolbypassrls, 'passes by row security'), (rolcreaterole, 'makes roles'),
    (rolcreatedb, 'makes databases'), (rolreplication, 'copies the whole server')
) as attributes (is_so, told) where is_so
union all
select l.rolname::text, 'may all that ' || of.rolname || ' may' from logins as l
join pg_auth_members as m on m.member = l.oid join pg_roles as of on of.oid = m.roleid
where not (starts_with(l.rolname, %(of_centre)s) and of.rolname = %(centres)s)
order by 1, 2
"""
OPEN = """
select datname from pg_database as d
where datname in ('postgres', 'template1') and exists (
    select from aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as a where a.grantee = 0
) order by 1
"""
