"""Runs the DAGs in this process, one after another."""

from akrim.orchestration.local.in_process import ReceptionFailed, RunOutcome, assess, receive_all, replay, run

__all__ = ["ReceptionFailed", "RunOutcome", "assess", "receive_all", "replay", "run"]
