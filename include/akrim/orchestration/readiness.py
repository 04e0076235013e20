"""Which period is to be assessed, and whether that may start: every expected agency has delivered, or the wait for it is over.

What comes new calls for the newest period that has ended: a delivery for an earlier one changes that one too. An earlier period is assessed
again only where somebody asks for it.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from akrim import warehouse
from akrim.contracts import load_contracts
from akrim.periods import Period
from akrim.settings import get_settings

CALLING = """
select distinct d.period from meta.deliveries_in_force as d
left join meta.delivery_replays as r on r.made = d.delivery_id
where d.delivery_id = any(%(deliveries)s) or greatest(d.received_at, r.done_at) >
    coalesce((select max(reserved_at) from meta.releases where period = %(period)s), '-infinity')
"""


# Of the period's newest release: pinned anew, it has what was said of homes since. One that failed where it was pinned, as its
# inputs were those of what is out, would fail there each time.
IS_GIVEN_UP = """
select published_at is null and coalesce(failure, '') not like 'pin: %%' and exists (select from meta.protected_since(release_id))
from meta.releases where period = %s order by revision desc limit 1
"""


def newest_period(today: date) -> Period | None:
    """The newest period that has ended and has a delivery in force; early deliveries for the next do not delay this one."""
    with warehouse.connect() as connection:
        rows = connection.execute("select distinct period from meta.deliveries_in_force").fetchall()
    return max((p for p in (Period.parse(row[0]) for row in rows) if p.as_of < today), default=None)


def awaited_period(today: date) -> Period | None:
    """The period that agencies are awaited for: the last one that has ended, even if nobody has delivered for it; None before anything came."""
    return Period.of(today).previous if newest_period(today) else None


def called_for(delivery_ids: Iterable[str], today: date) -> Period | None:
    """The period that has to be assessed because of deliveries; None where none of them is in force, or all are of later periods.

    So does what was accepted of anybody since the period was last pinned: its reception broke off after accepting it, or left the
    call to one that was still under way.
    """
    newest = newest_period(today)
    about = {"deliveries": list(delivery_ids), "period": str(newest)}
    with warehouse.connect() as connection:
        rows = connection.execute(CALLING, about).fetchall()
    return newest if newest and any(Period.parse(row[0]) <= newest for row in rows) else None


def is_delivered(period: Period) -> bool:
    """Whether anything delivered for the period is in force."""
    with warehouse.connect() as connection:
        query = "select from meta.deliveries_in_force where period = %s limit 1"
        return connection.execute(query, [str(period)]).fetchone() is not None


def missing_agencies(period: Period) -> list[str]:
    """The agencies that are expected to deliver each period and have not for this one."""
    with warehouse.connect() as connection:
        rows = connection.execute(
            "select distinct agency from meta.deliveries_in_force where period = %s", [str(period)]
        ).fetchall()
    accepted = {row[0] for row in rows}
    return [
        agency
        for agency, contract in load_contracts().items()
        if contract.is_expected_each_period and agency not in accepted
    ]


def is_wait_over(period: Period, today: date) -> bool:
    return today > period.as_of + timedelta(days=get_settings().days_to_wait)


def waits_for(period: Period, today: date) -> list[str]:
    """The agencies without which the period is not assessed yet; none once the wait for them is over."""
    return [] if is_wait_over(period, today) else missing_agencies(period)


def overdue_period(today: date) -> Period | None:
    """The newest period, where it waits for no agency and has no release yet, or one that cannot go out since a home was protected meanwhile.

    Mostly its last delivery has called for it; but not where the wait for others ended since, nor while `assess` was paused, nor where what protects
    the home is for a later period. A release that failed otherwise counts, so that it is not repeated every few minutes.
    """
    period = newest_period(today)
    if period is None or waits_for(period, today):
        return None
    with warehouse.connect() as connection:
        row = connection.execute(IS_GIVEN_UP, [str(period)]).fetchone()
    return period if row is None or row[0] else None
