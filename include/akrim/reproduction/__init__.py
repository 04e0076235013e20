"""An old release built once more from what it was made from, and compared file by file: where it was made, or elsewhere."""

from akrim.reproduction.comparing import Reproduction
from akrim.reproduction.elsewhere import reproduce_elsewhere
from akrim.reproduction.here import reproduce

__all__ = ["Reproduction", "reproduce", "reproduce_elsewhere"]
