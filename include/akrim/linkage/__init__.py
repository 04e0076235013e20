"""Person linkage: the only code that knows Splink.

Person records of every agency go in, lasting persons come out. Other stages use these names and the tables
linkage.person_records and linkage.person_id_history, nothing else. The names are loaded when first used, since Splink
takes its time to import and most commands do without it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from akrim.linkage.evaluation import Evaluation, evaluate
    from akrim.linkage.explanation import Explanation, explain
    from akrim.linkage.model_file import model_version
    from akrim.linkage.retraining import train_model
    from akrim.linkage.review import RecordKey, decide, review_queue
    from akrim.linkage.run import LinkSummary, link

__all__ = [
    "Evaluation",
    "Explanation",
    "LinkSummary",
    "RecordKey",
    "decide",
    "evaluate",
    "explain",
    "link",
    "model_version",
    "review_queue",
    "train_model",
]

_HOMES = {
    "Evaluation": "evaluation",
    "Explanation": "explanation",
    "LinkSummary": "run",
    "RecordKey": "review",
    "decide": "review",
    "evaluate": "evaluation",
    "explain": "explanation",
    "link": "run",
    "model_version": "model_file",
    "review_queue": "review",
    "train_model": "retraining",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
