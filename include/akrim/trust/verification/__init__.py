"""Whether a release may be used; opens it first where it is sealed."""

from akrim.trust.verification.checks import Check, Verified, disputed, receipt, verify
from akrim.trust.verification.deletion import confirm_deletion
from akrim.trust.verification.opening import unseal, unseal_notice

__all__ = [
    "Check",
    "Verified",
    "confirm_deletion",
    "disputed",
    "receipt",
    "unseal",
    "unseal_notice",
    "verify",
]
