"""Runs the pipeline: the assets between DAGs, the functions of their tasks, Airflow's settings, and running in process.

A DAG file, and nothing else, uses the modules `assets`, `faults`, `layers` and the steps. `airflow`, `alerts`, `local` and `pinning` are
faces too. Importing this package does not import Airflow, whose environment must be set first, nor what only some tasks use:
each task of Airflow's has a process of its own, which pays for it.
"""

from akrim.orchestration.airflow.internals import require_dag, start_run
from akrim.orchestration.locks import assessment_lock
from akrim.orchestration.readiness import awaited_period, missing_agencies

__all__ = ["assessment_lock", "awaited_period", "missing_agencies", "require_dag", "start_run"]
