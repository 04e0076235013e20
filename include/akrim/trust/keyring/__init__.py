"""A folder of keys: the names in it, the trust that follows from it, and the signed statements that may change that."""

from akrim.trust.keyring.centre import read_centre
from akrim.trust.keyring.names import KeyFile
from akrim.trust.keyring.senders import key_in_force, sender_keys, what_is_wrong
from akrim.trust.keyring.statements import read_content, write_statement
from akrim.trust.keyring.trust import read_trust

__all__ = [
    "KeyFile",
    "key_in_force",
    "read_centre",
    "read_content",
    "read_trust",
    "sender_keys",
    "what_is_wrong",
    "write_statement",
]
