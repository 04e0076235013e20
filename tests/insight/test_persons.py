"""Whose pages tell of a correction case."""

import pytest
from akrim.insight.persons import records_of

CASE = {"agency": "nav", "extract": "saker", "source_row_id": "4711"}


@pytest.mark.parametrize(
    ("disputing", "record"),
    [(("nav", "17"), ("nav", "17")), ((None, None), ("nav", "4711"))],
    ids=["a row of somebody's", "a record"],
)
def test_a_case_is_told_of_whose_it_is_alone(
    disputing: tuple[str | None, str | None], record: tuple[str, str]
) -> None:
    """Not of a person whose record has the key of the disputed row, which is of another extract."""
    source, key = disputing
    assert records_of(CASE | {"person_source": source, "person_source_record_id": key}) == {record}
