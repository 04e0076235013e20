"""Runs the pipeline: the assets between DAGs, the functions of their tasks, Airflow's settings, and running in process.

A DAG file uses `assets`, `steps` and `layers`. Importing this package does not import Airflow, whose environment
`configuration` must set first.
"""

from akrim.orchestration.local.in_process import RunOutcome, receive_all, run

__all__ = ["RunOutcome", "receive_all", "run"]
