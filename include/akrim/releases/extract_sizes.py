"""Finds extracts that are empty, or much smaller than in the release before.

Compared is the state after applying the deliveries, not the files: a delta of three rows leaves an extract as full as it
was. The centres' decisions are append-only and not compared.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from akrim.contracts import Contract, Extract, load_contracts
from akrim.deliveries.state import accepted_deliveries, state_sequence
from akrim.ledger import Pins
from akrim.sharing import ASSESSMENT

# A recalled release is no basis for comparison.
RELEASE_BEFORE = """
select pins -> 'deliveries' from meta.releases
where release_id <> %s and as_of <= %s and status in ('published', 'superseded')
order by as_of desc, revision desc limit 1
"""


class RowLoss(NamedTuple):
    """An extract that lost rows; `rows_before` is None where the agency is new."""

    agency: str
    extract: str
    rows: int
    rows_before: int | None


def row_losses(connection: psycopg.Connection[Any], pins: Pins, limits: dict[str, Any]) -> list[RowLoss]:
    """The extracts that became empty or shrank beyond the limit, and those of a new agency without any rows.

    Args:
        limits: an extract may keep less than `fewest_share` of its rows only if at most `most_rows_gone` are gone.
    """
    connection.execute("set local enable_nestloop = off")  # the planner can only guess a state's size
    before = _deliveries_before(connection, pins)
    return [
        loss
        for agency, contract in load_contracts().items()
        if not contract.is_append_only
        for loss in _losses_of(connection, contract, pins, before.get(agency, []), limits)
    ]


def _losses_of(
    connection: psycopg.Connection[Any],
    contract: Contract,
    pins: Pins,
    before: list[str],
    limits: dict[str, Any],
) -> Iterator[RowLoss]:
    now = pins.deliveries.get(contract.agency, [])
    is_new = not before
    before = before or _earlier(connection, contract.agency, now, pins)
    if now == before:
        return
    # What the sharing matrix keeps out is gone on purpose.
    withheld = pins.inputs.get("withheld", {}).get(ASSESSMENT, {})
    rows = {extract.name: _row_count(connection, extract, now) for extract in contract.extracts}
    had = {extract.name: _row_count(connection, extract, before) for extract in contract.extracts}
    if is_new and now and not any(rows.values()) and not any(had.values()):
        yield from (RowLoss(contract.agency, name, 0, None) for name in rows)
    for name, count in rows.items():
        gone = had[name] - count
        has_shrunk = count < limits["fewest_share"] * had[name] and gone > limits["most_rows_gone"]
        key = f"{contract.agency}.{contract.extract(name).key.category}"
        if key not in withheld and (has_shrunk or (gone > 0 and not count)):
            yield RowLoss(contract.agency, name, count, had[name])


def _deliveries_before(connection: psycopg.Connection[Any], pins: Pins) -> dict[str, list[str]]:
    row = connection.execute(RELEASE_BEFORE, [pins.release_id, pins.as_of]).fetchone()
    return {agency: [one["delivery_id"] for one in found] for agency, found in row[0].items()} if row else {}


def _earlier(connection: psycopg.Connection[Any], agency: str, now: list[str], pins: Pins) -> list[str]:
    """The deliveries accepted before the pinned ones, for an agency in no earlier release."""
    accepted = accepted_deliveries(connection, agency)
    first = next(((d.period, d.moment) for d in accepted if d.delivery_id in now[:1]), None)
    older = [d for d in accepted if first and (d.period, d.moment) < first]
    return state_sequence(older, str(pins.period), is_append_only=False)


def _row_count(connection: psycopg.Connection[Any], extract: Extract, deliveries: list[str]) -> int:
    query = sql.SQL("select count(*) from {}(%s::text[])").format(sql.Identifier("state", extract.table))
    return int(connection.execute(query, [deliveries]).fetchall()[0][0])
