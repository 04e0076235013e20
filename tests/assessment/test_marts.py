"""What the marts say of the small world: who is protected, who counts, and that points add up."""

from typing import Any

import pytest
from akrim import warehouse
from akrim.rules import catalogue
from psycopg import sql

from tests.assessment.conftest import WORLD
from tests.assessment.project import Project, land, reserve, rows

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("world")]


def one(query: str, *parameters: object) -> dict[str, Any]:
    found = rows(query, *parameters)
    assert len(found) == 1
    return found[0]


def person(person_id: str) -> dict[str, Any]:
    return one("select * from marts.persons where person_id = %s", person_id)


def test_a_protected_person_shows_no_address_from_any_agency() -> None:
    for person_id in ("protected", "late_protected"):
        described = person(person_id)
        assert described["has_protected_address"]
        assert [
            described[n] for n in ("street_address", "postcode", "municipality_code", "municipality_name")
        ] == [None] * 4


def test_no_text_of_a_protected_address_is_in_any_mart() -> None:
    for table in rows("select table_name from information_schema.tables where table_schema = 'marts'"):
        name = table["table_name"]
        found = rows(
            sql.SQL(
                "select 1 from {} as t where t::text like any (array['%Hemmelig%', '%Gamle vei%'])"
            ).format(sql.Identifier("marts", name))
        )
        assert not found, name


def test_a_protected_sole_proprietor_has_no_business_address_but_reaches_the_centre_by_it() -> None:
    enterprise = one("select * from marts.enterprises where orgnr = '210434356'")
    assert [enterprise[n] for n in ("street_address", "postcode", "city", "municipality_code")] == [None] * 4
    centres = rows("select centre_id, basis from marts.release_persons where person_id = 'protected'")
    assert centres == [{"centre_id": "bergen", "basis": "leading_role"}]


def test_a_persons_centres_come_from_residence_and_active_leading_roles() -> None:
    centres = rows("select centre_id, basis from marts.release_persons where person_id = 'aas' order by 1")
    assert centres == [
        {"centre_id": "alta", "basis": "residence"},
        {"centre_id": "oslo", "basis": "leading_role"},
    ]
    assert one("select centre_id from marts.release_persons where person_id = 'nowhere'") == {
        "centre_id": "uten_senter"
    }


def test_names_are_composed_and_taken_from_the_best_record() -> None:
    assert person("aas")["given_name"] == "\u00c5ge"
    split = one("select * from intermediate.person_records where source_record_id = 'n1'")
    assert (split["given_name"], split["middle_name"], split["family_name"]) == (
        "Per",
        "Ole Johan",
        "Østås-Aas",
    )
    police = one("select birth_date::text from intermediate.person_records where source_record_id = 'p1'")
    assert police == {"birth_date": "1970-01-02"}


def test_an_invalid_optional_orgnr_is_emptied() -> None:
    case = one("select orgnr from staging.stg_politiet__cases where case_number = 'c2'")
    assert case == {"orgnr": None}
    holders = rows("select role_id, holder_orgnr from marts.roles where person_id is null")
    assert holders == [{"role_id": "r4", "holder_orgnr": "210434356"}]


def test_a_dropped_case_adds_nothing_and_stands_as_speaking_for_the_person() -> None:
    fired = {r["indicator_code"] for r in rows(
        "select indicator_code from marts.indicator_observations where person_id = 'aas' and checked = 'fired'"
    )}  # fmt: skip
    assert {"serial_bankruptcy", "bankruptcy", "phoenix", "convicted"} <= fired
    assert not {"reported_repeatedly", "several_offences"} & fired
    assert rows("select case_number from marts.offence_cases where speaks_for_person") == [
        {"case_number": "c1"}
    ]
    evidence = rows(
        "select item ->> 'source_row_id' as id from marts.indicator_observations, jsonb_array_elements(evidence) as item"
        " where points > 0"
    )
    assert "c1" not in {row["id"] for row in evidence}


def test_what_needs_a_missing_agency_is_unavailable() -> None:
    found = one(
        "select checked, points, explanation_en from marts.indicator_observations"
        " where person_id = 'aas' and indicator_code = 'repeated_reactions'"
    )
    assert (found["checked"], found["points"]) == ("unavailable", 0)
    assert "Labour Inspection Authority" in found["explanation_en"]


def test_what_needs_an_empty_extract_is_unavailable_and_never_clear() -> None:
    """Nav and the tax agency delivered, but benefit cases, wage guarantee claims and purchases without a row."""
    checked = {
        row["indicator_code"]: row
        for row in rows("select * from marts.indicator_observations where person_id = 'aas'")
    }
    for code in (
        "workers_on_benefits",
        "benefit_while_leading",
        "planned_bankruptcy",
        "bogus_self_employment",
    ):
        assert (checked[code]["checked"], checked[code]["points"]) == ("unavailable", 0), code
        assert "empty" in checked[code]["explanation_en"], code
    assert {checked[code]["checked"] for code in ("tax_reassessed", "several_offences")} == {"clear"}


def test_an_empty_extract_stands_beside_the_age_of_its_agencys_data() -> None:
    found = rows(
        "select agency, empty_extracts from marts.delivery_ages where cardinality(empty_extracts) > 0 order by 1"
    )
    assert found == [
        {"agency": "nav", "empty_extracts": ["lonnsgaranti", "saker"]},
        {"agency": "skatteetaten", "empty_extracts": ["oppdragsforhold"]},
    ]


def test_the_sum_of_points_is_the_assessments_points() -> None:
    assert (
        rows("""
        select assessments.person_id from marts.assessments
        join (select person_id, sum(points) as points from marts.indicator_observations group by 1) as observed
            using (person_id)
        where total_points <> points or total_points <> intention_points + capacity_points
    """)
        == []
    )
    # Nineteen points in one area alone are no reason to list anyone.
    points = one(
        "select sum(points) as points from marts.indicator_observations where person_id = 'protected'"
    )
    assert points["points"] == 19
    assert rows("select 1 from marts.assessments where person_id = 'protected'") == []


def test_the_status_is_the_newest_decision_of_that_centre_also_by_an_older_id() -> None:
    statuses = rows(
        "select centre_id, status, status_since::text from marts.assessments where person_id = 'aas' order by 1"
    )
    assert statuses == [
        {"centre_id": "alta", "status": "trusselaktor", "status_since": "2025-10-20"},
        {"centre_id": "oslo", "status": None, "status_since": None},
    ]
    assert {row["person_id"] for row in rows("select person_id from marts.prioritisations")} == {"aas"}


def test_an_agencys_report_is_followed_to_its_outcome() -> None:
    outcome = one("select reference, case_number, outcome_code from marts.case_outcomes")
    assert outcome == {"reference": "k1", "case_number": "c1", "outcome_code": "henlagt_bevis"}


def test_every_case_of_somebody_described_is_followed_whoever_reported_it() -> None:
    cases = rows("""
        select case_number, reporting_agency, reference, outcome_class, days_taken, days_pending, persons, persons_listed,
            persons_convicted
        from marts.police_cases order by 1
    """)
    assert [tuple(row.values()) for row in cases] == [
        ("c1", "skatteetaten", "k1", "dropped_evidence", 121, None, 1, 1, 0),
        ("c2", "politiet", None, "conviction", 275, None, 1, 1, 1),
        ("c3", "politiet", None, "pending", None, 305, 1, 0, 0),
    ]


def test_who_leads_what_is_bankrupt_does_not_lead_today() -> None:
    leading = rows("select role_id, is_active, is_leading_today from marts.roles where is_leading order by 1")
    assert [tuple(row.values()) for row in leading] == [
        ("r1", False, False),
        ("r2", True, False),
        ("r3", True, True),
    ]


def test_evidence_has_a_date_where_its_source_has() -> None:
    undated = rows("""
        select distinct indicator_code from marts.indicator_observations, jsonb_array_elements(evidence) as item
        where item ->> 'date' is null
    """)
    assert undated == []


def test_who_has_been_given_a_status_is_said_to_be_on_the_list_or_not() -> None:
    listed = rows("select scope, is_listed from marts.statuses where person_id = 'aas' order by 1")
    assert listed == [{"scope": "alta", "is_listed": True}, {"scope": "national", "is_listed": True}]


def test_of_a_reporters_own_id_only_that_it_is_known_is_told() -> None:
    known = rows("select case_number, is_reporters_case_known from marts.offence_cases order by 1")
    assert [tuple(row.values()) for row in known] == [("c1", True), ("c2", False), ("c3", False)]


@pytest.mark.thorough
def test_running_a_release_again_replaces_it_and_leaves_the_others(
    project: Project, world_run: dict[str, Any]
) -> None:
    before = rows("select * from marts.assessments order by centre_id, rank")
    project.build(world_run)
    assert rows("select * from marts.assessments order by centre_id, rank") == before
    with warehouse.connect() as connection:
        reserve(connection, "2025-T3.2", WORLD)
    project.build({**world_run, "release_id": "2025-T3.2"})
    assert rows("select distinct release_id from marts.persons order by 1") == [
        {"release_id": "2025-T3.1"},
        {"release_id": "2025-T3.2"},
    ]
    assert rows("select distinct release_id from marts_current.persons") == [{"release_id": "2025-T3.1"}]


def test_an_agency_unknown_to_dbt_breaks_nothing(project: Project, world_run: dict[str, Any]) -> None:
    with warehouse.connect() as connection:
        reserve(connection, "2025-T3.2", [*WORLD, "mattilsynet-2025-T3-01"])
    second = {**world_run, "release_id": "2025-T3.2"}
    project.build(second, "--select", "agency_deliveries", "delivery_ages")
    found = one(
        "select newest_period, is_missing from marts.delivery_ages"
        " where agency = 'mattilsynet' and release_id = '2025-T3.2'"
    )
    assert found == {"newest_period": "2025-T3", "is_missing": False}


def test_a_closed_year_keeps_what_was_secured_when_arrears_are_stated_anew(
    project: Project, world_run: dict[str, Any]
) -> None:
    later = "skatteetaten-2026-T1-01"
    with warehouse.connect() as connection:
        row = {"restanse_id": "x1", "part_id": "t3", "beloep": "950", "per_dato": "2026-04-30", "utlegg": "J"}
        land(connection, later, "restanser", [row])
        reserve(connection, "2025-T3.2", [*WORLD, later])
        connection.execute(
            "update meta.releases set release_id = '2026-T1.1', period = '2026-T1', previous_release_id = '2025-T3.1'"
            " where release_id = '2025-T3.2'"
        )
    next_period = {"release_id": "2026-T1.1", "period": "2026-T1", "as_of": "2026-04-30"}
    models = (
        "stg_skatteetaten__arrears",
        "tax_matters",
        "agency_deliveries",
        "results_of_years",
        "results_counted",
    )
    project.build({**world_run, **next_period}, "--select", *models, "goals_counted", "goal_indicators")
    secured = rows(
        "select release_id, measured_period, value from marts.goal_indicators"
        " where measure = 'R_secured' and scope = 'national' and measured_period >= '2024' order by 1, 2"
    )
    assert [tuple(row.values()) for row in secured] == [
        ("2025-T3.1", "2024", None), ("2025-T3.1", "2025", 900),
        ("2026-T1.1", "2024", None), ("2026-T1.1", "2025", 900), ("2026-T1.1", "2026", 950),
    ]  # fmt: skip


def test_a_row_names_the_person_whom_it_is_of() -> None:
    controls = rows("select audit_id, person_id from marts.tax_controls order by 1")
    assert [tuple(row.values()) for row in controls] == [("k1", "aas"), ("k2", "protected")]
    owed = one("select person_id, amount_nok, has_distraint from marts.arrears")
    assert owed == {"person_id": "late_protected", "amount_nok": 900, "has_distraint": True}


def test_who_is_employed_counts_once_in_each_year() -> None:
    counted = rows(
        "select orgnr, year, worker_count, started_count, ended_count from marts.employments_of_years order by year"
    )
    assert [tuple(row.values()) for row in counted] == [
        ("210234918", 2019, 1, 0, 0), ("210234918", 2020, 1, 0, 0), ("210234918", 2021, 1, 0, 0), ("210234918", 2022, 1, 0, 1),
    ]  # fmt: skip


def test_who_carries_a_bankrupt_enterprise_on_is_paired_with_it() -> None:
    pairs = rows("select orgnr, successor_orgnr, has_same_address, moved_count from marts.phoenix_pairs")
    assert [tuple(row.values()) for row in pairs] == [("210234918", "210430768", True, 0)]


def test_each_rule_stands_with_its_numbers_and_names() -> None:
    found = one("select * from marts.rules where indicator_code = 'serial_bankruptcy'")
    assert (found["name_en"], found["agencies"], found["look_back_years"]) == (
        "Serial bankruptcy",
        ["brreg"],
        6,
    )
    assert one("select count(*) as rules from marts.rules")["rules"] == len(catalogue.indicator_codes())


def test_rows_set_aside_are_counted_by_reason_for_the_releases_made_from_their_delivery() -> None:
    with warehouse.connect() as connection:
        connection.execute(
            "insert into quarantine.rows (delivery_id, manifest_sha256, extract, row_number, expectation, reason, raw)"
            " select 'skatteetaten-2025-T3-01', '', 'personer', n, 'x', r, '{}'"
            " from (values (1, 'bad_date'), (2, 'bad_date'), (3, 'bad_value')) as v (n, r)"
        )
    counted = rows("select * from marts.quarantine_counts order by reason_code")
    about = {
        "release_id": "2025-T3.1",
        "agency": "skatteetaten",
        "delivery_period": "2025-T3",
        "extract": "personer",
    }
    assert counted == [
        about | {"reason_code": "bad_date", "rows": 2},
        about | {"reason_code": "bad_value", "rows": 1},
    ]
