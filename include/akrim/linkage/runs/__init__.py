"""Whole runs: linking a release, training a model, checking a linkage in full, and comparing one with the truth."""

from akrim.linkage.runs.evaluation import evaluate
from akrim.linkage.runs.full_check import NothingStaged, check_in_full
from akrim.linkage.runs.linking import link
from akrim.linkage.runs.training import train_model

__all__ = ["NothingStaged", "check_in_full", "evaluate", "link", "train_model"]
