"""The centres' decisions: forms that come back, their seals and signatures."""

from akrim.deliveries.decisions.handed_out import decision_id
from akrim.deliveries.decisions.seal import (
    SEAL_COLUMN,
    SHEETS,
    form_key,
    give_form_keys,
    seal_of,
)

__all__ = [
    "SEAL_COLUMN",
    "SHEETS",
    "decision_id",
    "form_key",
    "give_form_keys",
    "seal_of",
]
