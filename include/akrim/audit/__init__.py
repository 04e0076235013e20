"""The log of what is done with person data: who, when, whose data, for which purpose, to whom."""

from akrim.audit.consulting import log_consultation
from akrim.audit.cutting import Beginning, beginnings, cut
from akrim.audit.log import Event, anchor, is_purpose, persons_of, record
from akrim.audit.reading import events_about, export
from akrim.audit.verification import verify

__all__ = [
    "Beginning",
    "Event",
    "anchor",
    "beginnings",
    "cut",
    "events_about",
    "export",
    "is_purpose",
    "log_consultation",
    "persons_of",
    "record",
    "verify",
]
