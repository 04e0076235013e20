"""What a profile tells of a person from the rows that the centre has: what was held when, what is disputed, what speaks for the person."""

import json
from datetime import date
from typing import Any

import pytest
from akrim.report.blocks import Listing, Table
from akrim.report.profile.coordination import coordination_part
from akrim.report.profile.decisions import decisions_part
from akrim.report.profile.events import events_of
from akrim.report.profile.facts import Facts
from akrim.report.profile.fairness import disputed_facts, in_favour
from akrim.report.profile.findings.brief import in_short
from akrim.report.profile.findings.sentences import unchecked
from akrim.report.wording import Words
from akrim.rules import load_rules

from tests.report.tables import tables_of

WORDS, AS_OF, AFTER, ORGNR = Words("nb"), date(2025, 12, 31), date(2026, 1, 1), "200000012"
OUTCOMES = {
    code: {"is_dropped": code == "henlagt", "speaks_for_person": code == "frifunnet"}
    for code in ("henlagt", "frifunnet", "domfelt")
}
ROLE = {"person_id": "p", "orgnr": ORGNR, "role_id": "r", "role_code": "daglig_leder", "is_leading": True,
        "is_active": True, "valid_from": date(2020, 1, 1), "valid_to": None}  # fmt: skip
ENTERPRISE = {"orgnr": ORGNR, "enterprise_name": "Bak AS", "industry_name": None, "is_bankrupt": False, "deleted_date": None,
              "bankruptcy_date": None, "is_winding_up": False, "is_compulsory_dissolution": False}  # fmt: skip
TIE = {"person_id": "q", "front_person_id": "p", "orgnr": ORGNR, "tie": "handover", "since_date": AS_OF}


def known(disputes: list[dict[str, Any]] | None = None, **rows: list[dict[str, Any]]) -> Facts:
    assessed = {
        "person_id": "p",
        "intention_points": 9,
        "capacity_points": 0,
        "disputes": json.dumps(disputes or []),
    }
    given = {"assessments": [assessed], "persons": [{"person_id": p, "full_name": n} for p, n in (("p", "Per Front"), ("q", "Kari Bak"))]}  # fmt: skip
    return Facts(tables_of(**given | rows), {"p": ""}, AS_OF, OUTCOMES, load_rules())


def dispute(agency: str, extract: str, row: str, *, is_open: bool = True) -> dict[str, Any]:
    of = {"agency": agency, "extract": extract, "source_row_id": row}
    return of | {"is_open": is_open, "case_id": f"K-{row}", "since": "2025-05-01"}


@pytest.mark.parametrize(
    ("role", "enterprise", "leads"),
    [
        ({}, {}, True),
        ({"is_active": False}, {}, False),
        ({"is_leading": False}, {}, False),
        ({}, {"is_bankrupt": True}, False),
        ({}, {"is_bankrupt": True, "bankruptcy_date": AS_OF}, False),
        ({}, {"is_bankrupt": True, "bankruptcy_date": AFTER}, True),
        ({}, {"deleted_date": AS_OF}, False),
        ({}, {"deleted_date": AFTER}, True),
        ({}, {"is_winding_up": True}, False),
        ({}, {"is_compulsory_dissolution": True}, False),
    ],
)
def test_who_leads_now_does_so_in_what_operates(
    role: dict[str, Any], enterprise: dict[str, Any], leads: bool
) -> None:
    facts = known(roles=[ROLE | role], enterprises=[ENTERPRISE | enterprise])
    assert bool(facts.led_now("p")) == leads
    disputed = known(
        [dispute("brreg", "enheter", ORGNR, is_open=False)],
        roles=[ROLE | role],
        enterprises=[ENTERPRISE | enterprise],
    )
    assert (disputed.led_now("p"), disputed.enterprises_of("p")) == ([], {})


@pytest.mark.parametrize(
    ("day", "is_told"),
    [(date(2019, 12, 31), False), (date(2020, 1, 1), True), (date(2020, 12, 31), True), (date(2021, 1, 1), False)],
)  # fmt: skip
def test_an_inspection_is_told_of_whoever_held_a_role_on_the_day_and_does_not_dispute_it(
    day: date, is_told: bool
) -> None:
    rows = {
        "roles": [ROLE | {"valid_to": date(2021, 1, 1)}],
        "inspections": [{"orgnr": ORGNR, "inspection_id": "T1", "inspection_date": day}],
    }
    assert bool(known(**rows).inspections_of("p")) == is_told
    assert known([dispute("arbeidstilsynet", "tilsyn", "T1")], **rows).inspections_of("p") == []


def test_what_was_dropped_or_ended_in_acquittal_speaks_for_and_nothing_later_is_told() -> None:
    cases = [
        {"person_id": "p", "orgnr": None, "case_number": f"S-{code}", "outcome_code": code, "outcome_date": day,
         "reported_date": None, "reporting_agency": "nav", "offence_category_code": "annet"}
        for code, day in (("henlagt", date(2025, 3, 1)), ("frifunnet", date(2025, 2, 1)), ("domfelt", AS_OF), ("domfelt", date(2026, 1, 1)))
    ]  # fmt: skip
    facts = known(offence_cases=cases)
    assert [(event.day, event.kind) for event in events_of("p", facts, WORDS)] == [
        (AS_OF, "outcome_against"),
        (date(2025, 3, 1), "outcome_for"),
        (date(2025, 2, 1), "outcome_for"),
    ]
    told = " ".join(map(str, in_favour("p", facts, WORDS)))
    assert [f"S-{code}" in told for code in OUTCOMES] == [True, True, False]


def test_only_what_is_disputed_in_an_open_case_is_told_as_disputed() -> None:
    cases = [dispute("nav", "saker", "1"), dispute("nav", "saker", "2", is_open=False)]
    (told,) = disputed_facts("p", known(cases), WORDS)
    assert "K-1" in told


@pytest.mark.parametrize(
    ("code", "disputes", "agencies"),
    [
        ("benefit_while_leading", [dispute("nav", "saker", "1"), dispute("brreg", "roller", "2", is_open=False)], "Nav"),
        # Named as within a sentence.
        ("convicted", [dispute("politiet", "saker", "1")], "politiet"),
        # What cannot be left out for one person alone stays unchecked though the person was found to be right.
        ("underpaid_workers", [dispute("skatteetaten", "arbeidsforhold", "1", is_open=False)], "Skatteetaten"),
    ],
)  # fmt: skip
def test_a_rule_that_a_dispute_leaves_unchecked_tells_whose_information_it_is_of(
    code: str, disputes: list[dict[str, Any]], agencies: str
) -> None:
    observed = {"person_id": "p", "indicator_code": code, "checked": "unavailable"}
    told = unchecked(observed, known(disputes), WORDS)
    assert told == WORDS.label("unmet", "disputed").format(agencies=agencies)
    # Of a rule of which the centre is told whether it fired, and of the row that is disputed nothing.
    assert unchecked(observed, known([]), WORDS) == WORDS.label("unmet", "withheld")


@pytest.mark.parametrize(
    ("code", "category", "agencies"),
    [
        ("convicted", "politiet.criminal_offence", "politiet"),
        # Made from homes and visits that these two know of, though it uses no row of theirs as evidence.
        ("phoenix", "nav.address", "Nav"),
        ("reported_repeatedly", "arbeidstilsynet.presence", "Arbeidstilsynet"),
    ],
)
def test_a_rule_that_the_matrix_keeps_from_the_assessment_tells_whose_data_it_goes_without(
    code: str, category: str, agencies: str
) -> None:
    kept = [
        dict(zip(("withheld_from", "agency", "category", "told"), ("assessment", *name.split("."), "nothing"), strict=True))
        for name in (category, "brreg.nomination")  # of the other nothing is made
    ]  # fmt: skip
    rule = {"withheld_from": "assessment", "indicator_code": code, "told": "nothing"}
    facts = known(withheld_data=kept, withheld_rules=[rule])
    (row,) = facts.unchecked("p")
    assert row["indicator_code"] == code
    assert unchecked(row, facts, WORDS) == WORDS.label("unmet", "not_shared").format(agencies=agencies)


def test_an_agency_whose_data_are_too_old_leaves_its_rules_unchecked() -> None:
    age = {"agency": "politiet", "is_missing": False, "is_stale": True}
    rule = next(rule for rule in load_rules() if rule.code == "convicted")
    assert [why for why, _ in known(delivery_ages=[age]).reach.wanting("politiet", rule)] == ["stale"]


@pytest.mark.parametrize("checked", ["", "clear", "unavailable"])
def test_what_could_not_be_checked_is_told_also_of_whom_no_rule_has_found_anything(checked: str) -> None:
    age = {"agency": "politiet", "is_missing": False, "is_stale": True}
    observed = {
        "person_id": "p",
        "indicator_code": "convicted",
        "checked": checked,
        "evidence": "[]",
        "events": "[]",
    }
    facts = known(delivery_ages=[age], indicator_observations=[observed] if checked else [])
    told = {row["indicator_code"] for row in facts.unchecked("p")}
    out_of_reach = {r.code for r in load_rules() if "politiet" in r.agencies and r.dimension == "intention"}
    assert told == {"": out_of_reach, "clear": set(), "unavailable": {"convicted"}}[checked]


def decision(number: int, status: str, **about: Any) -> dict[str, Any]:
    return {
        "person_id": "p", "centre_id": "oslo", "decision_id": str(number), "decided_date": date(2025, number, 1), "status": status,
        "decided_release_id": "2024-T3.1", "priority_code": "ikke_naa", "reason_code": "annet", "responsible_agency": "nav", "actions": None,
        "capacity_change": "uendret", "intention_change": "uendret", "is_after_cut_off": False, "moved": None, "decided_person_id": "p",
        "next_review_date": None,
    } | about  # fmt: skip


def test_a_dismissal_that_no_longer_holds_is_told_with_what_came_after() -> None:
    dismissed, later = decision(1, "avskrevet"), decision(2, "trusselaktor")
    told = [in_favour("p", known(prioritisations=rows), WORDS) for rows in ([dismissed], [dismissed, later])]
    assert told == [
        ["Avskrevet av en ledergruppe 01.01.2025."],
        ["Avskrevet av en ledergruppe 01.01.2025; ny beslutning 01.02.2025."],
    ]


@pytest.mark.parametrize("is_after", [False, True])
def test_what_was_decided_after_the_cut_off_date_has_had_no_effect(is_after: bool) -> None:
    since = {
        "person_id": "p", "decision_id": "1", "intention_points_then": 9, "intention_points_now": 4, "capacity_points_then": None,
        "capacity_points_now": None, "active_leading_roles_then": None, "active_leading_roles_now": None, "bankruptcies_since": 0,
        "is_relinked": False, "is_corrected": False,
    }  # fmt: skip
    rows = [decision(1, "trusselaktor", is_after_cut_off=is_after)]
    (_, table) = decisions_part("p", known(prioritisations=rows, actor_changes=[since]), WORDS)
    assert isinstance(table, Table)
    assert ("da og nå" in str(table.rows[0])) == (not is_after)


@pytest.mark.parametrize(
    ("matters", "told"),
    [(0, "Ingen åpne saker hos etatene."), (None, "Hvilke etater som har åpne saker, er ikke delt med senteret.")],
)  # fmt: skip
def test_what_the_centre_is_not_told_of_open_matters_is_not_told_as_none(
    matters: int | None, told: str
) -> None:
    row = {"person_id": "p", "agencies_that_know": "", "open_matters": matters, "open_matters_by_agency": None,
           "enterprises_controlled_twice": 0, "last_control_date": None, "nobody_works_on": False}  # fmt: skip
    _, listing = coordination_part("p", known(coordination=[row]), WORDS)
    assert listing == Listing([told])


def test_for_whom_a_person_stands_in_is_told_of_the_one_who_does() -> None:
    assert in_short("p", known(straw_man_ties=[TIE]), WORDS) == "Leder trolig foretak på vegne av Kari Bak."
    behind = TIE | {"person_id": "p", "front_person_id": "q"}
    assert in_short("p", known(straw_man_ties=[behind]), WORDS) == ""


@pytest.mark.parametrize("ended", [{"bankruptcy_date": AS_OF}, {"deleted_date": AS_OF}])
def test_who_stood_in_for_another_in_what_is_no_more_does_so_no_longer(ended: dict[str, Any]) -> None:
    """As the profile has it; whoever still does so elsewhere is told of that alone."""
    gone, going = ENTERPRISE | ended, ENTERPRISE | {"orgnr": "200000020"}
    facts = known(straw_man_ties=[TIE], enterprises=[gone])
    assert in_short("p", facts, WORDS) == "Ledet trolig foretak på vegne av Kari Bak."
    still = known(straw_man_ties=[TIE, TIE | {"orgnr": "200000020"}], enterprises=[gone, going])
    assert in_short("p", still, WORDS) == "Leder trolig foretak på vegne av Kari Bak."


@pytest.mark.parametrize(("points", "told"), [(9, ""), (0, "Ingen regel har gitt poeng.")])
def test_of_whom_the_rules_found_nothing_it_is_said(points: int, told: str) -> None:
    """Whoever has a status from the team alone stands in the list without a finding, and that is no gap."""
    assessed = {"person_id": "p", "intention_points": points, "capacity_points": 0, "disputes": "[]"}
    assert in_short("p", known(assessments=[assessed]), WORDS) == told
