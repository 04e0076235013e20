"""What a login has changed for itself is told, and set anew by roles.sql; no login enters the server's other databases."""

import os
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import psycopg
import pytest
from akrim.commands.doctor.caution import Caution
from akrim.commands.doctor.logins import own_settings
from akrim.errors import UserError
from akrim.settings import get_settings
from akrim.warehouse import embedded, prepare
from psycopg import sql

from tests.conftest import as_user

ROLES = resources.files("akrim.warehouse").joinpath("roles.sql").read_bytes()
PEOPLE = ("akrim_analyst", "akrim_auditor", "akrim_clerk", "akrim_centre_oslo")


@pytest.fixture
def administrator(warehouse: str) -> Iterator[psycopg.Connection]:
    """The server's superuser, who lays the roles again at the end: other tests have the same ones."""
    with psycopg.connect(as_user(warehouse, embedded.SUPERUSER), autocommit=True) as connection:
        yield connection
        connection.execute(ROLES)
        connection.execute("revoke all on database postgres, template1 from public")


@pytest.mark.parametrize("login", PEOPLE)
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("set statement_timeout = 0", "has statement_timeout 0, where roles.sql gives it 15min"),
        (
            "reset idle_in_transaction_session_timeout",
            "has idle_in_transaction_session_timeout not set, where",
        ),
        ("set default_transaction_isolation = 'serializable'", "where roles.sql gives it nothing"),
        ("in database {database} set statement_timeout = 0", "statement_timeout 0 in test_"),
    ],
)
def test_a_login_that_changes_its_limits_is_named_and_gets_them_anew(
    administrator: psycopg.Connection, warehouse: str, login: str, change: str, told: str
) -> None:
    assert "have the limits" in own_settings()
    with psycopg.connect(
        as_user(warehouse, login), options="-c default_transaction_read_only=off"
    ) as connection:
        altering = sql.SQL("alter role {login} " + change).format(
            login=sql.Identifier(login), database=sql.Identifier(connection.info.dbname)
        )
        connection.execute(altering)
    with pytest.raises(UserError, match=told) as refused:
        own_settings()
    assert login in str(refused.value)
    assert "roles.sql" in str(refused.value)
    administrator.execute(ROLES)
    assert "have the limits" in own_settings()


@pytest.mark.parametrize("login", PEOPLE)
@pytest.mark.parametrize(
    ("change", "back", "told"),
    [
        ("alter role {} bypassrls", "alter role {} nobypassrls", "passes by row security"),
        ("alter role {} superuser", "alter role {} nosuperuser", "is a superuser"),
        (
            "grant akrim_centre_bergen to {}",
            "revoke akrim_centre_bergen from {}",
            "may all that akrim_centre_bergen may",
        ),
        ("grant akrim to {}", "revoke akrim from {}", "may all that akrim may"),
        (
            "grant pg_read_all_data to {}",
            "revoke pg_read_all_data from {}",
            "may all that pg_read_all_data may",
        ),
    ],
)
def test_a_login_that_may_more_than_it_was_given_is_named(
    administrator: psycopg.Connection, login: str, change: str, back: str, told: str
) -> None:
    role = sql.Identifier(login)
    administrator.execute(sql.SQL(change).format(role))
    try:
        with pytest.raises(UserError, match=f"The login {login} {told}"):
            own_settings()
    finally:
        administrator.execute(sql.SQL(back).format(role))
    assert "have the limits" in own_settings()


@pytest.mark.parametrize("login", PEOPLE)
def test_a_transaction_left_open_is_ended_by_the_pipelines_next_command(
    warehouse: str, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has lifted the limits; a session without a transaction, and the pipeline's own, go on."""
    monkeypatch.setattr("akrim.warehouse.logins.LONGEST_TRANSACTION", "1 s")
    options = "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0 -c transaction_timeout=0"
    with (
        psycopg.connect(as_user(warehouse, login), options=options) as reading,
        psycopg.connect(as_user(warehouse, login), autocommit=True) as idle,
        psycopg.connect(warehouse) as own,
    ):
        for connection in (reading, idle, own):
            connection.execute("select 1")
        prepare()
        assert reading.execute("select 1, pg_sleep(1.1)").fetchone()
        prepare()
        with pytest.raises(psycopg.errors.OperationalError):
            reading.execute("select 1")
        assert idle.execute("select 1").fetchone()
        assert own.execute("select 1").fetchone()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            idle.execute("select public.end_long_transactions('0 s')")


def test_no_login_enters_the_databases_that_every_server_has(
    administrator: psycopg.Connection, server: str
) -> None:
    for login, database in ((login, database) for login in PEOPLE for database in ("postgres", "template1")):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(as_user(server, login).format(database))
    administrator.execute("grant connect on database postgres to public")
    told = own_settings()
    assert isinstance(told, Caution)
    assert "revoke connect, temporary on database postgres from public" in told


def test_the_embedded_servers_roles_are_laid_anew_as_the_doctor_says(home: Path) -> None:
    socket = embedded.ensure_running(home / "postgres")
    with embedded.administer(socket) as connection:
        connection.execute("alter role akrim_clerk set statement_timeout = 0")
    with pytest.raises(UserError, match=embedded.SET_UP):
        own_settings()
    (get_settings().home / "postgres" / embedded.SET_UP).unlink()
    embedded._release(home / "postgres", os.getpid())
    assert "have the limits" in own_settings()
