"""How long each category of data is kept, by a file that people decide on, and what is held beyond it.

What removes by these limits is `akrim.expiry`.
"""

from akrim.retention.holds import (
    Held,
    Hold,
    current_holds,
    forget_ended_holds,
    forget_holds,
    held,
    record_hold,
    refuse_held,
)
from akrim.retention.limits import DELIVERED, Limit, require_limits

__all__ = [
    "DELIVERED",
    "Held",
    "Hold",
    "Limit",
    "current_holds",
    "forget_ended_holds",
    "forget_holds",
    "held",
    "record_hold",
    "refuse_held",
    "require_limits",
]
