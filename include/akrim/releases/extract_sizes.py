"""Whether an extract has come empty, or much smaller than it was: a limit that a release may not pass unseen.

In go the pinned deliveries and those of the release before, out come the extracts that lost what they had. Compared is
what stands of each after its deliveries were applied, not the files: a delta of three rows leaves an extract as full as
it was. A centre's decisions are appended as they are made, and are never judged.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from akrim.contracts import Contract, Extract, load_contracts
from akrim.deliveries.sequence import accepted_deliveries, state_sequence
from akrim.ledger import Pins

# Of those that are still in force, or were until a later revision: one that was recalled is no measure for the next.
RELEASE_BEFORE = """
select pins -> 'deliveries' from meta.releases
where release_id <> %s and as_of <= %s and status in ('published', 'superseded')
order by as_of desc, revision desc limit 1
"""


class Loss(NamedTuple):
    """An extract that lost rows, and how many it has and had; `rows_before` is None where an agency is seen for the first time."""

    agency: str
    extract: str
    rows: int
    rows_before: int | None


def losses(connection: psycopg.Connection[Any], pins: Pins, limits: dict[str, Any]) -> list[Loss]:
    """The extracts that had rows and have none, or shrank beyond the limit; and those of an agency that comes with none at all.

    Args:
        limits: `fewest_share` of the rows before that must still stand, judged where more than `most_rows_gone` are gone.
    """
    connection.execute("set local enable_nestloop = off")  # the size of a state is the planner's guess
    before = _deliveries_before(connection, pins)
    return [
        loss
        for agency, contract in load_contracts().items()
        if not contract.is_append_only
        for loss in _of_agency(connection, contract, pins, before.get(agency, []), limits)
    ]


def _of_agency(
    connection: psycopg.Connection[Any],
    contract: Contract,
    pins: Pins,
    before: list[str],
    limits: dict[str, Any],
) -> Iterator[Loss]:
    now = pins.deliveries.get(contract.agency, [])
    is_new = not before
    before = before or _earlier(connection, contract.agency, now, pins)
    if now == before:
        return
    rows = {extract.name: _standing(connection, extract, now) for extract in contract.extracts}
    had = {extract.name: _standing(connection, extract, before) for extract in contract.extracts}
    if is_new and now and not any(rows.values()) and not any(had.values()):
        yield from (Loss(contract.agency, name, 0, None) for name in rows)
    for name, count in rows.items():
        gone = had[name] - count
        has_shrunk = count < limits["fewest_share"] * had[name] and gone > limits["most_rows_gone"]
        if has_shrunk or (gone > 0 and not count):
            yield Loss(contract.agency, name, count, had[name])


def _deliveries_before(connection: psycopg.Connection[Any], pins: Pins) -> dict[str, list[str]]:
    row = connection.execute(RELEASE_BEFORE, [pins.release_id, pins.as_of]).fetchone()
    return {agency: [one["delivery_id"] for one in found] for agency, found in row[0].items()} if row else {}


def _earlier(connection: psycopg.Connection[Any], agency: str, now: list[str], pins: Pins) -> list[str]:
    """What was accepted of the agency before what is pinned, where no release speaks of it yet."""
    accepted = accepted_deliveries(connection, agency)
    first = next(((d.period, d.moment) for d in accepted if d.delivery_id in now[:1]), None)
    older = [d for d in accepted if first and (d.period, d.moment) < first]
    return state_sequence(older, str(pins.period), is_append_only=False)


def _standing(connection: psycopg.Connection[Any], extract: Extract, deliveries: list[str]) -> int:
    query = sql.SQL("select count(*) from {}(%s::text[])").format(sql.Identifier("state", extract.table))
    return int(connection.execute(query, [deliveries]).fetchall()[0][0])
