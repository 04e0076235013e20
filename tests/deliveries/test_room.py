"""How much disk a run will need is told beforehand, by what waits in the inbox."""

import pytest
from akrim.commands.doctor.doctor import CHECKS, Caution
from akrim.deliveries import room, room_for_arrived
from akrim.warehouse import connect

from tests.conftest import configure
from tests.deliveries.building import full_delivery
from tests.deliveries.conftest import Receiver


def test_what_waits_is_counted_until_it_is_dealt_with(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(monkeypatch, AKRIM_INBOX=str(receiver.inbox))
    check = CHECKS["room for what arrived"]
    assert check() == "nothing waits"
    delivery = full_delivery("nav")
    delivery.write(receiver.inbox)
    (receiver.inbox / "nav" / "still filling").mkdir()
    (receiver.inbox / "nav" / "no manifest").mkdir()
    (receiver.inbox / "nav" / "no manifest" / "manifest.json").write_text("{}")
    rows = sum(len(extract) for extract in delivery.rows.values())
    found = room_for_arrived(str(receiver.inbox))
    assert (found.rows, found.needed) == (rows, rows * room.BYTES_A_ROW)
    assert check().startswith(f"{rows} rows have arrived")
    monkeypatch.setattr(room, "BYTES_A_ROW", 10**18)
    assert isinstance(check(), Caution)
    receiver(agency="nav")
    assert check() == "nothing waits"
    # What is looked at again, as after any contract's new version, was accepted: its rows are there already.
    with connect() as connection:
        connection.execute("update meta.deliveries set folder_fingerprint = 'by another contract'")
    assert check() == "nothing waits"
