"""What the analysts' login and the pipeline's own can and cannot do, and that `akrim doctor` sees what is otherwise."""

import psycopg
import pytest
from akrim.cli import app
from akrim.commands.doctor.logins import rights
from akrim.contracts import NATIONAL, centres
from akrim.errors import UserError
from akrim.warehouse import embedded
from typer.testing import CliRunner

from tests.conftest import as_user, configure

REFUSED = [
    "select * from intermediate.person_records",
    "select * from landing.secrets",
    "select * from meta.deliveries",
    "select * from quarantine.rows",
    "select * from linkage.person_ids",
    "insert into marts.samples (release_id) values ('x')",
    "update marts.samples set amount = 0",
    "delete from marts.samples",
    "truncate marts.samples",
    "drop table marts.samples",
    "create table marts.mine (x int)",
    "create table public.mine (x int)",
    "create temporary table mine (x int)",
    "create schema mine",
    "alter table marts.samples add column x int",
    "set role akrim",
    "set role postgres",
    "set session authorization akrim",
    "reset role; select * from landing.secrets",
    "alter role akrim_analyst superuser",
    "create role other",
    "copy marts.samples to '/tmp/out'",
    "copy marts.samples to program 'cat'",
    "copy marts.samples from program 'echo'",
    "select pg_read_file('/etc/hostname')",
    "select pg_ls_dir('/')",
    "select lo_export(1, '/tmp/out')",
    "select lo_import('/etc/hostname')",
    "select lo_from_bytea(0, 'x')",
    "select lo_create(0)",
    "select pg_advisory_lock(hashtext('akrim.assessment'))",
    "select pg_notify('channel', 'x')",
    "select rolpassword from pg_authid",
    "do $$ begin execute 'select * from landing.secrets'; end $$",
    "alter system set work_mem = '1GB'",
    "select pg_terminate_backend(pg_backend_pid()) from landing.secrets",
]


@pytest.mark.parametrize("query", REFUSED)
@pytest.mark.parametrize("is_set_to_write", [False, True], ids=["as it comes", "set to write"])
def test_what_is_not_an_analysts_is_refused_by_right(
    analyst: psycopg.Connection, query: str, is_set_to_write: bool
) -> None:
    """Not by the session being read-only: that setting is everybody's to change."""
    if is_set_to_write:
        analyst.execute("set default_transaction_read_only = off")
    with pytest.raises(
        (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)
    ) as refused:
        analyst.execute(query.encode())
    if is_set_to_write:
        assert isinstance(refused.value, psycopg.errors.InsufficientPrivilege)


@pytest.mark.parametrize("role", ["akrim", "postgres", "airflow", "pg_read_all_data", "x'; reset role; --"])
def test_no_other_role_can_be_taken(analyst: psycopg.Connection, role: str) -> None:
    ran = CliRunner().invoke(app, ["sql", "select 1", "--as", role])
    assert ran.exit_code == 1
    assert "no such login" in str(ran.exception)


PIPELINES = [
    "select pg_read_file('/etc/hostname')",
    "select pg_read_binary_file('/etc/hostname')",
    "select pg_stat_file('/etc/hostname')",
    "select pg_ls_dir('/')",
    "copy (select 1) to '/tmp/out'",
    "copy (select 1) to program 'cat'",
    "copy meta.workbench from program 'echo x'",
    "copy meta.workbench from '/etc/hostname'",
    "select lo_export(1, '/tmp/out')",
    "select lo_import('/etc/hostname')",
    "select lo_from_bytea(0, 'x')",
    "create role other",
    "create database other",
    "alter role akrim superuser",
    "alter system set work_mem = '1GB'",
    "set role postgres",
    "grant pg_read_server_files to akrim",
    "grant pg_execute_server_program to akrim",
    "create function f() returns int language c as 'libc', 'getpid'",
    "load '/tmp/x.so'",
    "select rolpassword from pg_authid",
]


@pytest.mark.parametrize("statement", PIPELINES)
def test_the_pipeline_owns_its_schemas_and_nothing_else(warehouse: str, statement: str) -> None:
    with psycopg.connect(warehouse, autocommit=True) as connection:
        assert connection.execute("select current_user, usesuper from pg_user where usename = current_user").fetchone() == (
            "akrim", False,
        )  # fmt: skip
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())


SCHEMAS = (
    "meta", "landing", "quarantine", "state", "linkage", "staging", "intermediate", "indicators", "seeds", "marts",
    "marts_current", "marts_history", "audit", "shared", "shared_current", "shared_rows", "clerk",
)  # fmt: skip


def test_every_schema_is_the_pipelines(warehouse: str) -> None:
    with psycopg.connect(warehouse) as connection:
        owners = dict(
            connection.execute(
                "select nspname, nspowner::regrole::text from pg_namespace where nspname !~ '^pg_'"
                " and nspname not in ('public', 'information_schema')"
            ).fetchall()
        )
    assert owners == dict.fromkeys(SCHEMAS, "akrim")


class TestDoctor:
    @pytest.mark.usefixtures("warehouse")
    def test_it_finds_the_rights_as_they_should_be(self) -> None:
        assert rights().endswith("akrim_analyst, akrim_auditor, akrim_clerk, akrim_centres read theirs alone")

    def test_it_names_a_pipeline_that_may_do_more(
        self, warehouse: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        configure(monkeypatch, AKRIM_DATABASE_URL=as_user(warehouse, embedded.SUPERUSER))
        with pytest.raises(UserError, match="superuser"):
            rights()

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ("grant usage on schema landing to akrim_analyst", "akrim_analyst reads the schema landing"),
            (
                "revoke usage on schema seeds from akrim_centres",
                "akrim_centres does not read the schema seeds",
            ),
            ("create table shared_rows.persons (recipient text)", "Row security is off for persons"),
        ],
    )
    def test_it_names_who_may_read_more_or_less(self, warehouse: str, change: str, told: str) -> None:
        with psycopg.connect(warehouse) as connection:
            connection.execute(change.encode())
        with pytest.raises(UserError, match=told):
            rights()

    @pytest.mark.parametrize(
        ("right", "told"),
        [
            ("execute on function pg_get_replication_slots()", r"pg_get_replication_slots\(\)"),
            ("select (relpartbound) on pg_class", r"pg_class\.relpartbound"),
        ],
    )
    def test_it_names_what_tells_a_centre_of_sizes_and_deliveries(
        self, warehouse: str, right: str, told: str
    ) -> None:
        with psycopg.connect(as_user(warehouse, embedded.SUPERUSER)) as connection:
            connection.execute(f"grant {right} to public".encode())
        with pytest.raises(UserError, match=f"whose deliveries came: {told}"):
            rights()

    def test_every_centre_has_its_login(self, warehouse: str) -> None:
        with psycopg.connect(warehouse) as connection:
            logins = connection.execute(
                "select rolname from pg_roles where rolcanlogin and pg_has_role(rolname, 'akrim_centres', 'usage')"
                " and not rolsuper order by 1"
            ).fetchall()
        assert logins == [(embedded.OF_CENTRE + recipient,) for recipient in sorted([*centres(), NATIONAL])]
