"""Whether a scheduled assessment may start: every expected agency has delivered, or the wait for it is over.

The period is the newest one that has ended and has a delivery in force. A run that names its period is not checked.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from akrim import warehouse
from akrim.contracts import load_contracts
from akrim.periods import Period
from akrim.settings import get_settings


def today() -> date:
    """The date in Norway."""
    return datetime.now(ZoneInfo("Europe/Oslo")).date()


def newest_period(today: date) -> Period | None:
    """The newest period that has ended and has a delivery in force; early deliveries for the next do not delay this one."""
    with warehouse.connect() as connection:
        rows = connection.execute("select distinct period from meta.deliveries_in_force").fetchall()
    return max((p for p in (Period.parse(row[0]) for row in rows) if p.as_of < today), default=None)


def missing_agencies(period: Period) -> list[str]:
    """The agencies that are expected to deliver each period and have not for this one."""
    with warehouse.connect() as connection:
        rows = connection.execute(
            "select distinct agency from meta.deliveries_in_force where period = %s",
            [str(period)],
        ).fetchall()
    accepted = {row[0] for row in rows}
    return [
        agency
        for agency, contract in load_contracts().items()
        if contract.is_expected_each_period and agency not in accepted
    ]


def is_wait_over(period: Period, today: date) -> bool:
    return today > period.as_of + timedelta(days=get_settings().days_to_wait)


def is_overdue(today: date) -> bool:
    """Whether the newest period must be assessed without a missing agency and has no release yet.

    A failed release counts, so that it is not repeated every few minutes.
    """
    period = newest_period(today)
    if period is None or not is_wait_over(period, today) or not missing_agencies(period):
        return False
    with warehouse.connect() as connection:
        row = connection.execute(
            "select 1 from meta.releases where period = %s limit 1", [str(period)]
        ).fetchone()
    return row is None
