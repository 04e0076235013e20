"""A disputed fact is left out from the next release on, disputed links are separated, and both can be reverted."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import psycopg
import pytest
from akrim import corrections
from akrim.commands.corrections import app
from akrim.corrections import Dispute, close_case, disputes_in, open_case
from akrim.corrections.register import CaseOutcome
from akrim.errors import UserError
from akrim.linkage.review import RecordKey
from psycopg.rows import dict_row
from typer.testing import CliRunner

from tests.assessment.project import join_records, land
from tests.audit.events import events
from tests.ledger.entering import enter_release

PERSON = {
    "person_lopenr": "p1", "ident": "01810112345", "fornavn": "Ola", "etternavn": "Prøve", "fodselsdato": "2001-01-01",
}  # fmt: skip
DELIVERY, LATER = "politiet-2025-T3-01", "politiet-2026-T1-01"
FACT = Dispute("fact", "politiet", "personer", "p1")
DISPUTED = ("person", date(2026, 5, 12), "Wrong person.", "kn")


@pytest.fixture
def landed(warehouse: str) -> str:
    with psycopg.connect(warehouse) as connection:
        land(connection, DELIVERY, "personer", [PERSON, PERSON | {"person_lopenr": "p2"}])
        join_records(
            connection,
            one=[("politiet", "personer", "p1"), ("brreg", "roller", "b1"), ("nav", "personer", "n1")],
        )
    return warehouse


def cases(address: str) -> list[dict[str, Any]]:
    with psycopg.connect(address) as connection:
        return corrections.cases(connection)


def state_of(address: str, release_id: str, delivery_id: str = DELIVERY) -> set[str]:
    query = "select person_lopenr from state.politiet_personer(%s, %s)"
    with psycopg.connect(address) as connection:
        return {row[0] for row in connection.execute(query, [[delivery_id], release_id])}


def test_a_disputed_row_is_left_out_of_the_releases_that_pin_the_case(landed: str) -> None:
    case_id = open_case(FACT, *DISPUTED)
    (case,) = cases(landed)
    assert (case["case_id"], case["state"], case["disputed_since"]) == (case_id, "open", "2026-05-12")
    (row,) = corrections.suppressed_rows([case])
    # It is a record of the person's own: another record stands for the person while it is out.
    assert row[:6] == ("politiet", "personer", "p1", "brreg", "b1", True)
    with psycopg.connect(landed) as connection:
        connection.execute(
            "insert into meta.suppressed_rows (release_id, agency, extract, source_row_id, is_own_row) values"
            " ('2026-T1.2', 'politiet', 'personer', 'p1', true), ('2026-T1.1', 'politiet', 'personer', 'p1', false)"
        )
    assert state_of(landed, "2026-T1.1") == {"p1", "p2"}
    assert state_of(landed, "2026-T1.2") == {"p2"}


SOMEBODY_ELSE = {"ident": "02830154321", "fornavn": "Kari", "etternavn": "Dikt", "fodselsdato": "2001-03-02"}


@pytest.mark.parametrize(
    ("was", "now", "is_anothers"),
    [
        ({}, {}, False),
        ({}, SOMEBODY_ELSE, True),
        *(({}, SOMEBODY_ELSE | {column: PERSON[column]}, False) for column in ("ident", "fodselsdato")),
        ({}, SOMEBODY_ELSE | {"fornavn": "OLA", "etternavn": "Prøve"}, False),
        ({}, SOMEBODY_ELSE | {"fornavn": "Ola"}, True),
        ({}, SOMEBODY_ELSE | {"ident": ""}, False),
        ({"ident": ""}, SOMEBODY_ELSE, True),
        ({"fodselsdato": ""}, SOMEBODY_ELSE, False),
    ],
    ids=["hers", "another's", "number", "birth date", "name", "given name", "no number", "none before", "no birth date before"],
)  # fmt: skip
def test_a_disputed_record_is_left_out_until_its_key_is_somebody_elses(
    was: dict[str, str], now: dict[str, str], is_anothers: bool, warehouse: str
) -> None:
    """Whoever has any of number, birth date and name in common may be the same person; of whom there is no number nobody can say."""
    with psycopg.connect(warehouse) as connection:
        for delivery_id, row, release_id in ((DELIVERY, was, "2025-T3.1"), (LATER, now, "2026-T1.1")):
            land(connection, delivery_id, "personer", [PERSON | row])
            pins = {"corrections": [{"case_id": "K-2026-001"}]}
            enter_release(
                connection,
                release_id,
                pins=pins | {"deliveries": {"politiet": [{"delivery_id": delivery_id}]}},
            )
            connection.execute(
                "insert into meta.suppressed_rows (release_id, agency, extract, source_row_id, case_id)"
                " values (%s, 'politiet', 'personer', 'p1', 'K-2026-001')",
                [release_id],
            )
    assert state_of(warehouse, "2025-T3.1") == set()
    assert state_of(warehouse, "2026-T1.1", LATER) == ({"p1"} if is_anothers else set())


def test_an_upheld_fact_stays_out_and_a_rejected_one_returns(landed: str) -> None:
    upheld = open_case(FACT, *DISPUTED)
    rejected = open_case(Dispute("fact", "politiet", "personer", "p2"), *DISPUTED)
    close_case(upheld, "upheld", "Checked.", "kn")
    close_case(rejected, "rejected", "Checked.", "kn")
    assert [case["state"] for case in cases(landed)] == ["upheld", "rejected"]
    assert [(row.source_row_id, row.is_open) for row in corrections.suppressed_rows(cases(landed))] == [
        ("p1", False)
    ]


@pytest.mark.parametrize(("outcome", "revoked"), [("rejected", ["unsure", "unsure"]), ("upheld", [])])
def test_a_disputed_identity_is_kept_apart_from_every_record_and_given_back_when_rejected(
    landed: str, outcome: CaseOutcome, revoked: list[str]
) -> None:
    def verdicts() -> list[dict[str, Any]]:
        with psycopg.connect(landed, row_factory=dict_row) as connection:
            return connection.execute("select * from linkage.link_decisions order by decision_id").fetchall()

    case_id = open_case(Dispute("identity", "politiet", "personer", "p1"), *DISPUTED)
    assert [(row["source_l"], row["source_r"], row["verdict"]) for row in verdicts()] == [
        ("brreg", "politiet", "different"), ("nav", "politiet", "different"),
    ]  # fmt: skip
    (case,) = cases(landed)
    assert case["kept_apart_from"] == ["brreg/b1", "nav/n1"]
    assert corrections.suppressed_rows([case]) == []

    close_case(case_id, outcome, "Looked into.", "kn")
    assert [row["verdict"] for row in verdicts()] == ["different", "different", *revoked]


def test_a_single_link_is_disputed_by_naming_the_other_record(landed: str) -> None:
    open_case(Dispute("link", "politiet", "personer", "p1", RecordKey("nav", "n1")), *DISPUTED)
    (case,) = cases(landed)
    assert case["kept_apart_from"] == ["nav/n1"]


def test_what_another_case_keeps_apart_stays_apart_when_one_is_rejected(landed: str) -> None:
    def verdict() -> str:
        with psycopg.connect(landed) as connection:
            query = "select verdict from linkage.link_decisions where source_l = 'nav' order by decision_id desc limit 1"
            return str(connection.execute(query).fetchall()[0][0])

    link = Dispute("link", "nav", "personer", "n1", RecordKey("politiet", "p1"))
    with psycopg.connect(landed) as connection:
        land(connection, "nav-2025-T3-01", "personer", [{"nav_id": "n1"}])
    one, identity = (
        open_case(link, *DISPUTED),
        open_case(Dispute("identity", "politiet", "personer", "p1"), *DISPUTED),
    )
    with pytest.raises(UserError, match=f"already disputed in {one}"):
        open_case(link, *DISPUTED)
    close_case(one, "rejected", "Looked into.", "kn")
    assert verdict() == "different", "the identity is still disputed"
    close_case(identity, "rejected", "Looked into.", "kn")
    assert verdict() == "unsure"


@pytest.mark.parametrize(
    ("dispute", "told"),
    [
        (Dispute("fact", "politiet", "personer", "nobody"), "No such row was ever delivered."),
        (Dispute("fact", "politiet", "no_extract", "p1"), "No agency delivers politiet/no_extract."),
        (Dispute("identity", "politiet", "personer", "p2"), "The record is linked to no other"),
    ],
)
def test_invalid_disputes_are_refused(landed: str, dispute: Dispute, told: str) -> None:
    with pytest.raises(UserError, match=told):
        open_case(dispute, *DISPUTED)
    assert cases(landed) == []


def test_a_case_is_opened_and_closed_once(landed: str) -> None:
    case_id = open_case(FACT, *DISPUTED)
    with pytest.raises(UserError, match=f"already disputed in {case_id}"):
        open_case(FACT, *DISPUTED)
    close_case(case_id, "upheld", "Checked.", "kn")
    with pytest.raises(UserError, match="already upheld"):
        close_case(case_id, "rejected", "Checked again.", "kn")
    assert open_case(FACT, *DISPUTED) != case_id, "what is settled can be disputed again"


def test_cases_opened_at_once_have_numbers_of_their_own(landed: str) -> None:
    disputes = [
        FACT,
        Dispute("fact", "politiet", "personer", "p2"),
        *(Dispute("link", "politiet", "personer", "p1", RecordKey(*key)) for key in (("nav", "n1"), ("brreg", "b1"))),
    ]  # fmt: skip
    with ThreadPoolExecutor(len(disputes)) as clerks:
        numbers = list(clerks.map(lambda dispute: open_case(dispute, *DISPUTED), disputes))
    assert sorted(numbers) == [f"K-2026-{n:03d}" for n in range(1, len(disputes) + 1)]
    assert sorted(case["case_id"] for case in cases(landed)) == sorted(numbers)


def test_a_case_that_cannot_be_written_leaves_no_verdict(landed: str) -> None:
    with psycopg.connect(landed) as connection:
        connection.execute("alter table meta.corrections add check (other_source <> 'nav')")
    with pytest.raises(psycopg.errors.CheckViolation):
        open_case(Dispute("identity", "politiet", "personer", "p1"), *DISPUTED)
    assert cases(landed) == []
    with psycopg.connect(landed) as connection:
        assert connection.execute("select count(*) from linkage.link_decisions").fetchone() == (0,)


def test_a_case_is_logged_when_it_is_opened_closed_and_listed(landed: str) -> None:
    case_id = open_case(FACT, *DISPUTED)
    close_case(case_id, "rejected", "Checked.", "ola")
    opened, closed = events(landed, "alteration")
    assert (opened["by_name"], closed["by_name"]) == ("kn", "ola")
    assert [event["detail"]["event"] for event in (opened, closed)] == ["opened", "rejected"]
    assert opened["persons"] == closed["persons"] == ["one"]
    ran = CliRunner().invoke(app, ["list", "--by", "kari", "--purpose", "a question", "--json"])
    assert ran.exit_code == 0, ran.exception
    (looked,) = events(landed, "consultation")
    assert (looked["by_name"], looked["purpose"], looked["persons"]) == ("kari", "a question", ["one"])


@pytest.mark.parametrize(
    ("dispute", "shown"),
    [
        (Dispute("link", "politiet", "personer", "p1", RecordKey("nav", "n2")), {"one", "two"}),
        (Dispute("fact", "politiet", "saker", "p2", None, "politiet/p1"), {"one"}),
        (Dispute("fact", "politiet", "personer", "p2", None, "politiet/p1"), {"one", "two"}),
    ],
    ids=["kept apart from somebody", "a case whose number is somebody's key", "somebody else's record"],
)
def test_whom_a_listed_case_shows_is_logged_and_nobody_else(
    dispute: Dispute, shown: set[str], landed: str
) -> None:
    with psycopg.connect(landed) as connection:
        land(connection, DELIVERY, "saker", [{"saksnummer": "p2"}])
        join_records(connection, two=[("politiet", "personer", "p2"), ("nav", "personer", "n2")])
    open_case(dispute, *DISPUTED)
    ran = CliRunner().invoke(app, ["list", "--by", "kari", "--purpose", "a question", "--json"])
    assert ran.exit_code == 0, ran.exception
    (looked,) = events(landed, "consultation")
    assert set(looked["persons"]) == shown


def test_a_case_of_an_agency_without_a_contract_any_more_is_told_to_nobody(landed: str) -> None:
    """It is pinned by every later release, closed or not."""
    open_case(FACT, *DISPUTED)
    (case,) = cases(landed)
    with psycopg.connect(landed) as connection:
        assert disputes_in(connection, [case | {"agency": "toll"}], ["2025-T3.1"], "oslo") == []
        assert disputes_in(connection, [case | {"extract": "no more"}], ["2025-T3.1"], "oslo") == []


def test_the_list_names_the_whole_row_that_is_disputed(warehouse: str) -> None:
    key = "00000102/2013-" + "9" * 30
    with psycopg.connect(warehouse) as connection:
        land(connection, DELIVERY, "personer", [PERSON | {"person_lopenr": key}])
        join_records(connection, one=[("politiet", "personer", key)])
    open_case(Dispute("fact", "politiet", "personer", key), *DISPUTED)
    ran = CliRunner().invoke(app, ["list"])
    assert ran.exit_code == 0, ran.exception
    assert f"politiet/personer/{key} " in ran.output


def test_a_day_to_come_is_refused(landed: str) -> None:
    fact = ["open", "politiet/personer/p1", "--by", "person", "--reason", "Wrong person.", "--author", "kn"]
    refused = CliRunner().invoke(app, [*fact, "--since", "2226-05-12"])
    assert isinstance(refused.exception, UserError)
    assert "to come" in str(refused.exception)
    assert cases(landed) == []
