"""How often each rule was right where the truth is known, as benchmarks/rules.md has it: written there once, read here."""

from pathlib import Path
from typing import NamedTuple

THING = "of the very thing: precision, recall"


class Measured(NamedTuple):
    """A rule in the worlds of the benchmark, shares in per cent; precision and recall are of what the rule looks for."""

    fired: int
    right: int | None
    precision: int | None = None
    recall: int | None = None


def read_measured(page: Path) -> dict[str, Measured]:
    """Each rule's row of the page's table; nothing where there is no page."""
    lines = page.read_text(encoding="utf-8").splitlines() if page.exists() else []
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    if not rows:
        return {}
    header, *rest = rows
    found = (dict(zip(header, row, strict=True)) for row in rest)
    return {row["rule"].strip("`"): _measured(row) for row in found}


def _measured(row: dict[str, str]) -> Measured:
    precision, _, recall = row[THING].partition(" (")[0].partition(", ")
    return Measured(int(row["fired"]), _percent(row["right"]), _percent(precision), _percent(recall))


def _percent(share: str) -> int | None:
    """Nothing where the table has a dash."""
    return round(100 * float(share)) if share[:1].isdigit() else None
