"""Whose pages tell of a correction case."""

import psycopg
import pytest
from akrim.insight.persons import disputes_of

from tests.ledger.entering import enter_release, enter_run

ROW = ("fact", "skatteetaten", "restanser", "4711")
NOBODY = (None, None)


@pytest.mark.parametrize(
    ("row", "disputing", "pinned_when_given_away", "told_of"),
    [
        (ROW, ("nav", "17"), None, "P-HAS-17"),
        (ROW, ("skatteetaten", "4711"), None, "P-HAS-4711"),
        (("link", "nav", "personer", "17"), NOBODY, None, "P-HAS-17"),
        (ROW, ("nav", "17"), True, "P-HAD-17"),
        (ROW, ("nav", "17"), False, "P-HAS-17"),
        (("link", "nav", "personer", "17"), NOBODY, True, "P-HAD-17"),
        (("link", "nav", "saker", "17"), NOBODY, True, "P-HAS-17"),
    ],
    ids=[
        "a row of somebody's", "a record", "a link", "the record is another's by now", "the record was given away before",
        "the linked record is another's by now", "a row whose key a record has",
    ],
)  # fmt: skip
def test_a_case_is_told_of_whose_it_is_alone(
    row: tuple[str, ...],
    disputing: tuple[str | None, str | None],
    pinned_when_given_away: bool | None,
    told_of: str,
    warehouse: str,
) -> None:
    """Not of a person whose record has the key of the disputed row, which is of another extract."""
    person_of = {
        ("nav", "17"): "P-HAS-17",
        ("skatteetaten", "4711"): "P-HAS-4711",
        ("brreg", "1"): "P-HAD-17",
    }
    keys = ("kind", "agency", "extract", "source_row_id", "person_source", "person_source_record_id")
    case = dict(zip(keys, (*row, *disputing), strict=True))
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "insert into meta.corrections (case_id, event, kind, agency, extract, source_row_id, person_source,"
            " person_source_record_id, disputed_by, disputed_since, reason, author)"
            " values ('K-2026-001', 'opened', %s, %s, %s, %s, %s, %s, 'person', '2026-05-12', 'It is not so.', 'kn')",
            [*row, *disputing],
        )
        if pinned_when_given_away is not None:
            pinned = [case | {"case_id": "K-2026-001"}] if pinned_when_given_away else []
            enter_release(connection, "2026-T1.1", pins={"corrections": pinned})
            enter_run(connection, "2026-T1.1")
            connection.execute(
                "insert into linkage.given_away values ('nav', 'personer', '17', 'P-HAD-17', '2026-T1.1')"
            )
        assert [person_id for _, person_id in disputes_of(connection, person_of)] == [told_of]
