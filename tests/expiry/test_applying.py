"""What is past its limit goes, unit by unit and logged; what is in force rests on stays, and so does what is held."""

import os
import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from akrim import audit, expiry
from akrim.corrections import Dispute, open_case
from akrim.deliveries import receive
from akrim.errors import UserError
from akrim.expiry import applying
from akrim.ledger.listing import list_releases
from akrim.linkage import store
from akrim.orchestration import pinning
from akrim.periods import Period
from akrim.releases import erase_person
from akrim.reproduction.from_warehouse import reproduce
from akrim.retention import record_hold
from akrim.sending import deliver
from akrim.settings import get_settings
from akrim.trust import Refused, find_problems
from akrim.trust.verification import Check
from akrim.trust.verification import verify as check_release
from akrim.warehouse import embedded
from psycopg import sql

from expectations import suite_for
from tests.audit.events import events
from tests.conftest import TEMPLATE, as_user, create_database, drop_database
from tests.deliveries.building import base_row, delta_delivery, full_delivery
from tests.expiry import world
from tests.expiry.world import FIRST, GONE, HELD, OLD, OLDEST, RECORD_OF, SECOND, STAYS, TODAY
from tests.releases.tables import add, create_marts

NEWEST = date(2040, 1, 1)


@pytest.fixture(scope="module")
def built(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The installation of three years, made once: its database's name, and its home."""
    name, place = "world_of_years", tmp_path_factory.mktemp("years")
    create_database(server, name, TEMPLATE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AKRIM_HOME", str(place / "home"))
        patch.setenv("AKRIM_DATABASE_URL", server.format(name))
        get_settings.cache_clear()
        world.build(server.format(name), place / "home", place / "inbox")
    get_settings.cache_clear()
    # Great Expectations keeps connections; a database is copied while nobody is in it.
    with psycopg.connect(
        as_user(server, embedded.SUPERUSER).format("postgres"), autocommit=True
    ) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name]
        )
    yield name, place / "home"
    drop_database(server, name)


@pytest.fixture
def warehouse(
    server: str, built: tuple[str, Path], home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A copy of its database."""
    name = f"years_{uuid.uuid4().hex[:8]}"
    create_database(server, name, built[0])
    monkeypatch.setenv("AKRIM_DATABASE_URL", server.format(name))
    get_settings.cache_clear()
    yield server.format(name)
    drop_database(server, name)


@pytest.fixture
def installation(built: tuple[str, Path], home: Path) -> Path:
    """A copy of its home."""
    return Path(shutil.copytree(built[1], home, dirs_exist_ok=True))


def rows(warehouse: str, query: str) -> list[Any]:
    with psycopg.connect(warehouse) as connection:
        return connection.execute(query.encode()).fetchall()


def landed(warehouse: str, extract: str = "personer", key: str = "person_lopenr") -> list[tuple[str, str]]:
    return rows(warehouse, f"select delivery_id, {key} from landing.politiet_{extract} order by 1, 2")


def states(warehouse: str, on: date) -> dict[str, expiry.CategoryState]:
    with psycopg.connect(warehouse) as connection:
        return {state.limit.category: state for state in expiry.survey(connection, on)}


def snapshot(warehouse: str) -> dict[str, list[Any]]:
    """Every row of landing, linkage, marts and quarantine."""
    with psycopg.connect(warehouse) as connection:
        tables = connection.execute(
            "select schemaname, tablename from pg_tables where schemaname in ('landing', 'linkage', 'marts', 'quarantine')"
            " and tablename !~ '__' order by 1, 2"
        ).fetchall()
        return {
            ".".join(name): connection.execute(
                sql.SQL("select to_jsonb(t)::text from {} as t order by 1").format(sql.Identifier(*name))
            ).fetchall()
            for name in tables
        }


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
    monkeypatch.setenv("AKRIM_RETENTION", str(tmp_path / "limits.yml"))
    get_settings.cache_clear()
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


def test_a_held_person_keeps_rows_links_and_the_parts_that_name_the_person(
    installation: Path, warehouse: str
) -> None:
    record_hold("person", HELD, "opened", "Kari Vakt", "innsyn 2026-14")
    expiry.apply_limits(TODAY)
    assert ("politiet-2023-T3-01", "PERSONER2") in landed(warehouse)
    assert ("politiet-2023-T3-01", "PERSONER1") not in landed(warehouse)
    assert [key for delivery, key in landed(warehouse, "saker", "saksnummer") if "2023" in delivery] == [
        "SAKER2"
    ]
    assert [
        key for delivery, key in landed(warehouse, "involverte", "person_lopenr") if "2023" in delivery
    ] == ["PERSONER2"]
    assert rows(warehouse, "select person_id from linkage.memberships order by 1") == [(HELD,), (STAYS,)]
    assert {
        (r, p) for r, p in rows(warehouse, "select release_id, person_id from marts.persons") if r == OLD
    } == {(OLD, HELD)}
    assert (installation / "releases" / OLD / "bergen" / "assessment.html").exists()
    assert not (installation / "releases" / OLD / "oslo" / "assessment.html").exists()
    before = snapshot(warehouse)
    assert expiry.apply_limits(TODAY) == []
    assert snapshot(warehouse) == before
    with pytest.raises(
        UserError, match=r"P-HELD cannot be erased: person P-HELD, held since .* by Kari Vakt: innsyn"
    ):
        erase_person(HELD, "Per", "Sletting krevd.")
    record_hold("person", HELD, "released", "Kari Vakt", "svart på")
    expiry.apply_limits(TODAY)
    assert ("politiet-2023-T3-01", "PERSONER2") not in landed(warehouse)
    assert not (installation / "releases" / OLD / "bergen" / "assessment.html").exists()
    left = snapshot(warehouse)
    del left["landing.protection_statements"]  # it has a limit of its own, of many years
    assert "PERSONER2" not in str(left)


def test_a_verdict_goes_once_one_of_its_records_is_gone_and_what_was_pinned_stays_pinned(
    installation: Path, warehouse: str
) -> None:
    def verdicts() -> list[Any]:
        return rows(
            warehouse, "select decision_id, source_record_id_l, reason from linkage.link_decisions order by 1"
        )

    def digest() -> str:
        with psycopg.connect(warehouse) as connection:
            return pinning.link_decisions_digest(connection)

    record_hold("person", HELD, "opened", "Kari Vakt", "innsyn 2026-14")
    before, pinned = verdicts(), digest()
    expiry.apply_limits(date(2025, 12, 30))
    assert verdicts() == before
    assert states(warehouse, date(2025, 12, 30))["link_verdicts"].staying == {
        "both its records are kept": 1,
        "is held": 1,
    }
    removed = expiry.apply_limits(TODAY)
    assert [(r.name, r.rows) for r in removed if r.category == "link_verdicts"] == [("2014-05-05", 1)]
    assert verdicts() == [(1, None, None), (2, "PERSONER2", "Ulik PERSONER2")]
    assert rows(warehouse, "select source_record_id_l from linkage.standing_verdicts") == [("PERSONER2",)]
    assert digest() == pinned
    with psycopg.connect(warehouse) as connection, connection.transaction(force_rollback=True):
        restored = store.read_verdicts(connection, 2)
        connection.execute("truncate linkage.link_decisions")
        store.restore_verdicts(connection, restored, 2)
        assert pinning.link_decisions_digest(connection) == pinned
    assert "Ulik PERSONER1" not in str(restored)
    record_hold("person", HELD, "released", "Kari Vakt", "svart på")
    expiry.apply_limits(TODAY)
    assert verdicts() == [(1, None, None), (2, None, None)]
    assert digest() == pinned


def test_what_is_said_of_protected_addresses_goes_once_it_hides_nothing_that_is_kept(
    installation: Path, warehouse: str
) -> None:
    def said() -> list[Any]:
        return rows(warehouse, "select record_id from landing.protection_statements order by 1")

    record_hold("person", HELD, "opened", "Kari Vakt", "innsyn 2026-14")
    expiry.apply_limits(TODAY)  # its limit has not passed
    assert len(said()) == 5
    expiry.apply_limits(NEWEST)
    assert said() == [("ADDRESS",), ("NUMBER",), ("PERSONER2",), ("PERSONER3",)]
    assert states(warehouse, NEWEST)["protection_statements"].staying == {
        "the person is delivered": 1, "its number is delivered": 1, "its address is delivered": 1, "is held": 1,
    }  # fmt: skip
    record_hold("person", HELD, "released", "Kari Vakt", "svart på")
    expiry.apply_limits(NEWEST)
    assert said() == [("ADDRESS",), ("NUMBER",), ("PERSONER3",)]


def test_a_hold_on_one_person_keeps_no_row_that_names_nobody(installation: Path, warehouse: str) -> None:
    with psycopg.connect(warehouse) as connection:
        create_marts(connection, "roles")
        add(connection, "roles", release_id=OLD, person_id=None, orgnr="200000012")
        add(connection, "roles", release_id=OLD, person_id=HELD, orgnr="200000012")
    record_hold("person", HELD, "opened", "Kari Vakt", "tilsyn 2026-3")
    expiry.apply_limits(TODAY)
    assert rows(warehouse, "select person_id from marts.roles") == [(HELD,)]


def test_a_held_delivery_and_a_held_release_with_what_it_was_made_of_stay(
    installation: Path, warehouse: str
) -> None:
    record_hold("release", OLD, "opened", "Kari Vakt", "tilsyn 2026-3")
    before = landed(warehouse)
    expiry.apply_limits(TODAY)
    assert landed(warehouse) == before
    assert {r[0] for r in rows(warehouse, "select release_id from marts.persons")} == {OLD, FIRST, SECOND}
    assert states(warehouse, TODAY)["release_rows"].staying["is held"] > 0
    with pytest.raises(UserError, match=r"P-GONE cannot be erased: release 2023-T3.1"):
        erase_person(GONE, "Per", "Sletting krevd.")
    record_hold("delivery", "politiet-2023-T3-01", "opened", "Kari Vakt", "tilsyn 2026-3")
    with pytest.raises(UserError, match=r"P-GONE cannot be erased: delivery politiet-2023-T3-01"):
        erase_person(GONE, "Per", "Sletting krevd.")
    record_hold("release", OLD, "released", "Kari Vakt", "ferdig")
    expiry.apply_limits(TODAY)
    assert landed(warehouse) == before
    assert {r[0] for r in rows(warehouse, "select release_id from marts.persons")} == {FIRST, SECOND}


def test_working_files_and_logs_go_by_their_age(installation: Path, warehouse: str) -> None:
    made = {
        "spool/nav/0": "a", "reproduced/2023-T3.1/x": "b", "releases/.building-2023-T3.2/x": "c",
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


def test_where_a_category_has_no_limit_nothing_is_removed(
    installation: Path, warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "limits.yml").write_text("linkage: {keep: null}\n")
    monkeypatch.setenv("AKRIM_RETENTION", str(tmp_path / "limits.yml"))
    get_settings.cache_clear()
    before = snapshot(warehouse)
    with pytest.raises(UserError, match="has not been decided"):
        expiry.apply_limits(TODAY)
    assert snapshot(warehouse) == before


def test_a_closed_case_goes_once_its_row_is_gone_and_its_number_is_not_given_again(
    installation: Path, warehouse: str
) -> None:
    """The disputed rows of the first two are removed by the same job, that of the third stays in the state."""
    told = [
        ("K-2012-001", "opened", RECORD_OF[GONE], "2012-01-01"), ("K-2012-009", "opened", RECORD_OF[GONE], "2012-01-01"),
        ("K-2012-009", "rejected", RECORD_OF[GONE], "2012-02-01"), ("K-2012-003", "opened", RECORD_OF[STAYS], "2012-01-01"),
        ("K-2012-003", "upheld", RECORD_OF[STAYS], "2012-02-01"), ("K-2012-004", "opened", RECORD_OF[HELD], "2012-01-01"),
        ("K-2012-004", "rejected", RECORD_OF[HELD], "2024-02-01"),
    ]  # fmt: skip
    with psycopg.connect(warehouse) as connection:
        for case_id, event, key, day in told:
            connection.execute(
                "insert into meta.corrections (case_id, event, kind, agency, extract, source_row_id, disputed_by, disputed_since,"
                " reason, author, recorded_at) values (%s, %s, 'fact', 'politiet', 'personer', %s, 'person', %s, 'Grunn.', 'kn', %s)",
                [case_id, event, key, day, day],
            )
    # A hold on whom it is about goes before its limit.
    record_hold("person", HELD, "opened", "Kari Vakt", "innsyn 2026-14")
    expiry.apply_limits(TODAY)
    left = "select distinct case_id from meta.corrections order by 1"
    assert [case_id for (case_id,) in rows(warehouse, left)] == ["K-2012-001", "K-2012-003", "K-2012-004"]
    assert states(warehouse, TODAY)["correction_cases"].staying == {
        "is open": 1,
        "the disputed row is kept": 2,
    }
    (logged,) = (e for e in events(warehouse, "erasure") if e["detail"]["retention"] == "correction_cases")
    assert (logged["detail"]["case_id"], logged["detail"]["rows"]) == ("K-2012-009", 2)
    dispute = Dispute("fact", "politiet", "personer", RECORD_OF[STAYS])
    assert open_case(dispute, "person", TODAY, "Igjen.", "kn") == "K-2026-010"
    expiry.apply_limits(date(2034, 3, 1))  # ten years after the last one was closed
    assert "K-2012-004" in {case_id for (case_id,) in rows(warehouse, left)}
    record_hold("person", HELD, "released", "Kari Vakt", "svart på")
    expiry.apply_limits(date(2034, 3, 1))
    assert "K-2012-004" not in {case_id for (case_id,) in rows(warehouse, left)}


def test_a_held_persons_case_on_a_row_that_others_share_stays(installation: Path, warehouse: str) -> None:
    """Such a row says not whose the case is: the record of who disputes it does."""
    with psycopg.connect(warehouse) as connection:
        for event in ("opened", "rejected"):
            connection.execute(
                "insert into meta.corrections (case_id, event, kind, agency, extract, source_row_id, disputed_by, disputed_since,"
                " reason, author, recorded_at, person_source, person_source_record_id, is_own_row) values ('K-2012-001', %s, 'fact',"
                " 'politiet', 'saker', 'gone', 'person', '2012-01-01', 'Grunn.', 'kn', '2012-02-01', 'politiet', %s, false)",
                [event, RECORD_OF[HELD]],
            )
    record_hold("person", HELD, "opened", "Kari Vakt", "innsyn 2026-14")
    expiry.apply_limits(TODAY)
    assert states(warehouse, TODAY)["correction_cases"].staying == {"is held": 2}
    record_hold("person", HELD, "released", "Kari Vakt", "svart på")
    expiry.apply_limits(TODAY)
    assert rows(warehouse, "select 1 from meta.corrections") == []


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
