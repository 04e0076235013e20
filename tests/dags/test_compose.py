"""docker-compose.yml: what it says is whole, keeps secrets out of it, and opens nothing that need not be open."""

import base64
import hashlib
import hmac
import os
import re
import subprocess
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from akrim.settings import Settings
from akrim.settings.settings import SECRET, SECRET_FOLDERS
from akrim.warehouse import embedded
from pydantic_settings.sources import read_env_file

from tests.dags.conftest import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if name != "postgres"}


def test_every_service_of_airflow_is_there_beside_a_real_database() -> None:
    assert set(OURS) == {"init", "api-server", "scheduler", "dag-processor", "triggerer"}
    assert SERVICES["postgres"]["image"].startswith("postgres:")


def test_all_are_made_of_one_image() -> None:
    assert {(service["image"], service["build"]["context"]) for service in OURS.values()} == {
        ("akrim:latest", ".")
    }


def test_the_image_is_told_of_its_commit() -> None:
    """By a name that is a setting, and as whoever looks at the image from outside expects it."""
    asked = {name for service in OURS.values() for name in service["build"]["args"]}
    assert asked == {"AKRIM_COMMIT"}
    file = (ROOT / "Dockerfile").read_text()
    for line in (
        'ARG AKRIM_COMMIT=""',
        "ENV AKRIM_COMMIT=$AKRIM_COMMIT",
        "LABEL org.opencontainers.image.revision=$AKRIM_COMMIT",
    ):
        assert f"\n{line}\n" in file.rpartition("\nFROM ")[2]


def test_what_is_used_is_declared() -> None:
    for service in SERVICES.values():
        assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
        assert set(service.get("depends_on", ())) <= set(SERVICES)
        named = {volume.split(":")[0] for volume in service["volumes"] if re.match(r"[a-z]", volume)}
        assert named <= set(COMPOSE["volumes"])


def test_the_configs_are_there() -> None:
    for source in (config["file"] for config in COMPOSE["configs"].values() if "file" in config):
        assert (ROOT / source).is_file()
    used = {entry["source"] for service in SERVICES.values() for entry in service.get("configs", ())}
    assert used == COMPOSE["configs"].keys()


def test_the_databases_are_made_for_roles_that_own_no_more(tmp_path: Path) -> None:
    """The script as the image would run it, on a server that has none of it yet."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    for role in ("akrim", "akrim_analyst", "airflow"):
        (folder / f"{role}_password").write_text(f"it's {role}'s")
    logins = tmp_path / "logins"
    logins.mkdir()
    for role in ("akrim_clerk", "akrim_centre_oslo", "akrim_auditor"):
        (logins / f"{role}_password").write_text("" if role == "akrim_auditor" else f"it's {role}'s")
    script = COMPOSE["configs"]["databases"]["content"].replace("$$", "$")
    script = (
        script.replace("/run/secrets", str(folder))
        .replace("/run/logins", str(logins))
        .replace("/rights.sql", str(ROOT / COMPOSE["configs"]["database_rights"]["file"]))
        .replace("/passwords.sh", str(ROOT / COMPOSE["configs"]["passwords"]["file"]))
    )
    socket = embedded.ensure_running(tmp_path / "postgres")
    with embedded.administer(socket) as connection:
        connection.execute("drop database akrim with (force)")
        connection.execute("drop database airflow with (force)")
    path = f"{embedded.binaries()}:{os.environ['PATH']}"
    ran = subprocess.run(
        ["/bin/bash", "-e", "-c", script],
        env={"PATH": path, "PGHOST": str(socket), "PGUSER": "postgres", "PGDATABASE": "postgres"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert {line.split()[0] for line in ran.stderr.splitlines()} == {"Enter"}, ran.stderr
    with embedded.administer(socket) as connection:
        owners = connection.execute(
            "select datname, datdba::regrole::text from pg_database where datname in ('akrim', 'airflow') order by 1"
        ).fetchall()
        with_password = connection.execute(
            "select rolname from pg_authid where rolpassword is not null order by 1"
        ).fetchall()
    assert owners == [("airflow", "airflow"), ("akrim", "akrim")]
    assert with_password == [
        ("airflow",),
        ("akrim",),
        ("akrim_analyst",),
        ("akrim_centre_oslo",),
        ("akrim_clerk",),
    ]


def test_a_login_is_given_its_password_later_and_it_is_seen_nowhere(tmp_path: Path) -> None:
    """Neither on a command line nor in a statement that the server logs; what the server keeps is the password's own secret."""
    password, logins = "s\\ecret 'of' \"Oslo\" æ", tmp_path / "logins"
    logins.mkdir()
    (logins / "akrim_centre_oslo_password").write_text(password + "\n", encoding="utf-8")
    (logins / "postgres_password").write_text("not ours to set")
    socket = embedded.ensure_running(tmp_path / "postgres")
    ran = subprocess.run(
        ["/bin/bash", "-x", str(ROOT / COMPOSE["configs"]["passwords"]["file"]), str(logins)],
        env={
            "PATH": f"{embedded.binaries()}:{os.environ['PATH']}", "PGHOST": str(socket), "PGUSER": "postgres",
            "PGDATABASE": "postgres", "PGOPTIONS": "-c log_statement=all -c log_min_messages=log", "PS4": "+ ",
        },
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    commands = [line for line in ran.stderr.splitlines() if " setsid " in line]
    assert commands
    assert "ecret" not in str(commands)
    log = (tmp_path / "postgres" / "server.log").read_text()
    assert "SCRAM-SHA-256$" in log
    assert "ecret" not in log
    with embedded.administer(socket) as connection:
        kept = connection.execute(
            "select rolname, rolpassword from pg_authid where rolpassword is not null"
        ).fetchall()
    ((role, secret),) = kept
    iterations, salt, stored, _ = re.fullmatch(r"SCRAM-SHA-256\$(\d+):(.+)\$(.+):(.+)", secret).groups()
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(iterations))
    key = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    assert (role, stored) == ("akrim_centre_oslo", base64.b64encode(key).decode())


def test_the_guide_makes_every_secret_for_the_one_that_reads_it(tmp_path: Path) -> None:
    """The official image of PostgreSQL runs what lays roles as uid 999; secrets that are files keep their owner and mode."""
    guide = (ROOT / "docs" / "engineers.md").read_text("utf-8")
    block = guide.partition("### In containers")[2].partition("```shell\n")[2].partition("```")[0]
    if os.geteuid() != 0:
        block = re.sub(r"^chown .*\n", "", block, flags=re.MULTILINE)
    subprocess.run(["/bin/sh", "-e", "-c", block], cwd=tmp_path, check=True, timeout=60)
    readers: dict[str, set[str]] = {}
    for name, service in SERVICES.items():
        for secret in service["secrets"]:
            readers.setdefault(secret, set()).add("postgres" if name == "postgres" else "ours")
    assert readers.keys() == COMPOSE["secrets"].keys()
    for name, (reader,) in readers.items():
        path = tmp_path / COMPOSE["secrets"][name]["file"]
        assert path.stat().st_mode & 0o777 == 0o600
        if os.geteuid() == 0:
            assert path.stat().st_uid == {"postgres": 999, "ours": 10001}[reader]
    for role, database in (("akrim", "akrim"), ("akrim_analyst", "akrim"), ("airflow", "airflow")):
        password = (tmp_path / "secrets" / f"{role}_password").read_text()
        address = f"{role if role != 'airflow' else 'akrim_airflow'}_database_url"
        assert len(password) == 48
        assert (
            tmp_path / "secrets" / address
        ).read_text() == f"postgresql://{role}:{password}@postgres/{database}"


def test_no_secret_is_written_down() -> None:
    assert all("file" in secret for secret in COMPOSE["secrets"].values())
    for service in SERVICES.values():
        for name, value in service["environment"].items():
            assert "PASSWORD" not in name or name.endswith("_FILE")
            assert "postgresql" not in (value or "")


# Where its volumes are mounted, where its code lies, and what that is.
OF_THE_IMAGE = {"home", "project_root", "commit"}


@pytest.mark.parametrize("service", OURS)
def test_every_setting_reaches_every_service(service: str) -> None:
    """By its variable, passed on as it is set; or, where it holds a secret, by a file in a folder that is mounted for the purpose."""
    environment = OURS[service]["environment"]
    written = {name for name in Settings.model_fields if f"AKRIM_{name}".upper() in environment}
    assert written | SECRET | OF_THE_IMAGE == Settings.model_fields.keys()
    assert not written & (SECRET | OF_THE_IMAGE)
    for name in written:
        value = environment[f"AKRIM_{name}".upper()]
        assert value is None or value.startswith(f"${{AKRIM_{name.upper()}:-"), "what is set is passed on"
    folders = {volume.split(":")[1] for volume in OURS[service]["volumes"] if "/secrets/services:" in volume}
    assert folders <= {str(folder) for folder in SECRET_FOLDERS}
    assert folders
    assert OURS[service]["env_file"] == [{"path": ".env", "required": False}]


def test_a_setting_that_is_secret_is_read_from_either_folder(tmp_path: Path) -> None:
    for name, value in (("engine", "akrim_smtp_password"), ("mounted", "akrim_alert_webhook")):
        (tmp_path / name).mkdir()
        (tmp_path / name / value).write_text(f"https://{name}.example.org")
    given = Settings(_secrets_dir=[tmp_path / "engine", tmp_path / "mounted"])
    assert given.smtp_password.get_secret_value() == "https://engine.example.org"
    assert given.alert_webhook.get_secret_value() == "https://mounted.example.org"


def test_the_guides_own_settings_are_read_as_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = (ROOT / "docs" / "engineers.md").read_text("utf-8")
    block = guide.partition("### In containers")[2].partition("```sh\n")[2].partition("```")[0]
    (tmp_path / ".env").write_text(block)
    given = read_env_file(tmp_path / ".env", case_sensitive=True)
    assert given.keys() - OURS["init"]["environment"].keys() == {"AIRFLOW__LOGGING__LOGGING_LEVEL"}
    for name, value in given.items():
        monkeypatch.setenv(name, str(value))
    assert (Settings().approval, Settings().alert_mail) == ("always", ["drift@example.org"])


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "init"])
def test_a_service_that_stays_says_when_it_is_well(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_services_start_in_order() -> None:
    assert SERVICES["init"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in set(OURS) - {"init"}:
        assert SERVICES[name]["depends_on"]["init"] == {"condition": "service_completed_successfully"}


def test_only_the_pages_are_reached_from_outside_and_only_from_this_machine() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert ports == {"api-server": ["127.0.0.1:8080:8080"]}


def test_the_image_runs_as_an_ordinary_user() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert "USER akrim" in lines
    assert lines.index("USER akrim") < next(
        i for i, line in enumerate(lines) if line.startswith("ENTRYPOINT")
    )
    for service in OURS.values():
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"] is True
        written = {volume.split(":")[1] for volume in service["volumes"] if not volume.endswith(":ro")}
        assert written == {"/var/lib/akrim"}
        assert [mount.split(":")[0] for mount in service["tmpfs"]] == ["/tmp"]  # noqa: S108  # the image's own


def test_users_can_come_from_an_identity_provider(airflow: None) -> None:
    """Every service gets the manager and options that the locked provider has; the secret comes from its file."""
    from airflow.api_fastapi.auth.managers.base_auth_manager import BaseAuthManager
    from airflow.providers.keycloak.get_provider_info import get_provider_info

    beside = yaml.safe_load((ROOT / "docker-compose.oidc.yml").read_text())
    assert beside["services"].keys() == OURS.keys()
    options = get_provider_info()["config"]["keycloak_auth_manager"]["options"]
    for service in beside["services"].values():
        settings = dict(service["environment"])
        module, _, manager = settings.pop("AIRFLOW__CORE__AUTH_MANAGER").rpartition(".")
        assert issubclass(getattr(import_module(module), manager), BaseAuthManager)
        named = {
            name.removeprefix("AIRFLOW__KEYCLOAK_AUTH_MANAGER__").lower().removesuffix("_cmd")
            for name in settings
        }
        assert named <= options.keys()
        assert {"client_id", "client_secret", "realm", "server_url"} <= named
        assert "AIRFLOW__KEYCLOAK_AUTH_MANAGER__CLIENT_SECRET" not in settings
        assert set(service["secrets"]) == {*OURS["init"]["secrets"], *beside["secrets"]}


def test_the_image_is_built_from_all_that_the_wheel_holds() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {Path(path).parts[0] for path in wheel["only-include"]} | {
        "pyproject.toml",
        "README.md",
        "locks",
        "requirements.lock",
    }
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert needed <= allowed
    assert {name for name in allowed if not (ROOT / name).exists()} == set()


def test_the_image_can_do_all_that_the_extras_offer() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    # Spark and its Java would double the image for the few who have a cluster; the guide says how to add them.
    offered = {
        re.match(r"[a-z0-9-]+", needed)[0]
        for name in extras.keys() - {"dev", "spark"}
        for needed in extras[name]
    }
    locked = re.findall(r"^([a-z0-9-]+)==", (ROOT / "locks" / "runtime.lock").read_text(), re.MULTILINE)
    assert offered <= set(locked)
    assert {
        "s3fs",
        "paramiko",
        "apache-airflow-providers-openlineage",
        "apache-airflow-providers-celery",
    } <= offered
