"""What the national part of a release tells: of numbers ranges, in which small ones are hidden, and of persons what may be told."""

from akrim.sharing.national.changes import FigureChange, moved_figures, new_on_several
from akrim.sharing.national.small_numbers import HIDDEN
from akrim.sharing.national.tables import (
    national_columns,
    national_documents,
    national_marts,
    read_national_tables,
    sent_national_tables,
)

__all__ = [
    "HIDDEN",
    "FigureChange",
    "moved_figures",
    "national_columns",
    "national_documents",
    "national_marts",
    "new_on_several",
    "read_national_tables",
    "sent_national_tables",
]
