"""Erasing: what releases, their rows in the marts and unfinished runs hold of a person."""
