"""Which releases in force a delivery is in, and which would be made otherwise because of it."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from psycopg import Connection

from akrim import warehouse
from akrim.characters import neutral_name
from akrim.contracts import load_contracts
from akrim.deliveries.removal import without_rows
from akrim.deliveries.state import accepted_deliveries, pinned_extracts, state_sequence
from akrim.errors import UserError

# Of each period the revision in force, with the deliveries of the agency that it was made from, in order.
IN_FORCE = """
    select release_id, period, array(
        select pinned ->> 'delivery_id' from jsonb_array_elements(pins -> 'deliveries' -> %(agency)s) as pinned
    ) as pinned, pins -> 'extracts' -> %(agency)s as extracts
    from meta.releases where status = 'published' order by period
"""
EFFECTS = {
    (True, True): "within",
    (True, False): "leaving",
    (False, True): "entering",
    (False, False): "outside",
}


def list_impact(delivery_id: str) -> list[dict[str, Any]]:
    """Each period's release in force: what an accepted delivery, late or withdrawn, means for it, in order of periods.

    `effect` is `within` where it was made with the delivery and would be again, `leaving` where it would not, `entering` where it
    was made without and would not be again, `outside` where neither. `would_change` tells whether assessing the period anew would
    take other deliveries of that agency, `enter` and `leave`, or find that its extracts compare otherwise with earlier ones. A
    full delivery takes the place of what came before it; deltas come on top. `removed` names the deliveries, of any agency, that
    assessing it anew needs and of which rows were removed: it cannot be done then.

    Raises UserError where no such delivery was accepted.
    """
    with warehouse.connect() as connection:
        agency = _agency(connection, delivery_id)
        releases = warehouse.read_rows(connection, IN_FORCE, {"agency": agency})
        states = _states(connection, [release["period"] for release in releases])
        # An assessment takes nothing of an agency without a contract.
        sequences = [state.get(agency, []) for state in states]
        extracts = [pinned_extracts(connection, sequence) for sequence in sequences]
        removed = [without_rows(connection, chain.from_iterable(state.values())) for state in states]
    rows = []
    for release, now, compared, gone in zip(releases, sequences, extracts, removed, strict=True):
        before = release["pinned"]
        rows.append(
            {
                "release_id": release["release_id"],
                "period": release["period"],
                "effect": EFFECTS[delivery_id in before, delivery_id in now],
                "would_change": before != now or release["extracts"] not in (None, compared),
                "enter": [name for name in now if name not in before],
                "leave": [name for name in before if name not in now],
                "removed": [name for name, _ in gone],
            }
        )
    return rows


def removed_of(period: str) -> list[str]:
    """The deliveries, of any agency, that assessing a period anew needs and of which rows were removed: it cannot be done then."""
    with warehouse.connect() as connection:
        (state,) = _states(connection, [period])
        return [name for name, _ in without_rows(connection, chain.from_iterable(state.values()))]


def _states(connection: Connection, periods: Sequence[str]) -> list[dict[str, list[str]]]:
    """For each period the deliveries that assessing it would take, by agency."""
    accepted = {agency: accepted_deliveries(connection, agency) for agency in load_contracts()}
    return [
        {
            agency: state_sequence(accepted[agency], period, contract.is_append_only)
            for agency, contract in load_contracts().items()
        }
        for period in periods
    ]


def _agency(connection: Connection, delivery_id: str) -> str:
    row = connection.execute(
        "select agency from meta.deliveries where delivery_id = %s and status = 'accepted'", [delivery_id]
    ).fetchone()
    if row is None:
        raise UserError(
            f"No delivery {neutral_name(delivery_id)} was accepted.",
            "meta.deliveries",
            "`akrim deliveries` shows what came, and what of it was accepted.",
        )
    return str(row[0])
