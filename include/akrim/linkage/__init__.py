"""Person linkage: the only code that knows Splink.

Person records of every agency go in, lasting persons come out. Other stages use these names and the tables
linkage.person_records and linkage.person_id_history, nothing else. The names are loaded when first used, since Splink
takes its time to import and most commands do without it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from akrim.linkage.incremental.full_check import FullCheck, check_in_full
    from akrim.linkage.incremental.state_files import forget_kept
    from akrim.linkage.model.file import chosen_model, list_models, model_version
    from akrim.linkage.quality.evaluation import Evaluation, evaluate
    from akrim.linkage.quality.metrics import Figure, Quality, read_quality
    from akrim.linkage.quality.model_card import model_card
    from akrim.linkage.quality.review_samples import Sample, draw_sample
    from akrim.linkage.review.decisions import (
        Agreement,
        Decision,
        RecordKey,
        agreement,
        decide,
        pairs_to_read_again,
        record_decisions,
        review_queue,
    )
    from akrim.linkage.review.explanation import Explanation, explain, linkage_words
    from akrim.linkage.run import LinkSummary, link
    from akrim.linkage.training_run import train_model

__all__ = [
    "Agreement",
    "Decision",
    "Evaluation",
    "Explanation",
    "Figure",
    "FullCheck",
    "LinkSummary",
    "Quality",
    "RecordKey",
    "Sample",
    "agreement",
    "check_in_full",
    "chosen_model",
    "decide",
    "draw_sample",
    "evaluate",
    "explain",
    "forget_kept",
    "link",
    "linkage_words",
    "list_models",
    "model_card",
    "model_version",
    "pairs_to_read_again",
    "read_quality",
    "record_decisions",
    "review_queue",
    "train_model",
]

_HOMES = {
    "Agreement": "review.decisions",
    "Decision": "review.decisions",
    "Evaluation": "quality.evaluation",
    "Explanation": "review.explanation",
    "Figure": "quality.metrics",
    "FullCheck": "incremental.full_check",
    "LinkSummary": "run",
    "Quality": "quality.metrics",
    "RecordKey": "review.decisions",
    "Sample": "quality.review_samples",
    "agreement": "review.decisions",
    "check_in_full": "incremental.full_check",
    "chosen_model": "model.file",
    "decide": "review.decisions",
    "draw_sample": "quality.review_samples",
    "evaluate": "quality.evaluation",
    "explain": "review.explanation",
    "forget_kept": "incremental.state_files",
    "link": "run",
    "linkage_words": "review.explanation",
    "list_models": "model.file",
    "model_card": "quality.model_card",
    "model_version": "model.file",
    "pairs_to_read_again": "review.decisions",
    "read_quality": "quality.metrics",
    "record_decisions": "review.decisions",
    "review_queue": "review.decisions",
    "train_model": "training_run",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
