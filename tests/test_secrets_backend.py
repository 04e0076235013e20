"""Secrets from the backend that Airflow is configured with, by Airflow's own that reads files."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from akrim import secrets_backend
from akrim.errors import UserError
from akrim.settings import Settings, read_settings
from akrim.settings.settings import SECRET

from tests.installation import inherited

LOCAL = "airflow.secrets.local_filesystem.LocalFilesystemBackend"
OSLO = "postgresql://akrim_centre_oslo:hemmelig@db/akrim"


def configured(path: Path, held: object) -> dict[str, str]:
    path.write_text(json.dumps(held))
    return {
        "AIRFLOW__SECRETS__BACKEND": LOCAL,
        "AIRFLOW__SECRETS__BACKEND_KWARGS": json.dumps({"variables_file_path": str(path)}),
    }


def test_secrets_that_stand_nowhere_else_are_read_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = {
        "akrim_smtp_password": "hemmelig",
        "akrim_alert_webhook": "https://backend.example.org",
        "akrim_centre_database_urls": json.dumps({"oslo": OSLO}),
        "akrim_language": "en",
    }
    for name, value in configured(tmp_path / "held.json", held).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AKRIM_ALERT_WEBHOOK", "https://environment.example.org")
    settings = read_settings()
    assert settings.smtp_password.get_secret_value() == "hemmelig"
    assert settings.centre_database_urls == {"oslo": OSLO}
    assert settings.alert_webhook.get_secret_value() == "https://environment.example.org"
    assert settings.language == "nb", "it is no secret, and not asked for"
    assert settings.database_url is None


def test_without_one_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW__SECRETS__BACKEND", raising=False)
    before = secrets_backend._ask.cache_info()
    read_settings()
    assert secrets_backend._ask.cache_info() == before


@pytest.mark.parametrize(
    "held", [None, {"akrim_centre_database_urls": "{hemmelig"}], ids=["no file", "no JSON"]
)
def test_what_cannot_be_asked_or_read_is_told_without_a_secret(
    held: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in configured(tmp_path / "hemmelig.json", held).items():
        monkeypatch.setenv(name, value)
    if held is None:
        (tmp_path / "hemmelig.json").unlink()
    with pytest.raises(UserError) as refused:
        read_settings()
    assert refused.value.where == ("AKRIM_CENTRE_DATABASE_URLS" if held else "AIRFLOW__SECRETS__BACKEND")
    assert refused.value.next_step
    assert "hemmelig" not in str(refused.value)


def test_a_service_finds_airflows_database_by_it(tmp_path: Path, home: Path) -> None:
    held = dict.fromkeys(
        ("akrim_database_url", "akrim_airflow_database_url"), "postgresql://role:hemmelig@db/name"
    )
    command = ["config", "get-value", "database", "sql_alchemy_conn"]
    told = subprocess.run(
        [sys.executable, "-m", "akrim.orchestration.airflow.airflow_cli", *command],
        env={**inherited(), **configured(tmp_path / "held.json", held), "AKRIM_HOME": str(home)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.stdout.splitlines()[-1:] == ["postgresql+psycopg://role:hemmelig@db/name"], told.stderr


def test_what_is_secret_is_what_holds_a_password() -> None:
    """By its type, or by its being the address of a database."""
    assert {
        name
        for name, field in Settings.model_fields.items()
        if "SecretStr" in repr(field.annotation) or "database_url" in name
    } == SECRET
