"""What is past its limit goes, unit by unit and logged; what is in force rests on stays."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from akrim import audit, expiry
from akrim.deliveries import receive
from akrim.errors import UserError
from akrim.expiry import applying
from akrim.ledger.listing import list_releases
from akrim.orchestration import pinning
from akrim.periods import Period
from akrim.reproduction.from_warehouse import reproduce
from akrim.sending import deliver
from akrim.trust import Refused, find_problems
from akrim.trust.verification import Check
from akrim.trust.verification import verify as check_release

from expectations import suite_for
from tests.audit.events import events
from tests.conftest import configure
from tests.deliveries.building import base_row, delta_delivery, full_delivery
from tests.expiry.reading import landed, rows, snapshot, states
from tests.expiry.world import FIRST, GONE, HELD, NEWEST, OLD, OLDEST, SECOND, STAYS, TODAY


def test_what_is_past_its_limit_goes_and_what_is_in_force_rests_on_stays(
    installation: Path, warehouse: str
) -> None:
    removed = expiry.apply_limits(TODAY)

    assert landed(warehouse) == [("politiet-2024-T3-01", "PERSONER3"), ("politiet-2025-T3-01", "PERSONER3")]
    assert rows(warehouse, "select extract, expectation, raw from quarantine.rows") == [
        ("saker", "anmeldt_dato is a date", None)
    ]
    assert rows(warehouse, "select release_id, person_id from marts.persons order by 1") == [
        (FIRST, STAYS),
        (SECOND, STAYS),
    ]
    assert rows(warehouse, "select release_id, person_id from marts.named_persons order by 1") == [
        (FIRST, STAYS),
        (SECOND, STAYS),
    ]
    assert rows(warehouse, "select person_id from linkage.memberships") == [(STAYS,)]
    assert rows(warehouse, "select count(*) from linkage.findings") == [(0,)]
    assert rows(warehouse, "select person_id, first_record_key from linkage.persons order by 1") == [
        (GONE, ""), (HELD, ""), (STAYS, "politiet/PERSONER3"),
    ]  # fmt: skip
    gone = {(removal.category, removal.name) for removal in removed}
    assert {name for category, name in gone if category.startswith("delivered.")} == {
        f"politiet-2023-T3-01 {extract}" for extract in ("personer", "saker", "involverte")
    }
    assert {name for category, name in gone if category == "release_rows"} == {OLDEST, OLD}
    assert expiry.apply_limits(TODAY) == []


def test_a_part_that_waited_to_be_erased_is_told_of(installation: Path, warehouse: str) -> None:
    """By it a command knows that something went, and that a centre is to be told."""
    expiry.apply_limits(TODAY)
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "insert into meta.parts_to_erase (release_id, reason, centre_id) values (%s, 'asked', 'oslo')",
            [FIRST],
        )
    assert expiry.apply_limits(TODAY) == [expiry.Removal("release_files", f"{FIRST} oslo", 1)]


def test_nothing_of_the_oldest_persons_is_left_but_ids(installation: Path, warehouse: str) -> None:
    expiry.apply_limits(TODAY)
    left = {
        name for name, found in snapshot(warehouse).items() if GONE in str(found) or "PERSONER1" in str(found)
    }
    # What is said of protected addresses has a limit of its own, of many years.
    assert left <= {"linkage.persons", "linkage.person_ids", "landing.protection_statements"}


def test_each_removal_is_logged_with_its_count(installation: Path, warehouse: str) -> None:
    expiry.apply_limits(TODAY)
    logged = events(warehouse, "erasure")
    assert {event["by_name"] for event in logged} == {"akrim retention"}
    told = {(event["detail"]["retention"], event["delivery_id"] or event["release_id"]) for event in logged}
    assert {("delivered.known", "politiet-2023-T3-01"), ("quarantined_rows", "politiet-2023-T3-01"), ("linkage", OLD),
            ("release_rows", OLDEST), ("release_rows", OLD), ("release_files", OLD)} <= told  # fmt: skip
    (identity,) = (e["detail"]["rows"] for e in logged if e["detail"]["retention"] == "delivered.known")
    assert identity == 3
    parts = {
        (e["release_id"], e["recipient"]): e["persons"]
        for e in logged
        if e["detail"]["retention"] == "release_files"
    }
    assert parts[OLD, "oslo"] == [GONE, STAYS]
    assert parts[OLD, "bergen"] == [HELD]
    assert audit.verify().position == logged[-1]["position"]


def test_each_centre_is_told_and_its_copy_is_refused(installation: Path, warehouse: str) -> None:
    expiry.apply_limits(TODAY)
    deliver()
    oslo = installation / "releases" / OLD / "oslo"
    assert sorted(path.name for path in oslo.iterdir()) == ["manifest.json", "manifest.json.minisig"]
    assert find_problems(installation / "releases" / OLD) == []
    assert not (installation / "releases" / OLD / "pins.json").exists()
    with pytest.raises(Refused, match="oppbevares") as refused:
        check_release(oslo, Check(installation / "keys", TODAY))
    assert refused.value.code == "erased"
    names = {path.name for path in (installation / "outbox" / "oslo").iterdir()}
    assert f"erasure-{OLD}-oslo.statement.json" in names
    assert f"{OLD}.tar.age" not in names
    assert {row["release_id"]: row["status"] for row in list_releases()} == {
        OLDEST: "erased", OLD: "erased", FIRST: "published", SECOND: "published",
    }  # fmt: skip


def test_the_clock_decides_and_what_the_newest_releases_were_made_of_never_goes(
    installation: Path, warehouse: str
) -> None:
    expiry.apply_limits(date(2025, 12, 30))  # the day before the oldest's last release is due
    assert (OLD, GONE) in rows(warehouse, "select release_id, person_id from marts.persons")
    assert ("politiet-2024-T3-01", "PERSONER3") in landed(warehouse)
    expiry.apply_limits(date(2027, 1, 5))  # two years after the delivery of 2024
    assert landed(warehouse) == [("politiet-2025-T3-01", "PERSONER3")]
    expiry.apply_limits(NEWEST)
    assert landed(warehouse) == [("politiet-2025-T3-01", "PERSONER3")]
    state = states(warehouse, NEWEST)
    assert state["delivered.known"].staying == {"in the state": 1}
    assert state["release_rows"].staying.keys() == {"is in force", "the next release is compared with it"}
    assert {r[0] for r in rows(warehouse, "select release_id from marts.persons")} == {FIRST, SECOND}


def test_the_state_in_force_is_the_same_before_and_after(installation: Path, warehouse: str) -> None:
    def state() -> list[Any]:
        pins = "array['politiet-2025-T3-01', 'politiet-2026-T1-01']"
        return [
            rows(warehouse, f"select to_jsonb(s)::text from state.politiet_{extract}({pins}) as s order by 1")
            for extract in ("personer", "saker", "involverte")
        ]

    before = state()
    expiry.apply_limits(NEWEST)
    assert state() == before
    assert len(before[1]) == 2


def test_an_old_period_is_refused_rather_than_made_of_what_is_left(
    installation: Path, warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = yaml.safe_load(resources.files("akrim.retention").joinpath("limits.yml").read_text("utf-8"))
    (tmp_path / "limits.yml").write_text(
        yaml.safe_dump(limits | {"release_files": limits["release_files"] | {"keep": "9 years"}})
    )
    configure(monkeypatch, AKRIM_RETENTION=str(tmp_path / "limits.yml"))
    expiry.apply_limits(TODAY)
    assert (installation / "releases" / OLD / "oslo" / "assessment.html").exists()
    with pytest.raises(UserError, match=r"Rows of politiet-2023-T3-01 were removed"):
        pinning.pin(Period.parse("2023-T3"))
    for release_id, told in ((OLD, "Rows of politiet-2023-T3-01"), (OLDEST, "The rows of 2023-T2.1")):
        with pytest.raises(UserError, match=told):
            reproduce(release_id)
    late = delta_delivery("politiet", {"saker": [base_row("politiet", "saker", 5)]}, period="2023-T3",
                          manifest={"delivered_at": "2024-02-01T06:00:00+01:00"})  # fmt: skip
    # A full one rests on nothing before it.
    whole = full_delivery("politiet", number=3, period="2023-T3",
                          manifest={"delivered_at": "2024-02-02T06:00:00+01:00"})  # fmt: skip
    late.write(tmp_path / "inbox")
    whole.write(tmp_path / "inbox")
    outcomes = {o.delivery_id: o for o in receive(str(tmp_path / "inbox"), "politiet", suite_for)}
    outcome = outcomes[late.delivery_id]
    assert (outcome.status, outcome.code) == ("refused", "unknown_predecessor")
    assert "no longer kept" in outcome.detail
    assert outcomes[whole.delivery_id].status == "accepted"


def test_killed_at_any_unit_the_next_time_does_what_is_left(
    installation: Path, warehouse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, position = audit.record, 0

    def killed(connection: psycopg.Connection, event: audit.Event) -> int:
        nonlocal position
        position += 1
        if position % 2:
            raise KeyboardInterrupt
        return record(connection, event)

    monkeypatch.setattr(applying.audit, "record", killed)
    kills = 0
    for _ in range(60):
        try:
            expiry.apply_limits(TODAY)
            break
        except KeyboardInterrupt:
            kills += 1
    monkeypatch.undo()
    assert kills > 10
    assert expiry.apply_limits(TODAY) == []
    assert {r[0] for r in rows(warehouse, "select release_id from marts.persons")} == {FIRST, SECOND}
    assert {row["release_id"]: row["status"] for row in list_releases()}[OLD] == "erased"
    logged = [
        (e["detail"]["retention"], e["release_id"], e["delivery_id"], e["recipient"])
        for e in events(warehouse, "erasure")
    ]
    assert len([unit for unit in logged if unit[0] == "release_files"]) == 16
    assert audit.verify()


def test_what_went_goes_no_second_time_once_the_log_that_told_of_it_is_cut(
    installation: Path, warehouse: str
) -> None:
    expiry.apply_limits(TODAY)
    later = max(row[0] for row in rows(warehouse, "select max(happened_at)::date from audit.events"))
    for years in (11, 12):
        expiry.apply_limits(later.replace(year=later.year + years, day=1))
    assert not [e for e in events(warehouse, "erasure") if e["detail"].get("retention") == "release_files"]


def test_working_files_and_logs_go_by_their_age(installation: Path, warehouse: str) -> None:
    made = {
        "spool/nav/0": "a", "scratch-receipt-x/rows.csv": "a", "reproduced/2023-T3.1/x": "b", "releases/.building-2023-T3.2/x": "c",
        "releases/.catalogue.jsonld.x": "c",
        "logs/run-2023-T3.log": "d", "airflow/logs/dag_id=assess/run_id=1/attempt=1.log": "e",
    }  # fmt: skip
    for name, text in made.items():
        path = installation / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        old = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
        for part in (path, path.parent):
            os.utime(part, (old, old))
    (installation / "logs" / "new.log").write_text("new")
    expiry.apply_limits(date(2026, 1, 3))
    assert all((installation / name).exists() for name in made)
    expiry.apply_limits(TODAY)
    assert not [name for name in made if (installation / name).exists()]
    assert (installation / "logs" / "new.log").exists()
    counted = {e["detail"]["retention"]: e["detail"].get("files") for e in events(warehouse, "erasure")}
    assert (counted["working_files"], counted["logs"]) == (5, 2)


def test_no_file_goes_that_is_in_no_log(
    installation: Path, warehouse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the second of two may not be removed."""
    for name in ("first.log", "second.log"):
        path = installation / "logs" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("of a run")
        os.utime(path, (1_700_000_000, 1_700_000_000))
    unlink = Path.unlink

    def failing(path: Path, missing_ok: bool = False) -> None:
        if path.suffix == ".log" and len(list(path.parent.glob("*.log"))) == 1:
            raise PermissionError(path)
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", failing)
    with pytest.raises(PermissionError):
        expiry.apply_limits(TODAY)
    of_logs = [e["detail"] for e in events(warehouse, "erasure") if e["detail"]["retention"] == "logs"]
    assert [detail["files"] for detail in of_logs] == [2]


def test_a_working_file_that_goes_meanwhile_is_none(
    installation: Path, warehouse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (installation / "spool" / "nav").mkdir(parents=True)
    glob = Path.glob

    def with_one_gone(folder: Path, pattern: str) -> Iterator[Path]:
        yield from glob(folder, pattern)
        if folder.name == "spool":
            yield folder / "gone"

    monkeypatch.setattr(Path, "glob", with_one_gone)
    assert [unit.name for unit in states(warehouse, TODAY)["working_files"].units] == ["spool/nav"]


def test_where_a_category_has_no_limit_nothing_is_removed(
    installation: Path, warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "limits.yml").write_text("linkage: {keep: null}\n")
    configure(monkeypatch, AKRIM_RETENTION=str(tmp_path / "limits.yml"))
    before = snapshot(warehouse)
    with pytest.raises(UserError, match="has not been decided"):
        expiry.apply_limits(TODAY)
    assert snapshot(warehouse) == before


def test_a_release_that_was_held_until_another_overtook_it_keeps_nothing(
    installation: Path, warehouse: str
) -> None:
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "update meta.releases set status = 'building', published_at = null where release_id = %s", [OLD]
        )
    assert "a release that is being made rests on it" not in states(warehouse, TODAY)["release_rows"].staying
    expiry.apply_limits(TODAY)
    assert {r for (r,) in rows(warehouse, "select distinct release_id from marts.persons")} == {FIRST, SECOND}


def test_a_part_that_tells_of_somebody_erased_goes_once_another_release_is_in_force(
    installation: Path, warehouse: str
) -> None:
    """Long before its limit: it was in force when she was erased, and waited for the one that took its place."""
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "insert into meta.parts_to_erase (release_id, reason, centre_id) values (%s, 'Bedt om', 'oslo'), (%s, 'Bedt om', 'oslo')",
            [FIRST, SECOND],
        )
    expiry.apply_limits(TODAY)
    releases = installation / "releases"
    assert {
        name: "erased" in json.loads((releases / name / "oslo" / "manifest.json").read_text())
        for name in (FIRST, SECOND)
    } == {FIRST: True, SECOND: False}
    assert rows(warehouse, "select release_id from meta.parts_to_erase") == [(SECOND,)]
