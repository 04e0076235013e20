"""What is kept of each category on a day: its limit, its oldest, what is past the limit, and of that what is due and what stays."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

import psycopg

from akrim import warehouse
from akrim.deliveries import removal
from akrim.expiry.units import Keeping, Unit, units_of
from akrim.retention import Limit, require_limits


@dataclass(frozen=True)
class CategoryState:
    """A category on a day; `cut_off` is the last day that is past the limit."""

    limit: Limit
    cut_off: date
    units: tuple[Unit, ...]

    @property
    def oldest(self) -> date | None:
        return min((unit.day for unit in self.units), default=None)

    @property
    def rows(self) -> int:
        return sum(unit.rows for unit in self.units)

    @property
    def past(self) -> list[Unit]:
        """What is past the limit."""
        return [unit for unit in self.units if unit.day <= self.cut_off]

    @property
    def due(self) -> list[Unit]:
        """What is past the limit and rested on by nothing: what is removed."""
        return [unit for unit in self.past if not unit.kept_because]

    @property
    def staying(self) -> dict[str, int]:
        """Why rows past the limit stay, and how many."""
        counted: Counter[str] = Counter()
        for unit in self.past:
            if unit.kept_because:
                counted[unit.kept_because] += unit.rows
        return dict(counted)


def survey(connection: psycopg.Connection, on: date) -> list[CategoryState]:
    """Every category as it stands on that day.

    Raises UserError where a category has no limit.
    """
    keeping = Keeping(connection)
    return [state_of(keeping, limit, on) for limit in require_limits().values()]


def told_unlimited(connection: psycopg.Connection) -> str:
    """What to do about rows that have no limit, since no contract describes them any more; empty where there are none."""
    lying = removal.listing.without_contract(connection)
    if not lying:
        return ""
    rows = ", ".join(f"{count:,} of {extract}" for extract, count in lying.items())
    return (
        f"rows without a contract, which stay for ever: {rows}; put the contract back (AKRIM_CONTRACTS), with the extract"
        " `optional` and nothing of it in force, until retention has removed them"
    )


def state_of(keeping: Keeping, limit: Limit, on: date) -> CategoryState:
    """One category as it stands on that day."""
    last = _cut_off(keeping.connection, limit, on)
    return CategoryState(limit, last, tuple(units_of(keeping, limit, last)))


def cut_off(category: str, on: date) -> date:
    """The last day that is past a category's limit on that day."""
    with warehouse.connect() as connection:
        return _cut_off(connection, require_limits()[category], on)


def _cut_off(connection: psycopg.Connection, limit: Limit, on: date) -> date:
    (row,) = connection.execute("select (%s - %s::interval)::date", [on, limit.interval]).fetchall()
    day: date = row[0]
    return day
