"""The rules of each release, as the page of one reads them."""

import psycopg
from akrim.insight import list_rules_of_releases

from tests.ledger.entering import enter_release

RULES = """
create table marts.rules as select release_id, 'convicted' as indicator_code, 1 as indicator_version, 1 as threshold, 1 as points,
    1 as step_size, 1 as step_points, 1 as cap, 1 as look_back_years
from meta.releases;
grant select on marts.rules to akrim_analyst
"""


def test_a_tenth_revision_comes_before_the_ninth(warehouse: str) -> None:
    in_order = ["2026-T1.1", "2025-T3.10", "2025-T3.9", "2025-T3.2"]
    with psycopg.connect(warehouse) as connection:
        for release_id in sorted(in_order):
            enter_release(connection, release_id, published_at="now")
        connection.execute(RULES.encode())
    assert [row["release_id"] for row in list_rules_of_releases()] == in_order
