"""How values are written on pages."""

import pytest
from akrim.browser import rendering
from akrim.texts import LANGUAGES, Language


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("moment", "day", "time"),
    [("2026-07-05T22:30:00+00:00", "2026-07-06", "00:30"), ("2026-01-05T08:05:00+00:00", "2026-01-05", "09:05")],
    ids=["summer", "winter"],
)  # fmt: skip
def test_the_day_of_a_moment_is_norways_and_written_as_all_days(
    moment: str, day: str, time: str, language: Language
) -> None:
    assert rendering._moment(moment, language) == f"{rendering._day(day, language)}, {time}"


@pytest.mark.parametrize(
    ("bits", "written"),
    [(2.0, "+2,0"), (2.75, "+2,8"), (-1.0, "\u22121,0"), (0.04, "0,0"), (-0.04, "0,0"), (12.345, "+12,3")],
)
def test_weights_stand_below_each_other_with_their_signs(bits: float, written: str) -> None:
    assert rendering._weight(bits, "nb") == written
