"""The figures above everything else."""

import pytest
from akrim.report.blocks import Table
from akrim.report.sections.overview import _figures, _open_matters, _statuses

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
