"""What clerks see: pairs that wait, numbers masked, no protected home; a number only for a purpose that is logged with it."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from akrim import audit
from akrim.cli import app
from akrim.warehouse import embedded
from typer.testing import CliRunner

from tests.audit.events import events
from tests.conftest import as_user, database
from tests.linkage.conftest import read

PURPOSE = "Reads the pair against the register"


@pytest.fixture
def queue(server: str, linked: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a copy of that database, which the settings point at."""
    with database(server, monkeypatch, linked) as address:
        yield address


@pytest.fixture
def clerk(queue: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(as_user(queue, embedded.CLERK), autocommit=True) as connection:
        yield connection


def known(address: str) -> dict[str, tuple[str, str | None, str | None]]:
    """By record that waits: its number, street and telephone as delivered."""
    with psycopg.connect(address) as connection:
        rows = connection.execute(
            "select source || '/' || source_record_id, identifier, street_address, phone from intermediate.person_records"
        ).fetchall()
        waiting = {
            record
            for pair in connection.execute("select one, other from clerk.pairs").fetchall()
            for record in pair
        }
    return {row[0]: row[1:] for row in rows if row[0] in waiting}


def test_a_pair_is_compared_as_its_records_are_read_and_no_other_is(clerk: psycopg.Connection) -> None:
    same = "given_name, family_name, birth_date, street_address, postcode, has_protected_address, masked_number, has_telephone"
    differing = clerk.execute(
        f"select record, {same} from clerk.pairs as p cross join lateral clerk.compared(p.one, p.other)"
        f" except select record, {same} from clerk.records"
    ).fetchall()
    assert differing == []
    rows = clerk.execute(
        "select count(*), count(*) filter (where c.cause = p.cause and c.record in (p.one, p.other)) from clerk.pairs as p"
        " cross join lateral clerk.compared(p.one, p.other) as c"
    ).fetchone()
    pairs = clerk.execute("select 2 * count(*) from clerk.pairs").fetchone()
    assert rows == (*(pairs or ()), *(pairs or ()))
    ((one, other),) = clerk.execute("select one, other from clerk.pairs limit 1").fetchall()
    for turned in ((other, one), (one, one), (one, "nav/nobody")):
        assert clerk.execute("select * from clerk.compared(%s, %s)", turned).fetchall() == []


def test_pairs_and_their_records_are_read_with_numbers_masked(clerk: psycopg.Connection, queue: str) -> None:
    delivered = known(queue)
    pairs = clerk.execute("select one, other, cause, are_numbers_equal from clerk.pairs").fetchall()
    assert pairs
    for one, other, cause, are_equal in pairs:
        numbers = {delivered[one][0], delivered[other][0]}
        assert cause
        assert are_equal == (None if None in numbers else len(numbers) == 1)
    records = clerk.execute("select record, masked_number, street_address from clerk.records").fetchall()
    assert {row[0] for row in records} == set(delivered)
    for record, masked, street in records:
        number, home, _ = delivered[record]
        assert masked == (None if number is None else f"{number[:6]}*****" if len(number) == 11 else "***")
        assert street == home
    shown = str(
        clerk.execute("select r::text from clerk.records r").fetchall()
        + clerk.execute("select p::text from clerk.pairs p").fetchall()
    )
    assert not [number for number, _, _ in delivered.values() if number and number in shown]
    assert not [phone for _, _, phone in delivered.values() if phone and phone in shown]


def test_a_protected_home_is_never_shown_whoever_bears_it(clerk: psycopg.Connection, queue: str) -> None:
    homes = clerk.execute(
        "select record, street_address, postcode from clerk.records where street_address is not null"
    ).fetchall()
    (person, *_), (neighbour, street, postcode) = homes[0], homes[-1]
    assert person != neighbour
    with psycopg.connect(queue) as connection:
        connection.execute(
            "insert into intermediate.protected_persons select person_id from linkage.person_records"
            " where source || '/' || source_record_id = %s", [person],
        )  # fmt: skip
        connection.execute(
            "insert into intermediate.protected_addresses select * from meta.protected_address_digests(%s, %s)",
            [street, postcode],
        )
    rows = clerk.execute(
        "select street_address, postcode, has_protected_address from clerk.records where record = any(%s)",
        [[person, neighbour]],
    ).fetchall()
    assert rows == [(None, None, True)] * 2
    listed = CliRunner().invoke(
        app, ["link", "review", "--limit", "500", "--json", "--unmask", "--purpose", PURPOSE]
    )
    assert street not in listed.output


def test_until_it_is_known_whose_home_is_protected_none_is_shown(
    clerk: psycopg.Connection, queue: str
) -> None:
    with psycopg.connect(queue) as connection:
        connection.execute("drop table intermediate.protected_persons")
    assert clerk.execute(
        "select count(street_address), bool_and(has_protected_address) from clerk.records"
    ).fetchone() == (0, True)


def ask(clerk: psycopg.Connection, record: str, purpose: str | None = PURPOSE) -> int:
    row = clerk.execute("select clerk.ask_number(%s, %s, 'kari')", [record, purpose]).fetchone()
    assert row
    return int(row[0])


def unmask(clerk: psycopg.Connection, request: int) -> str | None:
    row = clerk.execute("select clerk.unmask(%s)", [request]).fetchone()
    assert row
    return row[0]  # type: ignore[no-any-return]  # what the driver reads


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


@pytest.mark.parametrize(
    "query",
    [
        "select * from intermediate.person_records",
        "select * from linkage.review_queue",
        "select linkage.says('nav', '1', true)",
        "select * from linkage.shown_record('nav', '1')",
        "select * from audit.events",
        "select audit.record('{}', '{}')",
        "insert into audit.events default values",
        "select * from marts.persons",
        "select * from quarantine.rows",
        "select * from audit.requests",
        "select audit.redeem(1)",
        "insert into audit.requests (by_name) values ('x')",
        "create or replace function clerk.unmask(request bigint) returns text language sql as 'select 1'",
        "create schema intermediate2",
        "create temp table mine (x int)",
        "set role akrim",
        "alter role akrim_clerk superuser",
    ],
)
def test_nothing_else_is_read_or_written(clerk: psycopg.Connection, query: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        clerk.execute(query.encode())


def test_a_condition_of_ones_own_does_not_run_on_hidden_rows(clerk: psycopg.Connection) -> None:
    """The views are functions' results: what they read is not the reader's to plan over."""
    plan = str(
        clerk.execute("explain verbose select * from clerk.records where masked_number like '8%'").fetchall()
    )
    assert "Function Scan" in plan
    assert "person_records" not in plan


def test_printed_plans_hold_no_number(clerk: psycopg.Connection, queue: str) -> None:
    """The server prints its plans to whoever asks for it, with values as constants, byte by byte."""
    numbers = {number for number, *_ in known(queue).values() if number}
    assert numbers
    told: list[str] = []
    clerk.add_notice_handler(lambda notice: told.append(f"{notice.message_primary} {notice.message_detail}"))
    for setting in (
        "client_min_messages = log", "plan_cache_mode = force_custom_plan", "debug_print_plan = on", "debug_print_parse = on",
        "debug_print_rewritten = on",
    ):  # fmt: skip
        clerk.execute(f"set {setting}".encode())
    for query in (
        "select * from clerk.records",
        "select * from clerk.pairs",
        "select c.* from clerk.pairs as p cross join lateral clerk.compared(p.one, p.other) as c",
    ):
        clerk.execute(query.encode())
    said = "\n".join(told)
    assert "records" in said
    for number in numbers:
        assert number not in said
        assert " ".join(map(str, number.encode())) not in said


def test_the_command_shows_numbers_for_a_purpose_alone(queue: str) -> None:
    numbers = [number for number, _, _ in known(queue).values() if number]
    shown = ["link", "review", "--limit", "500", "--json"]
    masked = CliRunner().invoke(app, shown)
    assert masked.exit_code == 0, masked.exception
    assert not [number for number in numbers if number in masked.output]
    assert any(f"{number[:6]}*****" in masked.output for number in numbers)
    for without in ([], ["--purpose", "   "], ["--purpose", "K-2026-014"], ["--purpose", "Reads\tthe pair"]):
        refused = CliRunner().invoke(app, [*shown, "--unmask", *without])
        assert refused.exit_code != 0
        assert not [number for number in numbers if number in refused.output]
    unmasked = CliRunner().invoke(app, [*shown, "--unmask", "--purpose", PURPOSE])
    assert [number for number in numbers if number not in unmasked.output] == []
    assert [event["detail"].get("unmasked") for event in events(queue, "consultation")] == [None, True]
