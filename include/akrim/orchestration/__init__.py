"""Runs the pipeline: the assets between DAGs, the functions of their tasks, Airflow's settings, and running in process.

A DAG file, and nothing else, uses the modules `assets`, `faults`, `layers` and the steps. `airflow`, `alerts` and `pinning` are faces
too. Importing this package does not import Airflow, whose environment must be set first.
"""

from akrim.orchestration.airflow.cleaning import clean_airflow
from akrim.orchestration.airflow.internals import require_dag, start_run
from akrim.orchestration.local.in_process import RunOutcome, assess, receive_all, replay, run
from akrim.orchestration.locks import lock_assessment, unlock_assessment
from akrim.orchestration.readiness import awaited_period, missing_agencies

__all__ = [
    "RunOutcome",
    "assess",
    "awaited_period",
    "clean_airflow",
    "lock_assessment",
    "missing_agencies",
    "receive_all",
    "replay",
    "require_dag",
    "run",
    "start_run",
    "unlock_assessment",
]
