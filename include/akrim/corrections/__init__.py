"""Correction cases: what is disputed, and what a release leaves out because of it."""

from akrim.corrections.disclosed import disputes_for, disputes_in
from akrim.corrections.register import Dispute, cases, close_case, open_case, suppressed_rows

__all__ = ["Dispute", "cases", "close_case", "disputes_for", "disputes_in", "open_case", "suppressed_rows"]
