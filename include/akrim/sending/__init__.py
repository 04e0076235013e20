"""Sends releases to the centres: outboxes, mail, signed notices, receipts, and replacement of the signing key."""

from akrim.sending.send import deliver

__all__ = ["deliver"]
