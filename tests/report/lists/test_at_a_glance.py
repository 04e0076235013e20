"""The list before it is read: everybody is drawn once, by points and by what has changed, and counted once by municipality and industry."""

import itertools
import random
import re
from datetime import date
from typing import Any

import pytest
from akrim.report import Edition, Reference
from akrim.report.blocks import Columns, Drawing, Table
from akrim.report.lists.at_a_glance import MAX_BARS, where_and_in_what
from akrim.report.lists.plot import plot
from akrim.report.lists.ranking import NEWEST
from akrim.report.material import Material
from akrim.report.wording import Words

from tests.report.tables import tables_of

AS_OF = date(2025, 12, 31)
# Two ways to one status, and a status that takes no capacity.
THRESHOLDS = [
    {
        "proposed_status": status,
        "minimum_intention_points": x,
        "minimum_capacity_points": y,
        "minimum_areas": 1,
    }
    for status, x, y in (("potensiell_trusselaktor", 20, 0), ("trusselaktor", 35, 5), ("trusselaktor", 60, 0))
]


def entry(
    place: int, intention: int, capacity: int, *moves: str, move: int = 0, **about: Any
) -> dict[str, Any]:
    return {
        "person_id": f"p{place}", "name": f"Person {place}", "place": place, "rank": str(place), "is_dismissed": False,
        "intention": str(intention), "capacity": str(capacity), "moves": list(moves),
        "order": {"intention": intention, "capacity": capacity, "move": move},
    } | about  # fmt: skip


def material(*ranking: dict[str, Any], **rows: list[dict[str, Any]]) -> Material:
    reference = Reference("nb", ["oslo"], {}, THRESHOLDS, [], [], [], {}, {}, [])
    edition = Edition("2025-T3.1", "2025-T3", AS_OF, "oslo", None, True, {})
    return Material(edition, tables_of(**rows), [], reference, Words("nb"), ranking)


def drawn(*ranking: dict[str, Any]) -> Drawing:
    (found,) = [block for block in plot(material(*ranking)) if isinstance(block, Drawing)]
    return found


def test_everybody_standing_is_drawn_once_by_what_has_changed() -> None:
    svg = drawn(
        entry(1, 60, 10, "Ny på listen", move=NEWEST), entry(2, 40, 5, "Flere poeng", move=5), entry(3, 25, 0),
        entry(4, 99, 9, is_dismissed=True),
    ).svg  # fmt: skip
    uses = ["g-dot-new", "g-dot-moved", "g-dot"]
    assert [svg.count(f'href="#{use}"') for use in uses] == [1, 1, 1]
    assert "1 Person 1: 60 / 10" in svg
    assert "Person 4" not in svg


def boxes(svg: str) -> list[tuple[float, float, float, float]]:
    """What the plot's names and numbers take at least: left, upper, right and lower edge."""
    texts = re.findall(r'<text x="([\d.]+)" y="([\d.]+)" class="year( centred halo)?">([^<]+)', svg)
    found = []
    for x, y, is_number, text in ((float(x), float(y), number, text) for x, y, number, text in texts):
        width = 5.5 * len(text)
        left = x - width / 2 if is_number else x
        found.append((left, y - 7, left + width, y))
    return found


def crossed(svg: str) -> list[tuple[float, float, float, float]]:
    """The boxes that a threshold's line crosses; every part of a line is upright or level."""
    lines = [
        itertools.pairwise([(float(x), float(y)) for x, y in re.findall(r"([\d.]+) ([\d.]+)", path)])
        for path in re.findall(r'd="M([^"]+)" class="threshold"', svg)
    ]
    parts = [(*sorted((a, c)), *sorted((b, d))) for line in lines for (a, b), (c, d) in line]
    return [
        box for box in boxes(svg)
        if any(box[0] < right and left < box[2] and box[1] < lower and upper < box[3] for left, right, upper, lower in parts)
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_no_number_and_no_name_lies_over_a_threshold(seed: int) -> None:
    chance = random.Random(seed)
    on_lines = [
        entry(n, intention, capacity)
        for n, (intention, capacity) in enumerate(((20, 0), (20, 3), (35, 5), (50, 5), (60, 2)))
    ]
    rest = [entry(n, chance.randint(15, 90), chance.randint(0, 9)) for n in range(6, 46)]
    both = drawn(*on_lines, *rest)
    for svg, across, numbered in ((both.svg, 800, 25), (both.narrow, 350, 10)):
        assert crossed(svg) == []
        assert max(right for _, _, right, _ in boxes(svg)) <= across, "a name is cut off"
        assert svg.count("centred halo") > numbered


def test_two_at_one_place_have_their_numbers_on_both_sides_and_a_crowd_is_not_numbered() -> None:
    svg = drawn(*(entry(n, 60, 10) for n in range(1, 21))).svg
    assert [f">{number}</text>" in svg for number in (1, 2, 19)] == [True, True, False]
    assert svg.count("<use") == 20


def test_each_status_has_one_line_of_thresholds_with_its_steps() -> None:
    svg = drawn(entry(1, 60, 10)).svg
    assert svg.count('class="threshold"') == 2
    assert [svg.count(f">{status}</text>") for status in ("Potensiell trusselaktør", "Trusselaktør")] == [
        1,
        1,
    ]


def test_without_anybody_there_is_nothing_to_draw_or_count() -> None:
    assert plot(material()) == where_and_in_what(material()) == ()


def bars(found: Material) -> dict[str, list[tuple[Any, ...]]]:
    (sides,) = where_and_in_what(found)
    assert isinstance(sides, Columns)
    tables = [block for part in sides.parts for block in part if isinstance(block, Table)]
    return {table.columns[0].title: [tuple(row) for row in table.rows] for table in tables}


def person(number: int, municipality: str | None) -> dict[str, Any]:
    return {"person_id": f"p{number}", "full_name": "", "municipality_name": municipality}


def test_the_commonest_municipalities_are_named_and_the_rest_counted_together() -> None:
    places = ["Oslo", "Oslo", None, *(f"Kommune {n}" for n in range(MAX_BARS))]
    ranking = [entry(n, 20, 0) for n in range(len(places))]
    rows = bars(material(*ranking, persons=[person(n, place) for n, place in enumerate(places)]))["Kommune"]
    assert rows[0] == ("Oslo", 100, "2")
    assert rows[-1] == ("2 til", 100, "2")
    assert sum(int(row[2]) for row in rows) == len(places)


@pytest.mark.parametrize(
    ("state", "counted"),
    [({}, 1), ({"is_bankrupt": True}, 0), ({"deleted_date": AS_OF}, 0), ({"is_winding_up": True}, 0)],
)
def test_industries_are_those_of_enterprises_in_operation(state: dict[str, Any], counted: int) -> None:
    enterprise = {
        "orgnr": "200000039", "enterprise_name": "X AS", "industry_name": "Malerarbeid", "is_bankrupt": False, "bankruptcy_date": None,
        "deleted_date": None,
        "is_winding_up": False, "is_compulsory_dissolution": False,
    } | state  # fmt: skip
    role = {"person_id": "p1", "orgnr": "200000039", "is_leading": True, "is_active": True, "role_id": "r"}
    found = material(entry(1, 20, 0), persons=[person(1, "Oslo")], roles=[role], enterprises=[enterprise])
    assert [row[0] for row in bars(found)["Næring"]] == ["Malerarbeid"] * counted
