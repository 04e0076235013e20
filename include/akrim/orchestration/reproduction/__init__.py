"""An old release built once more from what it was made from, and compared file by file: where it was made, or elsewhere."""

from akrim.orchestration.reproduction.comparing import Reproduction
from akrim.orchestration.reproduction.elsewhere import reproduce_elsewhere
from akrim.orchestration.reproduction.here import reproduce

__all__ = ["Reproduction", "reproduce", "reproduce_elsewhere"]
