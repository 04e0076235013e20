"""What is past its limit and stays: what is held, and what people said, while that of which they said it is kept."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Self

import psycopg
import pytest
from akrim import expiry
from akrim.corrections import Dispute, open_case
from akrim.deliveries import receive
from akrim.deliveries.removal.protections import protected_records
from akrim.errors import UserError
from akrim.expiry.units import Keeping
from akrim.linkage import store
from akrim.orchestration import pinning
from akrim.releases import erase_person
from akrim.retention import current_holds, record_hold
from psycopg.types.json import Jsonb

from expectations import suite_for
from tests.audit.events import events
from tests.expiry.reading import landed, rows, snapshot, states
from tests.expiry.world import (
    FIRST,
    GONE,
    HELD,
    NEWEST,
    OLD,
    OLDEST,
    RECORD_OF,
    SECOND,
    STAYS,
    TODAY,
    delivery,
)
from tests.releases.tables import add, create_marts


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
    for category in ("release_rows", "quarantined_rows", "validation_results", "protection_statements"):
        assert states(warehouse, NEWEST)[category].staying.get("is held"), category
    with pytest.raises(UserError, match=r"P-GONE cannot be erased: release 2023-T3.1"):
        erase_person(GONE, "Per", "Sletting krevd.")
    record_hold("delivery", "politiet-2023-T3-01", "opened", "Kari Vakt", "tilsyn 2026-3")
    with pytest.raises(UserError, match=r"P-GONE cannot be erased: delivery politiet-2023-T3-01"):
        erase_person(GONE, "Per", "Sletting krevd.")
    record_hold("release", OLD, "released", "Kari Vakt", "ferdig")
    expiry.apply_limits(TODAY)
    assert landed(warehouse) == before
    assert {r[0] for r in rows(warehouse, "select release_id from marts.persons")} == {FIRST, SECOND}


def test_whose_a_row_is_stays_known_while_it_is_kept(installation: Path, warehouse: str) -> None:
    """An agency removed the record by a delta long ago, and its row lies in the full delivery that the state begins with."""
    with psycopg.connect(warehouse) as connection:
        connection.execute("update linkage.memberships set valid_to_release = %s", [OLD])
        connection.execute(
            "insert into linkage.memberships (source, extract, source_record_id, content_digest, person_id, link_kind, valid_from_release,"
            " valid_to_release) values ('politiet', 'personer', %s, '', %s, 'single', %s, %s)",
            [RECORD_OF[STAYS], HELD, OLDEST, OLDEST],
        )
    expiry.apply_limits(TODAY)
    assert rows(warehouse, "select source_record_id, person_id from linkage.memberships") == [
        (RECORD_OF[STAYS], STAYS)
    ]
    assert states(warehouse, TODAY)["linkage"].staying == {"a row of its record is kept": 1}
    with psycopg.connect(warehouse) as connection:
        assert store.linked_person(connection, STAYS).records == [("politiet", "personer", RECORD_OF[STAYS])]


@pytest.mark.parametrize(
    ("key", "had_then", "whose"),
    [(RECORD_OF[STAYS], ["politiet-2025-T3-01"], GONE), (RECORD_OF[STAYS], [], ""), ("UNKNOWN", ["politiet-2025-T3-01"], "")],
    ids=["a row of then is kept", "its rows are of later", "none is kept"],
)  # fmt: skip
def test_whose_a_key_was_stays_known_while_a_row_of_then_is_kept(
    key: str, had_then: list[str], whose: str, installation: Path, warehouse: str
) -> None:
    """That the key was somebody else's stays in any case."""
    pinned = {"politiet": [{"delivery_id": delivery_id, "manifest_sha256": ""} for delivery_id in had_then]}
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "update meta.releases set pins = jsonb_set(pins, '{deliveries}', %s) where release_id = %s",
            [Jsonb(pinned), OLDEST],
        )
        connection.execute(
            "insert into linkage.memberships (source, extract, source_record_id, content_digest, person_id, link_kind, valid_from_release,"
            " valid_to_release) values ('politiet', 'personer', %s, '', %s, 'single', %s, %s)",
            [key, GONE, OLDEST, OLD],
        )
        connection.execute(
            "insert into linkage.given_away values ('politiet', 'personer', %s, %s, %s)", [key, GONE, OLD]
        )
    expiry.apply_limits(TODAY)
    assert rows(warehouse, "select source_record_id, person_id from linkage.given_away") == [(key, whose)]
    linked = rows(warehouse, f"select person_id from linkage.memberships where person_id = '{GONE}'")
    assert linked == ([(GONE,)] if whose else [])


def test_what_the_next_assessment_is_made_of_stays_whatever_was_erased_since(
    installation: Path, warehouse: str
) -> None:
    """A release that was erased is no longer the newest that there is."""
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "update meta.releases set status = 'erased' where release_id = any(%s)", [[FIRST, SECOND]]
        )
        assert Keeping(connection).deliveries["politiet-2023-T3-01"] == "in the state"


@pytest.mark.parametrize("status", ["published", "recalled"])
def test_what_was_delivered_anew_for_a_release_that_stays_stays_with_it(
    status: str, installation: Path, warehouse: str, tmp_path: Path
) -> None:
    """A later full delivery has taken both their places, so that no other assessment needs them. What was recalled is made anew, too."""
    again = replace(delivery("2025-T3"), number=2, manifest={"delivered_at": "2026-05-20T06:00:00+01:00"})
    later = replace(again, number=3, period="2026-T1")
    for one in (again, later):
        one.write(tmp_path / "late")
    receive(str(tmp_path / "late"), "politiet", suite_for)
    with psycopg.connect(warehouse) as connection:
        connection.execute("update meta.releases set status = %s where release_id = %s", [status, FIRST])
        kept = Keeping(connection).deliveries
    assert kept["politiet-2025-T3-01"] == f"{SECOND} rests on it"
    assert kept["politiet-2025-T3-02"] == kept["politiet-2026-T1-03"] == "in the state"
    assert "politiet-2024-T3-01" not in kept


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


class Noting(psycopg.Cursor[Any]):
    """Notes what is asked."""

    asked: ClassVar[list[str]] = []

    def execute(self, query: Any, *given: Any, **further: Any) -> Self:
        done = super().execute(query, *given, **further)
        assert self._query
        self.asked.append(self._query.query.decode())
        return done


def test_no_address_is_looked_for_of_a_record_whose_number_is_delivered(
    installation: Path, warehouse: str
) -> None:
    """Each address of every row would be spelt in all the ways that it may be written in."""
    with psycopg.connect(warehouse, cursor_factory=Noting) as connection:
        connection.execute("delete from landing.protection_statements where record_id <> 'NUMBER'")
        connection.execute(
            "update landing.protection_statements set street_address = 'Storgata 1', postcode = null"
        )
        assert [one.needed for one in protected_records(connection, TODAY)] == ["its number is delivered"]
    assert "protection_statements" in "".join(Noting.asked)
    assert "borne_address_digests" not in "".join(Noting.asked)


def test_why_statements_would_stay_is_asked_of_those_past_their_limit_alone(
    installation: Path, warehouse: str
) -> None:
    """It looks through every row that any delivery left."""
    with psycopg.connect(warehouse, cursor_factory=Noting) as connection:
        for until in (date(1900, 1, 1), TODAY):
            Noting.asked.clear()
            found = protected_records(connection, until)
            assert {one.record[2] for one in found} >= {"ADDRESS", "NUMBER"}
            assert any(one.needed for one in found) == (until == TODAY)
            assert ("landing.politiet_personer" in "".join(Noting.asked).replace('"', "")) == (until == TODAY)


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


def test_a_verdict_stays_while_its_case_is_open_and_the_case_while_its_verdict_is_kept(
    installation: Path, warehouse: str
) -> None:
    def enter(event: str) -> None:
        with psycopg.connect(warehouse) as connection:
            connection.execute(
                "insert into meta.corrections (case_id, event, kind, agency, extract, source_row_id, disputed_by, disputed_since,"
                " reason, author, recorded_at, decision_id) values ('K-2012-001', %s, 'link', 'politiet', 'personer', 'gone', 'person',"
                " '2012-01-01', 'Grunn.', 'kn', '2012-02-01', 1)",
                [event],
            )

    def staying(category: str) -> dict[str, int]:
        return states(warehouse, TODAY)[category].staying

    enter("opened")
    expiry.apply_limits(TODAY)
    assert staying("link_verdicts")["its case is open"] == 1
    assert staying("correction_cases") == {"is open": 1}
    enter("rejected")
    assert staying("correction_cases") == {"its verdict is kept": 2}
    expiry.apply_limits(TODAY)
    assert rows(warehouse, "select reason from linkage.link_decisions where decision_id = 1") == [(None,)]
    assert rows(warehouse, "select 1 from meta.corrections") == []


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


def test_the_log_stays_from_the_first_event_about_somebody_held_on(warehouse: str) -> None:
    """A chain has no gaps, so that later events stay too."""
    with psycopg.connect(warehouse) as connection:
        for table in ("subjects", "events"):  # as if nothing had been logged before
            connection.execute(f"alter table audit.{table} disable trigger user".encode())
            connection.execute(f"delete from audit.{table}".encode())
        for year, person_id in ((2013, GONE), (2014, HELD), (2015, GONE)):
            event = {"happened_at": f"{year}-01-01T12:00Z", "action": "consultation", "login": "akrim",
                "by_name": "kari", "purpose": "a case", "detail": {}}  # fmt: skip
            connection.execute(
                "select audit.append(jsonb_populate_record(null::audit.events, %s), %s)",
                [Jsonb(event), [person_id]],
            )
    left = "select extract(year from happened_at)::integer from audit.events where happened_at < '2016-01-01' order by 1"
    record_hold("person", HELD, "opened", "Kari Vakt", "innsyn 2026-14")
    expiry.apply_limits(TODAY)
    assert rows(warehouse, left) == [(2014,), (2015,)]
    record_hold("person", HELD, "released", "Kari Vakt", "svart på")
    expiry.apply_limits(TODAY)
    assert rows(warehouse, left) == []


def test_a_hold_that_has_ended_goes_with_the_days_of_the_log_that_tell_of_it(warehouse: str) -> None:
    with psycopg.connect(warehouse) as connection:
        for table in ("subjects", "events"):
            connection.execute(f"alter table audit.{table} disable trigger user".encode())
            connection.execute(f"delete from audit.{table}".encode())
        for held_id, event, day in (
            (GONE, "opened", "2014-01-01"), (GONE, "released", "2015-01-01"), (GONE, "opened", "2019-01-01"),
            (STAYS, "opened", "2014-01-01"), (STAYS, "released", "2019-01-01"), (OLD, "opened", "2014-01-01"),
        ):  # fmt: skip
            kind = "release" if held_id == OLD else "person"
            connection.execute(
                "insert into meta.legal_holds (kind, held_id, event, by_name, reason, recorded_at) values (%s, %s, %s, 'kn', 'Grunn.', %s)",
                [kind, held_id, event, day],
            )
        for day in ("2015-06-01", "2020-01-01"):
            event = {"happened_at": f"{day}T12:00Z", "action": "consultation", "login": "akrim",
                "by_name": "kari", "purpose": "a case", "detail": {}}  # fmt: skip
            connection.execute(
                "select audit.append(jsonb_populate_record(null::audit.events, %s), '{}')", [Jsonb(event)]
            )
    kept = "select held_id, event, recorded_at::date::text from meta.legal_holds order by hold_id"
    before = rows(warehouse, kept)
    expiry.apply_limits(date(2025, 5, 31))  # the day before the log's first day is past its limit
    assert rows(warehouse, kept) == before
    expiry.apply_limits(TODAY)
    assert rows(warehouse, kept) == before[2:]
    with psycopg.connect(warehouse) as connection:
        held_now = {hold.held_id for hold in current_holds(connection)}
    assert held_now == {GONE, OLD}
