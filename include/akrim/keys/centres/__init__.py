"""The centres' public keys: those that a release is sealed for, and those that decisions are signed with."""

from akrim.keys.centres.recipients import (
    add_recipient,
    all_recipients,
    recipients_for,
    remove_recipient,
    without_keys,
)
from akrim.keys.centres.signers import distrust_signer, signer_of, trust_signer

__all__ = [
    "add_recipient",
    "all_recipients",
    "distrust_signer",
    "recipients_for",
    "remove_recipient",
    "signer_of",
    "trust_signer",
    "without_keys",
]
