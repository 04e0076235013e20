"""The table of deliveries is read as a table, wherever it is printed, and says what is missing, unchanged, empty or stale."""

import json
from pathlib import Path

import psycopg
import pytest
import typer
from akrim.cli import app as of_everything
from akrim.commands.deliveries import app
from akrim.commands.doctor import doctor
from akrim.errors import UserError
from typer.testing import CliRunner

from tests.deliveries.building import delta_delivery, full_delivery
from tests.deliveries.conftest import Receiver

LONG_ID = "sentrene-2025-T3.1-stavanger-f5626c90aec7"


def test_no_number_or_code_is_broken_over_lines(warehouse: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "insert into meta.deliveries (delivery_id, manifest_sha256, agency, period, mode, status, folder,"
            " folder_fingerprint) values (%s, repeat('0', 64), 'sentrene', '2025-T3', 'delta', 'accepted', '', '')",
            [LONG_ID],
        )
    printed = CliRunner().invoke(app, ["--agency", "sentrene"]).output.splitlines()
    assert [line.split()[:4] for line in printed] == [
        ["delivery_id", "status", "period", "mode"],
        [LONG_ID, "accepted", "2025-T3", "delta"],
    ]


def told(*arguments: str) -> list[dict[str, object]]:
    result = CliRunner().invoke(app, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    return list(json.loads(result.output))


def test_what_another_took_the_place_of_is_told_until_that_is_withdrawn(warehouse: str) -> None:
    came = (("nav-2025-T3-01", None), ("nav-2025-T3-02", "nav-2025-T3-01"))
    with psycopg.connect(warehouse) as connection:
        for row in came:
            connection.execute(
                "insert into meta.deliveries (delivery_id, manifest_sha256, agency, period, mode, status, folder, folder_fingerprint, supersedes)"
                " values (%s, repeat('0', 64), 'nav', '2025-T3', 'full', 'accepted', '', '', %s)",
                row,
            )
    assert details("nav") == ["Replaced by nav-2025-T3-02.", None]
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "insert into meta.delivery_withdrawals (delivery_id, by_name, reason) values ('nav-2025-T3-02', 'kari', 'wrong')"
        )
    assert details("nav") == [None, "kari: wrong"]


def details(agency: str) -> list[object]:
    return [row["detail"] for row in told("--agency", agency) if row["delivery_id"]]


@pytest.fixture
def three_periods(warehouse: str, tmp_path: Path) -> None:
    """Nav delivers the same again and again, the last time without a case."""
    second, third = full_delivery("nav", period="2026-T1"), full_delivery("nav", period="2026-T2")
    third.manifest["delivered_at"] = "2026-09-02T06:00:00+02:00"
    third.rows["saker"] = []
    (tmp_path / "inbox").mkdir()
    Receiver(tmp_path / "inbox", warehouse)(full_delivery("nav"), second, third)


@pytest.mark.usefixtures("three_periods")
def test_the_list_says_what_is_unchanged_empty_stale_and_missing() -> None:
    accepted = [row["extracts"] for row in told("--agency", "nav") if row["status"] == "accepted"]
    assert accepted == [
        [],
        ["lonnsgaranti: unchanged since 2025-12-31", "personer: unchanged since 2025-12-31", "saker: unchanged since 2025-12-31"],
        [
            "lonnsgaranti: unchanged since 2025-12-31, stale", "personer: unchanged since 2025-12-31, stale",
            "saker: empty, 3 rows before, stale",
        ],
    ]  # fmt: skip
    missing = [(row["period"], row["detail"]) for row in told() if row["status"] == "missing"]
    assert missing == [
        ("2026-T2", f"{agency} has not delivered")
        for agency in ("arbeidstilsynet", "brreg", "politiet", "skatteetaten")
    ]
    assert [row["period"] for row in told("--agency", "politiet", "--period", "2026-T1")] == ["2026-T1"]


def test_a_centre_that_answers_little_or_the_same_again_lacks_nothing(warehouse: str, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    nothing = delta_delivery("sentrene", {"beslutninger": [], "informasjonstiltak": []}, number=3)
    receive = Receiver(tmp_path / "inbox", warehouse)
    receive(full_delivery("sentrene"), full_delivery("sentrene", number=2), nothing)
    listed = told("--agency", "sentrene")
    assert [(row["status"], row["extracts"]) for row in listed] == [("accepted", [])] * 3


@pytest.mark.usefixtures("three_periods")
def test_one_delivery_is_shown_extract_by_extract_and_confirmed() -> None:
    runner = CliRunner()
    confirmed = runner.invoke(
        app, ["confirm", "nav-2026-T2-01", "saker", "--by", "Kari Vakt", "--reason", "ingen i år"]
    )
    assert "akrim run --period 2026-T2" in confirmed.output
    shown = {row["extract"]: row for row in told("show", "nav-2026-T2-01")}
    assert shown["saker"] == {
        "extract": "saker", "state": "empty", "as_of": "2026-08-31", "days_old": 0, "is_stale": False, "rows": 0, "rows_usual": 3,
        "is_confirmed": True, "by_name": "Kari Vakt", "reason": "ingen i år",
    }  # fmt: skip
    assert (shown["personer"]["state"], shown["personer"]["days_old"]) == ("unchanged", 243)
    assert "saker: empty, 3 rows before, confirmed by Kari Vakt" in told("--period", "2026-T2")[0]["extracts"]


@pytest.mark.usefixtures("three_periods")
@pytest.mark.parametrize(
    ("command", "asked", "kind", "there_is"),
    [
        (app, ["--agency"], "agency", "arbeidstilsynet, brreg, nav"),
        (app, ["--period"], "period", "2026-T2, 2026-T1, 2025-T3."),
        (app, ["show"], "delivery", "nav-2025-T3-01, nav-2026-T1-01, nav-2026-T2-01."),
        (of_everything, ["quarantine", "--agency"], "agency", "arbeidstilsynet, brreg, nav"),
        (of_everything, ["quarantine", "--delivery"], "delivery", "nav-2025-T3-01, nav-2026-T1-01, nav-2026-T2-01."),
    ],
)  # fmt: skip
def test_what_is_not_there_is_an_error_that_names_what_is(
    command: typer.Typer, asked: list[str], kind: str, there_is: str
) -> None:
    for name in ("2031-T1",) if kind == "period" else ("nobody", ""):
        error = CliRunner().invoke(command, [*asked, name]).exception
        assert isinstance(error, UserError), name
        assert error.what == f"There is no {kind} {name or '(empty)'}."
        assert there_is in error.next_step


ROW = """insert into meta.deliveries (delivery_id, manifest_sha256, agency, period, mode, status, reason, folder, folder_fingerprint)
values (%s, repeat('1', 64), 'nav', %s, 'full', %s, %s, '', '')"""


def test_what_came_without_a_period_is_none_to_ask_for(warehouse: str) -> None:
    """As where the manifest could not be read."""
    with psycopg.connect(warehouse) as connection:
        connection.execute(ROW, ["nav-unreadable", None, "refused", "manifest_unreadable"])
        connection.execute(ROW, ["nav-2025-T3-01", "2025-T3", "accepted", None])
    error = CliRunner().invoke(app, ["--period", "2031-T1"]).exception
    assert isinstance(error, UserError)
    assert error.next_step == "There are: 2025-T3."


def test_the_doctor_says_why_what_came_is_not_assessed(warehouse: str, home: Path) -> None:
    home.mkdir(mode=0o700)
    look = doctor.CHECKS["deliveries"]
    assert not isinstance(look(), doctor.Caution)
    with psycopg.connect(warehouse) as connection:
        connection.execute(ROW, ["nav-2025-T3-01", "2025-T3", "accepted", None])
        connection.execute(ROW, ["nav-2130-T1-01", "2130-T1", "accepted", None])
        connection.commit()
        connection.execute(ROW, ["nav-2025-T3-02", "2025-T3", "refused", "rows_mismatch"])
    told = look()
    assert isinstance(told, doctor.Caution)
    assert "Delivery nav-2130-T1-01 is for 2130-T1, which is not over" in told
    assert "`akrim deliveries withdraw nav-2130-T1-01 --by NAME --reason WHY`" in told, "and what to do"
    assert "Delivery nav-2025-T3-02 was refused (rows_mismatch)" in told
    with psycopg.connect(warehouse) as connection:
        connection.execute(ROW, ["nav-2025-T3-03", "2025-T3", "accepted", None])
    assert "refused" not in look()
