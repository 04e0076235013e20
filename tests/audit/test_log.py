"""The log itself: whatever is changed, taken out or put in is found, by the chain or by what was noted of its end."""

import hashlib
import itertools
import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import psycopg
import pytest
from akrim import audit
from akrim.audit.verification import FIRST_BREAK, _lost
from akrim.cli import app
from akrim.commands.doctor.database import audit_log
from akrim.errors import UserError
from akrim.periods import Period
from akrim.warehouse import embedded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql
from typer.testing import CliRunner

from tests.conftest import as_user
from tests.deliveries.building import person_number

EVENTS = 7
OTHER_VALUES = {
    "happened_at": "2020-01-01T00:00Z",
    "action": "erasure",
    "detail": '{"rows": 99}',
    "subjects_count": 9,
}
COLUMNS = (
    "happened_at", "action", "login", "by_name", "purpose", "recipient", "agency", "release_id", "delivery_id", "detail",
    "subjects_count", "subjects_sha256", "previous_sha256", "sha256",
)  # fmt: skip
LOG = """
import sys
from akrim import audit, warehouse
for _ in range(20):
    with warehouse.connect() as connection:
        audit.record(connection, audit.Event("consultation", sys.argv[1], persons=["P1", "P2"]))
"""


@pytest.fixture
def log(warehouse: str) -> str:
    """A database with a few events, each about other persons."""
    with psycopg.connect(warehouse) as connection:
        for number in range(1, EVENTS + 1):
            event = audit.Event(
                "consultation", "kari", "a case", "oslo", "nav", "2026-T1.1", "nav-2026-T1-01",
                {"rows": number, "nothing": None}, [f"P{n}" for n in range(number)],
            )  # fmt: skip
            assert audit.record(connection, event) == number
    return warehouse


@pytest.fixture
def owner(log: str) -> psycopg.Connection:
    """The owner of the log, who has switched off what refuses changes."""
    connection = psycopg.connect(log)
    for table in ("events", "subjects"):
        connection.execute(sql.SQL("alter table audit.{} disable trigger user").format(sql.Identifier(table)))
    connection.commit()
    return connection


def first_break(connection: psycopg.Connection) -> int | None:
    found = connection.execute(FIRST_BREAK).fetchone()
    return int(found[0]) if found else None


def test_a_log_that_nobody_touched_is_whole(log: str) -> None:
    verified = audit.verify()
    assert (verified.position, verified.releases) == (EVENTS, [])
    noted = audit.verify(f"{verified.position}:{verified.sha256}")
    assert noted == replace(verified, releases=["--head"])
    assert audit_log() == "7 events, none lost or changed"


@pytest.mark.parametrize("column", COLUMNS)
def test_any_value_that_is_changed_is_found_where_it_stands(owner: psycopg.Connection, column: str) -> None:
    text = sql.SQL("update audit.events set {} = %s where position = %s").format(sql.Identifier(column))
    for position in range(1, EVENTS + 1):
        with owner.transaction(force_rollback=True):
            owner.execute(text, [OTHER_VALUES.get(column, "x"), position])
            assert first_break(owner) == position
    assert first_break(owner) is None


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_rows_taken_out_swapped_or_given_to_others_are_found(
    owner: psycopg.Connection, data: st.DataObject
) -> None:
    one, other = data.draw(
        st.sampled_from(list(itertools.combinations(range(1, EVENTS + 1), 2))), label="positions"
    )
    what = data.draw(
        st.sampled_from(["remove", "swap", "move", "add a person", "remove a person", "exchange a person"])
    )
    with owner.transaction(force_rollback=True):
        if what == "remove":
            owner.execute("delete from audit.events where position = %s", [one])
        elif what == "swap":
            for before, after in ((one, -1), (other, one), (-1, other)):
                owner.execute("update audit.events set position = %s where position = %s", [after, before])
        elif what == "move":
            owner.execute("update audit.events set position = 1000 where position = %s", [other])
        elif what == "add a person":
            owner.execute("insert into audit.subjects values (%s, 'PX')", [one])
        elif what == "remove a person":
            owner.execute("delete from audit.subjects where position = %s and person_id = 'P0'", [one])
        else:
            owner.execute(
                "update audit.subjects set person_id = 'PX' where position = %s and person_id = 'P0'", [one]
            )
        found = first_break(owner)
        assert found is not None
        assert found <= max(other, 1000 if what == "move" else 0)


def test_persons_of_no_event_are_found(owner: psycopg.Connection) -> None:
    owner.execute("insert into audit.subjects values (99, 'PX')")
    assert first_break(owner) == 99


@pytest.mark.parametrize("head", ["812", "812:", ":ab12", "9" * 5000 + ":ab12", "٣:ab12"])
def test_what_is_no_position_and_hash_is_said_to_be_none(head: str) -> None:
    with pytest.raises(UserError, match="no position and hash"):
        audit.verify(head)


def test_a_cut_end_and_a_chain_written_anew_are_found_by_what_was_noted(owner: psycopg.Connection) -> None:
    verified = audit.verify()
    head = f"{verified.position}:{verified.sha256}"
    owner.execute("delete from audit.events where position > 5")
    owner.execute("delete from audit.subjects where position > 5")
    owner.commit()
    assert first_break(owner) is None, "the chain alone cannot tell"
    with pytest.raises(UserError, match="event 7 is gone, which was the newest when --head was made"):
        audit.verify(head)
    for _ in range(2):
        audit.record(owner, audit.Event("consultation", "somebody else"))
    owner.commit()
    with pytest.raises(UserError, match="event 7 is another than the newest when --head was made"):
        audit.verify(head)
    with pytest.raises(UserError, match="no position and hash"):
        audit.verify("seven")


def test_the_command_and_the_doctor_name_the_first_bad_position(owner: psycopg.Connection) -> None:
    owner.execute("update audit.events set by_name = 'nobody' where position in (3, 5)")
    owner.commit()
    ran = CliRunner().invoke(app, ["audit", "verify"])
    assert ran.exit_code == 1
    assert "The audit log is not what it was: event 3: it was changed." in str(ran.exception)
    with pytest.raises(UserError, match="event 3"):
        audit_log()


@pytest.mark.parametrize("table", ["events", "subjects", "anchors", "requests", "shown"])
@pytest.mark.parametrize("verb", ["update {} set {} = null", "delete from {}", "truncate {} cascade"])
def test_the_log_is_only_ever_added_to(log: str, table: str, verb: str) -> None:
    column = {"requests": "purpose", "shown": "request"}.get(table, "position")
    with (
        psycopg.connect(log) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="only ever added"),
    ):
        connection.execute(sql.SQL(verb).format(sql.Identifier("audit", table), sql.Identifier(column)))


def test_an_auditor_reads_it_and_cannot_add_to_it(log: str) -> None:
    with psycopg.connect(as_user(log, embedded.AUDITOR)) as connection:
        connection.execute("set transaction read write")
        assert connection.execute("select count(*) from audit.events").fetchone() == (EVENTS,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            audit.record(connection, audit.Event("consultation"))


def test_writers_at_once_make_one_chain(log: str) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", LOG, name], stderr=subprocess.PIPE, text=True)
        for name in ("one", "two", "three")
    ]
    assert [writer.communicate(timeout=120)[1] for writer in writers] == [""] * 3
    assert audit.verify().position == EVENTS + 60


def test_an_event_is_undone_with_what_it_tells_of(log: str) -> None:
    with psycopg.connect(log) as connection:
        audit.record(connection, audit.Event("erasure"))
        connection.rollback()
    assert audit.verify().position == EVENTS


def test_person_numbers_in_free_texts_are_masked(log: str) -> None:
    with psycopg.connect(log) as connection:
        by_name, purpose, delivery_id = (f"{name} {person_number(0)}" for name in ("kari", "about", "nav"))
        audit.record(connection, audit.Event("consultation", by_name, purpose, delivery_id=delivery_id))
        row = connection.execute(
            "select by_name, purpose, delivery_id from audit.events order by position desc limit 1"
        ).fetchone()
    assert row == ("kari ***********", "about ***********", "nav ***********")


def test_whoever_has_the_export_can_follow_the_chain(log: str, tmp_path: Path) -> None:
    out = tmp_path / "audit.jsonl"
    assert audit.export(date(2020, 1, 1), out) == EVENTS
    before = ""
    for line in out.read_text("utf-8").splitlines():
        told = json.loads(line)
        content = json.loads(told["content"])
        assert content["previous_sha256"] == before
        assert hashlib.sha256(told["content"].encode()).hexdigest() == told["sha256"]
        assert hashlib.sha256("\n".join(told["subjects"]).encode()).hexdigest() == content["subjects_sha256"]
        before = told["sha256"]
    assert audit.verify().sha256 == before
    assert audit.export(date(2999, 1, 1), out) == 0


def test_a_persons_events_are_found_under_every_id(log: str) -> None:
    with psycopg.connect(log) as connection:
        connection.execute(
            "insert into linkage.person_id_history (old_person_id, person_id, change, release_id) values"
            " ('P6', 'P-NEWER', 'merged', 'r1'), ('P-NEWER', 'P-NOW', 'merged', 'r2'), ('P-NOW', 'P-SPLIT', 'split', 'r3')"
        )
    for asked in ("P6", "P-NEWER", "P-NOW", "P-SPLIT"):
        assert [event["position"] for event in audit.events_about(asked)] == [7], asked
    assert audit.events_about("P-NOBODY") == []
    nobody = CliRunner().invoke(app, ["audit", "of", "P-NOBODY", "--json"])
    assert "Nothing is logged about P-NOBODY" in str(nobody.exception)
    ran = CliRunner().invoke(app, ["audit", "of", "P-NOW", "--json"])
    assert json.loads(ran.stdout)[0]["person_id"] == "P6"
    assert "as P6" in CliRunner(env={"COLUMNS": "80"}).invoke(app, ["audit", "of", "P-NOW"]).stdout


@pytest.mark.parametrize(
    ("text", "is_purpose"),
    [
        (None, False), ("", False), ("   ", False), ("test", False), ("aaaaaaaaaaaa", False), ("12345678", False),
        ("..........", False), ("abcabcabcabc", False), ("same same same", False), ("K-2026-014 / 2026-15", False),
        ("a b c d e f g h i j", False), ("Reads the\npair", False), ("Reads the pair\x1b[2J", False), ("Reads the \x85pair", False),
        ("Reads the \u202epair", False), ("Reads\u200bthe pair ok", False), ("Reads the pair \U000e0041", False),
        ("Reads the pair \ue000", False), ("Reads pair" + " x" * 246, False), ("Reads pair" + " x" * 245, True),
        ("  Reads it  ", False), ("Reads them", True), ("K-2026-014: which of two brothers", True),
        ("Gjelder sak på Østlandet – «navnelikhet»", True), ("Ære være", False), ("Ære være her", True),
    ],
)  # fmt: skip
def test_a_purpose_is_two_words_that_can_be_seen(warehouse: str, text: str | None, is_purpose: bool) -> None:
    with psycopg.connect(warehouse) as connection:
        assert connection.execute("select audit.is_purpose(%s)", [text]).fetchone() == (is_purpose,)


@pytest.fixture
def years(warehouse: str) -> psycopg.Connection:
    """A log of two events in each of three years."""
    connection = psycopg.connect(warehouse)
    for year in (2013, 2014, 2015):
        for day in (1, 2):
            event = {"happened_at": f"{year}-01-0{day}T12:00Z", "action": "consultation", "login": "akrim",
                "by_name": "kari", "purpose": "a case", "detail": {"rows": day}}  # fmt: skip
            connection.execute(
                "select audit.append(jsonb_populate_record(null::audit.events, %s), %s)",
                [json.dumps(event), [f"P{year}", "PX"]],
            )
    connection.commit()
    return connection


def cut_until(connection: psycopg.Connection, day: date) -> int:
    """Cut the log at the end of that day and log it, as the daily job does; returns how many events went."""
    (found,) = [one for one in audit.beginnings(connection) if one.day == day]
    gone = audit.cut(connection, found)
    told = {"day": str(day), "position": found.position, "sha256": found.sha256}
    audit.record(connection, audit.Event("erasure", detail={"cut": told}))
    connection.commit()
    return gone


def test_a_day_of_the_log_ends_at_midnight_in_norway(warehouse: str) -> None:
    """As does every day that it is compared with, a tombstone's among them, whatever zone the server is set to."""
    with psycopg.connect(warehouse) as connection:
        for moment in ("01-01T22:59Z", "01-01T23:01Z", "06-30T21:59Z", "06-30T22:01Z", "12-01T12:00Z"):
            event = {"happened_at": f"2014-{moment}", "action": "consultation", "login": "akrim",
                "by_name": "kari", "purpose": "a case", "detail": {}}  # fmt: skip
            connection.execute(
                "select audit.append(jsonb_populate_record(null::audit.events, %s), '{}')",
                [json.dumps(event)],
            )
        for zone in ("UTC", "America/New_York"):
            connection.execute(f"set timezone = '{zone}'")
            assert [f"{one.day:%m-%d}" for one in audit.beginnings(connection)] == [
                "01-01", "01-02", "06-30", "07-01",
            ]  # fmt: skip


def test_a_log_whose_beginning_was_cut_is_whole_and_goes_on(years: psycopg.Connection) -> None:
    assert [(one.day.year, one.position, one.rows) for one in audit.beginnings(years)][:3] == [
        (2013, 1, 1),
        (2013, 2, 1),
        (2014, 3, 1),
    ]
    assert cut_until(years, date(2013, 1, 2)) == 2
    assert cut_until(years, date(2014, 1, 2)) == 2
    verified = audit.verify()
    assert (verified.position, verified.cut) == (8, 4)
    with pytest.raises(UserError, match="the log begins after event 4"):
        audit.verify("4:ab12")
    assert years.execute("select distinct person_id from audit.subjects order by 1").fetchall() == [
        ("P2015",),
        ("PX",),
    ]
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only ever added to"):
        years.execute("delete from audit.events")


@pytest.mark.parametrize(
    ("touched", "found"),
    [
        ("delete from audit.events where position = 3", 3),
        ("delete from audit.events where position = 7", 3),
        ("""update audit.events set detail = '{"cut": {"day": "2014-01-01", "position": 3, "sha256": "x"}}' where position = 7""", 3),
        ("delete from audit.events where position = 3; delete from audit.subjects where position = 3;"
            """ update audit.events set detail = jsonb_set(detail, '{cut,position}', '3') where position = 7""", 4),
    ],
)  # fmt: skip
def test_a_cut_hides_nothing_but_what_it_states(years: psycopg.Connection, touched: str, found: int) -> None:
    cut_until(years, date(2013, 1, 2))
    for table in ("events", "subjects"):
        years.execute(sql.SQL("alter table audit.{} disable trigger user").format(sql.Identifier(table)))
    years.execute(touched.encode())
    assert first_break(years) == found


def test_a_release_younger_than_a_cut_must_find_what_it_states(years: psycopg.Connection) -> None:
    cut_until(years, date(2013, 1, 2))
    stated = {"2012-T3.1": {"position": 1, "sha256": "x"}, "2014-T1.1": {"position": 2, "sha256": "x"}}
    lost = list(_lost(years, stated, 2, date(2013, 1, 2)))
    assert lost == [(2, "event 2 is gone, which was the newest when 2014-T1.1 was made")]
    of_the_day = {"2012-T3.1": {"position": 1, "sha256": "x"}}
    assert list(_lost(years, of_the_day, 2, Period.parse("2012-T3").as_of)) == []
