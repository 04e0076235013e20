"""Removes what was delivered and is past its limit, and finds what is about whom; the caller says what goes and what must stay."""

from akrim.deliveries.receiving_lock import agency_lock
from akrim.deliveries.removal import listing
from akrim.deliveries.removal.held_keys import deliveries_with, rows_about
from akrim.deliveries.removal.listing import still_delivered, still_delivering
from akrim.deliveries.removal.passed_on import (
    Borne,
    formers,
    moved,
    person_numbers,
    rows_before,
    rows_moved,
)
from akrim.deliveries.removal.protections import Protected, forget_statements, protected_records
from akrim.deliveries.removal.records import Before, Record
from akrim.deliveries.removal.rows import (
    drop_rows,
    forget_results,
    forget_set_aside,
    require_rows,
    without_rows,
)
from akrim.deliveries.removal.set_aside import described, set_aside_about

__all__ = [
    "Before",
    "Borne",
    "Protected",
    "Record",
    "agency_lock",
    "deliveries_with",
    "described",
    "drop_rows",
    "forget_results",
    "forget_set_aside",
    "forget_statements",
    "formers",
    "listing",
    "moved",
    "person_numbers",
    "protected_records",
    "require_rows",
    "rows_about",
    "rows_before",
    "rows_moved",
    "set_aside_about",
    "still_delivered",
    "still_delivering",
    "without_rows",
]
