"""Sharing matrices of a test's own: the program's, with lines changed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from akrim.contracts import centres
from akrim.sharing.matrix import ASSESSMENT, CENTRES
from akrim.sharing.matrix_file import OWN_PATH

Lines = list[dict[str, Any]]


def changed(path: Path, change: Callable[[Lines], Lines]) -> Path:
    """Write the program's matrix with its lines changed; returns the path."""
    content = yaml.safe_load(OWN_PATH.read_text("utf-8"))
    content["lines"] = change(content["lines"])
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def without(lines: Lines, agency: str, *categories: str, to: str) -> Lines:
    """The lines without these categories of the agency's data for a recipient; all lines of it where none is named."""
    found = []
    for line in lines:
        concerned = line["from"] == agency and to in line["to"]
        if concerned and (others := [name for name in line["to"] if name != to]):
            found.append(line | {"line": f"{line['line']}-rest", "to": others})
        kept = [
            name for name in line["categories"] if not concerned or (categories and name not in categories)
        ]
        if kept:
            found.append(line | {"categories": kept} | ({"to": [to]} if concerned else {}))
    return found


def hit_for(lines: Lines, agency: str, centre: str, others: list[str]) -> Lines:
    """The lines with all that the agency shares with centres as hit for one of them, and as content for these."""
    found = []
    for line in lines:
        if line["from"] == agency and line["to"] == [CENTRES]:
            found.append(line | {"line": f"{line['line']}-hit", "to": [centre], "share": "hit"})
            found.append(line | {"to": others})
        else:
            found.append(line)
    return found


# Who somebody is, and where, by which linkage and a centre's area go for everybody alike; and what ties enterprises together.
WHO = {"name", "birth_date", "address", "known", "protection", "employment"}


def without_for(lines: Lines, agency: str, centre: str) -> Lines:
    """The lines with all that the agency shares with centres kept from one of them, but for who somebody is."""
    found = []
    for line in lines:
        to = [name for name in centres() if CENTRES in line["to"] or name in line["to"]]
        if line["from"] != agency or centre not in to:
            found.append(line)
            continue
        found.append(
            line
            | {
                "to": [name for name in line["to"] if name == ASSESSMENT]
                + [name for name in to if name != centre]
            }
        )
        if who := [name for name in line["categories"] if name in WHO]:
            found.append(line | {"line": f"{line['line']}-who", "to": [centre], "categories": who})
    return found
