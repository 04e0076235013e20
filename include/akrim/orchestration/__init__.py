"""WHEN made runnable: the assets between the DAGs, the steps that their tasks call, Airflow's settings, and the walk
that runs the same DAGs in process.

A DAG file takes what it wires from `assets`, `steps` and `layers`. Importing this package does not import Airflow,
whose environment `configuration` must set first.
"""

from akrim.orchestration.local.in_process import Outcome, receive_all, run

__all__ = ["Outcome", "receive_all", "run"]
