"""Each agency's contract on what it sends: one Open Data Contract Standard file per agency, and the model read from it."""

from akrim.contracts.model import REMOVED_COLUMN, Column, Contract, Extract, Format
from akrim.contracts.reading import load_contracts

__all__ = ["REMOVED_COLUMN", "Column", "Contract", "Extract", "Format", "load_contracts"]
