"""Deliveries come at six in the morning in Norway, in summer as in winter."""

import pytest
from akrim.contracts import DECISIONS_SENDER
from akrim.periods import Period
from akrim.synthetic.world.timeline import delivered_at


@pytest.mark.parametrize(
    ("agency", "period", "told"),
    [
        ("nav", Period(2025, 3), "2026-01-04T06:00:00+01:00"),
        ("brreg", Period(2026, 1), "2026-05-01T06:00:00+02:00"),
        # Summer time ends with October.
        (DECISIONS_SENDER, Period(2026, 2), "2026-10-10T06:00:00+02:00"),
    ],
)
def test_a_delivery_comes_at_six_by_norwegian_clocks(agency: str, period: Period, told: str) -> None:
    assert delivered_at(agency, period, 1) == told
