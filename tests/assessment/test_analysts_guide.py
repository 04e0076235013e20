"""The worked questions of docs/analysts.md, asked as an analyst asks them, of a world whose answers are known."""

import re
from typing import Any

import psycopg
import pytest
from akrim import warehouse
from akrim.cli import app
from akrim.settings import PROJECT_ROOT
from psycopg import sql
from typer.testing import CliRunner

from tests.assessment.project import rows

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("world")]

RELEASE = "2025-T3.1"
# What the small world of world.yaml lacks to give every question an answer: Beta AS (210430768), which Aas led until it went
# bankrupt, is inspected, shared with Beck, and has ten clients' accountant; Ny AS is inspected, and Aas leads it.
BETA, NEW = "210430768", "210500001"
LEADING = {"role_code": "DAGL", "is_leading": True, "is_active": True, "is_leading_today": True}
MORE: list[tuple[str, dict[str, Any]]] = [
    ("enterprises", {"orgnr": NEW, "enterprise_name": "NY AS", "municipality_code": "0301", "is_bankrupt": False}),
    ("roles", {"role_id": "r7", "person_id": "aas", "orgnr": NEW, "valid_from": "2025-02-01", **LEADING}),
    ("roles", {"role_id": "r8", "person_id": "beck", "orgnr": BETA, "valid_from": "2022-07-01", **LEADING,
               "is_leading_today": False}),
    ("persons", {"person_id": "beck", "full_name": "Bo Beck", "record_count": 2}),
    ("assessments", {"centre_id": "oslo", "person_id": "beck", "rank": 2, "total_points": 11, "weakest_match_weight": 3.14}),
    *(("bankruptcy_involvements", {"person_id": "aas", "orgnr": f"3{n}", "bankruptcy_date": day})
      for n, day in enumerate(["2024-01-01", "2020-12-31"])),
    *(("inspections", {"inspection_id": f"i{n}", "orgnr": BETA, "inspection_date": day, "is_severe": is_severe, "stop_count": 1})
      for n, (day, is_severe) in enumerate(
          [("2025-03-01", True), ("2025-04-01", True), ("2025-05-01", False), ("2023-12-30", True)])),
    *(("inspections", {"inspection_id": f"j{n}", "orgnr": NEW, "inspection_date": day, "is_severe": True, "stop_count": n})
      for n, day in enumerate(["2025-03-02", "2025-04-02"])),
    ("case_outcomes", {"reporting_agency": "nav", "reference": "n1", "report_date": "2025-12-01", "outcome_class": "pending",
                       "is_withdrawn": False, "days_pending": 30}),
    ("offence_cases", {"case_number": "c9", "person_id": "aas", "involvement_code": "siktet", "reporter_code": "politiet",
                       "reported_date": "2024-01-01", "outcome_code": "henlagt_kapasitet", "outcome_date": "2025-02-01"}),
    ("enterprises", {"orgnr": "210500002", "enterprise_name": "ENDT AS", "is_bankrupt": True}),
    ("roles", {"role_id": "r9", "person_id": "aas", "orgnr": "210500002", "valid_from": "2025-03-01", **LEADING,
               "is_leading_today": False}),
    ("actor_changes", {"centre_id": "alta", "person_id": "beck", "period": "2025-T2", "capacity_change": "redusert",
                       "capacity_points_then": 3, "capacity_points_now": 3, "active_leading_roles_then": 1,
                       "active_leading_roles_now": 2, "bankruptcies_since": 1}),
    *(("roles", {"role_id": f"a{n}", "person_id": "accountant", "orgnr": orgnr, "role_code": "REGN", "is_leading": False})
      for n, orgnr in enumerate([BETA, *(f"21060000{n}" for n in range(8))])),
    ("prioritisations", {"decision_id": "b9", "centre_id": "oslo", "person_id": "aas", "priority_code": "prioriter",
                         "decided_date": "2025-05-31"}),
    ("exposed_workers", {"orgnr": NEW, "worker_count": 7, "actor_count": 1}),
]  # fmt: skip

AAS, BECK = "\u00c5ge Aas", "Bo Beck"
# By the question's number, its whole answer as `akrim sql --csv` prints it, without the header.
ANSWERS = {
    1: ["aas,Åge Aas,3,2025-06-01,NY AS"],
    2: ["Åge Aas,aas,2,\"alta 1, oslo 1\",47"],
    3: [
        "convicted,15,politiet,saker,c2,2024-12-01", "exposed_industry_roles,2,brreg,roller,r2,2022-07-01",
        "phoenix,15,brreg,roller,r1,2022-06-01", "phoenix,15,brreg,enheter,210430768,2022-07-01",
        *(f"{rule},{points},brreg,{extract},{row},{day}" for rule, points in (("serial_bankruptcy", 10), ("bankruptcy", 5))
          for extract, row, day in (("enheter", "210234918", "2022-06-01"), ("roller", "r1", "2022-06-01"),
                                    ("enheter", BETA, "2025-06-01"), ("roller", "r2", "2025-06-01"))),
    ],
    4: ["brreg,4,1", "skatteetaten,2,1", "politiet,1,1"],
    5: [f"{BETA},BETA AS,,2,true"],
    6: [f"{NEW},aas,2,1,2025-04-02"],
    7: ["The Tax Administration,Dropped for the state of the evidence,1,100.0,121"],
    8: ["nav,n1,2025-12-01,,pending,30"],
    9: ["aas,0,47,47", "protected,0,19,19"],
    11: ["alta,beck,2025-T2,redusert,3,3,1,2,1"],
    12: ["oslo,2,Bo Beck,2,11,3.1"],
    13: [f"{AAS},aas,politiet,c9,2025-02-01,1"],
    15: ["accountant,REGN,10,2,20"],
    16: [f"oslo,{AAS},2025-05-31,{rule},brreg,{row},2025-06-01"
         for row, rule in ((BETA, "bankruptcy"), (BETA, "serial_bankruptcy"), ("r2", "bankruptcy"), ("r2", "serial_bankruptcy"))],
    17: [f"{NEW},NY AS,,,7,1"],
}  # fmt: skip


def questions() -> dict[int, str]:
    """The worked questions, by number."""
    guide = (PROJECT_ROOT / "docs" / "analysts.md").read_text(encoding="utf-8")
    found = re.findall(r"^## (\d+)\..+?\n.*?```sql\n(.*?)```", guide, re.DOTALL | re.MULTILINE)
    return {int(number): query for number, query in found}


@pytest.fixture
def filled(world: None) -> None:
    with warehouse.connect() as connection:
        for table, values in MORE:
            add(connection, table, values)


def add(connection: psycopg.Connection, table: str, values: dict[str, Any]) -> None:
    row = {"release_id": RELEASE, **values}
    connection.execute(
        sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier("marts", table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(sql.Placeholder() * len(row)),
        ),
        list(row.values()),
    )


def answer(query: str) -> list[str]:
    told = CliRunner().invoke(app, ["sql", query, "--csv"])
    assert told.exit_code == 0, told.exception
    return told.output.splitlines()[1:]


@pytest.mark.usefixtures("filled")
def test_every_question_has_the_answer_that_the_world_was_made_for() -> None:
    answers = {number: answer(query) for number, query in questions().items()}
    assert list(answers) == list(range(1, 18))
    # These have an order by one column alone: of equals any may come first.
    assert {n: sorted(answers[n]) for n in ANSWERS} == {n: sorted(told) for n, told in ANSWERS.items()}
    assert [line.split(",")[:2] for line in answers[10]][:2] == [["national", "1"], ["alta", "1"]]
    events = [line.split(",")[1] for line in answers[14]]
    assert events.count("severe inspection") == 3
    assert {"inspection", "bankruptcy", "DAGL begins"} <= set(events)


def test_every_release_is_listed_and_one_is_the_newest() -> None:
    with warehouse.connect() as connection:
        connection.execute(
            "insert into meta.releases (release_id, period, revision, as_of, status, fingerprint, pins) values"
            " ('2025-T2.1', '2025-T2', 1, '2025-08-31', 'published', 'f', '{}'),"
            " ('2026-T1.1', '2026-T1', 1, '2026-04-30', 'building', 'f', '{}'),"
            " ('2025-T3.2', '2025-T3', 2, '2025-12-31', 'recalled', 'f', '{}')"
        )
    found = rows(
        "select release_id, period, revision, as_of::text, status, is_newest from marts.releases order by 1"
    )
    newest = [row for row in found if row.pop("is_newest")]
    assert newest == [
        {
            "release_id": RELEASE,
            "period": "2025-T3",
            "revision": 1,
            "as_of": "2025-12-31",
            "status": "published",
        }
    ]
    assert [row["release_id"] for row in found] == ["2025-T2.1", RELEASE, "2025-T3.2", "2026-T1.1"]
    assert {row["release_id"] for row in rows("select distinct release_id from marts_current.persons")} == {
        RELEASE
    }
