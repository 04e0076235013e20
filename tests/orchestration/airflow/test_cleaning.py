"""Airflow's own records of old runs leave its metadata database, by its own command."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import psycopg
import pytest
from akrim.errors import UserError
from akrim.orchestration.airflow import cleaning
from akrim.orchestration.airflow.cleaning import clean_metadata

from tests.conftest import configure, create_database, drop_database

NAME = "airflow_to_clean"


def test_records_from_before_a_day_are_removed_and_newer_stay(
    server: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_database(server, NAME)
    try:
        configure(monkeypatch, AKRIM_DATABASE_URL=server.format(NAME))
        assert not clean_metadata(date(2026, 8, 28)), "a warehouse of yours without Airflow's database"
        configure(monkeypatch, AKRIM_AIRFLOW_DATABASE_URL=server.format(NAME))
        assert not clean_metadata(date(2026, 8, 28)), "no service has ever run"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW__")}
        command = [sys.executable, "-m", "akrim.orchestration.airflow.airflow_cli", "db", "migrate"]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        with psycopg.connect(server.format(NAME)) as connection:
            for day in ("2026-08-27", "2026-08-29"):
                connection.execute("insert into log (dttm, event, extra) values (%s, 'cli', %s)", [day, day])
        assert clean_metadata(date(2026, 8, 28))
        with psycopg.connect(server.format(NAME)) as connection:
            left = connection.execute(
                "select extra from log where event = 'cli' and extra ~ '^2026-08'"
            ).fetchall()
            archives = connection.execute(
                "select 1 from pg_tables where tablename like '\\_airflow\\_deleted%'"
            ).fetchall()
        assert (left, archives) == ([("2026-08-29",)], [])
    finally:
        drop_database(server, NAME)


@pytest.mark.parametrize(
    ("printed", "told"), [("", "it ended with 3"), ("first\nNo such table\n", "No such table")]
)
def test_why_they_could_not_be_removed_is_told_in_airflows_last_line(
    home: Path, monkeypatch: pytest.MonkeyPatch, printed: str, told: str
) -> None:
    configure(monkeypatch, AKRIM_AIRFLOW_DATABASE_URL="postgresql://airflow@host/airflow")
    monkeypatch.setattr(cleaning, "_is_there", lambda: True)
    ended = subprocess.CompletedProcess([], 3, "", printed)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: ended)
    with pytest.raises(UserError, match=f"old records: {told}\n"):
        clean_metadata(date(2026, 8, 28))
