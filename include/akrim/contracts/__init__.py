"""What each agency promised to send: one Open Data Contract Standard file per agency, and the model read from it."""

from akrim.contracts.model import Column, Contract, Extract
from akrim.contracts.reading import load_contracts

__all__ = ["Column", "Contract", "Extract", "load_contracts"]
