"""What each login can do in a database with two published releases: every role by every table by every verb."""

import uuid
from collections.abc import Iterator
from itertools import product

import psycopg
import pyarrow.parquet as pq
import pytest
from akrim.deltas import as_texts
from akrim.ledger import set_status
from akrim.settings import get_settings
from akrim.warehouse import READABLE, embedded, engine, prepare
from alembic import command
from alembic.config import Config
from psycopg import sql

from tests.conftest import as_user, configure, create_database, drop_database
from tests.releases import world

pytestmark = pytest.mark.slow

# Whoever is sent the national part has a login like a centre's.
CENTRES = ("alta", "bergen", "bodo", "kristiansand", "oslo", "stavanger", "tonsberg", "trondheim", "national")
# What each login may read; it may do nothing else anywhere.
LOGINS = {
    embedded.ANALYST: READABLE[embedded.ANALYST],
    embedded.AUDITOR: READABLE[embedded.AUDITOR],
    embedded.CLERK: READABLE[embedded.CLERK],
    embedded.AIRFLOW: (),
    **{embedded.OF_CENTRE + centre: READABLE[embedded.CENTRES] for centre in CENTRES},
}
RELATIONS = """
select n.nspname, c.relname, c.relkind from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'S') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1, 2
"""
VERBS = {
    "select": "select 1 from {} limit 1",
    "insert": "insert into {} default values",
    "update": "update {} set {} = default",
    "delete": "delete from {}",
    "truncate": "truncate {}",
    "lock": "lock table {} in access exclusive mode",
    "comment": "comment on table {} is 'x'",
    "drop": "drop table {}",
    "copy": "copy {} to stdout",
}


@pytest.fixture(scope="module")
def address(server: str, published: object, golden_database: str) -> Iterator[str]:
    """A copy of the golden world's database, both of its releases published, whatever other tests did with them."""
    name = f"access_{uuid.uuid4().hex[:8]}"
    create_database(server, name, golden_database.partition("?")[0].rpartition("/")[2])
    with psycopg.connect(server.format(name)) as connection:
        connection.execute("update meta.releases set status = 'published'")
    yield server.format(name)
    drop_database(server, name)


def login(address: str, role: str) -> psycopg.Connection:
    connection = psycopg.connect(as_user(address, role), autocommit=True)
    connection.execute("set default_transaction_read_only = off")
    return connection


@pytest.fixture
def oslo_login(address: str) -> Iterator[psycopg.Connection]:
    with login(address, embedded.OF_CENTRE + "oslo") as connection:
        yield connection


def test_every_role_by_every_table_by_every_verb(address: str) -> None:
    with psycopg.connect(address) as connection:
        relations = connection.execute(RELATIONS).fetchall()
    assert len(relations) > 150
    tried = 0
    for role, readable in LOGINS.items():
        if role == embedded.AIRFLOW:
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                login(address, role)
            continue
        with login(address, role) as connection:
            for (schema, name, kind), (verb, text) in product(relations, VERBS.items()):
                may = (
                    schema in readable
                    and kind != "S"
                    and (verb == "select" or (verb == "copy" and kind == "r"))
                )
                query = sql.SQL(text).format(sql.Identifier(schema, name), sql.Identifier("x"))
                assert is_done(connection, query) == may, (role, verb, schema, name)
                tried += 1
    assert tried > 10_000


def is_done(connection: psycopg.Connection, query: sql.Composed) -> bool:
    """False where a right is missing. Whatever else PostgreSQL says of a statement comes after it has looked at the rights."""
    try:
        with connection.transaction(force_rollback=True), connection.cursor() as cursor:
            if query.as_string().startswith("copy"):
                with cursor.copy(query) as rows:
                    for _ in rows:
                        pass
            else:
                cursor.execute(query)
    except (
        psycopg.errors.InsufficientPrivilege,
        psycopg.errors.WrongObjectType,
        psycopg.errors.UndefinedColumn,
        psycopg.errors.ObjectNotInPrerequisiteState,
    ):
        return False
    return True


@pytest.mark.parametrize("centre", CENTRES)
def test_a_centre_reads_what_it_was_sent_and_nothing_else(
    address: str, published: object, centre: str
) -> None:
    with login(address, embedded.OF_CENTRE + centre) as connection:
        for release_id in (world.FIRST, world.SECOND):
            data = published / release_id / centre / "data"
            for path in sorted(data.glob("*.parquet")):
                query = sql.SQL(
                    "select count(*), count(*) filter (where recipient <> %s) from {} where release_id = %s"
                )
                table = sql.Identifier("shared", path.stem)
                read = connection.execute(query.format(table), [centre, release_id]).fetchone()
                assert read == (pq.read_metadata(path).num_rows, 0), path
        newest = connection.execute("select distinct release_id from shared_current.delivery_ages").fetchall()
        assert newest == [(world.SECOND,)]


def test_the_national_login_reads_the_national_part_and_no_centres_rows(address: str) -> None:
    """And no centre reads the national part, beside its own ages of data."""
    with psycopg.connect(address) as owner:
        tables = [
            name
            for (name,) in owner.execute(
                "select relname from pg_class where relnamespace = 'shared'::regnamespace"
            )
        ]
    kept = set()
    with (
        login(address, embedded.OF_CENTRE + "national") as national,
        login(address, embedded.OF_CENTRE + "oslo") as oslo,
    ):
        for table in tables:
            count = sql.SQL("select count(*) from {}").format(sql.Identifier("shared", table))
            rows, of_oslo = (connection.execute(count).fetchone() for connection in (national, oslo))
            if rows != (0,):
                kept.add(table)
                assert of_oslo == (0,) or table == "delivery_ages", table
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            national.execute("select * from marts.national_counts")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            national.execute("set role akrim_centre_oslo")
    assert kept >= {"national_counts", "national_measures", "delivery_ages"}
    assert not kept & {"persons", "assessments", "indicator_observations", "named_persons"}


def test_rows_are_what_the_files_hold(oslo_login: psycopg.Connection, oslo: object) -> None:
    for name in ("persons", "assessments", "indicator_observations", "network_members"):
        table = as_texts(pq.read_table(oslo / "data" / f"{name}.parquet"))
        columns = sql.SQL(", ").join(map(sql.Identifier, table.column_names))
        rows = oslo_login.execute(
            sql.SQL("select {} from {}").format(columns, sql.Identifier("shared_current", name))
        ).fetchall()
        assert sorted(rows, key=repr) == sorted(
            map(tuple, zip(*(c.to_pylist() for c in table.columns), strict=True)), key=repr
        )


@pytest.mark.parametrize(
    "query",
    [
        "set role akrim",
        "set role akrim_centres",
        "set role akrim_centre_bergen",
        "set session authorization akrim_centre_bergen",
        "set row_security = off; select * from shared.persons",
        "select * from shared_rows.persons",
        "select * from shared_rows.persons()",
        "call shared_rows.lay('persons')",
        "alter table shared_rows.persons disable row level security",
        "create policy mine on shared_rows.persons using (true)",
        "create function public.look() returns int language sql as 'select 1'",
        "create temp table mine (x int)",
        "select * from marts.persons",
        "select dblink('dbname=akrim', 'select 1')",
        "select lo_get(1)",
        "select pg_read_file('PG_VERSION')",
        "select meta.pinned('brreg', '2026-T1.1')",
        "copy shared.persons to program 'cat'",
        "alter role akrim_centre_oslo bypassrls",
        "grant akrim_centre_bergen to akrim_centre_oslo",
        "select reltuples from pg_class where relname = 'persons'",
        "select relpages from pg_class where relname = 'persons'",
        "select * from pg_class",
        "select n_tup_ins from pg_stat_all_tables where relname = 'persons'",
        "select pg_stat_get_live_tuples(oid) from pg_class where relname = 'persons'",
        "select pg_stat_get_xact_tuples_inserted(oid) from pg_class where relname = 'persons'",
        "select heap_blks_read from pg_statio_all_tables where relname = 'persons'",
        "select idx_tup_read from pg_stat_all_indexes",
        "select tup_inserted from pg_stat_database",
        "select pg_relation_size(oid) from pg_class where relname = 'persons'",
        "select pg_table_size(oid) from pg_class where relname = 'persons'",
        "select pg_total_relation_size(oid) from pg_class where relname = 'persons'",
        "select pg_indexes_size(oid) from pg_class where relname = 'persons'",
        "select pg_database_size(current_database())",
        "select pg_tablespace_size('pg_default')",
        "select pg_current_wal_lsn()",
        "select pg_last_wal_replay_lsn()",
        "select pg_logical_emit_message(false, 'a', 'b')",
        "select restart_lsn from pg_replication_slots",
        "select * from pg_available_wal_summaries()",
        "select * from pg_wal_summary_contents(1, '0/0', '0/1')",
        "select pg_get_wal_summarizer_state()",
        "select * from pg_control_checkpoint()",
        "select wal_bytes from pg_stat_wal",
        "select * from pg_stat_io",
        "select relation from pg_locks",
    ],
)
def test_no_way_round(oslo_login: psycopg.Connection, query: str) -> None:
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedFunction)):
        oslo_login.execute(query.encode())


# Conditions that fail, cost nothing, or that PostgreSQL trusts to run before the row security, on a value of a row.
RAISING = (
    "1 / (case when full_name = %s then 0 else 1 end) = 1",
    "(case when full_name = %s then full_name else '1' end)::int = 1",
)
CONDITIONS = (
    *RAISING, "full_name = %s", "full_name < %s", "starts_with(full_name, %s)", "not full_name = any (array[%s])",
)  # fmt: skip
PROBES = (
    "select count(*) from shared.persons where {}",
    "select count(*) from shared_current.persons where {}",
    "select count(*) filter (where {}) from shared.persons",
    "select 1 from seeds.centres left join shared.persons on {}",
)
PLAN = "explain select * from shared.persons where {}"
PLAN_RUN = "explain analyze select * from shared.assessments where {} = %s"


def test_no_condition_runs_on_hidden_rows(oslo_login: psycopg.Connection) -> None:
    """Its errors tell of the centre's own rows alone, however cheap it is and however it is wrapped."""
    for probe, condition in product(PROBES, RAISING):
        query = probe.format(condition).encode()
        assert oslo_login.execute(query, ["Bergljot Vestlending"]).fetchone(), query
        with pytest.raises(psycopg.errors.DataError):
            oslo_login.execute(query, ["Halvard Eksempelsen"]).fetchone()


def test_no_plan_or_statistic_tells_of_other_centres(oslo_login: psycopg.Connection, address: str) -> None:
    """Whether a value is another centre's, one's own or nobody's, its plan is the same, and nothing in it is a table."""
    with psycopg.connect(address) as owner:
        owner.execute("analyze shared_rows.persons, shared_rows.assessments")
    for condition in CONDITIONS:
        query = PLAN.format(condition).encode()
        plans = {
            str(oslo_login.execute(query, [name]).fetchall()).replace(name, "")
            for name in ("Bergljot Vestlending", "Halvard Eksempelsen", "Nobody At All")
        }
        assert len(plans) == 1, plans
        assert "Function Scan" in (plan := plans.pop())
        assert "Seq Scan" not in plan
        assert "Index" not in plan
    for column, value in (("total_points", 50), ("centre_id", "bergen"), ("recipient", "bergen")):
        told = str(oslo_login.execute(PLAN_RUN.format(column).encode(), [value]).fetchall())
        assert "Function Scan on assessments " in told
    statistics = "select count(*) from pg_stats where schemaname in ('shared', 'shared_rows', 'marts', 'intermediate', 'landing')"
    assert oslo_login.execute(statistics).fetchone() == (0,)


PAGES_READ = (
    b"explain (analyze, buffers, timing off, summary off, format json) select * from shared.assessments"
)
# A session may say that its plans shall use no index.
WITHOUT_INDEX = "set enable_indexscan = off; set enable_bitmapscan = off; set random_page_cost = 1e9; set cpu_index_tuple_cost = 1e9"


def test_no_printed_plan_and_no_count_of_pages_tells_of_other_centres(address: str) -> None:
    """The server prints plans to whoever asks, and counts the pages that a query reads: of other centres' rows, nothing."""
    role = embedded.OF_CENTRE + "oslo"
    rows_of_bergen = sql.SQL(
        "insert into shared_rows.assessments (release_id, recipient, person_id) {}"
    ).format(
        sql.SQL("select {}, 'bergen', 'p' || n from generate_series(1, 5000) as n").format(
            sql.Literal(world.SECOND)
        )
    )

    def pages_read(settings: str) -> int:
        with login(address, role) as connection:
            connection.execute(settings.encode())
            connection.execute("select * from shared.assessments")
            ((told,),) = connection.execute(PAGES_READ).fetchall()
            return int(told[0]["Plan"]["Shared Hit Blocks"] + told[0]["Plan"]["Shared Read Blocks"])

    before = {settings: pages_read(settings) for settings in ("select 1", WITHOUT_INDEX)}
    assert min(before.values()) > 0
    with psycopg.connect(address) as owner:
        owner.execute(rows_of_bergen)
    try:
        for settings, read in before.items():
            assert pages_read(settings) <= read + 2, settings  # the index is one level deeper
        printed: list[str] = []
        with login(address, role) as connection:
            connection.add_notice_handler(lambda message: printed.append(str(message.message_detail)))
            connection.execute("set client_min_messages = log")
            for kind in ("parse", "rewritten", "plan"):
                connection.execute(sql.SQL("set {} = on").format(sql.Identifier(f"debug_print_{kind}")))
            connection.execute("select * from shared.assessments")
        told = "".join(printed)
        assert "FUNCTIONSCAN" in told
        assert "SCAN" not in told.replace("FUNCTIONSCAN", "")
    finally:
        with psycopg.connect(address) as owner:
            owner.execute(
                "delete from shared_rows.assessments where recipient = 'bergen' and person_id ~ '^p[0-9]+$'"
            )


def test_a_recalled_release_is_no_longer_read(
    address: str, published: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(monkeypatch, AKRIM_DATABASE_URL=address)
    count = "select count(*) from shared.assessments where release_id = %s"
    with login(address, embedded.OF_CENTRE + "oslo") as connection:
        assert connection.execute(count, [world.SECOND]).fetchone() != (0,)
        with psycopg.connect(address) as owner:
            set_status(owner, world.SECOND, "recalled")
        try:
            assert connection.execute(count, [world.SECOND]).fetchone() == (0,)
        finally:
            with psycopg.connect(address) as owner:
                owner.execute(
                    "update meta.releases set status = 'published' where release_id = %s", [world.SECOND]
                )
            get_settings.cache_clear()


def test_row_security_binds_the_tables_owner_too(address: str) -> None:
    with psycopg.connect(address) as connection:
        unguarded = connection.execute(
            "select relname from pg_class where relnamespace = 'shared_rows'::regnamespace and relkind = 'r'"
            " and not (relrowsecurity and relforcerowsecurity)"
        ).fetchall()
        views = connection.execute(
            "select relname from pg_class where relnamespace in ('shared'::regnamespace, 'shared_current'::regnamespace)"
            " and not (relkind = 'v' and coalesce('security_barrier=true' = any (reloptions), false))"
        ).fetchall()
        passing = connection.execute(
            "select rolname from pg_roles where rolname ~ '^akrim' and (rolsuper or rolbypassrls or rolcreaterole)"
        ).fetchall()
    assert unguarded == views == passing == []


# Unlike the functions behind the views it states no condition: what the policies let through is what it counts.
ASKED = """
create function shared.asked() returns table (rows bigint, recipients bigint) language sql security definer as
    'select count(*), count(distinct recipient) from shared_rows.assessments';
grant execute on function shared.asked to public
"""


@pytest.mark.parametrize(
    "count",
    ["select count(*), count(distinct recipient) from shared.assessments", "select * from shared.asked()"],
)
def test_row_security_goes_by_the_sessions_login_within_functions_of_the_owner(
    address: str, count: str
) -> None:
    """Without the policies' own condition a function that runs as the tables' owner would return every row."""
    query = count.encode()
    with psycopg.connect(address, autocommit=True) as owner:
        owner.execute(ASKED)
        try:
            everything, centres = owner.execute(query).fetchone() or (0, 0)
            assert centres > 1
            seen = 0
            for centre in CENTRES:
                with login(address, embedded.OF_CENTRE + centre) as connection:
                    rows, of_centres = connection.execute(query).fetchone() or (0, 0)
                    assert of_centres <= 1
                    seen += rows
            assert seen == everything
            with psycopg.connect(as_user(address, embedded.SUPERUSER)) as administrator:
                assert administrator.execute(query).fetchone() == (0, 0)
        finally:
            owner.execute("drop function shared.asked")


def test_tables_of_an_earlier_version_are_taken_out_of_the_logins_reach(
    address: str, published: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Down to where logins read the tables themselves, and up again: each centre reads the same rows."""
    configure(monkeypatch, AKRIM_DATABASE_URL=address)
    counts = (
        "select count(*), min(recipient), (select count(*) from shared_current.persons) from shared.persons"
    )
    with login(address, embedded.OF_CENTRE + "oslo") as connection:
        before = connection.execute(counts).fetchone()
    config = Config()
    config.set_main_option("script_location", "akrim.warehouse:migrations")
    with engine().begin() as migrating:
        config.attributes["connection"] = migrating
        command.downgrade(config, "0011")
    with login(address, embedded.OF_CENTRE + "oslo") as connection:
        assert connection.execute(counts).fetchone() == before
        assert "Function Scan" not in str(
            connection.execute("explain select * from shared.persons").fetchall()
        )
    prepare()
    with login(address, embedded.OF_CENTRE + "oslo") as connection:
        assert connection.execute(counts).fetchone() == before
        assert "Function Scan" in str(connection.execute("explain select * from shared.persons").fetchall())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select * from shared_rows.persons")
    get_settings.cache_clear()
