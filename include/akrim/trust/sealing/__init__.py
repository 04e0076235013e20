"""Sealed archives that only one centre can open, and the age keys for them."""

from akrim.trust.sealing.archives import FIRST_DAY, pack, seal
from akrim.trust.sealing.identities import DEMO_MARK, create_identity, read_recipients
from akrim.trust.sealing.unpacking import unpack

__all__ = ["DEMO_MARK", "FIRST_DAY", "create_identity", "pack", "read_recipients", "seal", "unpack"]
