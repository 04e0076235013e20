"""What speaks for a person, from rows as a release holds them."""

from datetime import date
from typing import Any

import pytest
from akrim.report.profile.fairness import duly_wound_up

SOUND = {
    "orgnr": "1",
    "deleted_date": date(2025, 12, 31),
    "is_bankrupt": False,
    "bankruptcy_date": None,
    "is_compulsory_dissolution": False,
}


@pytest.mark.parametrize(
    ("enterprise", "is_leading", "speaks"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"deleted_date": None}, True, False),
        ({"deleted_date": date(2026, 1, 1)}, True, False),
        ({"is_bankrupt": True}, True, False),
        ({"bankruptcy_date": date(2024, 1, 1)}, True, False),
        ({"is_compulsory_dissolution": True}, True, False),
    ],
)
def test_only_an_enterprise_that_was_led_and_duly_wound_up_speaks_for_the_person(
    enterprise: dict[str, Any], is_leading: bool, speaks: bool
) -> None:
    row = SOUND | enterprise
    roles = [{"orgnr": "1", "is_leading": is_leading}, {"orgnr": "unknown", "is_leading": True}]
    assert duly_wound_up(roles, {"1": row}, date(2025, 12, 31)) == ([row] if speaks else [])
