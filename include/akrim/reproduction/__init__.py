"""Rebuilds an old release from its pinned inputs and compares it file by file, here or on another machine."""

from akrim.reproduction.from_folder import reproduce_from_folder
from akrim.reproduction.from_warehouse import reproduce

__all__ = ["reproduce", "reproduce_from_folder"]
