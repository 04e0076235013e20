"""The first page's answers in a few words: who is first, who has changed, and what calls for caution."""

from dataclasses import replace
from typing import Any

import pyarrow as pa
from akrim.report import Earlier

from tests.report.first_page import DECIDED, LINE, answers, background, build_material, built, entry, is_short


def test_it_answers_shortly_who_is_first_who_has_changed_and_what_calls_for_caution() -> None:
    changes: list[dict[str, Any]] = [
        {"change": "rose", "person_id": f"p{n}", "cause": "source", "causes": [{"cause": "source", "points": n}],
         "before": LINE, "after": LINE | {"total_points": 10 + n}}
        for n in range(1, 6)
    ]  # fmt: skip
    changes[-1]["after"] |= {"proposed_status": "trusselaktor"}
    listed = [entry(n, **DECIDED) for n in range(1, 6)]
    listed[0] |= {"ahead": "8 poeng mer enn nr. 2, og samme foreslåtte status"}
    listed[1] |= {"is_weakly_linked": True, "range": "8–20"}
    listed[2] |= {"is_weakly_linked": True}
    listed[4] |= {"range": "38–40"}
    listed[3] |= {"disputing": "Omstridt fra 1.12.2025"}
    found = answers(replace(build_material(listed), changes=changes))
    assert found == {
        "Hvem står først, og hvorfor?": "Person 1 | 40 poeng; 8 poeng mer enn nr. 2, og samme foreslåtte status | "
        "Kobling: sikker. Ingenting er funnet som taler til fordel.",
        "For hvem er noe endret siden 2025-T2.1?": "Person 5 | foreslått: ingen status → trusselaktør | Person 4 | 10 → 14 poeng | 3 personer til",
        "Hva må leses med forbehold?": "Svak kobling, som poengene hviler på: Person 2. | "
        "Poeng som hviler på svake koblinger hos andre: Person 5. | Svak kobling, uten betydning for poengene: Person 3. | "
        "Bestrider opplysninger: Person 4.",
    }
    # On a first list everybody is new, since nothing.
    first = answers(build_material([entry(1)], entered=("p1",), previous=None))
    assert [question.partition("?")[0] for question in first] == [
        "Hvem står først, og hvorfor",
        "Hva må leses med forbehold",
    ]
    calm = answers(build_material([entry(1, **DECIDED)]))
    assert calm["Hva må leses med forbehold?"] == "Ingen på listen er svakt koblet eller bestrider noe."
    # Where nobody is listed, what is to be said of the deliveries stands below the points.
    ages = [
        {
            "agency": "nav",
            "state": "changed",
            "days_old": 0,
            "newest_period": "2025-T3",
            "is_missing": False,
            "is_stale": False,
        }
    ]
    extracts = [
        {
            "agency": "nav",
            "extract": "saker",
            "state": "changed",
            "unavailable_because": None,
            "is_stale": False,
            "is_confirmed": False,
        }
    ]
    blocks = built(build_material([], delivery_ages=ages, extract_ages=extracts))
    assert not any(is_short(block) for block in blocks)
    assert background(blocks).endswith("alle leveransene er oppdatert.")


def test_of_a_revision_who_has_changed_is_told_by_the_facts_since_the_period_before() -> None:
    def observed(points: int) -> list[dict[str, Any]]:
        row = {"person_id": "p1", "indicator_code": "convicted", "checked": "fired", "dimension": "intention"}
        return [row | {"points": points, "value": 1.0, "evidence": "[]", "events": "[]"}]

    rose = {"change": "rose", "person_id": "p1", "cause": "source", "causes": [{"cause": "source", "points": 5}],
            "before": LINE, "after": LINE | {"total_points": 15}}  # fmt: skip
    material = build_material(
        [entry(1, **DECIDED)],
        earlier={"previous": "2025-T1.1", "changes": [rose], "groups": []},
        indicator_observations=observed(15),
    )
    revision, period_before = (
        {"indicator_observations": pa.Table.from_pylist(observed(n))} for n in (15, 10)
    )
    found = answers(replace(material, earlier=Earlier(revision, period_before)))
    assert found["For hvem er noe endret siden 2025-T1.1?"] == "Person 1 | 10 → 15 poeng; Domfelt +5"
