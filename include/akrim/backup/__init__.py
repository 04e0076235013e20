"""A copy of the whole installation in one folder, and a new installation from it."""

from akrim.backup.making import back_up
from akrim.backup.restoring import restore

__all__ = ["back_up", "restore"]
