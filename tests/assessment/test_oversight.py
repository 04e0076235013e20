"""Whom the rules looked at in an earlier release, by who has the records now."""

import psycopg
import pytest

from tests.assessment.project import rows
from tests.ledger.entering import enter_release, enter_run

EARLIER, MERGED, PARTED = "2024-T3.1", "2025-T1.1", "2025-T2.1"
# Taken for another, and then found to be somebody's own; and one that stayed with the other.
RECORD = """
insert into linkage.memberships (source, extract, source_record_id, content_digest, person_id, link_kind, valid_from_release, valid_to_release)
select source, extract, source_record_id, content_digest, %s, link_kind, %s, %s from linkage.memberships where person_id = 'nowhere'
"""


@pytest.mark.slow
def test_an_id_that_was_merged_and_parted_again_stands_for_whoever_has_its_records(world: str) -> None:
    with psycopg.connect(world) as connection:
        for release_id in (EARLIER, MERGED, PARTED):
            enter_release(connection, release_id)
            enter_run(connection, release_id)
        history = [("P-HERS", EARLIER, MERGED), ("aas", MERGED, PARTED)]
        for person_id, since, until in history:
            connection.execute(RECORD, [person_id, since, until])
        connection.execute(
            "insert into linkage.person_id_history values ('P-HERS', 'aas', %s, 'merged'), ('P-MERGED', 'aas', %s, 'merged')",
            [MERGED, MERGED],
        )
        for person_id, code, checked in (
            ("P-HERS", "phoenix", "fired"), ("aas", "phoenix", "clear"),
            ("P-MERGED", "serial_bankruptcy", "fired"), ("aas", "serial_bankruptcy", "clear"),
        ):  # fmt: skip
            connection.execute(
                "insert into marts.indicator_observations (release_id, person_id, indicator_code, checked) values (%s, %s, %s, %s)",
                [EARLIER, person_id, code, checked],
            )
    found = rows(
        "select code, person_id, is_pointed_at from oversight.persons_looked_at"
        " where subject = 'rule' and months = 12 order by 1, 2"
    )
    assert [tuple(row.values()) for row in found] == [
        ("phoenix", "aas", False),
        ("phoenix", "nowhere", True),
        ("serial_bankruptcy", "aas", True),
    ]
