"""The table of changes: what an earlier version of the program left behind is still good."""

import psycopg
import pytest
from akrim.changes.recording import LAST_PERIOD, PREVIOUS, changes_of, record

pytestmark = pytest.mark.slow

OLD_TABLE = """
create table marts.release_changes (release_id text not null, centre_id text not null, person_id text not null,
    change text not null, cause text not null, detail jsonb not null);
insert into marts.release_changes values ('2025-T3.1', 'oslo', 'p-1', 'entered', 'source', '{}');
"""
CHANGE = {
    "person_id": "p-1", "change": "rose", "points_before": 5, "points_after": 9, "cause": "source",
    "causes": [{"cause": "source", "points": 4, "rank_before": 2, "rank_after": 1, "detail_nb": "ny", "detail_en": "new"}],
}  # fmt: skip


def test_an_older_table_gets_the_columns_that_it_lacks(warehouse: str) -> None:
    with psycopg.connect(warehouse) as connection:
        connection.execute("drop table if exists marts.release_changes cascade")
        connection.execute(OLD_TABLE)
        compared = {PREVIOUS: "2025-T3.1", LAST_PERIOD: None}
        for _ in range(2):
            record(connection, "2026-T1.1", compared, {PREVIOUS: {"oslo": [CHANGE]}, LAST_PERIOD: {}})
        assert changes_of(connection, "2026-T1.1", PREVIOUS, "oslo") == [CHANGE]
        kept = connection.execute(
            "select release_id, person_id from marts.release_changes order by 1"
        ).fetchall()
    assert kept == [("2025-T3.1", "p-1"), ("2026-T1.1", "p-1")]
