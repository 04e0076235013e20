"""The network as it is drawn: an arrow a role with its years, what is led through others, other ties, and nobody who looks like another."""

import random
import re
from datetime import date
from typing import Any

import pytest
from akrim.report.blocks import Drawing, Listing, Name
from akrim.report.profile.facts import Facts
from akrim.report.profile.network import network_part
from akrim.report.wording import Words

from tests.report.tables import tables_of

OWN, THROUGH = "200000039", "200000020"


def role(
    person_id: str, orgnr: str, start: int, end: int | None = None, is_leading: bool = True
) -> dict[str, Any]:
    return {
        "person_id": person_id, "orgnr": orgnr, "role_code": "DAGL", "role_id": f"{person_id}-{orgnr}", "is_leading": is_leading,
        "is_active": end is None, "valid_from": date(start, 1, 1), "valid_to": date(end, 1, 1) if end else None,
    }  # fmt: skip


def tie(kind: str, one: str, other: str, what: str) -> dict[str, Any]:
    return {"from_kind": kind, "to_kind": kind, "from_id": one, "to_id": other, "tie": what}


FRONT = {
    "person_id": "p",
    "front_person_id": "q1aa",
    "orgnr": THROUGH,
    "tie": "handover",
    "since_date": date(2025, 2, 1),
}
ROLES = [
    role("p", OWN, 2018, 2020), role("q1aa", OWN, 2020), role("q2bb", OWN, 2019, is_leading=False), role("q1aa", THROUGH, 2025),
]  # fmt: skip
PERSONS = [{"person_id": person_id, "full_name": "Kari Lik"} for person_id in ("q1aa", "q2bb")]
ENTERPRISES = [
    {"orgnr": OWN, "enterprise_name": "EGET AS"},
    {"orgnr": THROUGH, "enterprise_name": "GJENNOM AS"},
]
ALL: dict[str, list[dict[str, Any]]] = {
    "roles": ROLES, "persons": PERSONS, "enterprises": ENTERPRISES, "straw_man_ties": [FRONT],
    "network_ties": [tie("person", "p", "q1aa", "shared_home"), tie("enterprise", OWN, THROUGH, "succession")],
}  # fmt: skip


def part(of: str = "p", **rows: list[dict[str, Any]]) -> tuple[str, Listing]:
    """A person's drawing and its words."""
    facts = Facts(tables_of(**rows), {"p": "p-1", "q1aa": "p-2", "q2bb": ""}, date(2025, 12, 31), {}, [])
    blocks = network_part({"person_id": of, "name": "Per Prøve"}, facts, Words("nb"))
    (drawing,) = [block for block in blocks if isinstance(block, Drawing)]
    (listing,) = [block for block in blocks if isinstance(block, Listing)]
    return drawing.svg, listing


def test_each_role_is_an_arrow_to_the_enterprise_with_its_years() -> None:
    svg, _ = part(**ALL)
    kinds = [svg.count(f'class="tie-{kind}"') for kind in ("leading", "other", "through", "beside")]
    assert kinds == [3, 1, 1, 2]
    assert [svg.count(f"g-arrow-{side}") for side in ("right", "left")] == [2, 3]
    for years in ("2018–2020", "fra 2025", "2020–", "2019–", "2025–"):
        assert f">{years}</text>" in svg


@pytest.mark.parametrize("seed", range(8))
def test_years_lie_on_a_ground_of_their_own_over_no_others_and_no_box(seed: int) -> None:
    """However many are in however many enterprises; most roles find room for their years."""
    chance = random.Random(seed)
    orgnrs = [f"20000{n:04}" for n in range(chance.randint(1, 8))]
    persons = [f"q{n:02}" for n in range(chance.randint(2, 12))]
    roles = [role("p", orgnr, 2015, chance.choice([None, 2019])) for orgnr in orgnrs]
    roles += [
        role(person_id, orgnr, 2016, chance.choice([None, 2020]))
        for person_id in persons
        for orgnr in chance.sample(orgnrs, min(len(orgnrs), chance.choice([1, 1, 2])))
    ]
    svg, _ = part(roles=roles, persons=[{"person_id": p, "full_name": p} for p in persons])
    boxes = {
        kind: [tuple(map(float, found)) for found in re.findall(
            rf'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"[^>]* class="{kind}', svg)]
        for kind in ("ground", "box")
    }  # fmt: skip
    grounds = boxes["ground"]
    for place, ground in enumerate(grounds):
        assert not any(overlap(ground, other) for other in (*grounds[place + 1 :], *boxes["box"]))
    said = re.findall(r'class="ground"/><text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]+)<', svg)
    assert len(said) == len(grounds) > len(roles) / 2
    for (left, top, width, height), (x, y, years) in zip(grounds, said, strict=True):
        assert left + width / 2 == pytest.approx(float(x), abs=0.1)
        assert width >= 5.5 * len(years)
        assert top + 7 < float(y) < top + height


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Whether two boxes, each by its left, top, width and height, lie over each other."""
    return all(one[n] < other[n] + other[n + 2] and other[n] < one[n] + one[n + 2] for n in (0, 1))


def test_who_stands_in_is_joined_to_the_enterprise_where_the_role_itself_is_not_told() -> None:
    svg, listing = part(**ALL | {"roles": ROLES[:-1]})
    assert [svg.count(f'class="tie-{kind}"') for kind in ("leading", "through")] == [3, 1]
    assert "GJENNOM AS" in str(listing.items)


def test_where_somebody_stands_in_for_another_is_drawn_with_that_other_alone() -> None:
    svg, listing = part("q1aa", **ALL | {"roles": ROLES[-1:]})
    assert [svg.count(f'class="tie-{kind}"') for kind in ("leading", "through")] == [1, 1]
    assert "styrer trolig GJENNOM AS gjennom en annen fra 2025" in str(listing.items)


def test_an_enterprise_has_its_number_and_no_two_boxes_read_alike() -> None:
    svg, _ = part(**ALL)
    boxes = re.findall(
        r'<rect[^>]*class="box[^>]*/><text[^>]*>([^<]*)</text>(?:<text[^>]*>([^<]*)</text>)?', svg
    )
    assert ("EGET AS", OWN) in boxes
    assert len(set(boxes)) == len(boxes) == 5


def test_whoever_is_on_the_list_is_linked_and_ties_are_told_in_words() -> None:
    _, listing = part(**ALL)
    flat = [run for item in listing.items for run in (item if isinstance(item, list | tuple) else [item])]
    assert {run.target for run in flat if isinstance(run, Name)} == {"p-2", ""}
    said = " ".join(getattr(run, "text", "") for run in flat)
    for text in (
        "ledende rolle i EGET AS 2020–",
        "rolle i EGET AS 2019–",
        "Per Prøve og Kari Lik: felles bosted",
    ):
        assert text in said


def test_one_alone_in_an_enterprise_has_no_network() -> None:
    facts = Facts(tables_of(roles=[role("p", OWN, 2018)]), {"p": ""}, date(2025, 12, 31), {}, [])
    assert network_part({"person_id": "p", "name": "Per Prøve"}, facts, Words("nb")) == ()
