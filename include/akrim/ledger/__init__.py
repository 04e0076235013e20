"""The register of releases: which there are, what each was made from, and its status."""

from akrim.ledger.listing import (
    WENT_OUT,
    history,
    list_releases,
    lost_releases,
    releases_with_files,
    require_files,
)
from akrim.ledger.releases import (
    Pins,
    assign_serial,
    is_erased,
    is_out,
    is_published,
    last_published,
    load,
    mark_published,
    mark_waiting,
    none_in_force,
    overtaken,
    record_failure,
    record_request,
    set_status,
)

__all__ = [
    "WENT_OUT",
    "Pins",
    "assign_serial",
    "history",
    "is_erased",
    "is_out",
    "is_published",
    "last_published",
    "list_releases",
    "load",
    "lost_releases",
    "mark_published",
    "mark_waiting",
    "none_in_force",
    "overtaken",
    "record_failure",
    "record_request",
    "releases_with_files",
    "require_files",
    "set_status",
]
