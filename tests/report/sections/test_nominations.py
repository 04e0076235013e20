"""The nominations' section and the form's rows for the nominated: graded in words, what waits first, and nothing but the nomination."""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from akrim.report import Edition
from akrim.report.blocks import Name, Table, Text
from akrim.report.lists.nominated import nominated_by, nominated_enterprises, nominated_persons
from akrim.report.material import Material
from akrim.report.sections.nominations import SECTION
from akrim.report.wording import Words
from akrim.sharing import Tables

from tests.report.tables import tables_of

EDITION = Edition("2025-T3.1", "2025-T3", date(2025, 12, 31), "oslo", None, True, {})
RANKING = [{"person_id": "p", "place": 1, "name": "Per Bak", "is_dismissed": False}]


def nomination(number: int, agency: str, grades: str, answer: str, **subject: Any) -> dict[str, Any]:
    return {
        "nomination_id": f"n{number}", "agency": agency, "person_id": None, "orgnr": None, "nominated_date": date(2025, 5, number),
        "observed_code": "straaperson", "source_grade": grades[0], "information_grade": grades[1], "answer": answer,
        "status": None, "decided_date": None,
    } | subject  # fmt: skip


@pytest.fixture
def tables() -> Tables:
    rows: dict[str, list[dict[str, Any]]] = {
        "persons": [{"person_id": p, "full_name": name, "birth_date": date(1970, 1, 2)}
                    for p, name in (("p", "Per Bak"), ("q", "Kari Ærlig"), ("r", "Ola Avskrevet"))],
        "enterprises": [{"orgnr": "200000039", "enterprise_name": "Nyrens Drift AS"}],
        "nominations": [
            nomination(1, "nav", "B2", "prioritised", person_id="p", status="trusselaktor", decided_date=date(2025, 6, 1)),
            nomination(2, "politiet", "X4", "unanswered", person_id="q"),
            nomination(3, "nav", "A1", "open", person_id="q"),
            nomination(4, "nav", "C3", "dismissed", person_id="r", status="avskrevet", decided_date=date(2025, 6, 2)),
            nomination(5, "skatteetaten", "B3", "open", orgnr="200000039"),
        ],
    }  # fmt: skip
    return tables_of(**rows)


def blocks(tables: Tables, language: str = "nb") -> list[Table]:
    material = Material(EDITION, tables, [], None, Words(language), RANKING)
    return [block for block in SECTION.build(material) if isinstance(block, Table)]


def test_what_waits_comes_first_and_each_is_graded_in_words(tables: Tables) -> None:
    table, _ = blocks(tables)
    assert [row[1][0] for row in table.rows] == ["Politiet", "Nav", "Skatteetaten", "Nav", "Nav"]
    first = table.rows[0]
    assert first[0] == ("Kari Ærlig", Text("02.01.1970", "below"))
    assert first[3] == (
        Text("X4", "strong"),
        Text("Kildens pålitelighet kan ikke vurderes.", "below"),
        Text("Kilden kjenner ikke forholdet selv, og det kan ikke bekreftes.", "below"),
    )
    assert first[4] == (Text("Ubesvart", "alert"), *[Text("", "below")] * 3)


def test_who_is_listed_leads_to_the_profile_and_an_enterprise_shows_its_number(tables: Tables) -> None:
    rows = blocks(tables, "en")[0].rows
    assert rows[2][0] == (Name("Nyrens Drift AS"), Text("200000039", "below"), "")
    tables["enterprise_assessments"] = pa.table({"orgnr": ["200000039"]})
    assert blocks(tables, "en")[0].rows[2][0] == (
        Name("Nyrens Drift AS", "g-200000039"), Text("200000039", "below"), Text("On the list", "below"),
    )  # fmt: skip
    assert rows[3][0] == (Name("Per Bak", "p-1"), Text("On the list", "below"))
    told = (Text("Prioritised", ""), Text("Threat actor", "below"), Text("1 Jun 2025", "below"))
    assert rows[3][4] == (*told, Text("", "below"))


@pytest.mark.parametrize(("group_id", "told"), [("200000039", ""), ("N1", "besluttet om en som leder det")])
def test_it_is_said_where_a_decision_on_a_leader_answers_for_the_enterprise(
    tables: Tables, group_id: str, told: str
) -> None:
    """The enterprise itself still awaits a decision then, and another status is proposed for it."""
    day = date(2025, 6, 1)
    answered = nomination(
        1, "nav", "B2", "prioritised", orgnr="200000039", status="trusselaktor", decided_date=day
    )
    tables["nominations"] = pa.Table.from_pylist([answered])
    tables["group_decisions"] = pa.Table.from_pylist([{"group_id": group_id, "decided_date": day}])
    assert blocks(tables)[0].rows[0][4][-1] == Text(told, "below")


def test_each_agency_is_told_in_numbers_what_it_was_answered(tables: Tables) -> None:
    _, counts = blocks(tables)
    assert [column.title for column in counts.columns][2:] == [
        "Ubesvart",
        "Venter på ledergruppen",
        "Prioritert",
        "Avskrevet",
    ]
    assert counts.rows == [
        ("Nav", "3", "0", "1", "1", "1"), ("Politiet", "1", "1", "0", "0", "0"), ("Skatteetaten", "1", "0", "1", "0", "0"),
    ]  # fmt: skip


def test_without_nominations_there_is_no_section(tables: Tables) -> None:
    assert blocks(tables | {"nominations": tables_of()["nominations"]}) == []


def test_the_form_has_a_row_for_whom_nothing_else_puts_there_and_who_waits(tables: Tables) -> None:
    assert nominated_persons(tables, {"p"}, Words("nb")) == [
        {"place": "\u2013", "person_id": "q", "name": "Kari Ærlig", "born": "02.01.1970", "total": "\u2013", "proposed": "",
         "shown_status": "Nominert av Nav (A1) og politiet (X4)"},
    ]  # fmt: skip
    assert nominated_enterprises(tables, {"N1"}, Words("nb")) == [
        {"place": "\u2013", "group_id": "200000039", "enterprises": "200000039", "name": "Nyrens Drift AS (200000039)", "members": "",
         "total": "\u2013", "proposed": "", "shown_status": "Nominert av Skatteetaten (B3)"},
    ]  # fmt: skip
    assert nominated_enterprises(tables, {"200000039"}, Words("nb")) == []


def test_who_waits_for_one_agencys_answer_waits_though_another_has_its_own(tables: Tables) -> None:
    followed = nomination(6, "nav", "A1", "followed", person_id="q")
    rows = pa.Table.from_pylist([*tables["nominations"].to_pylist(), followed])
    waiting = nominated_persons(tables | {"nominations": rows}, {"p"}, Words("nb"))
    assert [row["person_id"] for row in waiting] == ["q"]


def test_an_agency_that_nominated_twice_is_named_once_with_both_gradings() -> None:
    rows = [
        {"agency": agency, "source_grade": grade[0], "information_grade": grade[1], "answer": answer}
        for agency, grade, answer in (
            ("skatteetaten", "X3", None), ("skatteetaten", "C4", "open"), ("nav", "A1", "dismissed"), ("politiet", "B2", None),
        )
    ]  # fmt: skip
    assert nominated_by(rows, Words("nb")) == "Nominert av politiet (B2) og Skatteetaten (C4, X3)"
