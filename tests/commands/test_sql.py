"""`akrim sql`: what is asked and refused, by whatever client, and what the output looks like."""

import csv
import hashlib
import io
import json
import os
import pty
import select
import sys
import termios
import time
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest
from akrim.cli import app
from akrim.errors import UserError
from akrim.warehouse import embedded
from openpyxl import load_workbook
from psycopg import sql
from typer.testing import CliRunner

from tests.audit.events import events
from tests.conftest import as_user


def test_an_analyst_reads_marts_made_before_and_after(analyst: psycopg.Connection, warehouse: str) -> None:
    with psycopg.connect(warehouse) as connection:
        for schema in ("marts", "marts_current", "marts_history", "seeds"):
            names = {name: sql.Identifier(schema, name) for name in ("made_later", "seen_later")}
            connection.execute(sql.SQL("create table {made_later} as select 1 as x").format(**names))
            connection.execute(
                sql.SQL("create view {seen_later} as select * from {made_later}").format(**names)
            )
    for schema in ("marts", "marts_current", "marts_history", "seeds"):
        for name in ("made_later", "seen_later"):
            query = sql.SQL("select x from {}").format(sql.Identifier(schema, name))
            assert analyst.execute(query).fetchone() == (1,)


@pytest.mark.parametrize(
    "query",
    [
        "commit; delete from marts.samples",
        "select 1; select 2",
        "commit; set default_transaction_read_only = off; update marts.samples set amount = 0",
    ],
)
def test_one_statement_at_a_time(analyst: psycopg.Connection, query: str) -> None:
    ran = CliRunner().invoke(app, ["sql", query])
    assert ran.exit_code == 1
    assert "multiple commands" in str(ran.exception)
    assert analyst.execute("select count(*) from marts.samples").fetchone() == (2,)


def test_csv_is_what_other_programs_read(analyst: psycopg.Connection) -> None:
    printed = CliRunner().invoke(app, ["sql", "select * from marts.samples order by amount", "--csv"]).stdout
    assert "\r" not in printed, "a shell would keep it in the last column"
    full, empty = csv.DictReader(io.StringIO(printed, newline=""))
    assert json.loads(full.pop("evidence")) == [{"agency": "nav", "rows": [1, 2]}]
    assert full == {
        "release_id": "2025-T3.1",
        "is_yes": "true",
        "amount": "-1.50",
        "rate": "0.25",
        "codes": '["a", "b\\"c", null]',
        "day": "2025-12-31",
        "span": "1 day 02:00:00",
    }
    assert set(empty.values()) == {"", "false"}


ALL = "select * from samples order by amount"


def asked(*arguments: str) -> str:
    """What the command prints."""
    ran = CliRunner().invoke(app, ["sql", *arguments])
    assert ran.exit_code == 0, ran.exception
    return ran.stdout


def refused(*arguments: str) -> str:
    """What the command says instead of an answer."""
    ran = CliRunner().invoke(app, ["sql", *arguments])
    assert ran.exit_code == 1
    assert isinstance(ran.exception, UserError)
    return str(ran.exception)


def test_json_has_the_values_types(analyst: psycopg.Connection) -> None:
    full, empty = json.loads(asked(ALL, "--json"))
    assert full == {
        "release_id": "2025-T3.1",
        "is_yes": True,
        "amount": -1.5,
        "rate": 0.25,
        "evidence": [{"agency": "nav", "rows": [1, 2]}],
        "codes": ["a", 'b"c', None],
        "day": "2025-12-31",
        "span": "1 day 02:00:00",
    }
    assert empty == dict.fromkeys(full) | {"is_yes": False}
    assert json.loads(asked("select 'nan'::float8 as x where false", "--json")) == []
    assert json.loads(asked("select 'nan'::float8 as x", "--json")) == [{"x": "nan"}]
    assert "Two columns are named x" in refused("select 1 as x, 2 as x", "--json")


def test_files_have_the_values_types(analyst: psycopg.Connection, tmp_path: Path) -> None:
    for ending in ("csv", "parquet", "xlsx"):
        asked(ALL, "--output", str(tmp_path / f"out.{ending}"))
        assert (tmp_path / f"out.{ending}").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "out.csv").read_text() == asked(ALL, "--csv")
    full, empty = pq.read_table(tmp_path / "out.parquet").to_pylist()
    told = {
        "release_id": "2025-T3.1",
        "is_yes": True,
        "amount": -1.5,
        "rate": 0.25,
        "evidence": '[{"rows": [1, 2], "agency": "nav"}]',
        "codes": '["a", "b\\"c", null]',
        "day": date(2025, 12, 31),
        "span": "1 day 02:00:00",
    }
    assert full == told
    assert empty == dict.fromkeys(told) | {"is_yes": False}
    heading, first, _ = load_workbook(tmp_path / "out.xlsx").active.iter_rows(values_only=True)
    assert dict(zip(heading, first, strict=True)) == told | {"day": datetime(2025, 12, 31)}  # noqa: DTZ001  # a cell has no zone


def test_a_workbook_has_as_text_what_its_cells_do_not_hold(
    analyst: psycopg.Connection, tmp_path: Path
) -> None:
    """It knows neither infinity nor days before 1900, and rounds long numbers."""
    held = {
        "0.5::float8": 0.5,
        "12.5::numeric": 12.5,
        "9007199254740992": 2**53,
        "date '1900-03-01'": datetime(1900, 3, 1),  # noqa: DTZ001  # a cell has no zone
        "true": True,
    }
    written = {
        "'nan'::float8": "nan", "'infinity'::float8": "inf", "'nan'::numeric": "NaN", "9007199254740993": "9007199254740993",
        "sum(9007199254740993)": "9007199254740993", "date '1899-12-31'": "1899-12-31",
        "timestamptz '1899-12-30 12:00+00'": "1899-12-30 12:00:00+00:00",
    }  # fmt: skip
    asked(f"select {', '.join(held | written)}", "--output", str(tmp_path / "out.xlsx"))
    _, row = load_workbook(tmp_path / "out.xlsx").active.iter_rows(values_only=True)
    assert list(row) == [*held.values(), *written.values()]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["select 1", "--output", "out.doc"], ".csv, .parquet, .xlsx"),
        (["select 1", "--output", "nowhere/out.csv"], "folder that is there"),
        (["select 1", "--csv", "--json"], "several forms at once"),
        ([""], "The query is empty"),  # a shell's variable that was not set
        (["select 1", "--url"], "several things to do at once"),
        (["select 1", "--hold"], "--url"),
        (["--saved", "mine"], "There are: few, yes."),
        (["--saved", "../few"], "There are: few, yes."),
    ],
)
@pytest.mark.usefixtures("analyst")
def test_what_cannot_be_done_is_told_before_anything_is_asked(
    arguments: list[str], told: str, home: Path
) -> None:
    save(home)
    assert told in refused(*arguments)


def save(home: Path) -> None:
    (home / "queries").mkdir(parents=True, mode=0o700)
    home.chmod(0o700)
    (home / "queries" / "few.sql").write_text("-- how many\nselect count(*) as few\nfrom samples\n")
    (home / "queries" / "yes.sql").write_text("select 1")


@pytest.mark.usefixtures("analyst")
def test_a_saved_query_is_asked_by_name(home: Path) -> None:
    save(home)
    assert asked("--saved", "few", "--csv").split() == ["few", "2"]


@pytest.mark.usefixtures("analyst")
def test_a_name_alone_means_the_newest_release_first(warehouse: str) -> None:
    with psycopg.connect(warehouse) as connection:
        connection.execute("create view marts_current.samples as select * from marts.samples where is_yes")
    assert asked("select count(*) from samples", "--csv").split() == ["count", "1"]
    assert asked("show search_path", "--csv", "--as", "auditor").split() == ["search_path", "audit"]


@pytest.mark.usefixtures("analyst")
def test_other_programs_get_the_address_and_read_alone_by_it() -> None:
    with psycopg.connect(asked("--url").strip()) as connection:
        assert connection.execute("select count(*) from samples").fetchone() == (2,)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("delete from samples")


def test_a_mistake_is_told_with_its_place_and_without_a_traceback(
    analyst: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    assert "permission denied for schema landing" in refused("select * from landing.secrets")
    told = refused("select *\nfrom samples where\tamont > 1").splitlines()
    assert told[0] == 'column "amont" does not exist'
    assert told[1][told[2].index("^") :] == "amont > 1"
    assert "samples.amount" in told[3]
    assert "--output FILE" in refused("copy (select 1) to stdout")
    assert not caplog.records  # as of a rollback that the copy lets nobody do
    told = refused("select *\r\nfrom (\n").splitlines()
    assert (told[0], told[1].strip()) == ("syntax error at end of input", "where: line 3:")


@pytest.mark.usefixtures("analyst")
def test_a_table_is_readable_where_the_screen_is_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Piped it is as wide as its rows; on a terminal a value has a line of its own where they do not fit."""
    wide = asked("select repeat('x', 300) as long, 7 as n")
    assert f" {'x' * 300}  7" in wide
    assert asked("select repeat('x', 300) as long, 7 as n", "-x").splitlines()[-2].split() == ["n", "7"]
    monkeypatch.setenv("FORCE_COLOR", "1")  # by which rich takes it for a terminal
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "80")
    narrow = asked("select 'aaaaaaaaaa' as a1, " + ", ".join(f"'bbbbbbbbbb' as b{n}" for n in range(9)))
    assert [line.split() for line in narrow.splitlines()[1:3]] == [["a1", "a" * 10], ["b0", "b" * 10]]


@pytest.mark.timeout(90)
@pytest.mark.usefixtures("analyst")
def test_ctrl_c_ends_the_query_and_not_the_prompt(warehouse: str) -> None:
    child, terminal = pty.fork()
    if not child:
        os.execv(sys.executable, [sys.executable, "-c", "from akrim.cli import main; main()", "sql"])  # noqa: S606  # this program
    termios.tcsetwinsize(terminal, (40, 120))  # with no lines at all psql would show its answer by a pager
    wait_for(terminal, "=> ")
    os.write(terminal, b"select pg_sleep(600);\n")
    with psycopg.connect(as_user(warehouse, embedded.SUPERUSER), autocommit=True) as connection:
        while connection.execute(SLEEPING).fetchone() == (0,):
            time.sleep(0.1)
    os.write(terminal, b"\x03")
    wait_for(terminal, "canceling statement due to user request")
    os.write(terminal, b"select 6 * 7 as answer;\n")
    wait_for(terminal, "42")
    os.write(terminal, b"\\q\n")
    with suppress(OSError):  # a terminal that nobody writes to any more
        while os.read(terminal, 4096):
            pass
    assert os.waitpid(child, 0)[1] == 0


SLEEPING = (
    "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'"
)


def wait_for(terminal: int, words: str) -> None:
    """Read what the terminal shows until it says so."""
    said = ""
    while words not in said:
        assert select.select([terminal], [], [], 60)[0], said
        said += os.read(terminal, 4096).decode()


def test_a_server_of_yours_needs_the_analysts_address(
    warehouse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from akrim.settings import get_settings

    monkeypatch.delenv("AKRIM_ANALYST_DATABASE_URL")
    get_settings.cache_clear()
    ran = CliRunner().invoke(app, ["sql", "select 1"])
    assert ran.exit_code == 1
    assert "docs/database.md" in str(ran.exception)


def test_who_asked_is_logged_and_of_the_query_a_hash(analyst: psycopg.Connection, warehouse: str) -> None:
    query = "select 'Ola Prøve' as name"
    ran = CliRunner().invoke(app, ["sql", query, "--by", "kari", "--purpose", "case 14"])
    assert ran.exit_code == 0, ran.exception
    (event,) = events(warehouse, "consultation")
    assert (event["by_name"], event["purpose"]) == ("kari", "case 14")
    digest = hashlib.sha256(query.encode()).hexdigest()
    assert event["detail"] == {"command": "sql", "reader": "analyst", "statement": f"sha256:{digest}"}
    ran = CliRunner().invoke(app, ["sql", "select count(*) from audit.events", "--as", "auditor", "--csv"])
    assert ran.stdout.split() == ["count", "2"]
