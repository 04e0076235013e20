"""Clerical review: the pairs for clerks, and their verdicts."""

from akrim.linkage.review.decisions import (
    Decision,
    Reading,
    RecordKey,
    Verdict,
    decide,
    decide_within,
    disagreements,
    findings_on,
    hold_verdicts,
    record_decisions,
    review_queue,
    settle,
    verdicts_on,
)
from akrim.linkage.review.groups import Group, group_of
from akrim.linkage.review.hidden_homes import hide_addresses_from_clerks, hide_from_clerks

__all__ = [
    "Decision",
    "Group",
    "Reading",
    "RecordKey",
    "Verdict",
    "decide",
    "decide_within",
    "disagreements",
    "findings_on",
    "group_of",
    "hide_addresses_from_clerks",
    "hide_from_clerks",
    "hold_verdicts",
    "record_decisions",
    "review_queue",
    "settle",
    "verdicts_on",
]
