"""Airflow's configuration: derived from our settings, private, silent."""

import os
import stat
from pathlib import Path

import pytest
from akrim.errors import UserError
from akrim.orchestration.airflow import configuration
from sqlalchemy import make_url

from tests.conftest import configure


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_walk_has_a_database_of_its_own_and_no_second_try(home: Path) -> None:
    environment = configuration.for_walk()
    assert environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == f"sqlite:///{home}/airflow/walk.sqlite"
    assert environment["AIRFLOW__CORE__DEFAULT_TASK_RETRIES"] == "0"
    assert mode(home / "airflow") == 0o700


def test_the_walks_database_lies_in_a_home_of_any_name(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(monkeypatch, AKRIM_HOME=str(tmp_path / "50% æ, %41?b#c"))
    address = make_url(configuration.for_walk()["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    assert (address.database, dict(address.query)) == (str(configuration.walk_database()), {})


@pytest.mark.usefixtures("warehouse")
def test_the_services_share_secrets_that_nobody_else_reads(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(monkeypatch, AKRIM_AIRFLOW_DATABASE_URL="postgresql://airflow@db/airflow")
    first, second = configuration.for_services(), configuration.for_services()
    assert first == second
    assert first["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == "postgresql+psycopg://airflow@db/airflow"
    assert len(first["AIRFLOW__API_AUTH__JWT_SECRET"]) >= 64
    assert {mode(path) for path in (home / "airflow").iterdir() if path.is_file()} == {0o600}


@pytest.mark.usefixtures("warehouse")
def test_no_variable_takes_the_place_of_a_part_of_a_password(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(monkeypatch, AKRIM_AIRFLOW_DATABASE_URL="postgresql://airflow:a$HOME%25b@db/airflow")
    address = configuration.for_services()["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    assert address == os.path.expandvars(address)  # as Airflow does
    assert (make_url(address).username, make_url(address).password) == ("airflow", "a$HOME%b")


@pytest.mark.usefixtures("warehouse")
def test_airflow_is_not_put_into_the_warehouse(home: Path) -> None:
    with pytest.raises(UserError, match="database of its own"):
        configuration.for_services()


def test_no_tool_reports_to_anybody(home: Path) -> None:
    values = configuration.for_walk()
    assert values["AIRFLOW__COSMOS__ENABLE_TELEMETRY"] == "False"
    assert values["DBT_SEND_ANONYMOUS_USAGE_STATS"] == "false"
    assert values["GX_ANALYTICS_ENABLED"] == "false"
    assert values["OTEL_SDK_DISABLED"] == "true"


def test_what_the_environment_says_wins(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__PARALLELISM", "9")
    configuration.apply({"AIRFLOW__CORE__PARALLELISM": "4"})
    assert os.environ["AIRFLOW__CORE__PARALLELISM"] == "9"
