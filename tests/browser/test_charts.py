"""The axes of charts: each label says where its line lies."""

import pytest
from akrim.browser.charts import Point, chart


@pytest.mark.parametrize("least", [0.85, 0.992, 0.9969, 0.9993, 0.9995])
def test_labels_of_shares_are_hundredths_of_a_per_cent(least: float) -> None:
    drawn = chart([Point("2026-T1.1", 0.9998, least, 1.0)], least, 1.0)
    said = [tick.said * 10_000 for tick in drawn.rows if isinstance(tick.said, float)]
    assert len(said) >= 2
    assert said == pytest.approx([round(number) for number in said], abs=1e-6)
