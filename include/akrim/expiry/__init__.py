"""Removes what is past its limit (`akrim.retention`), and says what is kept of each category, how old it is, and why it stays."""

from akrim.expiry.applying import BY, Removal, apply_limits, rehearse_limits
from akrim.expiry.surveying import CategoryState, cut_off, survey, told_unlimited

__all__ = [
    "BY",
    "CategoryState",
    "Removal",
    "apply_limits",
    "cut_off",
    "rehearse_limits",
    "survey",
    "told_unlimited",
]
