"""A folder of keys: the names in it, the trust that follows from it, and the signed statements that may change that."""

from akrim.trust.keyring.centre import read_centre
from akrim.trust.keyring.names import KeyFile
from akrim.trust.keyring.statements import read_content, write_statement
from akrim.trust.keyring.trust import read_trust

__all__ = ["KeyFile", "read_centre", "read_content", "read_trust", "write_statement"]
