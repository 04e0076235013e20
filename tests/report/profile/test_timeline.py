"""The timeline, on a wide and on a narrow screen: all that is dated is on both, within the drawing, and no number of a year on another."""

import itertools
import random
import re
from datetime import date, timedelta
from typing import Any

import pytest
from akrim.report.blocks import Drawing
from akrim.report.profile.events import Event
from akrim.report.profile.facts import Facts
from akrim.report.profile.timeline import timeline_part
from akrim.report.wording import Words

from tests.report.tables import tables_of

AS_OF = date(2026, 4, 30)
KINDS = ("inspection", "bankruptcy", "case", "outcome_against", "control", "decision")
# The least that a letter takes.
LETTER = 5.5


def timeline(roles: list[dict[str, Any]], events: list[Event]) -> Drawing:
    facts = Facts(tables_of(roles=roles), {"p": ""}, AS_OF, {}, [])
    (drawn,) = [
        block for block in timeline_part("p", facts, events, Words("nb")) if isinstance(block, Drawing)
    ]
    return drawn


@pytest.mark.parametrize("seed", range(5))
def test_both_shapes_show_the_same_and_keep_within_the_drawing(seed: int) -> None:
    chance = random.Random(seed)

    def day() -> date:
        return AS_OF - timedelta(days=chance.randint(0, 4000))

    orgnrs = ["200000039", "200000020", "200000012"]
    roles = [
        {"person_id": "p", "orgnr": orgnr, "role_code": "DAGL", "role_id": orgnr, "is_leading": True, "is_active": True,
         "valid_from": day(), "valid_to": None}
        for orgnr in orgnrs
    ]  # fmt: skip
    events = [Event(day(), chance.choice(KINDS), "noe", chance.choice(orgnrs)) for _ in range(30)]
    drawn = timeline(roles, events)
    for svg, across in ((drawn.svg, 800), (drawn.narrow, 340)):
        assert f'viewBox="0 0 {across} ' in svg
        assert svg.count("<use") == 30
        assert svg.count("<rect") == 3
        placed = re.findall(r'<(?:rect|use)[^>]* x="([\d.]+)"[^>]* width="([\d.]+)"', svg)
        assert len(placed) == 33
        assert max(float(x) + float(width) for x, width in placed) <= across
        years = [float(x) for x in re.findall(r'<text x="([\d.]+)"[^>]* class="year"', svg)]
        assert len(years) > 3
        assert all(one + 4 * LETTER < other for one, other in itertools.pairwise(years))
        assert years[-1] + 4 * LETTER <= across
    assert "<title>" not in drawn.narrow


def test_on_a_narrow_screen_a_lane_is_named_above_its_line() -> None:
    """Beside it, the name would take most of the screen."""
    svg = timeline([], [Event(date(2025, 1, 1), "control", "noe")]).narrow
    (label,) = (float(y) for y in re.findall(r'<text y="([\d.]+)"', svg))
    (mark,) = (float(y) for y in re.findall(r'<use[^>]* y="([\d.]+)"', svg))
    assert label < mark
