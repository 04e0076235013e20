"""What is wrong with a setting, an argument or the machine is told in words, with where and what next: no traceback."""

import socket
import sys
from pathlib import Path

import psycopg
import pytest
from akrim import cli
from akrim.settings import Settings, get_settings
from akrim.warehouse import connect, embedded

from tests.commands.test_outside_values import COMMANDS, NOT_STARTED, arguments
from tests.conftest import as_user
from tests.measured import run_akrim

# A value that no setting of the kind takes, by what stands in its name.
WRONG = {"home": "/proc/x", "language": "xx", "notify": "notjson"}
NOT_WRONG = {
    "contact_url", "purpose", "inbox", "outbox", "releases_mirror", "queries", "smtp_host", "smtp_user", "smtp_password", "smtp_from", "linkage_model", "linkage_exchange", "parts_exchange", "runbook"
}  # fmt: skip


def told(*arguments: str, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """What the command says, which ends with exit code 1 or 2 and no traceback."""
    get_settings.cache_clear()
    patch.setattr(sys, "argv", ["akrim", *arguments])
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = "".join(capsys.readouterr())
    assert ended.value.code in {1, 2}, said
    return said


@pytest.mark.parametrize("name", sorted(Settings.model_fields.keys() - NOT_WRONG))
def test_a_setting_of_another_kind_is_named(
    name: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home.mkdir(mode=0o700)
    monkeypatch.setenv(f"AKRIM_{name.upper()}", WRONG.get(name, "nonsense"))
    command = ["releases", "list"] if name == "home" else ["doctor"]
    said = told(*command, patch=monkeypatch, capsys=capsys)
    assert name.upper() in said or WRONG.get(name, "nonsense") in said
    assert "next:" in said


@pytest.mark.parametrize("content", ["home = ", "unknown = 1", "smtp_port = 'x'", "\0"])
def test_an_akrim_toml_that_is_none_is_told(
    content: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("akrim.toml").write_text(content)
    assert "akrim.toml" in told("doctor", patch=monkeypatch, capsys=capsys)


def test_a_name_that_is_no_setting_tells_which_is_near(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("akrim.toml").write_text('akrim_languge = "nb"')
    said = told("doctor", patch=monkeypatch, capsys=capsys)
    assert said.startswith("wrong settings: No setting is called so: akrim_languge (is AKRIM_LANGUAGE meant")
    assert "where: akrim.toml" in said


@pytest.mark.parametrize(("name", "shown"), [("NOTIFY", '{"name"'), ("ALERT_MAIL", '["one"')])
def test_what_is_given_in_json_is_shown_in_it(
    name: str, shown: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(f"AKRIM_{name}", "a@b.example")
    assert f"such as '{shown}" in told("doctor", patch=monkeypatch, capsys=capsys)


def test_a_part_of_a_setting_is_named_as_it_is_written(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AKRIM_PAGE_ROLES", '{"kari.vakt": ["clerk", "boss"]}')
    assert "where: AKRIM_PAGE_ROLES, kari.vakt, 1" in told("doctor", patch=monkeypatch, capsys=capsys)


@pytest.mark.usefixtures("home")
def test_a_variable_that_is_no_setting_is_minded(monkeypatch: pytest.MonkeyPatch) -> None:
    from akrim.commands.doctor import doctor

    monkeypatch.setenv("AKRIM_DATBASE_URL", "postgresql://akrim@host/akrim")
    assert "AKRIM_DATBASE_URL (is AKRIM_DATABASE_URL meant" in doctor.CHECKS["settings"]()


ASKING = [path for path, command in COMMANDS if not NOT_STARTED & set(path)]
# These ask no database, or none before they have read keys and files.
WITHOUT_DATABASE = {"keys", "verify", "decrypt", "deleted", "models", "card", "diff", "restore"}
# These come to ask it only with more than is sound for every command.
IN_FULL = {
    ("audit", "export"): "--since=2026-01-01 --out=out",
    ("backup",): "copy",
    ("corrections", "open"): "nav/saker/S1 --by=person --since=2026-01-01 --reason=because --author=Kari",
    ("deliveries", "confirm"): "nav-2025-T3-01 saker --by=Kari --reason=because",
    ("link", "decide"): "nav/N1 politiet/P1 same --reason=because --author=Kari",
    ("rules", "what-if"): "--without=nav",
    ("subject", "export"): "p-1 --out=out --by=Kari --purpose=because",
}


@pytest.mark.parametrize("path", ASKING, ids=" ".join)
def test_a_database_that_is_down_is_told_by_every_command(
    path: tuple[str, ...], home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind in ("", "ANALYST_", "AUDITOR_", "CLERK_"):
        monkeypatch.setenv(f"AKRIM_{kind}DATABASE_URL", "postgresql://akrim@127.0.0.1:1/akrim")
    get_settings.cache_clear()
    given = [*path, *IN_FULL[path].split()] if path in IN_FULL else arguments(path, "", "")
    monkeypatch.setattr(sys, "argv", ["akrim", *given])
    with pytest.raises(SystemExit):
        cli.main()
    said = "".join(capsys.readouterr())
    assert "Traceback" not in said
    if not WITHOUT_DATABASE & set(path):
        assert "Connection refused" in said, said
        assert "where: AKRIM_" in said, said


@pytest.mark.parametrize("path", [*ASKING, ("link", "train")], ids=" ".join)
@pytest.mark.usefixtures("warehouse")
def test_an_installation_that_has_done_nothing_yet_is_told_by_every_command(
    path: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["akrim", *arguments(path, "", "")])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = "".join(capsys.readouterr())
    assert ended.value.code in {0, 1, 2}, said
    assert "Traceback" not in said


def test_a_defect_keeps_its_traceback_and_tells_of_nobody(
    warehouse: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """PostgreSQL quotes the row that it refuses; one error that leads to another is told with it."""

    def broken() -> None:
        try:
            with connect() as connection:
                connection.execute("create temporary table persons (name text primary key, age integer)")
                connection.execute("insert into persons values ('Kari Testesen', 1), ('Kari Testesen', 2)")
        except psycopg.Error:
            int("Kari Testesen")

    monkeypatch.setattr(cli, "app", broken)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = str(ended.value)
    assert "test_faults.py" in said
    assert 'duplicate key value violates unique constraint "persons_pkey"' in said
    assert "ValueError: invalid literal for int() with base 10: '…'" in said
    assert "DETAIL" not in said


def test_a_database_of_nobodys_names_what_is_refused(
    server: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AKRIM_DATABASE_URL", as_user(server, embedded.ANALYST).format("nowhere"))
    said = told("deliveries", patch=monkeypatch, capsys=capsys)
    assert 'FATAL:  database "nowhere" does not exist' in said


def test_a_letter_that_the_terminal_does_not_have_is_written_by_its_number(home: Path) -> None:
    ran = run_akrim("link", "card", home=home, environment={"PYTHONIOENCODING": "ascii"})
    assert (ran.code, ran.err) == (0, "")
    assert "98.4 (98.0\\u201398.8)" in ran.out


@pytest.mark.parametrize("command", ["--version", "doctor"])
def test_a_reader_that_has_enough_is_nothing_wrong(command: str, home: Path) -> None:
    """As under `| head`: the exit code is the one by which a shell tells of any program that nobody reads any more."""
    unread = "import os, sys; end, out = os.pipe(); os.close(end); os.dup2(out, 1); os.execv(sys.argv[1], sys.argv[1:])"
    ran = run_akrim(command, home=home, under=[sys.executable, "-c", unread])
    assert (ran.code, ran.err) == (141, "")


@pytest.mark.usefixtures("warehouse")
def test_an_argument_in_another_encoding_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = told("deliveries", "show", "K\udcf8", patch=monkeypatch, capsys=capsys)
    assert said.startswith("error  It is no text in UTF-8.\n  where: K\ufffd\n")


def test_a_port_that_is_taken_is_told_before_anything_is_started(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = told("up", "--port", str(port), patch=monkeypatch, capsys=capsys)
    assert f"127.0.0.1:{port}" in said
    assert not (home / "postgres").exists()


@pytest.mark.usefixtures("warehouse")
def test_a_file_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = told("keys", "add", "oslo", "nowhere.txt", patch=monkeypatch, capsys=capsys)
    assert "nowhere.txt" in said


def test_a_home_that_cannot_be_made_is_told_before_a_run_tries(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AKRIM_HOME", "/proc/x/home")
    assert "It cannot be made there.\n  where: /proc/x/home" in told(
        "doctor", patch=monkeypatch, capsys=capsys
    )


def test_a_locale_that_is_not_of_utf8_is_told_before_airflow_reads_by_it(home: Path) -> None:
    ascii_alone = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    ran = run_akrim("run", "--period", "2025-T3", home=home, environment=ascii_alone)
    assert ran.code == 1
    assert ran.err.startswith("error  Texts are read as ")
    assert "Set PYTHONUTF8=1" in ran.err


@pytest.mark.parametrize(
    "asked",
    [
        ("quarantine", f"--limit={10**20}"),
        ("link", "review", f"--limit={10**20}"),
        ("link", "review", f"--sample={10**20}"),
        ("retention", "show", "--at=0001-01-01"),
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("warehouse")
def test_a_number_or_day_beyond_what_the_database_takes_is_told(
    asked: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked[-1].partition("=")[0] in told(*asked, patch=monkeypatch, capsys=capsys)


def test_a_day_that_is_none_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "banana" in told("link", "train", "--day", "banana", patch=monkeypatch, capsys=capsys)
