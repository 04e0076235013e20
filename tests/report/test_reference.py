"""What reports refer to besides the marts."""

from dataclasses import replace

from tests.report.first_page import REFERENCE, WORKED_ON


def test_a_definition_counts_by_its_newest_version() -> None:
    older = WORKED_ON | {"version": 0, "quantity": 30}
    assert replace(REFERENCE, definitions=[older, WORKED_ON]).quantity("worked_on") == 365
