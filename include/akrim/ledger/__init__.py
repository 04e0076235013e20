"""The register of releases: which there are, what each was made from, and its status."""

from akrim.ledger.listing import history, list_releases
from akrim.ledger.releases import Pins, assign_serial, load, record_failure, set_status

__all__ = ["Pins", "assign_serial", "history", "list_releases", "load", "record_failure", "set_status"]
