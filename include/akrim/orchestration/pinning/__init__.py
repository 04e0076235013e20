"""Pins a run's inputs, and says by digests what they are."""

from akrim.orchestration.pinning.code import code_digest
from akrim.orchestration.pinning.inputs import link_decisions_digest, pin, suppress
from akrim.orchestration.pinning.named import require_named

__all__ = ["code_digest", "link_decisions_digest", "pin", "require_named", "suppress"]
