"""Who disputes a row: implied where it concerns one person, else it must be named."""

from datetime import date

import psycopg
import pytest
from akrim import corrections
from akrim.corrections import Dispute, close_case, open_case
from akrim.errors import UserError

from tests.assessment.project import join_records, land

TOLD = ("person", date(2026, 5, 12), "Not so.", "kn")
DELIVERED = {
    "politiet-2025-T3-01": {
        "personer": [{"person_lopenr": n, "etternavn": "Prøve"} for n in ("p1", "p2")],
        "saker": [{"saksnummer": "shared"}, {"saksnummer": "alone", "orgnr": "210234918"}, {"saksnummer": "nobody's"}],
        "involverte": [
            {"involvert_id": "i1", "saksnummer": "shared", "person_lopenr": "p1"},
            {"involvert_id": "i2", "saksnummer": "shared", "person_lopenr": "p2"},
            {"involvert_id": "i3", "saksnummer": "alone", "person_lopenr": "p2"},
            {"involvert_id": "i4", "saksnummer": "alone", "person_lopenr": "p1", "is_removed": "true"},
        ],
    },
    "arbeidstilsynet-2025-T3-01": {
        "tilsyn": [{"tilsyn_id": "t1", "orgnr": "210234918"}],
        "reaksjoner": [{"reaksjon_id": "q1", "tilsyn_id": "t1"}],
        "personer_paa_stedet": [{"observasjon_id": "o1", "tilsyn_id": "t1", "etternavn": "Prøve", "arbeidsgiver_orgnr": "210234918"}],
    },
    "brreg-2025-T3-01": {
        "enheter": [{"organisasjonsnummer": "210234918", "navn": "ALFA AS"}],
        "roller": [
            {"rolle_id": "b1", "organisasjonsnummer": "210234918", "person_navn_etternavn": "Prøve"},
            {"rolle_id": "b2", "organisasjonsnummer": "210234918", "enhet_organisasjonsnummer": "210430768"},
        ],
    },
    "skatteetaten-2025-T3-01": {
        "restanser": [{"restanse_id": "x1", "part_id": "s1"}, {"restanse_id": "x2", "orgnr": "210234918"}],
        "arbeidsforhold": [{"arbeidsforhold_id": "a1", "part_id": "s1", "orgnr": "210234918"}],
    },
    "skatteetaten-2026-T1-01": {"restanser": [{"restanse_id": "x1", "is_removed": "true"}]},
    "nav-2025-T3-01": {
        "saker": [{"sak_id": "n1", "nav_id": "v1"}, {"sak_id": "n2", "nav_id": "v1", "arbeidsgiver_orgnr": "210234918"}],
    },
    "sentrene-2025-T3-01": {"beslutninger": [{"beslutning_id": "d1", "person_id": "one"}]},
}  # fmt: skip


@pytest.fixture(autouse=True)
def landed(warehouse: str) -> str:
    with psycopg.connect(warehouse) as connection:
        for delivery_id, extracts in DELIVERED.items():
            for extract, rows in extracts.items():
                land(connection, delivery_id, extract, rows)
        join_records(
            connection,
            one=[("politiet", "personer", "p1"), ("brreg", "roller", "b1"), ("skatteetaten", "personer", "s1")],
            two=[("politiet", "personer", "p2"), ("nav", "personer", "v1"), ("arbeidstilsynet", "personer_paa_stedet", "o1")],
        )  # fmt: skip
        connection.execute(
            "insert into linkage.person_id_history (old_person_id, person_id, change, release_id) values ('was-one', 'one', 'merged', 'r1')"
        )
    return warehouse


def disputed(address: str, fact: str, person: str = "") -> tuple[str, str, bool]:
    """The record that stands for who disputes, and whether the row is that person's own."""
    open_case(Dispute("fact", *fact.split("/"), person=person), *TOLD)
    with psycopg.connect(address) as connection:
        row = corrections.suppressed_rows(corrections.cases(connection))[-1]
    return row.person_source, row.person_source_record_id, row.is_own_row


@pytest.mark.parametrize(
    ("fact", "whose"),
    [
        ("politiet/involverte/i1", ("politiet", "p1", True)),
        ("politiet/saker/alone", ("politiet", "p2", False)),
        ("brreg/roller/b1", ("politiet", "p1", True)),
        ("politiet/personer/p1", ("brreg", "b1", True)),
        ("arbeidstilsynet/personer_paa_stedet/o1", ("nav", "v1", True)),
        ("skatteetaten/restanser/x1", ("skatteetaten", "s1", False)),
        ("nav/saker/n1", ("nav", "v1", False)),
        ("sentrene/beslutninger/d1", ("brreg", "b1", True)),
    ],
)
def test_a_row_about_one_person_implies_the_disputant(
    landed: str, fact: str, whose: tuple[str, str, bool]
) -> None:
    assert disputed(landed, fact) == whose


@pytest.mark.parametrize(
    "fact",
    [
        "politiet/saker/shared",
        "politiet/saker/nobody's",
        "arbeidstilsynet/tilsyn/t1",
        "arbeidstilsynet/reaksjoner/q1",
        "brreg/enheter/210234918",
        "brreg/roller/b2",
        "skatteetaten/restanser/x2",
        "skatteetaten/arbeidsforhold/a1",
        "nav/saker/n2",
    ],
)
def test_a_row_about_several_persons_needs_the_disputant_named(landed: str, fact: str) -> None:
    with pytest.raises(UserError, match="name the person who disputes it") as refused:
        disputed(landed, fact)
    assert "--person" in refused.value.next_step
    with pytest.raises(UserError, match="There is no such person or record"):
        disputed(landed, fact, "politiet/nobody")
    assert disputed(landed, fact, "politiet/p1") == ("politiet", "p1", False)


def test_a_person_id_resolves_to_a_record_of_the_rows_agency(landed: str) -> None:
    assert disputed(landed, "politiet/saker/shared", "was-one") == ("politiet", "p1", False)
    assert disputed(landed, "skatteetaten/restanser/x2", "one") == ("skatteetaten", "s1", False)
    with pytest.raises(UserError, match="There is no such person or record"):
        disputed(landed, "arbeidstilsynet/tilsyn/t1", "three")


def test_a_row_is_disputed_by_the_record_that_ties_its_person_to_it(landed: str) -> None:
    """It stays with whoever has that record, when the others turn out to be another person's."""
    with psycopg.connect(landed) as connection:
        land(connection, "politiet-2025-T3-02", "personer", [{"person_lopenr": "p0", "etternavn": "Prøve"}])
        join_records(connection, one=[("politiet", "personer", "p0")])
    assert disputed(landed, "politiet/saker/alone", "politiet/p0") == ("politiet", "p0", False)
    assert disputed(landed, "politiet/saker/shared", "one") == ("politiet", "p1", False)


def test_a_dispute_by_another_person_affects_that_person_alone(landed: str) -> None:
    """A leader disputes what the labour inspection wrote of a worker."""
    assert disputed(landed, "arbeidstilsynet/personer_paa_stedet/o1", "one") == ("brreg", "b1", False)
    assert disputed(landed, "politiet/involverte/i2", "two") == ("politiet", "p2", True)


def test_two_persons_may_dispute_the_same_row(landed: str) -> None:
    disputed(landed, "politiet/saker/shared", "one")
    with pytest.raises(UserError, match="already disputed"):
        disputed(landed, "politiet/saker/shared", "politiet/p1")
    disputed(landed, "politiet/saker/shared", "two")
    close_case("K-2026-001", "rejected", "It is so.", "kn")
    with psycopg.connect(landed) as connection:
        left = corrections.suppressed_rows(corrections.cases(connection))
    assert [(row.person_source_record_id, row.case_id) for row in left] == [("p2", "K-2026-002")]
