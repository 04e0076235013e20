"""Tertials: the periods that deliveries, assessments and releases are keyed by."""

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from akrim.errors import UserError

PERIOD_PATTERN = r"(?P<year>[12][0-9]{3})-T(?P<tertial>[123])"
# A release's id: its period and the revision, such as 2026-T1.1.
RELEASE_PATTERN = PERIOD_PATTERN + r"\.[0-9]{1,4}"
NORWAY = ZoneInfo("Europe/Oslo")


def today() -> date:
    """The day in Norway: by which everything of this day is judged and dated."""
    return datetime.now(NORWAY).date()


class Period(NamedTuple):
    """A tertial of four months; sorts by time."""

    year: int
    tertial: int

    @classmethod
    def parse(cls, text: str) -> "Period":
        """The period written as `2026-T1`; raises UserError for anything else."""
        match = re.fullmatch(PERIOD_PATTERN, text)
        if match is None:
            raise UserError(
                f"{text!r} is no period.", "period", "Write a tertial such as 2026-T1 (T1, T2 or T3)."
            )
        return cls(int(match["year"]), int(match["tertial"]))

    @classmethod
    def of(cls, day: date) -> "Period":
        """The period that the day is in."""
        return cls(day.year, (day.month + 3) // 4)

    @property
    def start(self) -> date:
        return date(self.year, 4 * self.tertial - 3, 1)

    @property
    def as_of(self) -> date:
        """The period's last day: the cut-off date of everything assessed for it."""
        return self.next.start - timedelta(days=1)

    @property
    def next(self) -> "Period":
        return Period(self.year + 1, 1) if self.tertial == 3 else Period(self.year, self.tertial + 1)

    @property
    def previous(self) -> "Period":
        return Period(self.year - 1, 3) if self.tertial == 1 else Period(self.year, self.tertial - 1)

    def __str__(self) -> str:
        return f"{self.year}-T{self.tertial}"


def release_order(release_id: str) -> tuple[Period, int]:
    """What releases are sorted by: the period, and the revision as a number."""
    period, _, revision = release_id.partition(".")
    return Period.parse(period), int(revision)
