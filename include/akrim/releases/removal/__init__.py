"""Removal of old releases that are past their limit: their rows in the marts, and their parts as the centres have them."""

from akrim.releases.erasing.erasure import erase_pending, pending_parts
from akrim.releases.removal.parts import Part, forget_parts, standing_parts
from akrim.releases.removal.rows import ReleaseRows, forget_rows, release_rows, rested_on
from akrim.releases.told_parts import Parts

__all__ = [
    "Part",
    "Parts",
    "ReleaseRows",
    "erase_pending",
    "forget_parts",
    "forget_rows",
    "pending_parts",
    "release_rows",
    "rested_on",
    "standing_parts",
]
