"""The register of published lists: a version of a threshold, a cap, a weight or a definition always has the same numbers.

dbt_project/row_versions.csv has one row per list, code and version; it is append-only. Several rows of one code, such as a
status that may be reached in two ways, have one version together.
"""

import csv
import hashlib
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from akrim.errors import UserError

# The seeds whose numbers rules and statuses count by; a code is a row's first column.
LISTS = (
    "status_thresholds",
    "definitions",
    "event_caps",
    "control_ties",
    "network_rules",
    "exposed_industries",
)
HEADER = ["list", "code", "version", "sha256"]

Rows = list[dict[str, str]]
Register = dict[tuple[str, str, int], str]


def extend(register: Register, lists: Mapping[str, Rows]) -> Register:
    """The register with the versions that are new.

    Raises UserError where the numbers of a code have changed under its old version.
    """
    known = dict(register)
    for name, rows in lists.items():
        for code, own in _by_code(rows).items():
            version = max(int(row["version"]) for row in own)
            sha256 = _fingerprint(own)
            if known.setdefault((name, code, version), sha256) != sha256:
                raise UserError(
                    f"{code} of {name} has changed its numbers but is still version {version}.",
                    f"dbt_project/seeds/{name}.csv",
                    "Raise the version of each of its rows, then run `make rules` again.",
                )
    return known


def read(project: Path) -> Register:
    """The register in the project's folder."""
    with (project / "row_versions.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["list"], row["code"], int(row["version"])): row["sha256"] for row in csv.DictReader(file)
        }


def write(register: Register, project: Path) -> None:
    """Write the register's file anew, by list, code and version."""
    with (project / "row_versions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows((*key, sha256) for key, sha256 in sorted(register.items()))


def _by_code(rows: Rows) -> dict[str, Rows]:
    found = defaultdict(list)
    for row in rows:
        found[next(iter(row.values()))].append(row)
    return found


def _fingerprint(rows: Rows) -> str:
    """One hash over the rows of a code, in any order, but for the day from which they hold."""
    stated = sorted(sorted((key, value) for key, value in row.items() if key != "valid_from") for row in rows)
    return hashlib.sha256(repr(stated).encode()).hexdigest()
