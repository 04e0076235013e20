"""What would be made otherwise today: the newest release, where its deliveries are no longer what counts; or none of the newest period."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from akrim import warehouse
from akrim.characters import neutral_name
from akrim.contracts import load_contracts
from akrim.deliveries.state import accepted_deliveries, state_sequence
from akrim.orchestration.alerts.alert import Alert

# One that waits for a person is told of by itself.
NEWEST = """
    select release_id, period, pins -> 'deliveries' as pinned from meta.releases as r where status = 'published'
    and not exists (
        select from meta.releases_awaiting_approval as a join meta.releases as waiting using (release_id)
        where waiting.period = r.period
    ) order by as_of desc, revision desc limit 1
"""
RECALLED = """
    select release_id, period from meta.releases as r where status = 'recalled'
    and not exists (select from meta.releases as p where p.status = 'published' and p.as_of >= r.as_of) order by as_of desc, revision desc limit 1
"""
CHANGED = """
    select max(greatest(d.received_at, w.withdrawn_at))
    from meta.deliveries as d left join meta.delivery_withdrawals as w using (delivery_id)
    where d.status = 'accepted' and d.delivery_id = any(%s)
"""


def outdated(since: timedelta, made: Collection[str] = ()) -> list[Alert]:
    """At most one of each kind. Centres' decisions do not count: the next assessment takes them.

    Args:
        since: how long ago the last change must be, so that a scheduler has had the time to assess what came, and the agency to deliver anew.
        made: the periods of which the next revision is made and does not go out, which is told by itself.
    """
    with warehouse.connect() as connection:
        recalled = [Alert("none_in_force", row) for row in warehouse.read_rows(connection, RECALLED)]
        for release in warehouse.read_rows(connection, NEWEST):
            moved = release["period"] not in made and _moved(connection, release)
            if moved and _last_change(connection, moved) <= datetime.now(UTC) - since:
                named = ", ".join(map(neutral_name, moved))
                about = {name: release[name] for name in ("release_id", "period")}
                return [*recalled, Alert("outdated", about | {"deliveries": named})]
    return recalled


def _moved(connection: psycopg.Connection, release: dict[str, Any]) -> list[str]:
    """The deliveries that the release was made from and would not be now, and the other way round."""
    moved: set[str] = set()
    for agency, contract in load_contracts().items():
        if contract.is_append_only:
            continue
        before = {pinned["delivery_id"] for pinned in (release["pinned"] or {}).get(agency, [])}
        now = state_sequence(accepted_deliveries(connection, agency), release["period"], is_append_only=False)
        moved |= before ^ set(now)
    return sorted(moved)


def _last_change(connection: psycopg.Connection, delivery_ids: list[str]) -> datetime:
    ((changed,),) = connection.execute(CHANGED, [delivery_ids]).fetchall()
    return changed or datetime.min.replace(tzinfo=UTC)
