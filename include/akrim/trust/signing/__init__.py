"""Minisign key pairs and signatures."""

from akrim.trust.signing.comments import release_comment, stated_build, stated_head
from akrim.trust.signing.pairs import check_absent, create_pair, key_id, read_public_key, read_secret_key
from akrim.trust.signing.signatures import SIGNATURE_LIMIT, is_signed, sign

__all__ = [
    "SIGNATURE_LIMIT",
    "check_absent",
    "create_pair",
    "is_signed",
    "key_id",
    "read_public_key",
    "read_secret_key",
    "release_comment",
    "sign",
    "stated_build",
    "stated_head",
]
