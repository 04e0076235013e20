"""What clerks see: pairs that wait, numbers masked, no protected home; a number only for a purpose that is logged with it."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from akrim.cli import app
from akrim.linkage import runs
from akrim.warehouse import embedded
from typer.testing import CliRunner

from tests.audit.events import events
from tests.conftest import as_user
from tests.linkage.conftest import FIRST, read
from tests.linkage.population import population

PURPOSE = "Reads the pair against the register"


@pytest.fixture
def queue(stage: Callable[..., None], warehouse: str) -> str:
    """A linked population with pairs that wait, every home known not to be protected but one; returns the address."""
    records = population(3)
    for number, record in enumerate(records):
        record["phone"] = f"4{number:07d}"
    stage(records, FIRST, None)
    runs.link(FIRST)
    with psycopg.connect(warehouse) as connection:
        connection.execute("create table intermediate.protected_persons (person_id text)")
        connection.execute("create table intermediate.protected_addresses (address_digest bytea)")
    return warehouse


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


def test_a_number_is_shown_with_its_event_or_not_at_all(clerk: psycopg.Connection, queue: str) -> None:
    delivered = known(queue)
    record, number = next((record, known[0]) for record, known in delivered.items() if known[0])
    assert clerk.execute("select clerk.unmask(%s, %s, 'kari')", [record, PURPOSE]).fetchone() == (number,)
    (event,) = events(queue, "consultation")
    source, _, record_id = record.partition("/")
    (person,) = read(
        psycopg.sql.SQL(
            "select person_id from linkage.person_records where source = {} and source_record_id = {}"
        ).format(source, record_id)
    )
    assert (event["login"], event["by_name"], event["purpose"]) == (embedded.CLERK, "kari", PURPOSE)
    assert event["persons"] == list(person)
    assert number not in str(event)
    with clerk.transaction(force_rollback=True):
        clerk.execute("select clerk.unmask(%s, %s)", [record, PURPOSE])
    assert len(events(queue, "consultation")) == 1
    clerk.execute("set default_transaction_read_only = on")
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        clerk.execute("select clerk.unmask(%s, %s)", [record, PURPOSE])


@pytest.mark.parametrize(
    "purpose", [None, "", "   ", "test", "aaaaaaaaaaaa", "12345678", "........", "abcabcabc"]
)
def test_without_a_purpose_nothing_is_shown_or_logged(
    clerk: psycopg.Connection, queue: str, purpose: str | None
) -> None:
    record = next(iter(known(queue)))
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="stated purpose"):
        clerk.execute("select clerk.unmask(%s, %s)", [record, purpose])
    assert events(queue, "consultation") == []


def test_a_record_that_does_not_wait_is_not_shown(clerk: psycopg.Connection, queue: str) -> None:
    waiting = list(known(queue))
    (others,) = read(
        psycopg.sql.SQL(
            "select source || '/' || source_record_id from intermediate.person_records where not source || '/' || source_record_id = any({}) limit 1"
        ).format(waiting)
    )
    for record in (*others, "nav/nobody", "", "x' or true --"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            clerk.execute("select clerk.unmask(%s, %s)", [record, PURPOSE])


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
        "create or replace function clerk.unmask(record text, purpose text, by_name text) returns text language sql as 'select 1'",
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
    for query in ("select * from clerk.records", "select * from clerk.pairs"):
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
    refused = CliRunner().invoke(app, [*shown, "--unmask"])
    assert refused.exit_code != 0
    assert not [number for number in numbers if number in refused.output]
    unmasked = CliRunner().invoke(app, [*shown, "--unmask", "--purpose", PURPOSE])
    assert [number for number in numbers if number not in unmasked.output] == []
    assert [event["detail"].get("unmasked") for event in events(queue, "consultation")] == [None, True]
