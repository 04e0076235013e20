"""What linkage keeps in the warehouse: its runs' results, clerks' verdicts, and the ids of persons."""

from akrim.linkage.store.erasing import erase_person
from akrim.linkage.store.verdicts import read_verdicts, restore_verdicts

__all__ = ["erase_person", "read_verdicts", "restore_verdicts"]
