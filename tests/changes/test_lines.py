"""What a centre's line tells of a person's points: nothing of a rule that is withheld from it, nor of what follows from one."""

import psycopg
import pytest
from akrim.changes.lines import read_lines
from akrim.changes.steps import PUBLISHED

from tests.changes import history

RELEASE, COUNTS_FROM = "2026-T1.1", 5


@pytest.mark.parametrize(
    ("intention", "withheld_from_oslo", "told"),
    [
        ({"a": 10, "b": 5}, (), {"a", "b", "able"}),
        ({"a": 10, "b": 5}, ("a",), {"b", "able"}),  # just enough for capacity to count
        ({"a": 10, "b": 4}, ("a",), {"b"}),
        ({"a": 10}, ("a",), set()),
        ({"a": 10, "b": 5}, ("able",), {"a", "b"}),
        ({"b": 4}, (), {"b", "able"}),  # whether capacity counts at all is the marts' to say
    ],
)
def test_points_are_told_as_far_as_their_rules_are(
    intention: dict[str, int], withheld_from_oslo: tuple[str, ...], told: set[str], warehouse: str
) -> None:
    with psycopg.connect(warehouse) as connection:
        history.lay(connection)
        connection.execute("update seeds.definitions set quantity = %s", [COUNTS_FROM])
        found = [(code, "intention", points) for code, points in intention.items()] + [
            ("able", "capacity", 4)
        ]
        for centre in ("oslo", "bergen"):
            connection.execute("insert into marts.release_persons values (%s, %s, 'p')", [RELEASE, centre])
        for row in found:
            connection.execute(
                "insert into marts.indicator_observations values (%s, 'p', %s, %s, %s)", [RELEASE, *row]
            )
        for code in withheld_from_oslo:
            connection.execute(
                "insert into marts.withheld_rules values (%s, 'oslo', %s, 'nothing')", [RELEASE, code]
            )
        lines = read_lines(connection, PUBLISHED, RELEASE, ["p"])
    assert set(lines["oslo", "p"].points) == told
    assert set(lines["bergen", "p"].points) == {*intention, "able"}
