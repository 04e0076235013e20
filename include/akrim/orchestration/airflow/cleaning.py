"""Removes Airflow's own records of old runs from its metadata database, by its own command."""

import os
import subprocess
import sys
from datetime import date

from akrim.errors import UserError
from akrim.orchestration.airflow import configuration
from akrim.settings import get_settings

ADDRESSES = ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC")


def clean_metadata(before: date) -> bool:
    """Remove what Airflow recorded of runs from before that day; returns whether there is a metadata database to clean.

    Raises UserError where Airflow cannot do it.
    """
    if not _is_there():
        return False
    options = ["--clean-before-timestamp", f"{before}T00:00:00+00:00", "--skip-archive"]
    options += ["--error-on-cleanup-failure", "--yes"]
    command = [sys.executable, "-m", "akrim.orchestration.airflow.airflow_cli", "db", "clean", *options]
    # A task's process is kept from Airflow's database, by an address that leads nowhere.
    addresses = dict.fromkeys(ADDRESSES, configuration.metadata_url())
    environment = {**os.environ, "AKRIM_HOME": str(get_settings().home), **addresses}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  # this very program, no shell
    if done.returncode:
        *_, said = f"it ended with {done.returncode}", *done.stderr.strip().splitlines()
        raise UserError(
            f"Airflow cannot remove its old records: {said}",
            "airflow db clean",
            "See whether its database can be reached, and of which version it is.",
        )
    return True


def _is_there() -> bool:
    """Whether Airflow's services have ever had a database; `akrim run` has another one, made anew each time."""
    import psycopg

    from akrim.warehouse import has_table

    if get_settings().database_url and not get_settings().airflow_database_url:
        return False
    address = configuration.metadata_url().replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(address) as connection:
        return has_table(connection, "dag_run")
