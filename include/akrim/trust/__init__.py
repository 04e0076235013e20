"""Signatures, seals and whether a release is still valid; needs files and keys alone.

It runs on a centre's machine without database, home folder or settings, so it imports nothing of the pipeline.
"""

from akrim.trust.documents import Suffix, parse, read_limited
from akrim.trust.files import MANIFEST, SIGNATURE, file_sha256, find_problems, manifests_of, read_manifest
from akrim.trust.refusal import Refused

__all__ = [
    "MANIFEST",
    "SIGNATURE",
    "Refused",
    "Suffix",
    "file_sha256",
    "find_problems",
    "manifests_of",
    "parse",
    "read_limited",
    "read_manifest",
]
