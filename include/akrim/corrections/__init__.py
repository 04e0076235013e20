"""Correction cases: what somebody disputes, and what of it reaches a release."""

from akrim.corrections.disclosed import disputes_for, disputes_in
from akrim.corrections.register import Dispute, cases, close_case, open_case, suppressed

__all__ = ["Dispute", "cases", "close_case", "disputes_for", "disputes_in", "open_case", "suppressed"]
