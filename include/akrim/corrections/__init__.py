"""Correction cases: what is disputed, and what a release leaves out because of it.

A fact is left out in one of two places, by whose row it is: the disputant's own row by the function `undisputed` of its
extract (deliveries/landing.py), a row that others share by the macro `undisputed` (dbt_project/macros/disputes.sql).
"""

from akrim.corrections.disclosed import disputes_for, disputes_in
from akrim.corrections.disputants import records_shown
from akrim.corrections.erasing import erase_disputes
from akrim.corrections.register import (
    Dispute,
    DisputeKind,
    cases,
    close_case,
    hold_cases,
    open_case,
    suppressed_rows,
)
from akrim.corrections.removal import case_rows, forget_case, verdicts_of_open_cases

__all__ = [
    "Dispute",
    "DisputeKind",
    "case_rows",
    "cases",
    "close_case",
    "disputes_for",
    "disputes_in",
    "erase_disputes",
    "forget_case",
    "hold_cases",
    "open_case",
    "records_shown",
    "suppressed_rows",
    "verdicts_of_open_cases",
]
