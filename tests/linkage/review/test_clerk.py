"""What clerks see: pairs that wait, numbers masked, no protected home, and nothing else."""

import psycopg
import pytest
from akrim.cli import app
from akrim.warehouse import embedded
from typer.testing import CliRunner

from tests.conftest import as_user
from tests.linkage.review.conftest import PURPOSE, known


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


def test_a_second_reader_is_shown_records_as_masked_and_the_first_none(
    clerk: psycopg.Connection, queue: str
) -> None:
    with psycopg.connect(queue) as connection:
        connection.execute("drop view linkage.to_read_again cascade")
        connection.execute(
            "create view linkage.to_read_again as select *, 'ola.les' as author, 1 as place from linkage.review_queue"
        )
    shown = "record, given_name, family_name, birth_date, street_address, postcode, has_protected_address, masked_number, has_telephone"
    read = f"select {shown} from clerk.pairs as p cross join lateral clerk.compared_again(p.one, p.other, %s)"
    assert clerk.execute(read.encode(), ["ola.les"]).fetchall() == []
    assert clerk.execute(read.encode(), ["siri.tall"]).fetchall()
    differing = clerk.execute(f"{read} except select {shown} from clerk.records".encode(), ["siri.tall"])
    assert differing.fetchall() == []


def test_what_lies_beside_a_pair_is_shown_of_one_that_waits_and_no_more_than_was_asked_for(
    clerk: psycopg.Connection,
) -> None:
    ((one, other),) = clerk.execute(
        "select one, other from clerk.pairs where exists (select from clerk.beside(one, other, 9)) limit 1"
    ).fetchall()
    for asked in ((other, one, 9), (one, one, 9), (one, "nav/nobody", 9), (one, other, 0)):
        assert clerk.execute("select * from clerk.beside(%s, %s, %s)", asked).fetchall() == [], asked


@pytest.mark.parametrize(
    ("number", "shown"), [("01810112345", "018101*****"), ("0181011234", "***"), ("x1810112345", "***"), ("", None), (None, None)]
)  # fmt: skip
def test_of_what_is_no_person_number_nothing_is_shown(
    warehouse: str, number: str | None, shown: str | None
) -> None:
    with psycopg.connect(warehouse) as connection:
        assert connection.execute("select linkage.masked_number(%s)", [number]).fetchone() == (shown,)


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


@pytest.mark.parametrize(
    "found", ["intermediate.protected", "linkage.hidden"], ids=["by the assessment", "since"]
)
def test_a_protected_home_is_never_shown_whoever_bears_it(
    found: str, clerk: psycopg.Connection, queue: str
) -> None:
    homes = clerk.execute(
        "select record, street_address, postcode from clerk.records where street_address is not null"
    ).fetchall()
    (person, *_), (neighbour, street, postcode) = homes[0], homes[-1]
    assert person != neighbour
    with psycopg.connect(queue) as connection:
        connection.execute(
            f"insert into {found}_persons select person_id from linkage.person_records"
            " where source || '/' || source_record_id = %s".encode(), [person],
        )  # fmt: skip
        connection.execute(
            f"insert into {found}_addresses select * from meta.protected_address_digests(%s, %s)".encode(),
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


def test_only_what_waits_is_held_whatever_names_are_given(clerk: psycopg.Connection, queue: str) -> None:
    ((one, other),) = clerk.execute("select one, other from clerk.pairs limit 1").fetchall()
    for name in ("eva.les", "ola.les", "siri.tall"):
        clerk.execute("select clerk.hold(%s, %s, %s)", [one, other, name])
        clerk.execute("select clerk.hold(%s, %s, %s)", [f"nav/{name}", "politiet/nobody", name])
    with psycopg.connect(queue) as connection:
        assert connection.execute("select by_name from linkage.review_holds").fetchall() == [("eva.les",)]


@pytest.mark.parametrize(
    "asked", ["clerk.take('siri.tall')", "clerk.take_again('siri.tall')", "clerk.hold('one', 'other', 'siri.tall')"]
)  # fmt: skip
def test_a_transaction_left_open_keeps_no_other_clerk_waiting(
    asked: str, clerk: psycopg.Connection, queue: str
) -> None:
    """Else it would hold up Airflow's pages, each request a thread, for as long as it likes."""
    clerk.execute("set statement_timeout = '60s'")
    with psycopg.connect(as_user(queue, embedded.CLERK)) as other:
        assert other.execute("select * from clerk.take('eva.les')").fetchall()
        with pytest.raises(psycopg.errors.LockNotAvailable):
            clerk.execute(f"select * from {asked}".encode())
