"""`akrim doctor`: checks the installation and says what is missing."""

import os
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import typer
from psycopg.types.json import Jsonb

from akrim.commands.output import Screen
from akrim.errors import UserError
from akrim.full_disk import full_disk
from akrim.settings import OTHERS, get_settings, read_settings, unknown_settings


class Caution(str):
    """What a check tells that is not wrong, and should not stay as it is."""

    __slots__ = ()


class Absent(Caution):
    """What is not there yet, so that there is nothing to look at in what rests on it."""

    __slots__ = ()


def doctor() -> None:
    """Look at the installation and say what is well and what is not, with the next step.

    The exit code is 1 when something is wrong. Nothing is changed but that an embedded database is started.
    """
    console = Screen(soft_wrap=True)
    is_well = True
    skipped: set[str] = set()
    for name, check in CHECKS.items():
        if name in skipped:
            continue
        try:
            told = check()
            mark, colour = ("mind", "yellow") if isinstance(told, Caution) else ("well", "green")
            console.item(mark, f"{name}: {told}", colour)
            skipped.update(RESTING.get(name, ()) if isinstance(told, Absent) else ())
        except Exception as error:
            problem = error if isinstance(error, UserError) else full_disk(error)
            if problem is None:
                raise
            is_well = False
            skipped.update(RESTING.get(name, ()))
            console.item("wrong", f"{name}: {problem}", "bold red")
    if not is_well:
        raise typer.Exit(1)


def _home() -> str:
    home = read_settings().home
    if not home.exists():
        return Absent(f"{home} is not there yet; `akrim synth` and `akrim run` make it")
    if not home.is_dir():
        raise UserError("That is no folder.", str(home), "Name another as AKRIM_HOME, or remove it.")
    if home.stat().st_mode & OTHERS:
        raise UserError(
            "The home folder is open to others.", str(home), f"chmod 700 {shlex.quote(str(home))}"
        )
    return str(home)


def _room() -> str:
    home = get_settings().home
    free = shutil.disk_usage(home).free / 1024**3
    if free < 2:
        raise UserError(f"Only {free:.1f} GiB are free.", str(home), "Free some room.")
    return f"{free:.0f} GiB free"


def _settings() -> str:
    from akrim.deliveries.inbox import storage
    from akrim.formats import check_exports
    from akrim.releases import read_limits
    from akrim.retention import require_limits

    settings = get_settings()
    if settings.retention:
        require_limits()
    check_exports(filter(None, settings.exports.split(",")))
    read_limits(settings.limits)
    for address in (settings.inbox, settings.outbox_address):
        if "://" in address:
            storage(address)
    if unknown := unknown_settings():
        return Caution(f"{', '.join(unknown)}: no setting is called so; docs/data-engineers.md has them all")
    return "can be read"


def _database() -> str:
    from akrim import warehouse
    from akrim.warehouse import embedded

    if not get_settings().database_url and not embedded.is_made(get_settings().home / "postgres"):
        return Absent("embedded, and not made yet; the first `akrim run` makes it")
    with warehouse.connect() as connection:
        version = connection.info.server_version // 10000
    kind = "of AKRIM_DATABASE_URL" if get_settings().database_url else "embedded"
    if version < 16:
        raise UserError(
            f"PostgreSQL {version} is too old.", "AKRIM_DATABASE_URL", "Use PostgreSQL 16 or newer."
        )
    return f"PostgreSQL {version}, {kind}"


def _tables() -> str:
    from akrim import warehouse

    if not warehouse.is_prepared():
        return Absent("not this version's yet; the next run lays them")
    return "are this version's"


def _roles() -> str:
    from akrim import warehouse

    with warehouse.connect() as connection:
        found = {row[0] for row in connection.execute("select rolname from pg_roles").fetchall()}
    if missing := [role for role in warehouse.READABLE if role not in found]:
        raise UserError(
            f"The server has no role {', '.join(missing)}: nobody but the pipeline can read.",
            "the database's roles",
            "An administrator lays roles.sql and rights.sql; docs/database.md says how.",
        )
    return ", ".join(warehouse.READABLE)


def _rights() -> str:
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
        telling = connection.execute(TELLING_SIZES).fetchone()
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
            f"A centre's login can ask how large tables are: {telling[0]}.",
            "the database's rights",
            "An administrator lays rights.sql again, as docs/database.md says.",
        )
    return f"the pipeline owns its schemas alone; {', '.join(warehouse.READABLE)} read theirs alone"


def _own_settings() -> str:
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
TELLING_SIZES = """
select 'pg_class.reltuples' where has_column_privilege('akrim_centres', 'pg_catalog.pg_class', 'reltuples', 'select')
union all
select name from (values ('pg_relation_size(regclass,text)'), ('pg_stat_get_live_tuples(oid)')) as functions (name)
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


def _audit_log() -> str:
    from akrim import audit

    verified = audit.verify()
    return f"{verified.position} events, none lost or changed"


def _retention() -> str:
    from akrim import expiry, warehouse
    from akrim.orchestration import today
    from akrim.retention import current_holds

    with warehouse.connect() as connection:
        states = expiry.survey(connection, today())
        holds = [f"{hold.kind} {hold.held_id}" for hold in current_holds(connection)]
    due = {state.limit.category: sum(unit.rows for unit in state.due) for state in states if state.due}
    told = f"{len(states)} categories have a limit; past it and to be removed: {due or 'nothing'}"
    return told + (f"; held: {', '.join(holds)}" if holds else "")


def _contracts() -> str:
    from akrim.contracts import load_contracts

    return ", ".join(load_contracts())


def _sharing() -> str:
    from akrim.sharing import state_of_matrix

    return state_of_matrix()


def _model() -> str:
    from akrim.linkage.model import model_version

    return model_version()


def _inbox() -> str:
    settings = get_settings()
    if "://" in settings.inbox or Path(settings.inbox).is_dir():
        return settings.inbox
    if settings.data_mode == "synthetic" and "inbox" not in settings.model_fields_set:
        return "none is set: each `akrim run` names its own by --inbox"
    raise UserError(
        "The inbox is not there.", settings.inbox, "Set AKRIM_INBOX to the folder that agencies deliver to."
    )


def _mode() -> str:
    return f"{get_settings().data_mode} data, language {get_settings().language}"


def _airflow_logins() -> str:
    manager = os.environ.get("AIRFLOW__CORE__AUTH_MANAGER", "").rpartition(".")[2]
    if manager not in ("", "SimpleAuthManager"):
        return f"by {manager}"
    told = "one password for all who use Airflow's pages"
    if get_settings().data_mode == "synthetic":
        return told
    return Caution(
        f"{told}: for one operator on one machine alone; else by an identity provider, docs/data-engineers.md says how"
    )


def _keys() -> str:
    from akrim.atomic_files import require_private
    from akrim.contracts import load_contracts
    from akrim.keys.agencies import receivers_of
    from akrim.keys.centres import without_keys
    from akrim.trust.keyring import KeyFile, sender_keys

    keys = get_settings().keys_path
    is_production = get_settings().data_mode == "production"
    if not is_production and not (keys / KeyFile.SIGNING_SECRET).exists():
        return Caution(
            "no key to sign releases with yet; the first run makes one, and demo keys for the centres"
        )
    for path in (*keys.glob("*.key"), *keys.glob("demo/*/identity.txt")):
        require_private(path)
    key = _signing_key(keys)
    offline = keys / KeyFile.SUCCESSOR_SECRET
    if is_production and offline.exists():
        raise UserError("The offline key lies on this machine.", str(offline), "Move it to a safe.")
    if without := without_keys():
        raise UserError(
            f"No key of {', '.join(without)}.", "keys/recipients", "akrim keys add CENTRE recipient.txt"
        )
    signing = [agency for agency in load_contracts() if sender_keys(keys, agency)]
    for agency in load_contracts():
        receivers_of(agency)
    return f"signing key {key}; deliveries are signed by {', '.join(signing) or 'no agency'}"


def _signing_key(keys: Path) -> str:
    """The id of the key that releases are signed with; raises UserError where a half of it, or the successor, is damaged."""
    from akrim.keys import signing_key
    from akrim.trust.keyring import KeyFile
    from akrim.trust.signing import key_id, read_public_key

    public = signing_key().get_public_key()
    if read_public_key(keys / KeyFile.SIGNING) != public:
        raise UserError(
            "It is not the public half of signing.key.",
            str(keys / KeyFile.SIGNING),
            "Put it back from a copy.",
        )
    read_public_key(keys / KeyFile.SUCCESSOR)
    return key_id(public)


def _deliveries() -> str:
    """Why something that came is not in what is assessed, or nothing is assessed."""
    from akrim.insight import unsettled
    from akrim.orchestration import today

    found = unsettled(today())
    told = {
        "early": "of a period that is not over, and wait until it is (`akrim deliveries withdraw` takes a wrong one out)",
        "refused": "refused, and nothing accepted of that agency since (`akrim deliveries` says why)",
        "missing": "missing: a scheduled assessment waits for them (AKRIM_DAYS_TO_WAIT)",
    }
    minded = [f"{', '.join(names)}: {told[kind]}" for kind, names in found.items() if names]
    return Caution("; ".join(minded)) if minded else "nothing is refused, early or missing"


def _receipts() -> str:
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


CHECKS: dict[str, Callable[[], str]] = {
    "home": _home,
    "room": _room,
    "settings": _settings,
    "database": _database,
    "tables": _tables,
    "roles": _roles,
    "rights": _rights,
    "people's logins": _own_settings,
    "audit log": _audit_log,
    "retention": _retention,
    "contracts": _contracts,
    "sharing": _sharing,
    "linkage model": _model,
    "inbox": _inbox,
    "keys": _keys,
    "Airflow's logins": _airflow_logins,
    "deliveries": _deliveries,
    "receipts": _receipts,
    "mode": _mode,
}
# What can be looked at only where the first is there and in order.
RESTING = {
    "home": tuple(CHECKS),
    "database": (
        "tables",
        "roles",
        "rights",
        "people's logins",
        "audit log",
        "retention",
        "deliveries",
        "receipts",
    ),
    "roles": ("rights", "people's logins"),
    "tables": ("audit log", "retention", "deliveries", "receipts"),
}
