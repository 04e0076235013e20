"""Sends releases to the centres: outboxes, mirror, mail, signed notices, receipts, and replacement of the signing key."""

from akrim.sending.allowed import require_allowed
from akrim.sending.disclosing import log_disclosure, named_to
from akrim.sending.key_succession import replace_keys
from akrim.sending.mail import post_mail
from akrim.sending.mirror import compare_mirror
from akrim.sending.notices import announce_erasure, recall_release
from akrim.sending.outbox import remove_release
from akrim.sending.receipts import missing_receipts, unconfirmed_erasures
from akrim.sending.send import SendingSummary, deliver, in_force
from akrim.sending.writing import reaching, write

__all__ = [
    "SendingSummary",
    "announce_erasure",
    "compare_mirror",
    "deliver",
    "in_force",
    "log_disclosure",
    "missing_receipts",
    "named_to",
    "post_mail",
    "reaching",
    "recall_release",
    "remove_release",
    "replace_keys",
    "require_allowed",
    "unconfirmed_erasures",
    "write",
]
