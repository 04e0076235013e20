"""Which releases there are, what each was made from, and where it stands."""

from akrim.ledger.listing import registered, story
from akrim.ledger.releases import Pins, load, mark, number, record_failure

__all__ = ["Pins", "load", "mark", "number", "record_failure", "registered", "story"]
