"""deploy/values.yml: what it names is ours or Airflow's, and it starts what docker-compose.yml starts."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from akrim.settings import Settings
from akrim.settings.settings import SECRET, SECRET_FOLDERS

from tests.dags.conftest import ROOT
from tests.dags.test_compose import SERVICES
from tests.installation import inherited

VALUES: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "values.yml").read_text("utf-8"))
GUIDE = (
    (ROOT / "docs" / "engineers.md")
    .read_text("utf-8")
    .partition("### On Kubernetes")[2]
    .partition("\n## ")[0]
)
# As the chart calls them, and as Compose does.
SAME = {
    "migrateDatabaseJob": "init", "apiServer": "api-server", "scheduler": "scheduler", "dagProcessor": "dag-processor",
    "triggerer": "triggerer",
}  # fmt: skip


def test_every_variable_is_a_setting_or_airflows(airflow: None) -> None:
    from airflow.configuration import conf

    known = {
        f"AIRFLOW__{section}__{option}".upper()
        for section, described in conf.configuration_description.items()
        for option in described["options"]
    }
    names = {entry["name"] for entry in VALUES["env"]}
    ours = {f"AKRIM_{name}".upper() for name in Settings.model_fields}
    assert names <= ours | known
    assert names & ours
    assert {name for name, is_taken in VALUES["enableBuiltInSecretEnvVars"].items() if is_taken} <= known
    environment = {entry["name"]: entry["value"] for entry in VALUES["env"]}
    assert environment["AIRFLOW__CORE__EXECUTOR"] == VALUES["executor"], "ours would be another"


def test_the_executor_runs_what_tells_of_a_deadline(airflow: None) -> None:
    """The scheduler ends where it does not."""
    from airflow.executors.executor_loader import ExecutorLoader

    module, _, name = ExecutorLoader.executors[VALUES["executor"]].rpartition(".")
    assert getattr(import_module(module), name).supports_callbacks


def test_services_are_started_and_asked_as_by_compose() -> None:
    assert {chart: VALUES[chart]["args"] for chart in SAME} == {
        chart: SERVICES[compose]["command"] for chart, compose in SAME.items()
    }
    for chart in ("scheduler", "dagProcessor", "triggerer"):
        assert VALUES[chart]["livenessProbe"]["command"] == SERVICES[SAME[chart]]["healthcheck"]["test"][1:]


def test_the_workers_command_is_airflows(airflow: None) -> None:
    from airflow.cli.cli_parser import get_parser

    assert get_parser().parse_args(VALUES["workers"]["args"]).subcommand == "worker"


def test_the_image_can_be_called_as_airflows_own_is(home: Path) -> None:
    """The chart's waiting for migrations calls it so, and cannot be told otherwise."""
    addresses = ("AKRIM_DATABASE_URL", "AKRIM_AIRFLOW_DATABASE_URL")  # neither is asked
    told = subprocess.run(
        [sys.executable, "-m", "akrim.orchestration.airflow.airflow_cli", "airflow", "version"],
        env={**inherited(), "AKRIM_HOME": str(home)} | dict.fromkeys(addresses, "postgresql://nowhere"),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.stdout.splitlines()[-1:] == [VALUES["airflowVersion"]], told.stderr


def test_secrets_are_mounted_where_they_are_read_and_are_settings() -> None:
    mounts = {mount["name"]: mount for mount in VALUES["volumeMounts"]}
    assert mounts.keys() == {volume["name"] for volume in VALUES["volumes"]}
    assert mounts["secrets"]["mountPath"] in {str(folder) for folder in SECRET_FOLDERS}
    assert {name for name, mount in mounts.items() if not mount.get("readOnly")} == {"home", "scratch"}
    made = set(re.findall(r"--from-file=secrets/(?:services/)?akrim_(\w+)", GUIDE))
    assert made >= {"database_url", "analyst_database_url", "airflow_database_url"}
    assert made <= SECRET
    for kind, key in (
        ("persistentVolumeClaim", "claimName"),
        ("configMap", "name"),
        ("secret", "secretName"),
    ):
        for volume in VALUES["volumes"]:
            assert kind not in volume or f"`{volume[kind][key]}`" in GUIDE, (
                "the guide says what must be there"
            )


def test_it_runs_as_the_images_user_and_writes_nothing_of_the_image() -> None:
    uid = int(re.findall(r"useradd --uid (\d+)", (ROOT / "Dockerfile").read_text())[0])
    contexts = VALUES["securityContexts"]
    assert (VALUES["uid"], contexts["pod"]["runAsUser"], contexts["pod"]["runAsNonRoot"]) == (uid, uid, True)
    assert contexts["containers"]["readOnlyRootFilesystem"] is True
    assert contexts["containers"]["capabilities"] == {"drop": SERVICES["scheduler"]["cap_drop"]}
