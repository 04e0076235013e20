"""The pipeline accepts the generated deliveries, sets aside exactly the answer key's rows, and refuses the bad ones."""

import csv
from collections.abc import Iterator
from pathlib import Path

import minisign
import psycopg
import pytest
from akrim.contracts import load_contracts
from akrim.deliveries import DeliveryOutcome, receive, record_strays
from akrim.settings import get_settings
from akrim.synthetic.delivery.bad_deliveries import EVERY_CODE, UNKNOWN_AGENCY
from psycopg import sql

from tests.synthetic.conftest import AGENCIES, Made, make

pytestmark = [pytest.mark.installation, pytest.mark.timeout(900)]


def receive_everything(inbox: Path) -> list[DeliveryOutcome]:
    from expectations import suite_for

    outcomes = [outcome for agency in AGENCIES for outcome in receive(str(inbox), agency, suite_for)]
    return outcomes + record_strays(str(inbox))


def rows_set_aside(address: str) -> set[tuple[str, str, str, str]]:
    with psycopg.connect(address) as connection:
        found = connection.execute(
            "select delivery_id, extract, row_number::text, reason from quarantine.rows"
        )
        return set(found.fetchall())


def rows_in_the_key(made: Made) -> set[tuple[str, str, str, str]]:
    with (made.truth / "quarantine.csv").open(encoding="utf-8") as file:
        return {
            (row["delivery_id"], row["extract"], row["row_number"], row["code"])
            for row in csv.DictReader(file)
        }


@pytest.mark.slow
def test_every_delivery_is_accepted_and_the_quarantine_is_the_answer_keys(
    warehouse: str, world: Made
) -> None:
    outcomes = receive_everything(world.inbox)
    assert {(o.status, o.code) for o in outcomes} == {("accepted", None)}
    assert rows_set_aside(warehouse) == rows_in_the_key(world)


@pytest.mark.slow
def test_a_delta_after_a_full_delivery_gives_the_state_of_a_full_one(warehouse: str, tmp_path: Path) -> None:
    by_delta = make(tmp_path / "delta" / "inbox", "2025-T3")
    make(by_delta.inbox, "2026-T1", mode="delta")
    assert {o.status for o in receive_everything(by_delta.inbox)} == {"accepted"}
    assert rows_set_aside(warehouse) == rows_in_the_key(by_delta)
    assert list(states_that_differ(warehouse, tmp_path)) == []


def states_that_differ(address: str, tmp_path: Path) -> Iterator[str]:
    """Extracts whose state after full and delta is not that of a full delivery of the second period.

    That one comes as the second of its period: the first one's id is taken by the delta, and so it is refused.
    """
    full = make(tmp_path / "full" / "inbox", "2026-T1", supersede=True)
    receive_everything(full.inbox)
    with psycopg.connect(address) as connection:
        for agency in AGENCIES:
            for extract in load_contracts()[agency].extracts:
                after_delta = state(connection, extract.table, f"{agency}-2025-T3-01", f"{agency}-2026-T1-01")
                if after_delta != state(connection, extract.table, f"{agency}-2026-T1-02"):
                    yield extract.table


def state(connection: psycopg.Connection, table: str, *deliveries: str) -> list[tuple[object, ...]]:
    query = sql.SQL(
        "select (to_jsonb(s) - 'delivery_id' - 'row_number')::text from {}(%s) s order by 1"
    ).format(sql.Identifier("state", table))
    return connection.execute(query, [list(deliveries)]).fetchall()


@pytest.mark.slow
def test_every_bad_delivery_gets_exactly_its_code(warehouse: str, tmp_path: Path) -> None:
    made = make(tmp_path / "inbox", "2025-T3", agencies=("nav",), bad=("all",))
    outcomes = receive_everything(made.inbox)
    found = {o.delivery_id: (o.status, o.code) for o in outcomes}
    expected = {"nav-2025-T3-01": ("accepted", None)}
    for nth, code in enumerate(EVERY_CODE):
        name = {"unknown_agency": f"{UNKNOWN_AGENCY}-2025-T3-01", "misplaced": "nav-2025-T3-99"}.get(code)
        expected[name or f"nav-2025-T3-{nth + 2:02}"] = ("refused", code)
    assert found == expected


@pytest.mark.slow
@pytest.mark.parametrize("agency", AGENCIES)
def test_bad_files_are_bad_in_every_agencys_format(warehouse: str, tmp_path: Path, agency: str) -> None:
    codes = (
        "unreadable_file",
        "columns",
        "rows_mismatch",
        "quarantine_share",
        "file_missing",
        "unknown_extract",
    )
    made = make(tmp_path / "inbox", "2025-T3", agencies=(agency,), bad=codes)
    assert [o.code for o in receive_everything(made.inbox)] == [None, *codes]


@pytest.mark.slow
def test_a_reused_id_wants_an_accepted_one_and_a_bad_signature_a_key(warehouse: str, tmp_path: Path) -> None:
    made = make(tmp_path / "inbox", "2025-T3", agencies=("nav",))
    assert [o.code for o in receive_everything(made.inbox)] == [None]
    make(made.inbox, "2025-T3", agencies=("nav",), bad=("delivery_id_reused",))
    assert [o.code for o in receive_everything(made.inbox)] == ["delivery_id_reused"]
    make(made.inbox, "2025-T3", agencies=("nav",), bad=("bad_signature",))
    keys = get_settings().keys_path / "agencies"
    keys.mkdir(parents=True)
    (keys / "nav.pub").write_bytes(bytes(minisign.KeyPair.generate().public_key))
    assert {o.delivery_id: o.code for o in receive_everything(made.inbox)}[
        "nav-2025-T3-02"
    ] == "bad_signature"


@pytest.mark.slow
def test_a_superseding_delivery_takes_the_first_ones_place(warehouse: str, tmp_path: Path) -> None:
    made = make(tmp_path / "inbox", "2025-T3", supersede=True)
    outcomes = receive_everything(made.inbox)
    assert [o.status for o in outcomes] == ["accepted"] * 2 * len(AGENCIES)
