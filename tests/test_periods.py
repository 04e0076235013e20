"""Tertials: their limits, their order, and what is none."""

from datetime import date

import pytest
from akrim.errors import UserError
from akrim.periods import Period


@pytest.mark.parametrize(
    ("text", "start", "as_of"),
    [
        ("2026-T1", date(2026, 1, 1), date(2026, 4, 30)),
        ("2026-T2", date(2026, 5, 1), date(2026, 8, 31)),
        ("2025-T3", date(2025, 9, 1), date(2025, 12, 31)),
    ],
)
def test_a_period_knows_its_limits(text: str, start: date, as_of: date) -> None:
    period = Period.parse(text)
    assert (period.start, period.as_of, str(period)) == (start, as_of, text)


def test_periods_sort_by_time_as_they_do_as_text() -> None:
    texts = ["2026-T1", "2025-T3", "2025-T2", "2026-T2"]
    assert [str(p) for p in sorted(map(Period.parse, texts))] == sorted(texts)
    assert Period.parse("2025-T3").next == Period.parse("2026-T1")


@pytest.mark.parametrize("text", ["2026", "2026-T0", "2026-T4", "2026-t1", "26-T1", "2026-T1 ", ""])
def test_anything_else_is_no_period(text: str) -> None:
    with pytest.raises(UserError, match="is no period"):
        Period.parse(text)
