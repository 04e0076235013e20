"""Person linkage: the only code that knows Splink.

Person records of every agency go in, lasting persons come out. Other stages use these names and the tables that
tables.yml says linkage publishes, nothing else. The names are loaded when first used, since Splink
takes its time to import and most commands do without it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from akrim.linkage.incremental.full_check import check_in_full
    from akrim.linkage.model.file import chosen_model, list_models, model_version
    from akrim.linkage.quality.drift import Drift
    from akrim.linkage.quality.evaluation import evaluate
    from akrim.linkage.quality.metrics import Figure, Quality, read_quality
    from akrim.linkage.quality.model_card import model_card
    from akrim.linkage.quality.review_samples import draw_sample
    from akrim.linkage.review.decisions import (
        Decision,
        Reading,
        RecordKey,
        Verdict,
        agreement,
        decide,
        pairs_to_read_again,
        record_decisions,
        review_queue,
    )
    from akrim.linkage.review.explanation import explain, linkage_words
    from akrim.linkage.review.verdicts import read_verdicts, restore_verdicts
    from akrim.linkage.run import link
    from akrim.linkage.store.erasing import erase_person
    from akrim.linkage.training_run import train_model

__all__ = [
    "Decision",
    "Drift",
    "Figure",
    "Quality",
    "Reading",
    "RecordKey",
    "Verdict",
    "agreement",
    "check_in_full",
    "chosen_model",
    "decide",
    "draw_sample",
    "erase_person",
    "evaluate",
    "explain",
    "link",
    "linkage_words",
    "list_models",
    "model_card",
    "model_version",
    "pairs_to_read_again",
    "read_quality",
    "read_verdicts",
    "record_decisions",
    "restore_verdicts",
    "review_queue",
    "train_model",
]

_HOMES = {
    "Decision": "review.decisions",
    "Drift": "quality.drift",
    "Figure": "quality.metrics",
    "Quality": "quality.metrics",
    "Reading": "review.decisions",
    "RecordKey": "review.decisions",
    "Verdict": "review.decisions",
    "agreement": "review.decisions",
    "check_in_full": "incremental.full_check",
    "chosen_model": "model.file",
    "decide": "review.decisions",
    "draw_sample": "quality.review_samples",
    "erase_person": "store.erasing",
    "evaluate": "quality.evaluation",
    "explain": "review.explanation",
    "link": "run",
    "linkage_words": "review.explanation",
    "list_models": "model.file",
    "model_card": "quality.model_card",
    "model_version": "model.file",
    "pairs_to_read_again": "review.decisions",
    "read_quality": "quality.metrics",
    "read_verdicts": "review.verdicts",
    "record_decisions": "review.decisions",
    "restore_verdicts": "review.verdicts",
    "review_queue": "review.decisions",
    "train_model": "training_run",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
