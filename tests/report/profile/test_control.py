"""Who controls what through whom, which events carry the points, and why a status is proposed."""

import json
from datetime import date
from typing import Any

import pytest
from akrim.report.blocks import Listing, Table, Text
from akrim.report.profile.control import control_part
from akrim.report.profile.facts import Facts
from akrim.report.profile.findings.evidence import indicators_part
from akrim.report.profile.findings.proposal import proposal_line
from akrim.report.profile.findings.shared_events import shared_events_part
from akrim.report.wording import Words
from akrim.rules import load_rules

from tests.report.tables import tables_of

ORGNR = "200000012"
PERSONS = [{"person_id": "p", "full_name": "Per Bak"}, {"person_id": "q", "full_name": "Kari Front"}]
THRESHOLDS = [
    {
        "proposed_status": "trusselaktor",
        "minimum_intention_points": i,
        "minimum_capacity_points": c,
        "minimum_areas": 2,
    }
    for i, c in ((35, 5), (60, 0))
]


def facts(
    observations: list[dict[str, object]], capacity: int = 5, ties: list[dict[str, Any]] | None = None
) -> Facts:
    rows = [
        {"person_id": "p", "checked": "fired", "evidence": "[]", "events": "[]", "area": "tax", "dimension": "intention",
         "points_alone": 0} | row
        for row in observations
    ]  # fmt: skip
    intention = sum(int(str(row["points"])) for row in rows)
    assessed = [
        {"person_id": "p", "intention_points": intention, "capacity_points": capacity, "disputes": "[]"}
    ]
    tables = tables_of(
        persons=PERSONS, straw_man_ties=ties or [], assessments=assessed, indicator_observations=rows
    )
    return Facts(tables, {"p": ""}, date(2025, 12, 31), {}, load_rules(), THRESHOLDS)


@pytest.mark.parametrize(
    ("behind", "front", "told"),
    [
        ("p", "q", "Styrer trolig 200000012 gjennom Kari Front (videreført av nærstående, 03.02.2025)."),
        ("q", "p", "Leder trolig 200000012 på vegne av Kari Front (videreført av nærstående, 03.02.2025)."),
    ],
)
def test_it_is_told_who_stands_in_for_whom_and_by_what_sign(behind: str, front: str, told: str) -> None:
    tie = {"person_id": behind, "front_person_id": front, "orgnr": "200000012", "tie": "succession",
           "since_date": date(2025, 2, 3)}  # fmt: skip
    _, listing, note = control_part("p", facts([], ties=[tie]), Words("nb"))
    assert isinstance(listing, Listing)
    assert listing.items == [told]
    assert "ikke et bevis" in str(note)


@pytest.mark.parametrize("ended", ["bankruptcy_date", "deleted_date"])
def test_what_no_longer_operates_is_told_in_the_past(ended: str) -> None:
    tie = {
        "person_id": "p",
        "front_person_id": "q",
        "orgnr": "200000012",
        "tie": "handover",
        "since_date": date(2025, 2, 3),
    }
    found = facts([], ties=[tie])
    found.enterprises["200000012"] = {
        "enterprise_name": "Bak AS", "bankruptcy_date": None, "deleted_date": None, ended: date(2025, 3, 3),
    }  # fmt: skip
    _, listing, _ = control_part("p", found, Words("nb"))
    assert isinstance(listing, Listing)
    assert listing.items == [
        "Styrte trolig Bak AS (200000012) gjennom Kari Front (rollen overlatt, 03.02.2025)."
    ]


def test_without_a_tie_nothing_is_said() -> None:
    assert control_part("p", facts([]), Words("nb")) == ()


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        ("through_another", "Styrer eller styrte trolig 200000012 gjennom en annen, som ikke navngis her."),
        ("lent_name", "Er eller var trolig registrert i 200000012 for en annen, som ikke navngis her."),
    ],
)
def test_what_counts_through_somebody_whom_the_centre_is_not_told_of_is_said_without_a_name(
    mark: str, told: str
) -> None:
    rows = [
        {"agency": "brreg", "extract": extract, "orgnr": "200000012", mark: True}
        for extract in ("roller", "enheter")
    ]
    observed = [{"indicator_code": "bankruptcy", "points": 5, "evidence": json.dumps(rows)}]
    _, listing, _ = control_part("p", facts(observed), Words("nb"))
    assert isinstance(listing, Listing)
    assert listing.items == [told]


def facts_of_roles(*roles: dict[str, Any]) -> Facts:
    rows = json.dumps([{"agency": "brreg", "extract": "roller", **role} for role in roles])
    observed = {"indicator_code": "active_enterprises", "points": 3, "value": 3, "evidence": rows}
    return facts([observed | {"dimension": "capacity", "last_date": None}])


def evidence_told(found: Facts) -> str:
    (table,) = [block for block in indicators_part("p", found, Words("nb")) if isinstance(block, Table)]
    ((_, (_, line), _),) = table.rows
    return line.text


def test_evidence_tells_the_chain_through_which_an_enterprise_is_led() -> None:
    through = ["200000012", "200000020"]
    found = facts_of_roles({"source_row_id": "r1", "orgnr": "200000039", "through": through})
    found.enterprises["200000020"] = {"enterprise_name": "Mellom AS"}
    assert (
        evidence_told(found)
        == "Brønnøysundregistrene, rolle hos 200000039, som ledes gjennom 200000012 og Mellom AS (200000020)"
    )


def test_what_carries_a_bankrupt_enterprise_on_is_told_by_its_own_name() -> None:
    """Both rows are told for the bankrupt one's sake."""
    rows = [
        {"agency": "brreg", "extract": "enheter", "source_row_id": own, "orgnr": ORGNR, "date": day}
        for own, day in (("200000020", "2024-09-30"), (ORGNR, "2024-10-27"))
    ]
    observed = {"indicator_code": "planned_bankruptcy", "points": 8, "value": 1, "last_date": None}
    found = facts([observed | {"evidence": json.dumps(rows)}])
    found.enterprises |= {ORGNR: {"enterprise_name": "Gammel AS"}, "200000020": {"enterprise_name": "Ny AS"}}
    (table,) = [block for block in indicators_part("p", found, Words("nb")) if isinstance(block, Table)]
    ((_, (_, *lines), _),) = table.rows
    assert [line.text for line in lines] == [
        "Brønnøysundregistrene, foretak Ny AS: 30.09.2024", "Brønnøysundregistrene, foretak Gammel AS: 27.10.2024",
    ]  # fmt: skip


def test_a_role_is_told_by_whose_and_what_it_is_and_never_by_its_id_alone() -> None:
    """Whoever is told as standing in is named; the roles of others are counted, also where their names are known."""
    ids = ("r1", "r2", "r3", "r3", "r4")
    found = facts_of_roles(*({"source_row_id": role_id, "orgnr": ORGNR} for role_id in ids))
    role = {"orgnr": ORGNR, "role_code": "LEDE", "valid_from": date(2020, 6, 3), "valid_to": None}
    found.roles["p"] = [role | {"person_id": "p", "role_id": "r1"}]
    found.holders[ORGNR] = [
        role | {"person_id": person_id, "role_id": role_id}
        for person_id, role_id in (("q", "r2"), ("z", "r4"))
    ]
    found.names |= {"q": "Kari Testesen", "z": "Ola Testesen"}
    found.fronts.append({"person_id": "p", "front_person_id": "q", "orgnr": ORGNR})
    told = "styrets leder 2020\u2013 (r1), Kari Testesen, styrets leder 2020\u2013 (r2) og 2 til"
    assert evidence_told(found) == f"Brønnøysundregistrene, rolle hos {ORGNR}: {told}"


def test_points_are_told_by_area_where_there_are_several() -> None:
    observed = [
        {"indicator_code": code, "area": area, "points": points, "value": 1, "last_date": None}
        for code, area, points in (("bankruptcy", "bankruptcy", 5), ("tax_arrears", "tax", 8))
    ]
    tables = [
        block for block in indicators_part("p", facts(observed), Words("nb")) if isinstance(block, Table)
    ]
    assert tables[0].rows == [("Skatt", 100, "8"), ("Konkurser", 62, "5")]
    assert [row[0] for row in tables[1].rows] == [
        (name, Text("Intensjon", "below")) for name in ("Skatterestanser", "Konkurs")
    ]


def test_an_event_of_several_rules_is_one_line_with_its_points() -> None:
    of_both = json.dumps([{"event": "200000012", "points": 3}, {"event": "200000020", "points": 2}])
    of_one = json.dumps([{"event": "200000012", "points": 8}])
    of_a_year = json.dumps([{"event": "200000012 2021", "points": 1}])
    found = facts([
        {"indicator_code": "bankruptcy", "points": 5, "points_alone": 5, "events": of_both},
        {"indicator_code": "planned_bankruptcy", "points": 8, "points_alone": 12, "events": of_one},
        {"indicator_code": "bogus_self_employment", "points": 1, "points_alone": 1, "events": of_a_year},
    ])  # fmt: skip
    found.enterprises["200000012"] = {"enterprise_name": "Testesen Bygg AS"}
    _, table, note = shared_events_part("p", found, Words("nb"))
    assert isinstance(table, Table)
    lines = [[str(getattr(cell, "text", cell)) for cell in line] for line in table.rows]
    assert lines == [
        ["Konkurs Testesen Bygg AS (200000012)", "Mønster for planlagt konkurs, Konkurs", "11"],
        ["Konkurs 200000020", "Konkurs", "2"],
        ["Kjøp av arbeid Testesen Bygg AS (200000012) 2021", "Tegn til fiktiv selvstendighet", "1"],
    ]
    assert "4 poeng til" in str(note)


def test_events_of_one_rule_alone_need_no_table() -> None:
    events = json.dumps([{"event": "200000012", "points": 5}])
    found = facts([{"indicator_code": "bankruptcy", "points": 5, "points_alone": 5, "events": events}])
    assert shared_events_part("p", found, Words("nb")) == ()


@pytest.mark.parametrize(
    ("points", "capacity", "told"),
    [
        (30, 7, "Trusselaktør: intensjon 40 (krav 35), kapasitet 7 (krav 5), poeng på 2 områder (krav 2)"),
        (90, 3, "Trusselaktør: intensjon 100 (krav 60), kapasitet 3 (krav 0), poeng på 2 områder (krav 2)"),
        (10, 7, ""),
    ],
)
def test_the_line_that_holds_tells_why_a_status_is_proposed(points: int, capacity: int, told: str) -> None:
    found = facts(
        [
            {"indicator_code": "bankruptcy", "points": points},
            {"indicator_code": "convicted", "points": 10, "area": "offences"},
        ],
        capacity,
    )
    assert proposal_line("p", "trusselaktor", found, Words("nb")) == told
    assert proposal_line("p", None, found, Words("nb")) == ""
