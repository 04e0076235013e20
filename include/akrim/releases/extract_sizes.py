"""Finds the pinned extracts that came empty, shrunken or swollen and that nobody has let go yet.

What reception has found is read, nothing is counted. What an earlier release was made from just so, and came out, holds no
later one. The centres' decisions only grow and are not asked after.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg

from akrim.contracts import Contract, load_contracts
from akrim.ledger import Pins
from akrim.sharing import ASSESSMENT

# A recalled release is no basis for comparison.
RELEASE_BEFORE = """
select release_id, pins -> 'extracts' from meta.releases
where release_id <> %s and as_of <= %s and status in ('published', 'superseded')
order by as_of desc, revision desc limit 1
"""
LIMITS = {"empty": "extract_empty", "shrunken": "extract_shrunk", "swollen": "extract_swollen"}


class Unsound(NamedTuple):
    """An extract that holds the release: by which limit, and the delivery that left it so.

    `rows_usual` is None where the agency is new.
    """

    limit: str
    agency: str
    extract: str
    delivery_id: str
    rows: int
    rows_usual: int | None


def release_before(
    connection: psycopg.Connection[Any], pins: Pins
) -> tuple[str | None, dict[str, dict[str, Any]]]:
    """The release to compare with, of the same period or an earlier one, and what it pinned of each agency's extracts."""
    row = connection.execute(RELEASE_BEFORE, [pins.release_id, pins.as_of]).fetchone()
    return (row[0], row[1] or {}) if row else (None, {})


def unsound_extracts(connection: psycopg.Connection[Any], pins: Pins) -> list[Unsound]:
    """The extracts that became empty, shrank or swelled beyond their contract's limits, and those of a new agency without any rows."""
    _, before = release_before(connection, pins)
    pinned = pins.inputs.get("extracts", {})
    # What the sharing matrix keeps out is gone on purpose.
    withheld = pins.inputs.get("withheld", {}).get(ASSESSMENT, {})
    return [
        found
        for agency, contract in load_contracts().items()
        if not contract.is_append_only
        for found in _unsound(contract, pinned.get(agency, {}), before.get(agency, {}))
        if f"{agency}.{contract.extract(found.extract).category}" not in withheld
    ]


def _unsound(contract: Contract, pinned: dict[str, Any], before: dict[str, Any]) -> Iterator[Unsound]:
    has_nothing = all(known["state"] == "empty" and known["rows_usual"] is None for known in pinned.values())
    for extract in contract.extracts:
        known = pinned.get(extract.name)
        if known is None or known["is_confirmed"] or known == before.get(extract.name):
            continue
        about = (contract.agency, extract.name, known["delivery_id"], known["rows"], known["rows_usual"])
        if has_nothing:
            yield Unsound("agency_empty", *about)
        elif known["state"] in LIMITS and known["rows_usual"]:
            yield Unsound(LIMITS[known["state"]], *about)
