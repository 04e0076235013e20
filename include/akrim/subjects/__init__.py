"""What an installation holds about one person, for that person to read: one file for programs, and one page per language."""

from akrim.subjects.export import export_subject

__all__ = ["export_subject"]
