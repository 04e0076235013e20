"""Signatures, seals and whether a release is still valid; needs files and keys alone.

It runs on a centre's machine without database, home folder or settings, so it imports nothing of the pipeline.
"""

from akrim.trust.documents import Suffix, parse, read_limited
from akrim.trust.files import MANIFEST, SIGNATURE, find_problems, read_manifest
from akrim.trust.refusal import Refused

__all__ = [
    "MANIFEST",
    "SIGNATURE",
    "Refused",
    "Suffix",
    "find_problems",
    "parse",
    "read_limited",
    "read_manifest",
]
