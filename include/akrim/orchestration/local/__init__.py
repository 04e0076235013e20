"""Runs the DAGs in this process, one after another."""

from akrim.orchestration.local.in_process import RunOutcome, assess, receive_all, replay, run

__all__ = ["RunOutcome", "assess", "receive_all", "replay", "run"]
