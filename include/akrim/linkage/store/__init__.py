"""What linkage keeps: its runs' results, clerks' verdicts and the ids of persons in the warehouse, and the cache beside it."""

from akrim.linkage.store.cache import clear_cache
from akrim.linkage.store.erasing import (
    LinkedPerson,
    RecordBefore,
    erase_person,
    erased_on,
    given_away,
    linked_person,
    taken_for,
)
from akrim.linkage.store.expiring import EndedLinks, ended_links, forget_ended, last_links
from akrim.linkage.store.undoing import is_linked, newest_run, undo_given_up
from akrim.linkage.store.verdicts import (
    forget_verdicts,
    kept_verdicts,
    read_verdicts,
    restore_verdicts,
    undo_verdicts,
)

__all__ = [
    "EndedLinks",
    "LinkedPerson",
    "RecordBefore",
    "clear_cache",
    "ended_links",
    "erase_person",
    "erased_on",
    "forget_ended",
    "forget_verdicts",
    "given_away",
    "is_linked",
    "kept_verdicts",
    "last_links",
    "linked_person",
    "newest_run",
    "read_verdicts",
    "restore_verdicts",
    "taken_for",
    "undo_given_up",
    "undo_verdicts",
]
