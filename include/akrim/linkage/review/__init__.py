"""Clerical review: the pairs for clerks, and their verdicts."""

from akrim.linkage.review.decisions import (
    Decision,
    Reading,
    RecordKey,
    Verdict,
    decide,
    record_decisions,
    review_queue,
)

__all__ = [
    "Decision",
    "Reading",
    "RecordKey",
    "Verdict",
    "decide",
    "record_decisions",
    "review_queue",
]
