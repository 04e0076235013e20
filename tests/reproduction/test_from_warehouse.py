"""A release built again says what it could not be given any more."""

import psycopg
import pytest
from akrim.reproduction.from_warehouse import SHORTENED_SINCE

ENTER = """
insert into meta.releases (release_id, period, revision, as_of, status, fingerprint, pins, reserved_at)
values (%s, '2026-T1', %s, '2026-04-30', 'published', 'f', '{}', %s)
"""
REMOVE = (
    "insert into meta.release_removals (release_id, rows_removed, removed_at) values (%s, 1, '2026-05-10')"
)
ERASE = """
insert into meta.erasures (person_id, releases, rows_erased, by_name, reason, erased_at)
values ('P1', array[%s], 1, 'Kari Vakt', 'test', '2026-05-10')
"""


@pytest.mark.parametrize("how", [REMOVE, ERASE])
@pytest.mark.parametrize(
    ("gone", "reserved", "is_shortened"),
    [
        ("2026-T1.1", "2026-05-01", True),
        ("2026-T1.1", "2026-05-20", False),  # it was made without these rows
        ("2026-T1.3", "2026-05-01", False),  # a later release is no input
    ],
)
def test_what_an_earlier_release_lost_since_is_a_reason(
    warehouse: str, how: str, gone: str, reserved: str, is_shortened: bool
) -> None:
    with psycopg.connect(warehouse) as connection:
        for revision in (1, 2, 3):
            connection.execute(ENTER, [f"2026-T1.{revision}", revision, reserved])
        connection.execute(how.encode(), [gone])
        found = connection.execute(SHORTENED_SINCE, ["2026-T1.2"]).fetchone()
    assert (found is not None) == is_shortened
