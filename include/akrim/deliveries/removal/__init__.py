"""Removal of what was delivered and is past its limit; which that is, and what must stay, the caller knows."""

from akrim.deliveries.removal.held_keys import deliveries_with
from akrim.deliveries.removal.listing import delivered, protections, results, set_aside
from akrim.deliveries.removal.rows import drop_rows, forget_results, forget_set_aside, require_rows

__all__ = [
    "delivered",
    "deliveries_with",
    "drop_rows",
    "forget_results",
    "forget_set_aside",
    "protections",
    "require_rows",
    "results",
    "set_aside",
]
