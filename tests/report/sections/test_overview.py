"""The figures above everything else."""

from datetime import date

import pytest
from akrim.report.blocks import Columns, Table
from akrim.report.sections.overview import _figures, _open_matters, _statuses, _statuses_and_ages

from tests.report.first_page import DISMISSED, build_material, coordinated, entry


@pytest.mark.parametrize(("previous", "told"), [("2025-T2.1", ["1"]), (None, [])])
def test_who_is_new_is_counted_where_there_was_a_list_before(previous: str | None, told: list[str]) -> None:
    material = build_material(
        [entry(1)],
        ("p1",),
        previous,
        persons_counted=[{"basis": basis, "persons": 7} for basis in ("residence", "decision")],
    )
    figures = {what: number for number, what, _ in _figures(material).items}
    assert figures["person på listen"] == "1"
    assert figures["personer i grunnlaget"] == "7", "a decision brings nobody into the area"
    assert [number for what, number in figures.items() if what.startswith("ny")] == told


def test_of_the_dismissed_no_proposal_and_no_open_matter_is_counted() -> None:
    listed = [
        {"person_id": p, "status": status, "proposed_status": "trusselaktor", "status_since": None}
        for p, status in (("p1", None), ("p2", "avskrevet"))
    ]
    at_nav = '[{"agency": "nav", "matters": 3}]'
    material = build_material(
        [entry(1), entry(2, **DISMISSED)],
        assessments=listed,
        coordination=[coordinated(p, open_matters_by_agency=at_nav) for p in ("p1", "p2")],
    )
    statuses, open_at = (
        next(block for block in blocks if isinstance(block, Table))
        for blocks in (_statuses(material), _open_matters(material))
    )
    told = {row[0]: row[1:] for row in statuses.rows}
    assert (told["Trusselaktør"], told["Avskrevet"]) == (("0", "1"), ("1", "–"))
    assert open_at.rows == [("Nav", "1", "3")]


@pytest.mark.parametrize(("state", "is_beside"), [("changed", True), ("unchanged", False)])
def test_where_sentences_stand_below_an_agency_the_table_has_the_width_of_the_page(
    state: str, is_beside: bool
) -> None:
    age = {"agency": "nav", "state": state, "days_old": 0, "newest_period": "2025-T3", "is_missing": False, "is_stale": False}  # fmt: skip
    extract = {"agency": "nav", "extract": "saker", "state": state, "newest_fact_date": date(2025, 8, 31),
               "unavailable_because": None, "is_stale": False, "is_confirmed": False, "rows": 3, "rows_usual": 3}  # fmt: skip
    listed = {"person_id": "p1", "status": None, "proposed_status": None, "status_since": None}
    material = build_material([entry(1)], assessments=[listed], delivery_ages=[age], extract_ages=[extract])
    assert any(isinstance(block, Columns) for block in _statuses_and_ages(material)) == is_beside
