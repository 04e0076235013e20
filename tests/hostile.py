"""The corpus of hostile texts (hostile.yml beside this file), for every stage's tests."""

import unicodedata
from pathlib import Path
from typing import NamedTuple

import yaml

# Control, format, surrogate, private use, unassigned, and separators of lines and paragraphs.
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


class Hostile(NamedTuple):
    """One text that may harm a reader, and what it is called in a failing test."""

    name: str
    text: str


def corpus() -> list[Hostile]:
    """Every text of the corpus, in its order."""
    cases = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return [Hostile(case["name"], case["text"] * case.get("times", 1)) for case in cases]


def hidden(text: str) -> set[str]:
    """The characters of the text that hide or reorder what is read."""
    return {c for c in text if unicodedata.category(c) in HIDDEN and c not in "\n\r\t\f"}
