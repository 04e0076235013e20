"""The centres' public keys: those that a release is sealed for, and those that decisions are signed with."""

from akrim.keys.centres.recipients import all_recipients, recipients_for, without_keys
from akrim.keys.centres.signers import distrust_signer, signer_of, trust_signer

__all__ = ["all_recipients", "distrust_signer", "recipients_for", "signer_of", "trust_signer", "without_keys"]
