"""What stands in the place of a value that a centre may not know: each mask, and each condition of a row, by who or what is meant."""

import json
from typing import Any

import psycopg
import pytest
from akrim.sharing import read_tables, shared_columns
from psycopg.types.json import Jsonb

from tests.releases import world

PROPRIETORSHIP, BERGENS = "200000055", "200000047"
OF_A_CENTRES_PERSON = ("brreg", "roller")
OF_A_WORKER = [
    ("arbeidstilsynet", "personer_paa_stedet"), ("skatteetaten", "arbeidsforhold"), ("nav", "saker"),
]  # fmt: skip
TIE = (
    "insert into marts.network_ties (release_id, network_id, from_kind, from_id, to_kind, to_id, tie)"
    " select release_id, 'N1', '{}', '{}', '{}', '{}', '{}' from marts.releases"
)
# Of each, what another centre has is that centre's.
OF_CENTRES = (
    "named_persons", "persons_counted", "assessments", "status_questions", "nominations", "network_assessments",
    "enterprise_assessments", "group_observations", "group_decisions", "group_members", "actor_changes", "status_history",
)  # fmt: skip


def told(database: str, *statements: str, withheld: str = "") -> dict[str, list[dict[str, Any]]]:
    """Oslo's rows, by mart, after these statements, and with `agency.category` withheld from it."""
    with psycopg.connect(database) as connection:
        for statement in statements:
            connection.execute(statement.encode())
        if withheld:
            pins = Jsonb({"withheld": {"oslo": {withheld: "nothing"}}})
            connection.execute("update meta.releases set pins = pins || %s", [pins])
    tables = read_tables(world.SECOND, "oslo", shared_columns())
    return {name: table.to_pylist() for name, table in tables.items()}


def row_of(rows: list[dict[str, Any]], **key: str) -> dict[str, Any]:
    (found,) = (row for row in rows if key.items() <= row.items())
    return found


def test_a_proprietors_address_is_told_where_the_owner_is_the_centres(golden_copy: str) -> None:
    """Its accountant is on Oslo's list in any case."""
    here = told(golden_copy)["enterprises"]
    assert row_of(here, orgnr=PROPRIETORSHIP)["postcode"] == "0150"
    moved = f"update marts.roles set person_id = '{world.BERGENSER}' where role_id = 'role-8' and release_id = '{world.SECOND}'"
    elsewhere = told(golden_copy, moved)["enterprises"]
    assert row_of(elsewhere, orgnr=PROPRIETORSHIP)["postcode"] is None


def test_of_a_row_about_a_worker_it_is_told_that_it_is_there_and_not_whose_it_is(golden_copy: str) -> None:
    rows = [
        {"agency": agency, "extract": extract, "source_row_id": f"row-{place}"}
        for place, (agency, extract) in enumerate([OF_A_CENTRES_PERSON, *OF_A_WORKER])
    ]
    disputed = [row | {"case_id": "K-1", "since": "2026-01-01", "is_open": True} for row in rows]
    found = told(
        golden_copy,
        f"update marts.indicator_observations set evidence = '{json.dumps(rows)}' where indicator_code = 'workforce'",
        f"update marts.assessments set disputes = '{json.dumps(disputed)}'",
    )
    observed = row_of(found["indicator_observations"], person_id=world.SERIAL, indicator_code="workforce")
    listed = row_of(found["assessments"], person_id=world.SERIAL)
    for text in (observed["evidence"], listed["disputes"]):
        assert [item.get("source_row_id") for item in json.loads(text)] == ["row-0", None, None, None]
    every = [agency for agency, _ in (OF_A_CENTRES_PERSON, *OF_A_WORKER)]
    # What is withheld of a row that may be told of takes no dispute away.
    for withheld, agencies in (("brreg.role", every[1:]), ("nav.criminal_offence", every)):
        listed = row_of(told(golden_copy, withheld=withheld)["assessments"], person_id=world.SERIAL)
        assert [item["agency"] for item in json.loads(listed["disputes"])] == agencies


@pytest.mark.parametrize(
    ("withheld", "is_told"), [("", True), ("nav.benefit", True), ("politiet.criminal_offence", False)]
)
def test_that_something_is_disputed_since_a_decision_is_told_by_what_is_disputed(
    golden_copy: str, withheld: str, is_told: bool
) -> None:
    disputed = {"agency": "politiet", "extract": "saker", "source_row_id": "1", "since": "2026-05-01"}
    found = told(
        golden_copy,
        f"update marts.assessments set disputes = '{json.dumps([disputed])}'",
        "update marts.actor_changes set is_corrected = true, decided_date = '2026-01-01'",
        withheld=withheld,
    )
    assert {row["is_corrected"] for row in found["actor_changes"]} == {is_told}


@pytest.mark.parametrize(
    ("category", "is_told_of", "coordination_tells", "records_are_counted"),
    [
        ("known", False, False, False), ("presence", False, False, False), ("role", False, False, False),
        ("inspection", False, False, True), ("tax_control", True, False, True), ("benefit", True, True, True),
    ],
)  # fmt: skip
def test_that_an_agency_knows_somebody_is_told_by_what_it_knows_of(
    golden_copy: str, category: str, is_told_of: bool, coordination_tells: bool, records_are_counted: bool
) -> None:
    knowing = "update marts.coordination set agencies_that_know = '{skatteetaten}'"
    found = told(golden_copy, knowing, withheld=f"skatteetaten.{category}")
    person = row_of(found["persons"], person_id=world.SERIAL)
    assert ("skatteetaten" in person["agencies"].split(",")) is is_told_of
    assert (person["record_count"] is not None) is records_are_counted
    coordination = row_of(found["coordination"], person_id=world.SERIAL)
    assert (coordination["agencies_that_know"] == "skatteetaten") is coordination_tells


@pytest.mark.parametrize("withheld", ["brreg.role", "brreg.business"])
def test_that_an_agency_knows_somebody_by_an_enterprise_is_not_told_without_roles_or_enterprises(
    golden_copy: str, withheld: str
) -> None:
    """Of those that know the person, Skatteetaten alone has a record of her; the others have controlled what she led."""
    made = (
        "update marts.coordination set agencies_that_know = '{arbeidstilsynet,skatteetaten}'",
        "update marts.persons set agencies = '{brreg,skatteetaten}'",
    )
    knowing = {
        kept: row_of(told(golden_copy, *made, withheld=kept)["coordination"], person_id=world.SERIAL)
        for kept in ("nav.benefit", withheld)
    }
    assert [row["agencies_that_know"] for row in knowing.values()] == [
        "arbeidstilsynet,skatteetaten", "skatteetaten",
    ]  # fmt: skip


@pytest.mark.parametrize(("legal_form", "is_told"), [("AS", True), ("ENK", False)])
def test_no_proprietorship_is_told_of_by_a_tie_alone(
    golden_copy: str, legal_form: str, is_told: bool
) -> None:
    """It bears its owner's name."""
    found = told(
        golden_copy,
        f"update marts.enterprises set legal_form_code = '{legal_form}' where orgnr = '{BERGENS}'",
        TIE.format("enterprise", "200000039", "enterprise", BERGENS, "succession"),
    )
    assert (BERGENS in {row["orgnr"] for row in found["enterprises"]}) is is_told


@pytest.mark.parametrize(
    ("withheld", "ties"),
    [
        ("skatteetaten.address", {"charged_in"}), ("politiet.known", {"charged_in"}),
        ("politiet.criminal_offence", {"handover", "shared_home"}),
        ("", {"handover", "shared_home", "charged_in"}),
    ],
)  # fmt: skip
def test_ties_that_rest_on_where_people_live_or_are_charged_in_are_not_told_without_that(
    golden_copy: str, withheld: str, ties: set[str]
) -> None:
    made = (
        TIE.format("person", world.SERIAL, "person", world.COUNTERPART, tie)
        for tie in ("charged_in", "shared_home")
    )
    found = told(golden_copy, *made, withheld=withheld)["network_ties"]
    assert {row["tie"] for row in found} & {"handover", "shared_home", "charged_in"} == ties


@pytest.mark.parametrize(
    ("centre", "indicator_code", "is_told"),
    [
        ("oslo", "role_handed_over", False), ("oslo", "arrears", True), ("bergen", "role_handed_over", True),
    ],
)  # fmt: skip
def test_who_took_a_role_over_is_not_told_where_the_rule_is_not(
    golden_copy: str, centre: str, indicator_code: str, is_told: bool
) -> None:
    """Which of several did is decided by homes, sightings and staff."""
    untold = (
        "insert into marts.withheld_rules (release_id, withheld_from, indicator_code, told)"
        f" select release_id, '{centre}', '{indicator_code}', 'hit' from marts.releases"
    )
    found = told(golden_copy, untold)["network_ties"]
    assert ("handover" in {row["tie"] for row in found}) is is_told


def test_who_leads_a_network_is_not_told_where_a_rule_is_not(golden_copy: str) -> None:
    """Of several who lead as much of it, whoever has most ties does, those by homes and charges among them."""
    untold = (
        "insert into marts.withheld_rules (release_id, withheld_from, indicator_code, told)"
        " select release_id, 'oslo', 'arrears', 'hit' from marts.releases"
    )
    led = [told(golden_copy, *also)["network_assessments"] for also in ((), (untold,))]
    assert [{row["leading_person_id"] for row in rows} for rows in led] == [{world.SERIAL}, {None}]


@pytest.mark.parametrize(
    ("agency", "category", "is_told"),
    [
        ("politiet", "known", False), ("arbeidstilsynet", "presence", False), ("brreg", "role", False),
        ("politiet", "criminal_offence", True),
    ],
)  # fmt: skip
def test_who_somebody_is_is_not_told_by_a_record_that_may_not_be_told_of(
    golden_copy: str, agency: str, category: str, is_told: bool
) -> None:
    """Its name, birth date and address may be told; that there is one may not."""
    of_its = ", ".join(f"{what}_agency = '{agency}'" for what in ("name", "birth_date", "address"))
    found = told(golden_copy, f"update marts.persons set {of_its}", withheld=f"{agency}.{category}")
    person = row_of(found["persons"], person_id=world.SERIAL)
    assert (person["full_name"] != world.SERIAL) is is_told
    for column in ("family_name", "birth_date", "postcode"):
        assert (person[column] is not None) is is_told


@pytest.mark.parametrize(
    ("orgnr", "tie", "is_told"),
    [
        ("200000039", "succession", False), ("200000055", "leading_role", False), ("200000039", "leading_role", True),
    ],
)  # fmt: skip
def test_of_a_counterparts_ties_those_are_told_that_meet_what_the_centres_own_led(
    golden_copy: str, orgnr: str, tie: str, is_told: bool
) -> None:
    """The centre is told of both enterprises."""
    made = TIE.format("person", world.COUNTERPART, "enterprise", orgnr, tie)
    found = told(golden_copy, made)["network_ties"]
    assert (
        any(
            row["from_id"] == world.COUNTERPART and (row["to_id"], row["tie"]) == (orgnr, tie)
            for row in found
        )
        is is_told
    )


@pytest.mark.parametrize(
    ("person_id", "outcome", "is_told"),
    [
        (world.SERIAL, "henlagt_bevis", True), (world.DECIDED, "forelegg", True), (world.DECIDED, "henlagt_bevis", False),
        (world.DECIDED, "henlagt_kapasitet", False), (world.DECIDED, "frifinnelse", False),
    ],
)  # fmt: skip
def test_what_was_dropped_or_ended_in_acquittal_is_told_of_the_listed_alone(
    golden_copy: str, person_id: str, outcome: str, is_told: bool
) -> None:
    found = told(
        golden_copy,
        f"update marts.offence_cases set person_id = '{person_id}', outcome_code = '{outcome}', orgnr = '{BERGENS}'"
        " where case_number = '15110-22'",
        "insert into marts.case_outcomes (release_id, reporting_agency, reference, case_number)"
        " select release_id, 'arbeidstilsynet', 'R-8', '15110-22' from marts.releases",
    )
    for mart in ("offence_cases", "case_outcomes"):
        assert ("15110-22" in {row["case_number"] for row in found[mart]}) is is_told
    assert (BERGENS in {row["orgnr"] for row in found["enterprises"]}) is is_told


def test_what_other_centres_have_of_the_same_persons_and_are_not_told_of_is_in_no_row(
    golden_copy: str,
) -> None:
    """But for decisions, which whoever else has the person is told of."""
    before = told(
        golden_copy,
        "insert into marts.roles (release_id, role_id, person_id, orgnr, role_code, is_leading)"
        f" select release_id, 'role-20', '{world.SERIAL}', '{BERGENS}', 'REGN', false from marts.releases",
    )
    of_others = [
        f'insert into marts.{mart} select (jsonb_populate_record(r, \'{{"centre_id": "bergen"}}\')).*'
        f" from marts.{mart} as r where centre_id = 'oslo'"
        for mart in OF_CENTRES
    ]
    other = "insert into marts.{} (release_id, withheld_from, {}) select release_id, 'bergen', {} from marts.releases"
    after = told(
        golden_copy,
        *of_others,
        other.format("withheld_rules", "indicator_code, told", "'arrears', 'nothing'"),
        other.format("withheld_data", "agency, category", "'nav', 'benefit'"),
        "insert into marts.coordination (release_id, person_id)"
        f" select release_id, '{world.COUNTERPART}' from marts.releases",
        "insert into marts.exposed_workers (release_id, orgnr, worker_count)"
        f" select release_id, '{BERGENS}', 9 from marts.releases",
    )
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}
    for mart in ("situation_measures", "goal_indicators", "outcome_summaries"):
        assert {row["scope"] for row in after[mart]} == {"national", "oslo"}


@pytest.mark.parametrize(
    ("person_id", "withheld", "is_named"),
    [
        (world.SERIAL, "", True), (world.SERIAL, "politiet.criminal_offence", False), (world.COUNTERPART, "", False),
    ],
)  # fmt: skip
def test_whom_a_charge_alone_ties_is_named_to_who_may_know_of_it(
    golden_copy: str, person_id: str, withheld: str, is_named: bool
) -> None:
    charged = f"update marts.network_members set part = 'facilitator' where member_id = '{person_id}'"
    members = told(golden_copy, charged, withheld=withheld)["network_members"]
    assert (person_id in {row["member_id"] for row in members}) is is_named


def test_of_two_counterparts_and_of_the_nominated_it_is_not_told_who_stands_in_for_whom(
    golden_copy: str,
) -> None:
    tie = "insert into marts.straw_man_ties (release_id, person_id, front_person_id, orgnr) select release_id, '{}', '{}', '{}' from marts.releases"
    found = told(
        golden_copy,
        "insert into marts.named_persons (release_id, centre_id, person_id, named_because)"
        f" select release_id, 'oslo', '{world.BERGENSER}', 'counterpart' from marts.releases",
        tie.format(world.COUNTERPART, world.BERGENSER, BERGENS),
        tie.format(world.COUNTERPART, world.SERIAL, PROPRIETORSHIP),
        tie.format(world.NOMINATED, world.SERIAL, PROPRIETORSHIP),
        tie.format(world.SERIAL, world.NOMINATED, PROPRIETORSHIP),
    )
    assert [row["front_person_id"] for row in found["straw_man_ties"]] == [world.SERIAL]
    assert BERGENS not in {row["orgnr"] for row in found["enterprises"]}


@pytest.mark.parametrize(("agency", "is_told"), [("skatteetaten", True), ("nav", False)])
def test_of_a_workers_benefit_case_in_the_evidence_no_outcome_is_told(
    golden_copy: str, agency: str, is_told: bool
) -> None:
    evidence = json.dumps([{"agency": agency, "extract": "saker", "source_row_id": "S-1"}])
    found = told(
        golden_copy,
        f"update marts.indicator_observations set evidence = '{evidence}' where indicator_code = 'workforce'",
        "insert into marts.case_outcomes (release_id, reporting_agency, reference)"
        f" select release_id, '{agency}', 'S-1' from marts.releases",
    )
    assert ("S-1" in {row["reference"] for row in found["case_outcomes"]}) is is_told


@pytest.mark.parametrize("is_withheld", [False, True])
def test_an_enterprise_is_told_by_the_evidence_of_rules_that_are_told_alone(
    golden_copy: str, is_withheld: bool
) -> None:
    evidence = json.dumps(
        [{"agency": "brreg", "extract": "roller", "source_row_id": "R-9", "orgnr": BERGENS}]
    )
    found = told(
        golden_copy,
        f"update marts.indicator_observations set evidence = '{evidence}' where indicator_code = 'workforce'",
        "insert into marts.withheld_rules (release_id, withheld_from, indicator_code, told)"
        f" select release_id, '{'oslo' if is_withheld else 'bergen'}', 'workforce', 'hit' from marts.releases",
    )
    assert (BERGENS in {row["orgnr"] for row in found["enterprises"]}) is not is_withheld
