"""Person linkage: finds the records of all agencies that describe one person, and gives persons lasting ids.

No other package imports Splink. Other packages use these names and the tables that tables.yml says linkage publishes,
nothing else. The names are imported on first use, since importing Splink is slow and most commands do without it.
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
    from akrim.linkage.review.explanation import explain
    from akrim.linkage.review.verdicts import read_verdicts, restore_verdicts
    from akrim.linkage.run import link
    from akrim.linkage.store.erasing import erase_person
    from akrim.linkage.training_run import train_model

_NAMES = {
    "incremental.full_check": "check_in_full",
    "model.file": "chosen_model list_models model_version",
    "quality.drift": "Drift",
    "quality.evaluation": "evaluate",
    "quality.metrics": "Figure Quality read_quality",
    "quality.model_card": "model_card",
    "quality.review_samples": "draw_sample",
    "review.decisions": (
        "Decision Reading RecordKey Verdict agreement decide pairs_to_read_again record_decisions review_queue"
    ),
    "review.explanation": "explain",
    "review.verdicts": "read_verdicts restore_verdicts",
    "run": "link",
    "store.erasing": "erase_person",
    "training_run": "train_model",
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names.split()}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
