"""What lies between a release and the one before it: pinned inputs that differ, persons merged, split, decided on.

The previous release is the one whose standing persons this release started from: the newest that was out when the
release was pinned. It never changes afterwards, so neither does the comparison.
"""

import pyarrow as pa

from akrim import ledger, warehouse
from akrim.ledger import Pins
from akrim.releases.changes import Comparison
from akrim.releases.overview import DECISIONS_AGENCY
from akrim.releases.tables import literal

LIST = """
select person_id, rank::bigint as rank, total_points::bigint as total_points, proposed_status, status
from marts.assessments where release_id = {release_id} and centre_id = {centre_id}
"""
IDENTITIES = """
select old_person_id, person_id, change from linkage.person_id_history
where release_id = {release_id} order by old_person_id, person_id
"""
NEWLY_DECIDED = """
select distinct person_id from marts.prioritisations where release_id = {release_id}
and decision_id not in (select decision_id from marts.prioritisations where release_id = {previous})
"""


def differing_inputs(pins: Pins) -> list[str]:
    """The kinds of pinned input that differ from the previous release's; none for a first release."""
    if pins.base_release_id is None:
        return []
    before, after = ledger.load(pins.base_release_id).inputs, pins.inputs
    differing = [
        kind
        for kind, key in (
            ("rule", "rules"),
            ("linkage", "model"),
            ("link_decision", "link_decisions"),
            ("code", "code"),
        )
        if before.get(key) != after.get(key)
    ]
    deliveries = [dict(inputs["deliveries"]) for inputs in (before, after)]
    decisions = [by_agency.pop(DECISIONS_AGENCY, []) for by_agency in deliveries]
    if decisions[0] != decisions[1]:
        differing.append("prioritisation")
    if deliveries[0] != deliveries[1]:
        differing.append("source")
    return differing


def comparison_for(pins: Pins, centre_id: str, differing: list[str]) -> Comparison:
    """What the centre's present list is compared by."""
    release_id, previous = literal(pins.release_id), literal(pins.base_release_id or "")
    centre = literal(centre_id)

    def rows(query: str) -> pa.Table:
        cursor.execute(query)
        return cursor.fetch_arrow_table()

    with warehouse.arrow_cursor() as cursor:
        return Comparison(
            previous=rows(LIST.format(release_id=previous, centre_id=centre)),
            present=rows(LIST.format(release_id=release_id, centre_id=centre)),
            identities=rows(IDENTITIES.format(release_id=release_id)).to_pylist(),
            decided=set(
                rows(NEWLY_DECIDED.format(release_id=release_id, previous=previous))["person_id"].to_pylist()
            ),
            differing=differing,
        )
