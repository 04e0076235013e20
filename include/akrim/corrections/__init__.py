"""Correction cases: what somebody disputes, and what of it reaches a release."""

from akrim.corrections.cases import Dispute, cases, close_case, open_case, suppressed

__all__ = ["Dispute", "cases", "close_case", "open_case", "suppressed"]
