"""Each agency's contract on what it sends: one Open Data Contract Standard file per agency, and the model read from it."""

from akrim.contracts.decisions import (
    DECISIONS,
    DECISIONS_SENDER,
    DISMISSED,
    GROUP_DECISIONS,
    INFORMED,
    NATIONAL,
    WITHOUT_CENTRE,
    centres,
    decision_extracts,
    decisions_contract,
    recipients,
    statuses,
)
from akrim.contracts.model import (
    LONGEST_KEY,
    REMOVED_COLUMN,
    Column,
    Contract,
    Extract,
    Format,
    Upgrade,
    column_name,
)
from akrim.contracts.reading import all_extracts, extracts_by_name, load_contracts

__all__ = [
    "DECISIONS",
    "DECISIONS_SENDER",
    "DISMISSED",
    "GROUP_DECISIONS",
    "INFORMED",
    "LONGEST_KEY",
    "NATIONAL",
    "REMOVED_COLUMN",
    "WITHOUT_CENTRE",
    "Column",
    "Contract",
    "Extract",
    "Format",
    "Upgrade",
    "all_extracts",
    "centres",
    "column_name",
    "decision_extracts",
    "decisions_contract",
    "extracts_by_name",
    "load_contracts",
    "recipients",
    "statuses",
]
