"""How long the lists were is told of each tertial's last release, also where an earlier tertial was assessed again or late."""

import psycopg
from akrim.releases.list_sizes import list_sizes

from tests.ledger.entering import enter_release
from tests.releases.tables import add, create_marts

# In the order in which they came out: each with its cut-off date, what it was compared with, who is on its list, and who entered.
CAME_OUT = (
    ("2025-T1.1", "2025-04-30", None, None, "ab", "ab"),
    ("2025-T1.2", "2025-04-30", "2025-T1.1", None, "abc", "c"),
    ("2025-T3.1", "2025-12-31", "2025-T1.2", None, "abcd", "d"),
    ("2025-T2.1", "2025-08-31", "2025-T1.2", None, "abe", "e"),
    ("2025-T2.2", "2025-08-31", "2025-T2.1", "2025-T1.2", "abef", "f"),
    ("2026-T1.1", "2026-04-30", "2025-T3.1", None, "abcd", ""),
    ("2025-T2.3", "2025-08-31", "2025-T2.2", "2025-T1.2", "a", ""),
)


def test_each_tertials_last_release_that_was_out_is_told(warehouse: str) -> None:
    with psycopg.connect(warehouse) as connection:
        create_marts(connection, "assessments")
        for release in CAME_OUT:
            _lay(connection, *release)
        # Since the one before it nobody is new in the second revision but `f`; since the tertial before, `e` is, too.
        _entered(connection, "2025-T2.2", "last_period", "ef")

    assert list_sizes("2026-T1.1", "oslo") == (
        ("2025-T1", 3, 3), ("2025-T2", 4, 2), ("2025-T3", 4, 1), ("2026-T1", 4, 0),
    )  # fmt: skip
    assert list_sizes("2025-T3.1", "oslo") == (("2025-T1", 3, 3), ("2025-T3", 4, 1))


def _lay(
    connection: psycopg.Connection,
    release_id: str,
    as_of: str,
    previous: str | None,
    last_period: str | None,
    listed: str,
    entered: str,
) -> None:
    enter_release(
        connection, release_id, as_of=as_of, previous_release_id=previous, last_period_release_id=last_period,
        published_at="now",
    )  # fmt: skip
    for person_id in listed:
        add(connection, "assessments", release_id=release_id, centre_id="oslo", person_id=person_id)
    _entered(connection, release_id, "previous", entered)


def _entered(connection: psycopg.Connection, release_id: str, comparison: str, persons: str) -> None:
    for number, person_id in enumerate(persons):
        connection.execute(
            "insert into marts.release_changes (release_id, comparison, centre_id, change_number, person_id, change, cause, detail)"
            " values (%s, %s, 'oslo', %s, %s, 'entered', 'source', '{}')",
            [release_id, comparison, number, person_id],
        )
