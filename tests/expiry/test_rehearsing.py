"""A dry run says what the removal then does: what goes with something else, what is held of it, and nothing that stays."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import psycopg
import pytest
from akrim import expiry, retention

from tests.audit.events import events
from tests.expiry.reading import snapshot
from tests.expiry.world import FIRST, HELD, TODAY


def files(home: Path) -> dict[str, float]:
    return {str(path): path.stat().st_mtime for path in home.rglob("*") if path.is_file()}


@pytest.mark.parametrize("is_held", [False, True])
@pytest.mark.parametrize("days", [[TODAY], [date(2025, 12, 30), date(2027, 1, 5), date(2036, 1, 1)]])
def test_what_is_told_is_what_then_goes_and_nothing_is_touched(
    installation: Path, warehouse: str, days: list[date], is_held: bool
) -> None:
    for name in ("linkage/cache", "scratch-killed"):
        (installation / name).mkdir(parents=True)
        (installation / name / "rows.parquet").write_bytes(b"rows")
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "insert into meta.parts_to_erase (release_id, reason, centre_id) values (%s, 'Bedt om', 'oslo')",
            [FIRST],
        )
    if is_held:
        retention.record_hold("person", HELD, "opened", "Kari Vakt", "innsyn 1")
    for day in days:
        before = snapshot(warehouse), files(installation), events(warehouse, "erasure")
        told = expiry.rehearse_limits(day)
        assert (snapshot(warehouse), files(installation), events(warehouse, "erasure")) == before
        assert told == expiry.apply_limits(day)
        assert expiry.rehearse_limits(day) == []
    assert not (installation / "linkage").exists()


LOCKS = (
    "select 1 from pg_locks where database = (select oid from pg_database where datname = current_database())"
)


def test_it_waits_while_homes_are_hidden_before_it_keeps_anybody_from_what_was_delivered(
    installation: Path, warehouse: str
) -> None:
    """Whoever hides homes reads what was delivered: each would wait for the other."""
    with ThreadPoolExecutor() as pool:
        with psycopg.connect(warehouse, autocommit=True) as connection:
            connection.execute("select pg_advisory_lock(hashtext('akrim.hidden_homes'))")
            told = pool.submit(expiry.rehearse_limits, date(2036, 1, 1))
            while not connection.execute(f"{LOCKS} and locktype = 'advisory' and not granted").fetchone():
                assert not told.done()
                time.sleep(0.01)
            kept = connection.execute(f"{LOCKS} and mode = 'AccessExclusiveLock'").fetchall()
        assert told.result(60)
    assert kept == []
