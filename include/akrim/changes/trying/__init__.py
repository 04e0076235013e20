"""A release as it would be by other rules, or without some agencies' data, before anything is adopted."""

from akrim.changes.trying.leaving_out import check_agencies
from akrim.changes.trying.what_if import Consequences, what_if

__all__ = ["Consequences", "check_agencies", "what_if"]
