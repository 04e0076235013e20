"""Checks of the database: its version, tables, roles and rights, and what lies in it."""

from pathlib import Path

from psycopg.types.json import Jsonb

from akrim.commands.doctor.caution import Absent, Caution
from akrim.commands.doctor.installation import has_inbox
from akrim.errors import UserError
from akrim.settings import get_settings


def database() -> str:
    from akrim import warehouse
    from akrim.warehouse import embedded

    if not get_settings().database_url and not embedded.is_made(get_settings().home / "postgres"):
        return Absent("embedded, and not made yet; the first `akrim run` makes it")
    kind = "of AKRIM_DATABASE_URL" if get_settings().database_url else "embedded"
    with warehouse.connect() as connection:
        warehouse.require_usable(connection)
        return f"PostgreSQL {warehouse.server_version(connection)}, {kind}"


def tables() -> str:
    from akrim import warehouse

    if not warehouse.is_prepared():
        return Absent("not this version's yet; the next run lays them")
    return "are this version's"


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
        excess = [row[0] for row in connection.execute(EXCESSIVE_RIGHTS).fetchall()]
    if excess:
        raise UserError(
            f"The pipeline's role may do more than it needs: {', '.join(excess)}.",
            "AKRIM_DATABASE_URL",
            "Give it a role of its own, as docs/database.md says.",
        )
    with warehouse.connect() as connection:
        wrong = connection.execute(
            WRONGLY_READABLE, {"roles": list(warehouse.READABLE), "schemas": Jsonb(warehouse.READABLE)}
        ).fetchall()
        unguarded = [row[0] for row in connection.execute(WITHOUT_ROW_SECURITY).fetchall()]
        telling = connection.execute(TELLING).fetchone()
    if wrong:
        role, schema, may_read = wrong[0]
        raise UserError(
            f"The role {role} {'reads' if may_read else 'does not read'} the schema {schema}.",
            "the database's roles",
            "Lay the roles as docs/database.md says.",
        )
    if unguarded:
        raise UserError(
            f"Row security is off for {', '.join(unguarded)}.",
            "shared_rows",
            "alter table … enable row level security, force row level security",
        )
    if telling:
        raise UserError(
            f"A centre's login can ask how large tables are, how much is written, or whose deliveries came: {telling[0]}.",
            "the database's rights",
            "An administrator lays rights.sql again, as docs/database.md says.",
        )
    return f"the pipeline owns its schemas alone; {', '.join(warehouse.READABLE)} read theirs alone"


def own_settings() -> str:
    from akrim import warehouse
    from akrim.warehouse import embedded

    with warehouse.connect() as connection:
        differing = warehouse.own_settings(connection)
        is_open = warehouse.open_databases(connection)
    roles = Path(str(embedded.__file__)).with_name("roles.sql")
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


def audit_log() -> str:
    from akrim import audit

    verified = audit.verify()
    return f"{verified.position} events, none lost or changed"


def releases() -> str:
    """Whether what was published is still here, and the newest as it was signed: the database has its rows, its folder alone the bytes."""
    from akrim import ledger
    from akrim.trust import find_problems

    if lost := ledger.lost_releases():
        raise UserError(
            f"The files of {', '.join(lost)} are not here.",
            str(get_settings().releases_path),
            "Put them back from a backup (releases/ in its folder home/), and hold them against `akrim releases verify`.",
        )
    out = [row for row in ledger.list_releases() if row["status"] in ledger.WENT_OUT]
    for newest in out[:1]:
        try:
            problems = [str(problem) for problem in find_problems(Path(newest["path"]))]
        except UserError as error:  # of its manifest
            problems = [error.what]
        if problems:
            raise UserError(
                f"The newest, {newest['release_id']}, is not as it was signed: {problems[0]}",
                newest["path"],
                "Put it back from a backup; `akrim releases verify` tells of every file.",
            )
    return f"{len(out)} that went out have their files" if out else "none went out yet"


def retention() -> str:
    from akrim import expiry, warehouse
    from akrim.periods import today
    from akrim.retention import current_holds

    with warehouse.connect() as connection:
        states = expiry.survey(connection, today())
        holds = [f"{hold.kind} {hold.held_id}" for hold in current_holds(connection)]
        unlimited = expiry.told_unlimited(connection)
    due = [
        f"{sum(unit.rows for unit in state.due):,} of {state.limit.category}" for state in states if state.due
    ]
    told = f"{len(states)} categories have a limit; past it and to be removed: {', '.join(due) or 'nothing'}"
    told += f"; held: {', '.join(holds)}" if holds else ""
    return Caution(f"{told}; {unlimited}") if unlimited else told


def deliveries() -> str:
    """What whoever runs the pipeline is told of by alerts, receipts apart: what came and is not assessed, did not come, or waits for them."""
    from akrim.orchestration import alerts
    from akrim.periods import today

    stands = [alert for alert in alerts.current_conditions(today()) if alert.kind != "no_receipt"]
    told = [f"\n  {alert.what('en')}\n    {alert.advice('en')}" for alert in stands]
    return Caution("".join(told)) if told else "nothing is refused, early, missing, too old or held"


def room_for_arrived() -> str:
    """Whether the disk holds what the next run makes of the deliveries that wait."""
    from akrim.deliveries import room_for_arrived

    if not has_inbox():  # of one that is set and gone, the check of the inbox tells
        return "no inbox is set"
    room = room_for_arrived(get_settings().inbox)
    if not room.rows:
        return "nothing waits"
    return str(room) if room.needed <= room.free else Caution(f"{room}: the next run may fill the disk")


def receipts() -> str:
    from akrim.sending import missing_receipts

    late = missing_receipts()
    if late:
        centres = ", ".join(f"{row['centre_id']} ({row['release_id']}, {row['days']} days)" for row in late)
        raise UserError(
            f"No receipt from {centres}.",
            "meta.sent_releases",
            "Call them, or `akrim releases deliver --again`.",
        )
    return "none is overdue"


def mirror() -> str:
    """Which published releases are not in the mirror, and which are there that were never published here."""
    from akrim.sending import compare_mirror

    address = get_settings().releases_mirror
    if not address:
        return "none is set"
    try:
        missing, strange = compare_mirror()
    except OSError as error:
        raise UserError(
            f"It may not be read: {error.strerror}.",
            address,
            "Let the user that runs this read and write there.",
        ) from None
    told = {"missing there (`akrim releases deliver` sends it, or says why not)": missing,
            "there, and not published here (remove it, or name another address)": strange}  # fmt: skip
    minded = [f"{', '.join(names)}: {what}" for what, names in told.items() if names]
    return (
        Caution("; ".join(minded))
        if minded
        else f"{address} has every published release that may still be sent"
    )


def whose_data() -> str:
    """Whether what is in force is of real people, or made up, as the setting says."""
    from akrim.deliveries import require_data_mode

    require_data_mode()
    return "as AKRIM_DATA_MODE says"
