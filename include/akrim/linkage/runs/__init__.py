"""Whole runs: linking a release, or what would remain of it, training a model, checking a linkage in full or by the truth."""

from akrim.linkage.runs.evaluation import evaluate
from akrim.linkage.runs.full_check import NothingStaged, check_in_full
from akrim.linkage.runs.linking import link
from akrim.linkage.runs.relinking import relink
from akrim.linkage.runs.training import train_model

__all__ = ["NothingStaged", "check_in_full", "evaluate", "link", "relink", "train_model"]
