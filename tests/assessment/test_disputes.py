"""A dispute is for the person alone who disputes: others keep the fact, and what rested on it can't be checked for this one."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from akrim import corrections, warehouse
from akrim.changes import PREVIOUS, changes_of, explain
from akrim.corrections import Dispute, open_case
from akrim.orchestration import pinning
from akrim.rules import catalogue
from akrim.rules.dbt import SAMPLE_RUN
from psycopg import sql

from tests.assessment.conftest import WORLD
from tests.assessment.project import Project, join_records, land, reserve, rows
from tests.conftest import installation_on
from tests.ledger.entering import enter_run

pytestmark = pytest.mark.slow

BEFORE, AFTER = "2025-T3.1", "2025-T3.2"
BETA = "210430768"
# Aas and Vern lead Beta together, are convicted in one case, and owe and are inspected together.
SHARED: dict[str, dict[str, list[dict[str, str]]]] = {
    "brreg-2025-T3-02": {
        "roller": [
            {"rolle_id": "r9", "organisasjonsnummer": BETA, "type_kode": "LEDE", "person_fodselsdato": "1980-05-05",
             "person_navn_fornavn": "Kari", "person_navn_etternavn": "Vern", "fra": "2022-07-01"},
        ]
    },
    "politiet-2025-T3-02": {
        "involverte": [{"involvert_id": "i9", "saksnummer": "c2", "person_lopenr": "p2", "rolle": "domfelt"}]
    },
    "skatteetaten-2025-T3-02": {
        # Vern has a protected record by the key of what Aas disputes; no grade protects what Nowhere disputes.
        "personer": [
            {"part_id": part_id, "fornavn": "Kari", "etternavn": name, "fodselsdato": born, "adresse": "Gata 8", "postnummer": "5003",
             "kommunenummer": "4601", "adressebeskyttelse": grade}
            for part_id, name, born, grade in (
                ("x9", "Vern", "1980-05-05", "fortrolig"), ("t8", "Nowhere", "1982-05-05", "ugradert"))
        ],
        "restanser": [{"restanse_id": "x9", "orgnr": BETA, "beloep": "200000", "per_dato": "2025-12-31", "utlegg": "N"}]
    },
    "arbeidstilsynet-2025-T3-01": {
        "tilsyn": [
            {"tilsyn_id": tilsyn_id, "orgnr": BETA, "dato": day, "kommunenummer": "0301", "tilsynstype": "anmeldt",
             "antall_kontrollpunkter": "10", "antall_brudd": "9"}
            for tilsyn_id, day in (("t8", "2025-02-01"), ("t9", "2025-03-01"))
        ],
        "reaksjoner": [{"reaksjon_id": "q9", "tilsyn_id": "t9", "type": "stans_fare", "vedtaksdato": "2025-03-02", "status": "aktiv"}],
        "personer_paa_stedet": [],
    },
}  # fmt: skip
TOLD = ("person", date(2026, 1, 5), "Not so.", "kn")
DISPUTED = [
    Dispute("fact", "politiet", "saker", "c2", person="aas"),
    Dispute("fact", "arbeidstilsynet", "reaksjoner", "q9", person="politiet/p1"),
    Dispute("fact", "skatteetaten", "restanser", "x9", person="aas"),
    # One person's own row: it implies the person.
    Dispute("fact", "skatteetaten", "personer", "t2"),
    Dispute("fact", "skatteetaten", "personer", "t8"),
]


@pytest.fixture(scope="module")
def disputed(server: str, template_world: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The small world with what Aas and Vern share, assessed again when Aas disputes it, and Vern her own tax record."""
    with installation_on(server, template_world, tmp_path_factory.mktemp("home")):
        with warehouse.connect() as connection:
            for delivery_id, extracts in SHARED.items():
                for extract, delivered in extracts.items():
                    land(connection, delivery_id, extract, delivered)
            join_records(
                connection,
                protected=[("brreg", "roller", "r9"), ("skatteetaten", "personer", "x9")],
                nowhere=[("skatteetaten", "personer", "t8")],
            )
            reserve(connection, AFTER, [*WORLD, *SHARED])
            connection.execute(
                "update meta.releases set previous_release_id = %s where release_id = %s", [BEFORE, AFTER]
            )
            for release_id in (BEFORE, AFTER):
                enter_run(connection, release_id)
        for dispute in DISPUTED:
            open_case(dispute, *TOLD)
        with warehouse.connect() as connection:
            cases = corrections.cases(connection)
            pinning.suppress(connection, AFTER, cases)
            connection.execute(
                "update meta.releases set pins = pins || jsonb_build_object('code', '', 'rules', '', 'corrections', %s::jsonb)"
                " where release_id = %s",
                [json.dumps(cases), AFTER],
            )
            connection.execute("""update meta.releases set pins = '{"code": "", "rules": ""}' || pins""")
        Project(tmp_path_factory.mktemp("dbt")).build({**SAMPLE_RUN, "release_id": AFTER})
        yield


@pytest.fixture(autouse=True)
def _world(disputed: None) -> None:
    """Every test looks at the disputed world."""


def checked(person_id: str) -> dict[str, dict[str, Any]]:
    found = rows(
        "select * from marts.indicator_observations where release_id = %s and person_id = %s",
        AFTER,
        person_id,
    )
    return {row["indicator_code"]: row for row in found}


def evidence(observation: dict[str, Any]) -> set[str]:
    return {item["source_row_id"] for item in observation["evidence"]}


@pytest.mark.parametrize(
    ("rule", "row"),
    [
        ("convicted", "c2"),
        ("tax_arrears", "x9"),
        ("severe_inspections", "t9"),
        ("repeated_reactions", None),  # one enterprise is too few for anybody
        ("several_offences", None),
    ],
)
def test_others_keep_the_fact_and_for_this_person_its_rules_cannot_be_checked(
    rule: str, row: str | None
) -> None:
    own, other = checked("aas")[rule], checked("protected")[rule]
    assert (own["checked"], own["points"], own["evidence"]) == ("unavailable", 0, [])
    assert "bestridt" in own["explanation_nb"]
    assert "disputed" in own["explanation_en"]
    if row:
        assert other["checked"] == "fired"
        assert row in evidence(other)
    else:
        assert other["checked"] == "clear"


def test_what_rests_on_other_facts_still_counts_and_what_cannot_use_it_is_clear() -> None:
    of_aas = checked("aas")
    assert {code for code, row in of_aas.items() if row["checked"] == "fired"} >= {
        "serial_bankruptcy",
        "bankruptcy",
        "phoenix",
    }
    assert of_aas["compulsory_dissolution"]["checked"] == "clear"
    all_evidence = set().union(*map(evidence, of_aas.values()))
    assert not {"c2", "x9", "t9", "q9"} & all_evidence


def test_no_mart_about_the_person_holds_what_the_person_disputes() -> None:
    cases = rows(
        "select person_id, case_number from marts.offence_cases where release_id = %s and case_number = 'c2'",
        AFTER,
    )
    assert cases == [{"person_id": "protected", "case_number": "c2"}]
    for table in ("inspections_led", "arrears_of_persons", "open_matters"):
        found = rows(
            sql.SQL("select * from {} where person_id = 'aas'").format(sql.Identifier("intermediate", table))
        )
        assert not [row for row in found if {"t9", "x9", "c2", "q9"} & set(map(str, row.values()))], table


def test_a_disputed_inspection_is_not_counted_for_an_actor_in_the_situation_table() -> None:
    linked = rows(
        """
        select extract(month from window_from)::integer as month, numerator, denominator
        from (values (date '2025-02-01'), (date '2025-03-01')) as windows (window_from)
        cross join lateral marts.situation(%s, window_from, (window_from + interval '27 days')::date)
        where scope = 'national' and base = 'all' and measure = 'M4' order by month
        """,
        AFTER,
    )
    assert [row["numerator"] for row in linked] == [1, 0]


def test_the_person_is_shown_as_disputing_and_nobody_else() -> None:
    listed = rows("select person_id, disputes from marts.assessments where release_id = %s", AFTER)
    of_aas = next(row["disputes"] for row in listed if row["person_id"] == "aas")
    assert {(d["extract"], d["source_row_id"]) for d in of_aas} == {
        ("saker", "c2"), ("reaksjoner", "q9"), ("tilsyn", "t9"), ("restanser", "x9"),
    }  # fmt: skip
    assert all(d["is_open"] and d["since"] == "2026-01-05" for d in of_aas)
    of_vern = [row["disputes"] for row in listed if row["person_id"] == "protected"]
    assert all({d["source_row_id"] for d in disputes} == {"t2"} for disputes in of_vern)
    before = rows("select disputes from marts.assessments where release_id = %s", BEFORE)
    assert all(row["disputes"] == [] for row in before)


def test_a_disputed_record_with_a_protected_address_stays_protected() -> None:
    (person,) = rows("select * from marts.persons where release_id = %s and person_id = 'protected'", AFTER)
    assert person["has_protected_address"]
    assert [person[n] for n in ("street_address", "postcode", "municipality_code")] == [None] * 3
    assert rows("select 1 from intermediate.person_records where source_record_id = 't2'") == []


def test_no_other_dispute_makes_anybody_protected() -> None:
    protected = rows("select person_id from intermediate.protected_persons order by 1")
    assert [row["person_id"] for row in protected] == ["late_protected", "protected"]


def test_the_dispute_is_told_as_the_cause_for_the_person_and_for_nobody_else() -> None:
    explain(AFTER)
    with warehouse.connect() as connection:
        told = {
            centre: changes_of(connection, AFTER, PREVIOUS, centre) for centre in ("oslo", "alta", "bergen")
        }
    effects = {
        (change["person_id"], cause["cause"]): cause
        for changes in told.values()
        for change in changes
        for cause in change["causes"]
    }
    shared = [rule.name("nb") for rule in catalogue.load_rules() if rule.code in {"convicted", "tax_arrears"}]
    # The delivery brings what they share, and the dispute takes it from Aas alone; Vern's is about her own tax record.
    for person_id in ("aas", "protected"):
        assert effects[person_id, "correction"]["points"] < 0
        assert "bestridt" in effects[person_id, "correction"]["detail_nb"]
    assert all(name in effects["protected", "source"]["detail_nb"] for name in shared)
    assert all(name in effects["aas", "correction"]["detail_nb"] for name in shared)
    assert not any(name in effects["protected", "correction"]["detail_nb"] for name in shared)
