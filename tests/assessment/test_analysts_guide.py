"""The worked questions of docs/analysts.md, asked as an analyst asks them, of a world whose answers are known."""

import re
from itertools import combinations
from typing import Any

import psycopg
import pytest
from akrim import warehouse
from akrim.cli import app
from akrim.rules import load_rules
from akrim.settings import PROJECT_ROOT
from psycopg import sql
from psycopg.types.json import Jsonb
from typer.testing import CliRunner

from tests.assessment.project import rows
from tests.ledger.entering import enter_release, enter_run

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("world")]

RELEASE = "2025-T3.1"
# What the small world of world.yaml lacks to give every question an answer: Beta AS (210430768), which Aas led until it went
# bankrupt, is inspected, shared with Beck, and has ten clients' accountant; Ny AS is inspected, and Aas leads it.
ALFA, BETA, NEW = "210234918", "210430768", "210500001"
BEFORE = {"release_id": "2025-T2.1"}
SERIAL = next(rule for rule in load_rules() if rule.code == "serial_bankruptcy")
LEADING = {"role_code": "DAGL", "is_leading": True, "is_active": True, "is_leading_today": True}
MORE: list[tuple[str, dict[str, Any]]] = [
    ("enterprises", {"orgnr": NEW, "enterprise_name": "NY AS", "municipality_name": "Oslo", "centre_id": "oslo", "is_bankrupt": False}),
    ("roles", {"role_id": "r7", "person_id": "aas", "orgnr": NEW, "valid_from": "2025-02-01", **LEADING}),
    ("roles", {"role_id": "r7b", "person_id": "aas", "orgnr": NEW, "valid_from": "2025-02-01", **LEADING, "role_code": "LEDE"}),
    ("roles", {"role_id": "r8", "person_id": "beck", "orgnr": BETA, "valid_from": "2022-07-01", **LEADING,
               "is_leading_today": False}),
    ("persons", {"person_id": "beck", "full_name": "Bo Beck", "record_count": 2}),
    ("assessments", {"centre_id": "oslo", "person_id": "beck", "rank": 2, "total_points": 11, "weakest_match_weight": 3.14}),
    *(("bankruptcy_involvements", {"role_id": f"k{n}", "person_id": "aas", "orgnr": f"3{n}", "bankruptcy_date": day})
      for n, day in enumerate(["2024-01-01", "2020-12-31"])),
    *(("inspections", {"inspection_id": f"i{n}", "orgnr": BETA, "centre_id": "oslo", "inspection_date": day, "is_severe": is_severe, "stop_count": 1})
      for n, (day, is_severe) in enumerate(
          [("2025-03-01", True), ("2025-04-01", True), ("2025-05-01", False), ("2023-12-30", True)])),
    *(("inspections", {"inspection_id": f"j{n}", "orgnr": NEW, "centre_id": "bergen", "inspection_date": day, "is_severe": True, "stop_count": n})
      for n, day in enumerate(["2025-03-02", "2025-04-02"])),
    ("roles", {"role_id": "r10", "person_id": "beck", "orgnr": "210500003", "valid_from": "2020-01-01", **LEADING}),
    ("inspections", {"inspection_id": "k1", "orgnr": "210500003", "centre_id": "alta", "inspection_date": "2025-03-01", "is_severe": True,
                     "stop_count": 1}),
    ("case_outcomes", {"reporting_agency": "nav", "reference": "n1", "reported_date": "2025-12-01", "outcome_class": "pending",
                       "is_withdrawn": False, "days_pending": 30}),
    ("offence_cases", {"case_number": "c9", "person_id": "aas", "involvement_code": "siktet", "reporting_agency": "politiet",
                       "reported_date": "2024-01-01", "outcome_code": "henlagt_kapasitet", "outcome_date": "2025-02-01"}),
    ("police_cases", {"case_number": "c9", "reporting_agency": "politiet", "outcome_date": "2025-02-01",
                      "outcome_class": "dropped_capacity"}),
    ("enterprises", {"orgnr": "210500002", "enterprise_name": "ENDT AS", "is_bankrupt": True}),
    ("roles", {"role_id": "r9", "person_id": "aas", "orgnr": "210500002", "valid_from": "2025-03-01", **LEADING,
               "is_leading_today": False}),
    ("actor_changes", {"centre_id": "alta", "person_id": "beck", "decided_period": "2025-T2", "capacity_change": "redusert",
                       "capacity_points_then": 3, "capacity_points_now": 3, "active_leading_roles_then": 1,
                       "active_leading_roles_now": 2, "bankruptcies_since": 1}),
    *(("actor_changes", {"centre_id": centre, "person_id": "beck", "decided_period": "2025-T2", "capacity_change": change,
                         "active_leading_roles_then": 1, "active_leading_roles_now": 1})
      for centre, change in (("bergen", "redusert"), ("oslo", "okt"))),
    *(("roles", {"role_id": f"a{n}", "person_id": "accountant", "orgnr": orgnr, "role_code": "REGN", "is_leading": False})
      for n, orgnr in enumerate([BETA, *(f"21060000{n}" for n in range(8))])),
    ("prioritisations", {"decision_id": "b8", "centre_id": "oslo", "person_id": "aas", "priority_code": "overvaak",
                         "decided_date": "2025-05-01"}),
    ("prioritisations", {"decision_id": "b9", "centre_id": "oslo", "person_id": "aas", "priority_code": "prioriter",
                         "decided_date": "2025-05-31"}),
    ("exposed_workers", {"orgnr": NEW, "worker_count": 7, "actor_count": 1}),
    *(("principals", {"principal_orgnr": "220000001", "supplier_orgnr": supplier, "purchase_year": year, "amount_nok": 1})
      for supplier, year in ((ALFA, 2020), (ALFA, 2021), (BETA, 2023), (BETA, 2024))),
    ("principals", {"principal_orgnr": "220000002", "supplier_orgnr": ALFA, "purchase_year": 2021}),
    ("assessments", {"centre_id": "stavanger", "person_id": "beck", "rank": 3, "total_points": 11, "status": "avskrevet",
                     "status_since": "2025-05-01", "new_fact_date": "2025-11-01"}),
    ("assessments", {"centre_id": "oslo", "person_id": "old_aas", "rank": 4, "intention_points": 20, "capacity_points": 3, **BEFORE}),
    ("assessments", {"centre_id": "oslo", "person_id": "beck", "rank": 1, **BEFORE}),
    ("rules", {"indicator_code": "serial_bankruptcy", "indicator_version": 1, "points": 8, "cap": 20, **BEFORE}),
    *(("employments_of_years", {"orgnr": orgnr, "year": year, "worker_count": workers})
      for orgnr, year, workers in ((NEW, 2025, 40), (NEW, 2024, 99), ("210434356", 2025, 50))),
    *(("network_members", {"network_id": "N1", "member_kind": kind, "member_id": member})
      for kind, member in (("enterprise", NEW), ("enterprise", BETA), ("person", "aas"))),
    ("network_members", {"network_id": "N2", "member_kind": "enterprise", "member_id": ALFA}),
    *(("wage_guarantee_claims", {"claim_id": f"w{amount}", "orgnr": BETA, "amount_nok": amount}) for amount in (100, 50)),
    ("arrears", {"arrears_id": "x2", "orgnr": NEW, "amount_nok": 500}),
    *(("reactions", {"reaction_id": f"x{n}", "inspection_id": inspection, "reaction_code": code, "decided_date": day,
                     "amount_nok": amount, "is_reversed": is_reversed})
      for n, (inspection, code, day, amount, is_reversed) in enumerate(
          [("i0", "tvangsmulkt", "2025-03-10", 1000, False), ("j0", "overtredelsesgebyr", "2025-03-11", 9, True),
           ("j1", "overtredelsesgebyr", "2025-04-20", 700, False), ("j1", "tvangsmulkt", "2025-04-21", 50, False),
           ("j1", "paalegg", "2025-04-20", None, False), ("i3", "tvangsmulkt", "2024-01-10", 10, False)])),
    ("coordination", {"person_id": "beck", "nobody_works_on": True, "agencies_that_know": ["nav"]}),
    *(("prioritisations", {"decision_id": f"b{n}", "centre_id": "oslo", "person_id": "beck", "status": "trusselaktor",
                           "priority_code": "overvaak", "decided_date": decided, "next_review_date": review})
      for n, decided, review in ((10, "2025-01-01", "2025-02-01"), (11, "2025-06-01", "2025-12-01"))),
    *(("indicator_observations", {"person_id": "beck", "indicator_code": rule, "checked": "fired", "dimension": dimension, "points": 0,
                                  "evidence": Jsonb([{"agency": "skatteetaten", "extract": extract, "source_row_id": row, "date": day}
                                                     for extract, row, day in told])})
      for rule, dimension, told in (
          ("planned_bankruptcy", "intention", [("restanser", "x3", "2025-12-31"), ("kontroller", "k7", "2025-08-01")]),
          ("underpaid_workers", "intention", [("arbeidsforhold", "w1", "2025-12-31")]),
          ("employees_led", "capacity", [("arbeidsforhold", "w1", "2025-12-31")]))),
    ("networks", {"network_id": "N1", "kind": "loose", "persons": 1, "enterprises": 2, **BEFORE}),
    *(("release_changes", {"comparison": comparison, "previous_release_id": "2025-T2.1", "centre_id": "oslo", "change_number": number,
                           "cause_number": 1, "person_id": person_id, "change": change, "cause": "source", "points": points,
                           "detail": Jsonb({"rules": [{"indicator_code": rule, "points": by} for rule, by in by_rule]})})
      for number, (comparison, person_id, change, points, by_rule) in enumerate([
          ("previous", "beck", "fell", -3, [("planned_bankruptcy", -8), ("tax_arrears", 5)]), ("previous", "gone", "left", -20, []),
          ("previous", "beck", "status", -3, [("planned_bankruptcy", -8)]), ("last_period", "beck", "fell", -9, [("convicted", -9)])])),
    ("networks", {"network_id": "N1", "kind": "loose", "persons": 3, "enterprises": 2}),
    ("networks", {"network_id": "N2", "kind": "loose", "persons": 5, "enterprises": 5}),
]  # fmt: skip

AAS, BECK = "\u00c5ge Aas", "Bo Beck"
# By the question's number, its whole answer as `akrim sql --csv` prints it, without the header.
ANSWERS = {
    1: ["aas,Åge Aas,3,2025-06-01,NY AS"],
    2: ["Åge Aas,aas,2,\"alta 1, oslo 1\",47", "Bo Beck,beck,2,\"oslo 2, stavanger 3\",11"],
    3: [
        "1,Åge Aas,convicted,15,politiet,saker,c2,2024-12-01", "1,Åge Aas,exposed_industry_roles,2,brreg,roller,r2,2022-07-01",
        "1,Åge Aas,phoenix,15,brreg,roller,r1,2022-06-01", "1,Åge Aas,phoenix,15,brreg,enheter,210430768,2022-07-01",
        *(f"1,Åge Aas,{rule},{points},brreg,{extract},{row},{day}" for rule, points in (("serial_bankruptcy", 10), ("bankruptcy", 5))
          for extract, row, day in (("enheter", "210234918", "2022-06-01"), ("roller", "r1", "2022-06-01"),
                                    ("enheter", BETA, "2025-06-01"), ("roller", "r2", "2025-06-01"))),
        *(f"2,Bo Beck,{rule},0,skatteetaten,{row}" for rule, row in (
            ("planned_bankruptcy", "restanser,x3,2025-12-31"), ("planned_bankruptcy", "kontroller,k7,2025-08-01"),
            ("underpaid_workers", "arbeidsforhold,w1,2025-12-31"), ("employees_led", "arbeidsforhold,w1,2025-12-31"))),
    ],
    4: ["brreg,4,1", "skatteetaten,5,2", "politiet,1,1"],
    5: [f"{BETA},BETA AS,,2,true"],
    6: [f"{NEW},aas,2,1,2025-04-02"],
    7: ["Tax Administration,Dropped: insufficient evidence,1,100.0,121"],
    8: ["nav,n1,2025-12-01,,pending,30"],
    9: ["aas,0,47,47", "beck,0,0,0", "protected,0,19,19"],
    11: ["alta,beck,2025-T2,redusert,3,3,1,2,1"],
    12: ["oslo,2,Bo Beck,2,11,3.1"],
    13: [f"{AAS},aas,politiet,c9,2025-02-01,1"],
    14: ["2022-07-01,DAGL begins,aas", "2022-07-01,DAGL begins,beck", "2022-07-01,REVI begins,210434356", ",REGN begins,accountant",
         "2023-12-30,severe inspection,i3", "2025-03-01,severe inspection,i0", "2025-04-01,severe inspection,i1",
         "2025-05-01,inspection,i2", f"2025-06-01,bankruptcy,{BETA}"],
    15: ["accountant,REGN,10,2,20"],
    16: ["oslo,beck,2025-06-01,planned_bankruptcy,skatteetaten,k7,2025-08-01", *(
        f"oslo,aas,2025-05-31,{rule},brreg,{row},2025-06-01"
        for row, rule in ((BETA, "bankruptcy"), (BETA, "serial_bankruptcy"), ("r2", "bankruptcy"), ("r2", "serial_bankruptcy")))],
    17: [f"{NEW},NY AS,,,7,1"],
    18: ["41.0,41.0,1,0,1"],
    19: [f"220000001,{ALFA},{BETA},2021,2023"],
    20: [f"stavanger,beck,{BECK},2025-05-01,2025-11-01,11"],
    21: ["2025-T2,4,20,3,,", "2025-T3,1,45,2,potensiell_trusselaktor,"],
    22: [f"{BECK},beck,2,3,,avskrevet"],
    23: ["skatteetaten,personer,Not a valid date,2025-T3,2"],
    24: [f"2025-T3,serial_bankruptcy,1,{SERIAL.version},8,{SERIAL.points},20,{SERIAL.cap}"],
    25: ["Oslo,40,7,175"],
    26: ["N1,2,2,150,500", "NB8F0851A64A7,2,2,150,0"],  # the second is of Alfa and Beta
    27: ["alta,1,0,", "bergen,2,1,31", "oslo,3,3,31"],
    28: ["2024,oslo,1,10", "2025,bergen,2,750", "2025,oslo,1,1000"],
    29: [f'{place},beck,11,,"[""nav""]"' for place in ("oslo,2", "stavanger,3")],
    30: [f"{one},{other},1" for one, other in (
        *combinations(("bankruptcy", "convicted", "exposed_industry_roles", "phoenix", "serial_bankruptcy"), 2),
        *combinations(("employees_led", "planned_bankruptcy", "underpaid_workers"), 2), ("fictitious_invoices", "tax_reassessed"))],
    31: ["oslo,beck,trusselaktor,overvaak,,2025-12-01,30"],
    32: ["N1,loose,1,3,2,2"],
    33: [f"oslo,beck,{BECK},fell,source,planned_bankruptcy,-8,nav/lonnsgaranti stale", f"oslo,beck,{BECK},fell,source,tax_arrears,5,",
         "oslo,gone,,left,source,,,"],
}  # fmt: skip


def questions() -> dict[int, str]:
    """The worked questions, by number."""
    guide = (PROJECT_ROOT / "docs" / "analysts.md").read_text(encoding="utf-8")
    found = re.findall(r"^## (\d+)\..+?\n.*?```sql\n(.*?)```", guide, re.DOTALL | re.MULTILINE)
    return {int(number): query for number, query in found}


@pytest.fixture
def filled(world: None) -> None:
    with warehouse.connect() as connection:
        enter_release(connection, "2025-T2.1")
        connection.execute(
            "insert into quarantine.rows (delivery_id, manifest_sha256, extract, row_number, expectation, reason)"
            " select 'skatteetaten-2025-T3-01', '', 'personer', n, 'x', 'bad_date' from generate_series(1, 2) as n"
        )
        connection.execute(
            "update marts.extract_ages set unavailable_because = 'stale' where extract = 'lonnsgaranti'"
        )
        for table, values in MORE:
            add(connection, table, values)


def add(connection: psycopg.Connection, table: str, values: dict[str, Any]) -> None:
    row = {"release_id": RELEASE} | values
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
    assert list(answers) == list(range(1, 34))
    # These have an order by one column alone: of equals any may come first.
    assert {n: sorted(answers[n]) for n in ANSWERS} == {n: sorted(told) for n, told in ANSWERS.items()}
    assert [line.split(",")[:2] for line in answers[10]][:2] == [["national", "1"], ["alta", "1"]]


def test_every_release_is_listed_and_one_is_the_newest() -> None:
    with warehouse.connect() as connection:
        enter_release(connection, "2025-T2.1")
        enter_release(connection, "2026-T1.1", "building")
        enter_release(connection, "2025-T3.2", "recalled")
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


def test_history_has_the_newest_published_revision_of_each_period() -> None:
    with warehouse.connect() as connection:
        connection.execute(
            "update meta.releases set revision = 10, release_id = '2025-T3.10' where revision = 1"
        )
        connection.execute("update marts.delivery_ages set release_id = '2025-T3.10'")
        for release_id, status in (
            ("2025-T2.1", "superseded"),
            ("2025-T2.2", "published"),
            ("2025-T3.9", "superseded"),
            ("2025-T3.11", "building"),
        ):
            enter_release(connection, release_id, status)
            connection.execute(
                "insert into marts.delivery_ages (release_id, agency, newest_fact_date) values (%s, 'nav', '2025-05-01')", [release_id]
            )  # fmt: skip
    found = rows(
        "select period, as_of::text, release_id, newest_fact_date::text from marts_history.delivery_ages where agency = 'nav' order by 1"
    )
    assert [tuple(row.values()) for row in found] == [
        ("2025-T2", "2025-08-31", "2025-T2.2", "2025-05-01"),
        ("2025-T3", "2025-12-31", "2025-T3.10", "2025-12-31"),
    ]
    in_order = rows("select release_id from marts.releases order by place")
    assert [row["release_id"] for row in in_order] == [
        "2025-T2.1", "2025-T2.2", "2025-T3.9", "2025-T3.10", "2025-T3.11",
    ]  # fmt: skip


def test_an_old_id_leads_an_analyst_to_the_persons_it_stands_for() -> None:
    with warehouse.connect() as connection:
        connection.execute(
            "insert into linkage.person_id_history values ('aas', 'protected', '2025-T3.1', 'split'),"
            " ('older_aas', 'old_aas', '2025-T2.1', 'merged'), ('nowhere', 'accountant', '2025-T3.1', 'merged')"
        )
    for asked, told in (("older_aas", ["aas", "protected"]), ("accountant", ["accountant"]), ("nobody", [])):
        assert answer(f"select person_id from marts.person('{asked}') order by 1") == told


def test_an_id_stands_for_whom_the_newest_release_knows_while_another_is_held() -> None:
    """Also where an earlier period was assessed anew since: the newest release has its own persons still."""
    with warehouse.connect() as connection:
        enter_run(connection, RELEASE)
        for release_id, status in (("2025-T2.1", "published"), ("2026-T1.1", "building")):
            enter_release(connection, release_id, status)
            enter_run(connection, release_id)
        connection.execute(
            "insert into linkage.person_id_history values ('aas', 'beck', '2025-T2.1', 'merged'), ('beck', 'born', '2026-T1.1', 'split');"
            "update linkage.memberships set valid_to_release = '2025-T2.1' where person_id = 'aas';"
            "insert into linkage.memberships (source, extract, source_record_id, content_digest, person_id, link_kind, valid_from_release)"
            " values ('nav', 'personer', 'n99', '', 'born', 'identifier', '2026-T1.1')"
        )
    for asked, told in (("aas", ["aas"]), ("old_aas", ["aas"]), ("born", [])):
        assert answer(f"select person_id from marts.person('{asked}') order by 1") == told
