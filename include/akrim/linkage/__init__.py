"""Person linkage: the only code that knows Splink.

Person records of every agency go in, lasting persons come out. Other stages use these names and the tables
linkage.person_records and linkage.person_id_history, nothing else. The names are loaded when first used, since Splink
takes its time to import and most commands do without it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from akrim.linkage.card import model_card
    from akrim.linkage.evaluation import Evaluation, evaluate
    from akrim.linkage.explanation import Explanation, explain, linkage_words
    from akrim.linkage.full_check import FullCheck, check_in_full
    from akrim.linkage.kept import forget_kept
    from akrim.linkage.model_file import chosen_model, list_models, model_version
    from akrim.linkage.quality import Figure, Quality, read_quality
    from akrim.linkage.retraining import train_model
    from akrim.linkage.review import (
        Agreement,
        Decision,
        RecordKey,
        agreement,
        decide,
        pairs_to_read_again,
        record_decisions,
        review_queue,
    )
    from akrim.linkage.run import LinkSummary, link
    from akrim.linkage.sampling import Sample, draw_sample

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
    "Agreement": "review",
    "Decision": "review",
    "Evaluation": "evaluation",
    "Explanation": "explanation",
    "Figure": "quality",
    "FullCheck": "full_check",
    "LinkSummary": "run",
    "Quality": "quality",
    "RecordKey": "review",
    "Sample": "sampling",
    "agreement": "review",
    "check_in_full": "full_check",
    "chosen_model": "model_file",
    "decide": "review",
    "draw_sample": "sampling",
    "evaluate": "evaluation",
    "explain": "explanation",
    "forget_kept": "kept",
    "link": "run",
    "linkage_words": "explanation",
    "list_models": "model_file",
    "model_card": "card",
    "model_version": "model_file",
    "pairs_to_read_again": "review",
    "read_quality": "quality",
    "record_decisions": "review",
    "review_queue": "review",
    "train_model": "retraining",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
