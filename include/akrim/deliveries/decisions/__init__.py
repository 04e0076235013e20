"""The centres' decisions: forms that come back, their words, seals and signatures."""

from akrim.deliveries.decisions.answers import answers_since
from akrim.deliveries.decisions.came_back import CameBack, decisions_on
from akrim.deliveries.decisions.cell_messages import NO_DECISION, FormCell, row_messages
from akrim.deliveries.decisions.handed_out import decision_id
from akrim.deliveries.decisions.seal import SEAL_COLUMN, SHEETS, seal_of
from akrim.deliveries.readers.form_words import CODE_LISTS, choices, heading

__all__ = [
    "CODE_LISTS",
    "NO_DECISION",
    "SEAL_COLUMN",
    "SHEETS",
    "CameBack",
    "FormCell",
    "answers_since",
    "choices",
    "decision_id",
    "decisions_on",
    "heading",
    "row_messages",
    "seal_of",
]
