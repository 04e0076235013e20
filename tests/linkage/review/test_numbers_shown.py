"""A clerk is shown a number for a purpose alone, once, and its request is logged whatever becomes of the transaction."""

import json
from pathlib import Path

import psycopg
import pytest
from akrim import audit
from akrim.cli import app
from akrim.warehouse import embedded
from typer.testing import CliRunner

from tests.audit.events import events
from tests.deliveries.building import person_number
from tests.linkage.conftest import read
from tests.linkage.review.conftest import PURPOSE, known


def ask(clerk: psycopg.Connection, record: str, purpose: str | None = PURPOSE) -> int:
    row = clerk.execute("select clerk.ask_number(%s, %s, 'kari')", [record, purpose]).fetchone()
    assert row
    return int(row[0])


def unmask(clerk: psycopg.Connection, request: int) -> str | None:
    row = clerk.execute("select clerk.unmask(%s)", [request]).fetchone()
    assert row
    return row[0]


def log_something(address: str) -> int:
    """As the pipeline does; it fails where somebody's transaction keeps it waiting."""
    with psycopg.connect(address, options="-c lock_timeout=2s") as connection:
        return audit.record(connection, audit.Event("alteration"))


@pytest.fixture
def numbered(queue: str) -> tuple[str, str]:
    """A record that waits, and its number."""
    return next((record, told[0]) for record, told in known(queue).items() if told[0])


def test_a_number_is_shown_once_and_its_request_becomes_an_event(
    clerk: psycopg.Connection, queue: str, numbered: tuple[str, str]
) -> None:
    record, number = numbered
    request = ask(clerk, record)
    assert unmask(clerk, request) == number
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="ask again"):
        unmask(clerk, request)
    log_something(queue)
    (event,) = events(queue, "consultation")
    source, _, record_id = record.partition("/")
    (person,) = read(
        psycopg.sql.SQL(
            "select person_id from linkage.person_records where source = {} and source_record_id = {}"
        ).format(source, record_id)
    )
    assert (event["login"], event["by_name"], event["purpose"]) == (embedded.CLERK, "kari", PURPOSE)
    assert event["detail"] == {"command": "clerk.unmask", "record_source": source, "request": request}
    assert event["persons"] == list(person)
    assert number not in str(event)
    assert record_id not in str(read("select r::text from audit.requests as r"))
    assert audit.verify().waiting == 0


def test_a_transaction_that_asks_is_shown_nothing(
    clerk: psycopg.Connection, numbered: tuple[str, str]
) -> None:
    """Neither at once, nor after a part of it was rolled back, nor once it is rolled back: nothing would be left of it."""
    record, _ = numbered
    with clerk.transaction(force_rollback=True):
        request = ask(clerk, record)
        for refused in (
            "select clerk.unmask(%s)",
            "select clerk.unmask(clerk.ask_number('{}', '{}') + 0 * %s)",
        ):
            with (
                pytest.raises(psycopg.errors.InsufficientPrivilege, match="not committed"),
                clerk.transaction(),
            ):
                clerk.execute(refused.format(record, PURPOSE).encode(), [request])
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no such request"):
        unmask(clerk, request)


@pytest.mark.parametrize("isolation", psycopg.IsolationLevel)
def test_what_is_shown_has_left_its_trace_though_it_is_rolled_back(
    clerk: psycopg.Connection, queue: str, numbered: tuple[str, str], isolation: psycopg.IsolationLevel
) -> None:
    record, number = numbered
    request = ask(clerk, record)
    clerk.isolation_level = isolation
    with clerk.transaction(force_rollback=True):
        assert unmask(clerk, request) == number
    with pytest.raises(psycopg.errors.DivisionByZero):
        clerk.execute("select clerk.unmask(%s), 1 / 0", [request])
    log_something(queue)
    assert [event["detail"]["request"] for event in events(queue, "consultation")] == [request]


def test_a_transaction_left_open_keeps_nobody_from_logging(
    clerk: psycopg.Connection, queue: str, numbered: tuple[str, str]
) -> None:
    record, number = numbered
    request = ask(clerk, record)
    with clerk.transaction(force_rollback=True):
        assert unmask(clerk, request) == number
        ask(clerk, record)
        # After linkage's own event and the request.
        assert [log_something(queue), log_something(queue)] == [3, 4]
    assert len(events(queue, "consultation")) == 1
    assert audit.verify().position == 4


def test_a_request_holds_for_ten_minutes_and_for_the_login_that_made_it(
    clerk: psycopg.Connection, queue: str, numbered: tuple[str, str]
) -> None:
    early, of_another = ask(clerk, numbered[0]), ask(clerk, numbered[0])
    with psycopg.connect(queue) as owner:
        owner.execute("alter table audit.requests disable trigger user")
        owner.execute(
            "update audit.requests set asked_at = asked_at - interval '601 s' where request = %s", [early]
        )
        owner.execute("update audit.requests set login = 'akrim' where request = %s", [of_another])
    for request, match in (
        (early, "older than ten minutes"),
        (of_another, "no such"),
        (0, "no such"),
        (-1, "no such"),
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match=match):
            unmask(clerk, request)


def test_a_flood_of_requests_is_refused(
    clerk: psycopg.Connection, queue: str, numbered: tuple[str, str]
) -> None:
    with pytest.raises(psycopg.errors.ProgramLimitExceeded):
        clerk.execute("select clerk.ask_number(%s, %s) from generate_series(1, 1000)", [numbered[0], PURPOSE])
    for _ in range(100):
        ask(clerk, numbered[0])
    with pytest.raises(psycopg.errors.ProgramLimitExceeded):
        ask(clerk, numbered[0])
    assert log_something(queue) == 102


def test_requests_are_seen_before_any_event_takes_them_up(
    clerk: psycopg.Connection, queue: str, numbered: tuple[str, str], tmp_path: Path
) -> None:
    request, out = ask(clerk, numbered[0]), tmp_path / "audit.jsonl"
    assert "1 requests wait" in " ".join(CliRunner().invoke(app, ["audit", "verify"]).output.split())
    (person,) = next(iter(read("select persons from audit.requests")))[0]
    for position in (None, 2):
        told = json.loads(CliRunner().invoke(app, ["audit", "of", person, "--json"]).output)
        (shown,) = (event for event in told if event["login"] == embedded.CLERK)
        assert (shown["position"], shown["detail"]["request"]) == (position, request)
        ran = CliRunner().invoke(app, ["audit", "export", "--since", "2026-01-01", "--out", str(out)])
        assert ran.exit_code == 0, ran.output
        (line,) = (
            line for line in map(json.loads, out.read_text().splitlines()) if PURPOSE in line["content"]
        )
        assert (line["subjects"], line["sha256"] is None) == ([person], position is None)
        log_something(queue)


def test_a_session_that_may_not_write_is_shown_nothing(
    clerk: psycopg.Connection, numbered: tuple[str, str]
) -> None:
    request = ask(clerk, numbered[0])
    clerk.execute("set default_transaction_read_only = on")
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        unmask(clerk, request)


def test_without_a_purpose_nothing_can_be_asked_for(
    clerk: psycopg.Connection, numbered: tuple[str, str]
) -> None:
    for purpose in (None, "", "test", "Reads the\npair"):
        with pytest.raises(psycopg.errors.InvalidParameterValue, match="stated purpose"):
            ask(clerk, numbered[0], purpose)
    assert read("select 1 from audit.requests") == []


def test_what_a_request_says_holds_no_number_and_no_long_name(
    clerk: psycopg.Connection, numbered: tuple[str, str]
) -> None:
    record, number = numbered[0], person_number(1)
    clerk.execute("select clerk.ask_number(%s, %s, %s)", [record, f"{PURPOSE} {number}", f"kari {number}"])
    assert read("select by_name, purpose from audit.requests") == [
        ("kari ***********", f"{PURPOSE} ***********")
    ]
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="more than 100 characters"):
        clerk.execute("select clerk.ask_number(%s, %s, %s)", [record, PURPOSE, "k" * 101])


def test_a_record_that_does_not_wait_is_not_shown(clerk: psycopg.Connection, queue: str) -> None:
    waiting = list(known(queue))
    (others,) = read(
        psycopg.sql.SQL(
            "select source || '/' || source_record_id from intermediate.person_records where not source || '/' || source_record_id = any({}) limit 1"
        ).format(waiting)
    )
    for record in (*others, "nav/nobody", "", "x' or true --"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(clerk, record)


def test_the_command_shows_numbers_for_a_purpose_alone(queue: str) -> None:
    numbers = [told for number, _, phone in known(queue).values() for told in (number, phone) if told]
    shown = ["link", "review", "--limit", "500", "--json"]
    masked = CliRunner().invoke(app, shown)
    assert masked.exit_code == 0, masked.exception
    assert not [number for number in numbers if number in masked.output]
    assert any(f"{number[:6]}*****" in masked.output for number in numbers)
    assert ", ********" in masked.output
    for without in ([], ["--purpose", "   "], ["--purpose", "K-2026-014"], ["--purpose", "Reads\tthe pair"]):
        refused = CliRunner().invoke(app, [*shown, "--unmask", *without])
        assert refused.exit_code != 0
        assert not [number for number in numbers if number in refused.output]
    unmasked = CliRunner().invoke(app, [*shown, "--unmask", "--purpose", PURPOSE])
    assert [number for number in numbers if number not in unmasked.output] == []
    assert [event["detail"].get("unmasked") for event in events(queue, "consultation")] == [None, True]
