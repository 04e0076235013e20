"""The table of changes: a release's rows are replaced, other releases' stay."""

import psycopg
from akrim.changes.recording import (
    LAST_PERIOD,
    PREVIOUS,
    changes_of,
    count_changed_persons,
    count_changes,
    record,
)

CHANGE = {
    "person_id": "p-1", "change": "rose", "points_before": 5, "points_after": 9, "cause": "source",
    "causes": [{"cause": "source", "points": 4, "rank_before": 2, "rank_after": 1, "detail_nb": "ny", "detail_en": "new",
                "membership": "arrives", "rules": [{"indicator_code": "bankruptcy", "points": 4}],
                "status": {"before": None, "after": "trusselaktor"}, "proposed_status": {"before": "av_interesse", "after": None}}],
}  # fmt: skip


def test_recording_again_replaces_the_release_alone(warehouse: str) -> None:
    with psycopg.connect(warehouse) as connection:
        for release_id in ("2025-T3.1", "2026-T1.1", "2026-T1.1"):
            compared = {PREVIOUS: "2025-T2.1", LAST_PERIOD: None}
            found = {PREVIOUS: {"oslo": [CHANGE], "bergen": [CHANGE]}, LAST_PERIOD: {"oslo": [CHANGE]}}
            record(connection, release_id, compared, found)
        assert changes_of(connection, "2026-T1.1", PREVIOUS, "oslo") == [CHANGE]
        kept = connection.execute(
            "select release_id, person_id from marts.release_changes where comparison = %s order by 1",
            [PREVIOUS],
        ).fetchall()
    assert kept == [("2025-T3.1", "p-1")] * 2 + [("2026-T1.1", "p-1")] * 2


def test_a_change_is_counted_once_whatever_its_causes_and_a_person_once_whatever_the_changes(
    warehouse: str,
) -> None:
    (cause,) = CHANGE["causes"]
    rose = CHANGE | {"causes": [cause, cause | {"cause": "rule"}]}
    status = CHANGE | {"change": "status", "cause": "prioritisation", "causes": []}
    found = {PREVIOUS: {"oslo": [rose, status]}, LAST_PERIOD: {"oslo": [rose], "bergen": [rose]}}
    with psycopg.connect(warehouse) as connection:
        record(connection, "2026-T1.1", {PREVIOUS: "2025-T3.2", LAST_PERIOD: "2025-T3.1"}, found)
        assert count_changes(connection, "2026-T1.1") == [
            ("oslo", "rose", "source", 1),
            ("oslo", "status", "prioritisation", 1),
        ]
        assert count_changed_persons(connection, "2026-T1.1") == {"oslo": 1}
