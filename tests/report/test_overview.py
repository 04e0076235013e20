"""The figures above everything else."""

import pytest
from akrim.report.sections.overview import _figures

from tests.report.first_page import build_material, entry


@pytest.mark.parametrize(("previous", "told"), [("2025-T2.1", ["1"]), (None, [])])
def test_who_is_new_is_counted_where_there_was_a_list_before(previous: str | None, told: list[str]) -> None:
    material = build_material(
        [entry(1)], ("p1",), previous, persons_counted=[{"basis": "residence", "persons": 7}]
    )
    figures = {what: number for number, what, _ in _figures(material).items}
    assert figures["person på listen"] == "1"
    assert [number for what, number in figures.items() if what.startswith("ny")] == told
