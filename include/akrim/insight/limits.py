"""Limits of volume proposed from history: how far an extract's rows have moved from one delivery to the next and were right."""

import math
from typing import Any

from akrim import warehouse
from akrim.characters import neutral_name
from akrim.contracts import Extract, load_contracts
from akrim.errors import UserError

# Fewer say too little of what is usual.
FEWEST_COMPARISONS = 3
# However quiet an extract has been, a tenth more or fewer alarms nobody; however lively, a tenth or tenfold is looked at.
FEWEST_SHARES, MOST_SHARES = (0.1, 0.9), (1.1, 10.0)

# Of deliveries in force: what was neither empty, shrunken nor swollen, or was confirmed by a person.
MOVES = """
    select d.agency, f.extract, f.rows_standing::float / f.rows_usual as share, f.rows_usual
    from meta.deliveries_in_force as d join meta.delivery_files as f using (delivery_id, manifest_sha256)
    where f.rows_usual > 0 and f.rows_standing > 0 and (
        f.state in ('changed', 'unchanged') or exists (
            select from meta.extract_confirmations as c
            where (c.delivery_id, c.extract, c.state, c.content_digest) = (f.delivery_id, f.extract, f.state, f.content_digest)
        )
    )
"""


def list_limits(agency: str | None = None) -> list[dict[str, Any]]:
    """Each extract with its limits as they are, the least and the most that it moved, and limits that would fit these.

    Proposed is as far again as the farthest move that was right: the square of the share of the usual rows; None where fewer than
    three deliveries could be compared. Extracts so small that no limit counts for them are not compared.

    Raises UserError where there is no contract with such an agency.
    """
    contracts = load_contracts()
    if agency is not None and agency not in contracts:
        raise UserError(
            f"There is no agency {neutral_name(agency) or '(empty)'}.",
            "--agency",
            f"There are: {', '.join(contracts)}.",
        )
    warehouse.prepare()
    with warehouse.connect() as connection:
        moves = warehouse.read_rows(connection, MOVES)
    return [
        _limits(extract, [m["share"] for m in moves if _is_of(m, extract)])
        for contract in contracts.values()
        for extract in contract.extracts
        if agency in {None, contract.agency}
        and contract.is_expected_each_period
        and not extract.is_append_only
    ]


def _is_of(move: dict[str, Any], extract: Extract) -> bool:
    return (move["agency"], move["extract"]) == (extract.agency, extract.name) and move[
        "rows_usual"
    ] >= extract.fewest_rows


def _limits(extract: Extract, shares: list[float]) -> dict[str, Any]:
    least, most = min([1.0, *shares]), max([1.0, *shares])
    is_known = len(shares) >= FEWEST_COMPARISONS
    fewest_share = math.floor(100 * _within(FEWEST_SHARES, least**2)) / 100
    most_share = math.ceil(100 * _within(MOST_SHARES, most**2)) / 100
    return {
        "agency": extract.agency,
        "extract": extract.name,
        "compared": len(shares),
        "least": round(least, 3),
        "most": round(most, 3),
        "fewestShare": extract.fewest_share,
        "mostShare": extract.most_share,
        "proposed_fewestShare": fewest_share if is_known else None,
        "proposed_mostShare": most_share if is_known else None,
    }


def _within(bounds: tuple[float, float], share: float) -> float:
    return min(max(share, bounds[0]), bounds[1])
