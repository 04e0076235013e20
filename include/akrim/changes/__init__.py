"""What changed since an earlier release and why: lists compared, and assessed again with one thing changed at a time.

In go two releases' marts and what each was made from; out come the rows of marts.release_changes. Publishing reads
them; nothing here knows of files.
"""

from akrim.changes.explaining import explain, identities_between
from akrim.changes.inputs import differing_inputs
from akrim.changes.listing import Change, compare
from akrim.changes.recording import LAST_PERIOD, PREVIOUS, changes_of

__all__ = [
    "LAST_PERIOD",
    "PREVIOUS",
    "Change",
    "changes_of",
    "compare",
    "differing_inputs",
    "explain",
    "identities_between",
]
