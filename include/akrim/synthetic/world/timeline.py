"""The world's time: whole days since 1970 as integers, from BEGIN to END, whatever period is requested.

A period is a cut through this time, so a later period contains the earlier one, continued.
"""

from datetime import date, datetime, time, timedelta

import numpy as np
import numpy.typing as npt

from akrim.contracts import DECISIONS_SENDER
from akrim.errors import UserError
from akrim.periods import NORWAY, Period
from akrim.synthetic.world.randomness import Integers

DAY_ZERO = date(1970, 1, 1)


def day(year: int, month: int = 1) -> int:
    """The first of a month, or of a year."""
    return (date(year, month, 1) - DAY_ZERO).days


BEGIN = day(2010)
# The persons asked for are there by this day; those who come later come on top of them.
PRESENT = day(2026)
END = day(2033) - 1
NEVER = day(9000)
ALWAYS = day(1900)
FIRST_PERIOD = Period(2015, 1)
LAST_PERIOD = Period(2032, 3)

# Days from the cut-off date to the delivery, as in the agencies' agreement.
DELIVERY_DAYS = {
    "brreg": 1,
    "nav": 4,
    "arbeidstilsynet": 6,
    "skatteetaten": 10,
    "politiet": 12,
    DECISIONS_SENDER: 40,
}


def cut_off(period: Period) -> int:
    """The period's as_of in days; raises UserError where the world has no such time."""
    if not FIRST_PERIOD <= period <= LAST_PERIOD:
        raise UserError(
            f"The synthetic world has no period {period}.",
            "--period",
            f"Choose one from {FIRST_PERIOD} to {LAST_PERIOD}.",
        )
    return (period.as_of - DAY_ZERO).days


def delivery_day(agency: str, period: Period, number: int) -> date:
    """A later number of the same period comes two days after the one before."""
    return period.as_of + timedelta(days=DELIVERY_DAYS.get(agency, 8) + 2 * (number - 1))


def delivered_at(agency: str, period: Period, number: int) -> str:
    return datetime.combine(delivery_day(agency, period, number), time(6), NORWAY).isoformat()


def years_of(days: Integers) -> Integers:
    return as_dates(days).astype("datetime64[Y]").astype(np.int64) + 1970


def as_dates(days: Integers) -> npt.NDArray[np.datetime64]:
    return days.astype("datetime64[D]")


def month_and_day(days: Integers) -> tuple[Integers, Integers]:
    dates = as_dates(days)
    months = dates.astype("datetime64[M]")
    return months.astype(np.int64) % 12 + 1, (dates - months).astype(np.int64) + 1


def first_of_year(days: Integers) -> Integers:
    return as_dates(days).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)


def day_and_month_swapped(days: Integers) -> Integers:
    """1 February read as 2 January; a date whose day is no month stays."""
    months, days_of_month = month_and_day(days)
    starts = as_dates(days).astype("datetime64[Y]").astype("datetime64[M]")
    swapped = (starts + (days_of_month - 1)).astype("datetime64[D]").astype(np.int64) + months - 1
    return np.where(days_of_month <= 12, swapped, days)
