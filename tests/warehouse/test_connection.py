"""The warehouse's addresses as other programs get them."""

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psycopg
import pytest
from akrim.errors import Unreachable, UserError
from akrim.settings import get_settings
from akrim.warehouse import (
    connect,
    dbt_environment,
    embedded,
    for_program,
    login_url,
    passing_database,
    program,
    url,
    with_search_path,
)

from tests.conftest import configure, superuser


@pytest.mark.parametrize(
    ("address", "shown", "password"),
    [
        ("postgresql://akrim:p%40ss@host/akrim", "user=akrim dbname=akrim host=host", "p@ss"),
        ("postgresql://akrim:a:b@host:5433/akrim?sslmode=require", "user=akrim dbname=akrim host=host port=5433 sslmode=require", "a:b"),
        ("postgresql://akrim@localhost/akrim?host=/tmp/x", "postgresql://akrim@localhost/akrim?host=/tmp/x", None),
        ("postgresql://host/akrim?user=akrim&password=p%40ss", "user=akrim dbname=akrim host=host", "p@ss"),
    ],
)  # fmt: skip
def test_a_password_is_on_no_command_line(address: str, shown: str, password: str | None) -> None:
    without, environment = for_program(address)
    assert without == shown
    assert environment.get("PGPASSWORD") == (password or os.environ.get("PGPASSWORD"))


def test_a_passing_database_is_made_from_the_empty_template(warehouse: str, server: str) -> None:
    """On a server of yours the other may be of another encoding than the warehouse, or have tables."""
    with superuser(server, "template1") as connection:
        connection.execute("create table public.laid_by_its_owner ()")
        connection.execute("alter role akrim createdb")
        try:
            with passing_database("passing") as address, connect(address) as made:
                found = made.execute(
                    "select to_regclass('public.laid_by_its_owner'), pg_encoding_to_char(encoding), datlocale"
                    " from pg_database where datname = current_database()"
                ).fetchall()
        finally:
            connection.execute("drop table public.laid_by_its_owner")
            connection.execute("alter role akrim nocreatedb")
    assert found == [(None, "UTF8", "C.UTF-8")]


@pytest.mark.parametrize("lacks", ["the embedded server", "programs as new as the server"])
def test_a_server_of_yours_may_need_the_machines_own_programs(
    lacks: str, warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Path(program("pg_dump")).is_relative_to(embedded.binaries())
    if lacks == "the embedded server":
        monkeypatch.setattr(embedded, "find_spec", lambda _: None)
    else:
        monkeypatch.setattr(embedded, "VERSION", 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="pg_dump is not installed"):
        program("pg_dump")
    (tmp_path / "pg_dump").touch(mode=0o700)
    assert program("pg_dump") == str(tmp_path / "pg_dump")


@pytest.mark.parametrize(
    ("address", "given"),
    [
        ("postgresql://akrim:p%40ss@db:5433/akrim", ("db", "5433", "akrim", "p@ss", "akrim")),
        ("postgresql://akrim@localhost/akrim?host=/run/x", ("/run/x", "5432", "akrim", "", "akrim")),
        ("postgresql:///a%2Dkrim?host=/run/x&port=5433&user=akrim&password=p%40ss", ("/run/x", "5433", "akrim", "p@ss", "a-krim")),
    ],
)  # fmt: skip
def test_dbt_is_given_what_libpq_reads(
    address: str, given: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    configure(monkeypatch, AKRIM_DATABASE_URL=address)
    environment = dbt_environment()
    assert (
        tuple(environment[f"DBT_{name}"] for name in ("HOST", "PORT", "USER", "PASSWORD", "DBNAME")) == given
    )


@pytest.mark.parametrize(
    "address",
    ["postgresql://akrim_auditor@host/akrim?sslmode=require", "postgresql://host/akrim?user=akrim_auditor"],
)
def test_a_login_looks_where_it_reads_however_its_address_names_it(address: str) -> None:
    assert with_search_path(address) == f"{address}&options=-csearch_path%3Daudit"


@pytest.mark.parametrize(
    ("setting", "address"),
    [
        ("AKRIM_DATABASE_URL", url),
        ("AKRIM_ANALYST_DATABASE_URL", partial(login_url, embedded.ANALYST)),
        ("AKRIM_AUDITOR_DATABASE_URL", partial(login_url, embedded.AUDITOR)),
        ("AKRIM_CLERK_DATABASE_URL", partial(login_url, embedded.CLERK)),
        ("AKRIM_CENTRE_DATABASE_URLS, oslo", partial(login_url, embedded.OF_CENTRE + "oslo")),
    ],
)
def test_where_no_server_answers_the_setting_is_told_that_names_it(
    setting: str, address: Callable[[], str], monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    for login in ("", "ANALYST_", "AUDITOR_", "CLERK_"):
        role = embedded.PIPELINE + f"_{login.lower()}".rstrip("_")
        monkeypatch.setenv(f"AKRIM_{login}DATABASE_URL", f"postgresql://{role}@localhost:1/akrim")
    given = {"oslo": "postgresql://akrim_centre_oslo@localhost:1/akrim"}
    configure(monkeypatch, AKRIM_CENTRE_DATABASE_URLS=json.dumps(given))
    with pytest.raises(Unreachable) as told, connect(with_search_path(address())):
        pass
    assert told.value.where == setting


def test_the_tls_and_the_password_file_of_the_address_are_dbts_too(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    """dbt gives its driver no such option, so that libpq takes it from the environment."""
    monkeypatch.setenv(
        "AKRIM_DATABASE_URL",
        "postgresql://akrim@db/akrim?sslmode=verify-full&sslrootcert=%2Fca%20root.pem&sslcert=/me.pem&sslkey=/me.key&passfile=/pass",
    )
    get_settings.cache_clear()
    given = dbt_environment()
    assert given["DBT_HOST"] == "db"
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    known = {
        option.keyword.decode(): (option.val or b"").decode() for option in psycopg.pq.Conninfo.get_defaults()
    }
    assert (known["sslmode"], known["sslrootcert"]) == ("verify-full", "/ca root.pem")
    assert (known["sslcert"], known["sslkey"], known["passfile"]) == ("/me.pem", "/me.key", "/pass")
