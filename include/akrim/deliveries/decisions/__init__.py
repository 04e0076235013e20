"""The centres' decisions: forms that come back, their words, seals and signatures."""

from akrim.deliveries.decisions.handed_out import decision_id
from akrim.deliveries.decisions.seal import (
    SEAL_COLUMN,
    SHEETS,
    form_key,
    give_form_keys,
    seal_of,
)
from akrim.deliveries.decisions.words import CODE_LISTS, choices, heading

__all__ = [
    "CODE_LISTS",
    "SEAL_COLUMN",
    "SHEETS",
    "choices",
    "decision_id",
    "form_key",
    "give_form_keys",
    "heading",
    "seal_of",
]
