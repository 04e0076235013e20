"""Releases: publication of the marts as one immutable folder per centre, plausibility holds, and erasure.

`releases.provenance` is what a release says of its own making.
"""

from akrim.releases.dcat import renew_catalogue
from akrim.releases.diff import changes_between, national_moves, without_list
from akrim.releases.erasing.erasure import erase_person
from akrim.releases.hidden_homes import hide_homes, hold_homes
from akrim.releases.holding import ReleaseOnHold, approve, check_limits, hold, own_requests
from akrim.releases.limits import read_limits
from akrim.releases.parts import make_apart, remove_parts
from akrim.releases.publishing import Made, list_parts, publish
from akrim.releases.recalling import recall

__all__ = [
    "Made",
    "ReleaseOnHold",
    "approve",
    "changes_between",
    "check_limits",
    "erase_person",
    "hide_homes",
    "hold",
    "hold_homes",
    "list_parts",
    "make_apart",
    "national_moves",
    "own_requests",
    "publish",
    "read_limits",
    "recall",
    "remove_parts",
    "renew_catalogue",
    "without_list",
]
