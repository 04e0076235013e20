"""A delivery read again after its contract was mended: what passes now is loaded, no row is lost, and old releases keep theirs."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from akrim.deliveries import ask_replay, asked_agencies, withdraw
from akrim.errors import UserError
from akrim.orchestration import pinning
from akrim.orchestration.local import in_process
from akrim.periods import Period

from tests.audit.events import events
from tests.deliveries.building import Delivery
from tests.deliveries.conftest import Receiver
from tests.deliveries.new_agency import CONTRACT, agree, declaration

Mend = Callable[..., None]
FIRST, AGAIN, AGAIN_TWICE = "toll-2025-T3-01", "toll-2025-T3-01~1", "toll-2025-T3-01~2"
COUNTS = """
select delivery_id, rows_declared as declared, rows_loaded as loaded, rows_quarantined as aside,
    (select count(*) from landing.toll_deklarasjoner as l where l.delivery_id = f.delivery_id) as landed,
    (select count(*) from quarantine.rows as q where q.delivery_id = f.delivery_id) as kept
from meta.delivery_files as f join meta.deliveries as d using (delivery_id, manifest_sha256)
where d.status = 'accepted' and file_name is not null order by delivery_id
"""


def rows() -> list[dict[str, str]]:
    return [declaration(1), declaration(2, vekt="-1"), declaration(3, dato="2025"), declaration(4)]


@pytest.fixture
def mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mend:
    """Changes the contract: texts of it and what stands in their place."""
    return partial(_mend, tmp_path, monkeypatch)


def _mend(tmp_path: Path, patch: pytest.MonkeyPatch, *changes: tuple[str, str]) -> None:
    text = CONTRACT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    agree(text, tmp_path, patch)


def replay(receiver: Receiver, delivery_id: str = FIRST) -> Any:
    agency = ask_replay(delivery_id, "Kari Vakt", "the contract was wrong", str(receiver.inbox))
    return receiver(agency=agency)[0]


def counts(receiver: Receiver) -> dict[str, tuple[int, ...]]:
    found = receiver.rows(COUNTS)
    for row in found:
        assert row["declared"] == row["loaded"] + row["aside"] == row["landed"] + row["kept"]
    return {row["delivery_id"]: (row["loaded"], row["aside"]) for row in found}


def sequence() -> list[str]:
    pins = pinning.pin(Period.parse("2025-T3"))
    return [delivery["delivery_id"] for delivery in pins.inputs["deliveries"]["toll"]]


NEGATIVE = (", logicalTypeOptions: {minimum: 0}", "")
FREE_DATE = ("{name: dato, logicalType: date,", "{name: dato, logicalType: string,")


def test_rows_that_pass_by_the_mended_contract_are_loaded_once(toll: Receiver, mend: Mend) -> None:
    toll(Delivery("toll", rows={"deklarasjoner": rows()}))
    before = sequence()
    assert (before, counts(toll)) == ([FIRST], {FIRST: (2, 2)})
    assert replay(toll).status == "already_loaded"
    assert counts(toll) == {FIRST: (2, 2)}

    mend(NEGATIVE)
    ask_replay(FIRST, "Kari Vakt", "weights may be corrections", str(toll.inbox))
    ask_replay(FIRST, "Kari Vakt", "asked twice", str(toll.inbox))
    assert asked_agencies() == {"toll"}
    assert [outcome.delivery_id for outcome in toll(agency="toll")] == [AGAIN, AGAIN]
    assert asked_agencies() == set()
    assert counts(toll) == {FIRST: (2, 2), AGAIN: (3, 1)}
    assert [outcome.status for outcome in toll(agency="toll")] == ["already_loaded"]
    assert sequence() == [AGAIN]
    # What a release was made from before stays as it was.
    for pinned, count in ((FIRST, 2), (AGAIN, 3)):
        assert toll.value("select count(*) from state.toll_deklarasjoner(array[%s])", pinned) == count

    mend(NEGATIVE, FREE_DATE)
    with pytest.raises(UserError, match=f"{AGAIN} took the place of {FIRST}"):
        replay(toll)
    assert replay(toll, AGAIN).delivery_id == AGAIN_TWICE
    assert counts(toll)[AGAIN_TWICE] == (4, 0)
    assert sequence() == [AGAIN_TWICE]
    made = toll.rows("select made, outcome, by_name from meta.delivery_replays order by replay_id")
    assert [row["made"] for row in made] == [None, AGAIN, AGAIN_TWICE]
    assert {row["outcome"] for row in made} == {"already_loaded", "accepted"}
    asked = [e for e in events(toll.address, "alteration") if e["detail"] == {"replay": "asked"}]
    assert [e["delivery_id"] for e in asked] == [FIRST, FIRST, AGAIN]

    # Taken out of force, it leaves what stood before it; what replaces the delivery replaces its replays.
    withdraw(AGAIN_TWICE, "Kari Vakt", "read wrongly")
    assert sequence() == [AGAIN]
    toll(Delivery("toll", number=2, supersedes=FIRST, rows={"deklarasjoner": rows()[:1]}))
    assert toll.value("select supersedes from meta.deliveries where delivery_id = 'toll-2025-T3-02'") == AGAIN
    assert sequence() == ["toll-2025-T3-02"]
    withdraw(AGAIN, "Kari Vakt", "read wrongly, too")
    assert sequence() == ["toll-2025-T3-02"]
    with pytest.raises(UserError, match=f"toll-2025-T3-02 took the place of {FIRST}"):
        replay(toll)


def test_what_a_mended_contract_lets_in_is_accepted_though_it_was_refused(toll: Receiver, mend: Mend) -> None:
    negative = [declaration(number, vekt="-1") for number in range(3)]
    assert toll(Delivery("toll", rows={"deklarasjoner": negative}))[0].code == "quarantine_share"
    assert replay(toll).status == "refused"
    mend(NEGATIVE)
    assert [outcome.status for outcome in toll(agency="toll")] == ["refused"]
    outcome = replay(toll)
    assert (outcome.delivery_id, outcome.status) == (FIRST, "accepted")
    assert counts(toll) == {FIRST: (3, 0)}


def test_a_tightened_contract_leaves_what_stands(toll: Receiver, mend: Mend) -> None:
    toll(Delivery("toll", rows={"deklarasjoner": rows()}))
    mend(("minimum: 0", "minimum: 100"))
    outcome = replay(toll)
    assert (outcome.status, outcome.code) == ("refused", "quarantine_share")
    # And so do files that go between asking and reading.
    ask_replay(FIRST, "Kari Vakt", "the contract was wrong", str(toll.inbox))
    shutil.rmtree(toll.inbox / "toll" / FIRST)
    outcome = toll(agency="toll")[0]
    assert (outcome.status, outcome.code) == ("refused", "file_missing")
    assert counts(toll) == {FIRST: (2, 2)}
    assert sequence() == [FIRST]
    assert asked_agencies() == set()


def test_what_is_erased_between_asking_and_reading_does_not_come_back(toll: Receiver) -> None:
    toll(Delivery("toll", rows={"deklarasjoner": rows()}))
    ask_replay(FIRST, "Kari Vakt", "the contract was wrong", str(toll.inbox), even_if_same=True)
    toll.run("insert into meta.erasures values (default, 'P1', '{}', 1, 'Kari Vakt', 'asked', now())")
    outcome = toll(agency="toll")[0]
    assert (outcome.status, outcome.code) == ("refused", "file_missing")
    assert "Somebody was erased since" in str(outcome.detail)
    assert sequence() == [FIRST]


def test_what_cannot_or_may_not_be_read_again_is_said(toll: Receiver) -> None:
    toll(Delivery("toll", rows={"deklarasjoner": rows()}))
    manifest = toll.inbox / "toll" / FIRST / "manifest.json"
    content = manifest.read_bytes()

    def told(delivery_id: str = FIRST) -> str:
        with pytest.raises(UserError) as refused:
            replay(toll, delivery_id)
        return refused.value.what

    assert told("toll-2025-T3-09") == "There is no delivery toll-2025-T3-09."
    manifest.write_text("{}")
    assert "are no longer in the inbox as they came" in told()
    manifest.unlink()
    assert "are no longer in the inbox as they came" in told()
    manifest.write_bytes(content)
    toll.run("insert into meta.erasures values (default, 'P1', '{}', 1, 'Kari Vakt', 'asked', now())")
    assert "Somebody was erased since" in told()
    toll.run("update meta.erasures set erased_at = '2020-01-01'")
    withdraw(FIRST, "Kari Vakt", "wrong")
    assert told() == f"{FIRST} was withdrawn."
    assert asked_agencies() == set()


def test_whoever_asks_is_told_of_that_delivery(
    toll: Receiver, mend: Mend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though another was asked for before and is read first, and also where a scheduler has just read it."""
    toll(Delivery("toll", rows={"deklarasjoner": rows()}))
    toll(Delivery("toll", "2026-T1", rows={"deklarasjoner": rows()}))
    ask_replay(FIRST, "Kari Vakt", "asked, and cut off", str(toll.inbox))
    mend(NEGATIVE)
    monkeypatch.setattr(in_process, "_received", lambda _: toll(agency="toll"))
    later = "toll-2026-T1-01"
    outcome = in_process.replay(later, "Kari Vakt", "weights may be corrections", str(toll.inbox))
    assert (outcome.delivery_id, outcome.status) == (f"{later}~1", "accepted")
    assert outcome.loaded == {"deklarasjoner": 3}

    mend(NEGATIVE, FREE_DATE)
    monkeypatch.setattr(in_process, "_received", lambda _: [toll(agency="toll"), toll(agency="toll")][1])
    outcome = in_process.replay(f"{later}~1", "Kari Vakt", "days may be text", str(toll.inbox))
    assert (outcome.delivery_id, outcome.status) == (f"{later}~2", "accepted")
