"""From a release to the centres: outbox, mail, notices, receipts, key succession."""

from akrim.sending.send import deliver

__all__ = ["deliver"]
