"""The list as a section: what its search finds beside what it shows."""

from datetime import date
from typing import Any

from akrim.report.blocks import Ranking
from akrim.report.sections.ranked_list import SECTION

from tests.report.first_page import DISMISSED, build_material, entry

TIE = {
    "person_id": "p1",
    "front_person_id": "q",
    "orgnr": "200000039",
    "tie": "handover",
    "since_date": date(2025, 2, 1),
}


SHOWN: dict[str, Any] = {
    "order": {}, "moves": [], "unavailable": "0", "status_code": "", "link": "", "total": "20", "intention": "20",
    "capacity": "0", "move": "", "shown_status": "",
}  # fmt: skip


def test_the_dismissed_stand_aside_and_nowhere_else() -> None:
    persons = [{"person_id": p, "full_name": p, "municipality_name": None} for p in ("p1", "p2", "p3")]
    ranking = [
        entry(1) | SHOWN,
        entry(2, proposed="", proposed_code=None) | SHOWN,
        entry(3, **DISMISSED) | SHOWN,
    ]
    (table,) = [b for b in SECTION.build(build_material(ranking, persons=persons)) if isinstance(b, Ranking)]
    assert [(group.is_aside, [line.anchor for line in group.lines]) for group in table.groups] == [
        (False, ["r-1"]),
        (False, ["r-2"]),
        (True, ["r-3"]),
    ]


def test_an_enterprise_led_through_another_is_found_by_name_number_and_who_leads_it() -> None:
    persons = [
        {"person_id": person_id, "full_name": name, "municipality_name": None}
        for person_id, name in (("p1", "Person 1"), ("p2", "Person 2"), ("q", "Kari Lik"))
    ]
    material = build_material(
        [entry(n) | SHOWN for n in (1, 2)],
        persons=persons,
        straw_man_ties=[TIE],
        enterprises=[
            {
                "orgnr": "200000039",
                "enterprise_name": "GJENNOM AS",
                "industry_name": None,
                "bankruptcy_date": None,
                "deleted_date": None,
            }
        ],
    )
    (ranking,) = [block for block in SECTION.build(material) if isinstance(block, Ranking)]
    searched = {line.anchor: line.search for group in ranking.groups for line in group.lines}
    assert searched == {"r-1": "p1 GJENNOM AS 200000039 Kari Lik", "r-2": "p2"}
