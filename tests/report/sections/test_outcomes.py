"""What became of the police reports: who on the list one concerns, or a dash, which a screen reader has something to say of."""

from datetime import date

import pytest
from akrim.report.blocks import Table, Text
from akrim.report.sections.outcomes import SECTION

from tests.report.first_page import build_material, entry


def test_a_report_is_told_with_whom_it_concerns_of_those_listed() -> None:
    reported = {
        "reported_date": date(2025, 3, 6), "reporting_agency": "nav", "outcome_code": None, "outcome_class": "open", "outcome_date": None,
    }  # fmt: skip
    rows = [
        reported | {"reference": reference, "case_number": case}
        for reference, case in (("R2", "S1"), ("R1", None))
    ]
    case = {"person_id": "p1", "case_number": "S1", "orgnr": None}
    material = build_material([entry(1)], case_outcomes=rows, offence_cases=[case])
    _, newest = [block for block in SECTION.build(material) if isinstance(block, Table)]
    assert [row[3:5] for row in newest.rows] == [("S1", [Text("Person 1", "line")]), ("\u2013", "\u2013")]


@pytest.mark.parametrize(
    ("outcome_class", "told"),
    [
        ("pending", "Ikke avgjort"),
        ("no_case", "Ingen sak funnet hos politiet"),
        ("not_known", "Ikke kjent: politiets saker er ikke levert i sin helhet"),
        (None, "Ikke delt med senteret"),
    ],
)
def test_a_report_without_an_outcome_is_told_with_what_is_known_of_it(
    outcome_class: str | None, told: str
) -> None:
    row = {
        "reported_date": date(2025, 3, 6), "reporting_agency": "nav", "reference": "R1", "case_number": None, "outcome_code": None,
        "outcome_class": outcome_class, "outcome_date": None,
    }  # fmt: skip
    material = build_material([entry(1)], case_outcomes=[row])
    summary, newest = [block for block in SECTION.build(material) if isinstance(block, Table)]
    assert (summary.rows[0][0], newest.rows[0][5]) == (told, told)
