"""The register of releases: what a status becomes, and never does, and which release is the last, the next or overtaken."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from akrim import ledger

from tests.ledger.entering import enter_release

Enter = Callable[..., None]


@pytest.fixture
def enter(warehouse: str) -> Enter:
    """Enters a release; one that is out was published so many days ago."""

    def enter(release_id: str, status: str, days: int | None = None, serial: int | None = None) -> None:
        with psycopg.connect(warehouse) as connection:
            out = None if days is None else datetime.now(UTC) - timedelta(days)
            enter_release(connection, release_id, status, serial=serial, published_at=out)

    return enter


def statuses() -> dict[str, str]:
    return {row["release_id"]: row["status"] for row in ledger.list_releases()}


def mark(warehouse: str, release_id: str) -> bool:
    with psycopg.connect(warehouse) as connection:
        return ledger.mark_published(connection, release_id)


def test_a_release_takes_the_place_of_what_is_in_force_of_its_period_alone(
    enter: Enter, warehouse: str
) -> None:
    enter("2025-T3.1", "published", 9)
    enter("2026-T1.1", "recalled", 8)
    enter("2026-T1.2", "published", 7)
    enter("2026-T1.3", "building")
    enter("2026-T1.4", "published", 6)
    assert [mark(warehouse, "2026-T1.3") for _ in range(2)] == [True, False]
    assert statuses() == {
        "2025-T3.1": "published",
        "2026-T1.1": "recalled",
        "2026-T1.2": "superseded",
        "2026-T1.3": "published",
        "2026-T1.4": "published",
    }


@pytest.mark.parametrize("status", ["recalled", "superseded", "erased"])
def test_what_is_no_longer_in_force_is_not_marked_published_again(
    status: str, enter: Enter, warehouse: str
) -> None:
    enter("2026-T1.1", status, 8)
    assert not mark(warehouse, "2026-T1.1")
    assert statuses() == {"2026-T1.1": status}


@pytest.mark.parametrize(
    ("status", "days", "of", "becomes", "told"),
    [
        ("building", None, "f", "failed", ["it broke"]),
        ("building", None, None, "failed", ["it broke"]),
        ("building", None, "of other inputs", "building", []),
        ("published", 1, "f", "published", ["it broke"]),
        ("recalled", 1, None, "recalled", ["it broke"]),
    ],
)
def test_a_failure_marks_what_is_not_out_and_still_has_these_inputs(
    status: str, days: int | None, of: str | None, becomes: str, told: list[str], enter: Enter
) -> None:
    enter("2026-T1.1", status, days)
    ledger.record_failure("2026-T1.1", "assess", "it broke", of)
    assert statuses() == {"2026-T1.1": becomes}
    assert [row["reason"] for row in (ledger.history("2026-T1.1") or {})["failures"]] == told


def test_a_failure_tells_of_what_was_refused_and_set_aside_of_its_period(
    enter: Enter, warehouse: str
) -> None:
    enter("2026-T1.1", "building")
    with psycopg.connect(warehouse) as connection:
        for name, status, rows in (("01", "accepted", 3), ("02", "refused", 9), ("03", "accepted", 0)):
            for period in ("2025-T3", "2026-T1"):
                delivery_id = f"nav-{period}-{name}"
                connection.execute(
                    "insert into meta.deliveries (delivery_id, manifest_sha256, agency, period, status, reason, folder, folder_fingerprint)"
                    " values (%s, '0', 'nav', %s, %s, %s, '', '')", [delivery_id, period, status, "columns" if status == "refused" else None],
                )  # fmt: skip
                connection.execute(
                    "insert into meta.delivery_files (delivery_id, manifest_sha256, extract, file_name, rows_declared, rows_quarantined)"
                    " values (%s, '0', 'saker', 'saker.csv', 9, %s)", [delivery_id, rows],
                )  # fmt: skip
    ledger.record_failure("2026-T1.1", "assess", "it broke")
    (failure,) = (ledger.history("2026-T1.1") or {})["failures"]
    assert failure["issues"] == {
        "refused": {"nav-2026-T1-02": "columns"},
        "set_aside": {"nav-2026-T1-01 saker": 3},
    }


@pytest.mark.parametrize("status", ["failed", "published", "recalled"])
def test_only_what_failed_waits_again(status: str, enter: Enter, warehouse: str) -> None:
    enter("2026-T1.1", status)
    with psycopg.connect(warehouse) as connection:
        ledger.mark_waiting(connection, "2026-T1.1")
    assert statuses() == {"2026-T1.1": "building" if status == "failed" else status}


@pytest.mark.parametrize("days", [(9, 2), (2, 9)], ids=["as time goes", "the clock was set back"])
def test_the_last_published_is_the_last_that_was_pinned_whatever_its_period_and_status(
    days: tuple[int, int], enter: Enter, warehouse: str
) -> None:
    enter("2026-T1.1", "published", days[0])
    enter("2025-T3.2", "recalled", days[1])
    enter("2026-T1.2", "building")
    with psycopg.connect(warehouse) as connection:
        assert ledger.last_published(connection) == ("2025-T3.2", "f")
    assert [ledger.is_out(name) for name in ("2025-T3.2", "2026-T1.2")] == [True, False]


def test_a_serial_follows_those_that_went_out_and_stays(enter: Enter) -> None:
    enter("2025-T3.1", "recalled", 9, 4)
    enter("2026-T1.1", "failed", None, 7)  # it never went out
    enter("2026-T1.2", "building")
    for release_id in ("2026-T1.2", "2025-T3.1"):
        ledger.assign_serial(release_id)
    assert [ledger.load(name).serial for name in ("2026-T1.2", "2025-T3.1")] == [5, 4]


def test_overtaken_is_what_never_went_out_and_was_pinned_before_what_did(
    enter: Enter, warehouse: str
) -> None:
    enter("2025-T3.1", "published", 9)
    enter("2025-T3.2", "building")
    enter("2026-T1.1", "published", 1)
    enter("2026-T1.2", "building")
    with psycopg.connect(warehouse) as connection:
        assert ledger.overtaken(connection) == ["2025-T3.2"]


def test_a_list_tells_as_held_what_is_made_and_waits(enter: Enter, warehouse: str) -> None:
    for release_id, status in (
        ("2025-T3.1", "published"),
        ("2026-T1.1", "building"),
        ("2025-T3.2", "building"),
    ):
        enter(release_id, status)
    with psycopg.connect(warehouse) as connection:
        for release_id in ("2025-T3.1", "2026-T1.1"):
            connection.execute(
                "insert into meta.release_holds (release_id, limit_code, reason) values (%s, 'by_person', '')",
                [release_id],
            )
    assert [(row["release_id"], row["state"], row["is_held"]) for row in ledger.list_releases()] == [
        ("2026-T1.1", "held", True),
        ("2025-T3.2", "building", False),
        ("2025-T3.1", "published", False),
    ]
