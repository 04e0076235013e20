"""What changed since an earlier release, and why: lists are compared, and reassessed with one input changed at a time.

The result is the table marts.release_changes, which publishing reads; nothing here knows of files.
"""

from akrim.changes.explaining import explain
from akrim.changes.groups import group_changes, moved_networks
from akrim.changes.inputs import differing_inputs
from akrim.changes.listing import Change, compare
from akrim.changes.recording import (
    LAST_PERIOD,
    PREVIOUS,
    changes_of,
    count_changed_persons,
    count_changes,
    told_as_one,
)
from akrim.changes.regrouping import identities_between
from akrim.changes.steps import CAUSES_IN_ORDER
from akrim.changes.trying import Consequences, check_agencies, what_if
from akrim.changes.wording import FACTS, came_or_went, detail

__all__ = [
    "CAUSES_IN_ORDER",
    "FACTS",
    "LAST_PERIOD",
    "PREVIOUS",
    "Change",
    "Consequences",
    "came_or_went",
    "changes_of",
    "check_agencies",
    "compare",
    "count_changed_persons",
    "count_changes",
    "detail",
    "differing_inputs",
    "explain",
    "group_changes",
    "identities_between",
    "moved_networks",
    "told_as_one",
    "what_if",
]
