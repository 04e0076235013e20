"""A server, a database or a role that does not do for the pipeline is told so, and the doctor sees it before a run does."""

from pathlib import Path

import psycopg
import pytest
from akrim import warehouse as warehouse_module
from akrim.cli import app
from akrim.errors import Unreachable, UserError
from akrim.settings import get_settings
from akrim.warehouse import embedded
from typer.testing import CliRunner

from tests.conftest import configure, superuser

# What an administrator has done to the database, and what is told of it.
LACKING = {
    "another's database": (
        'alter database "{name}" owner to postgres; grant connect on database "{name}" to akrim',
        "may not make schemas",
        UserError,
    ),
    "read-only": (
        'alter database "{name}" set default_transaction_read_only = on',
        "may only be read",
        Unreachable,
    ),
    "loaded by a superuser": ("alter table meta.deliveries owner to postgres", "are another role's", UserError),
}  # fmt: skip


@pytest.mark.parametrize("lacking", LACKING)
def test_what_the_pipelines_role_lacks_is_told_by_the_doctor_and_by_every_command(
    lacking: str, server: str, warehouse: str
) -> None:
    done, said, kind = LACKING[lacking]
    name = psycopg.conninfo.conninfo_to_dict(warehouse)["dbname"]
    get_settings()  # makes the home folder
    with superuser(server, str(name)) as connection:
        connection.execute(done.format(name=name).encode())
    ran = CliRunner().invoke(app, ["doctor"])
    assert ran.exit_code == 1, ran.output
    assert said in ran.output
    assert f"where: AKRIM_DATABASE_URL: role akrim, database {name}" in ran.output
    assert " tables: " not in ran.output, "what rests on it is not looked at"
    with pytest.raises(kind, match=said):
        warehouse_module.prepare()
    assert warehouse_module.revision(), "a backup can be made all the same"


@pytest.mark.usefixtures("home")
def test_a_server_too_old_is_told_and_nothing_is_laid(monkeypatch: pytest.MonkeyPatch) -> None:
    older = embedded.binaries().parents[1] / "pginstall" / "bin"
    monkeypatch.setattr(embedded, "binaries", lambda: older)
    monkeypatch.setattr(embedded, "CONFIGURATION", b"listen_addresses = ''\n")
    monkeypatch.setattr(embedded, "LOCALE", ("--locale=C.UTF-8",))
    with pytest.raises(UserError, match="PostgreSQL 16 is too old"):
        warehouse_module.prepare()
    with warehouse_module.connect() as connection:
        assert connection.execute("select to_regnamespace('meta')").fetchall() == [(None,)]


def test_text_that_is_not_unicode_is_told(server: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with superuser(server, "postgres") as connection:
        connection.execute(
            "create database western owner akrim template template0 encoding 'LATIN1' locale 'C'"
        )
    try:
        configure(monkeypatch, AKRIM_DATABASE_URL=server.format("western"))
        with pytest.raises(UserError, match="holds text as LATIN1"):
            warehouse_module.prepare()
    finally:
        with superuser(server, "postgres") as connection:
            connection.execute("drop database western with (force)")
