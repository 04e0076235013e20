"""The folder of an accepted delivery, looked at again: a no-op where it is as it was, and told where it is not."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from akrim.deliveries import ask_replay, confirm_extract, taking
from akrim.deliveries.inbox import listing
from akrim.insight.impact import list_impact
from akrim.settings import get_settings
from akrim.texts.errors import SaidError

from tests.deliveries.building import Delivery, full_delivery
from tests.deliveries.conftest import Receiver
from tests.deliveries.new_agency import CONTRACT, agree, declaration


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.write_bytes(file.read_bytes().replace(b"1000", b"9000")),
        lambda file: file.write_bytes(file.read_bytes() + b"more"),
        lambda file: file.unlink(),
        lambda file: (file.unlink(), file.mkdir()),
        lambda file: (
            file.rename(file.with_name("elsewhere")).parent.joinpath(file.name).symlink_to("elsewhere")
        ),
    ],
    ids=["changed", "longer", "gone", "a folder", "a link"],
)
def test_an_accepted_folder_whose_files_change_is_refused_once(
    receiver: Receiver, change: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though its manifest is the same: what was accepted stays, and it is told that the folder no longer is that."""
    saker = full_delivery("nav").write(receiver.inbox) / "saker.csv"
    before = saker.read_bytes()
    receiver(agency="nav")
    change(saker)
    (outcome,) = receiver(agency="nav")
    assert (outcome.status, outcome.code, outcome.delivery_id) == (
        "refused", "delivery_id_reused", "nav-2025-T3-01",
    )  # fmt: skip
    assert "no longer what was accepted: changed or missing since: saker.csv." in str(outcome.detail)
    assert receiver.value("select count(*) from landing.nav_saker where feilutbetalt_beloep = '1000'") == 3
    assert [o.is_new for o in receiver(agency="nav")] == [False]
    with monkeypatch.context() as other_contracts:
        other_contracts.setattr(listing, "load_contracts", dict)
        assert [(o.code, o.is_new) for o in receiver(agency="nav")] == [("delivery_id_reused", False)]
    states = "select status, reason from meta.deliveries order by status"
    assert receiver.rows(states) == [
        {"status": "accepted", "reason": None}, {"status": "refused", "reason": "delivery_id_reused"},
    ]  # fmt: skip
    if saker.is_dir():
        saker.rmdir()
    saker.unlink(missing_ok=True)
    saker.write_bytes(before)
    assert [o.status for o in receiver(agency="nav")] == ["already_loaded"]


def test_an_accepted_folder_that_was_not_touched_is_not_read_again(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a contract has another version all folders are looked at again, of which there may be many and large ones."""
    full_delivery("nav").write(receiver.inbox)
    receiver(agency="nav")
    monkeypatch.setattr(listing, "load_contracts", dict)
    monkeypatch.setattr(taking, "changed_files", lambda *_: pytest.fail("read again"))
    assert [(o.status, o.is_new) for o in receiver(agency="nav")] == [("already_loaded", False)]


def test_a_copy_in_another_agencys_folder_is_refused_and_recorded_once(receiver: Receiver) -> None:
    folder = full_delivery("nav").write(receiver.inbox)
    receiver(agency="nav")
    shutil.copytree(folder, receiver.inbox / "NAV" / folder.name)
    assert [(o.code, o.is_new) for _ in range(2) for o in receiver.strays()] == [
        ("misplaced", True), ("misplaced", False),
    ]  # fmt: skip
    assert receiver.value("select count(*) from audit.events where action = 'collection'") == 2
    refused = "select delivery_id, agency, reason from meta.deliveries where status = 'refused'"
    assert receiver.rows(refused) == [{"delivery_id": folder.name, "agency": "NAV", "reason": "misplaced"}]


def test_an_accepted_delivery_stays_so_when_its_version_or_its_contract_is_no_longer_agreed(
    toll: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be refused anew at every scan, and recorded nowhere, since an accepted delivery's row is never touched."""
    assert toll(Delivery("toll", rows={"deklarasjoner": [declaration(1)]}))[0].status == "accepted"
    agree(CONTRACT.replace('version: "1.0"', 'version: "1.1"'), tmp_path, monkeypatch)
    assert [(o.status, o.is_new) for o in toll(agency="toll")] == [("already_loaded", False)]
    monkeypatch.delenv("AKRIM_CONTRACTS")
    get_settings.cache_clear()
    assert [(o.status, o.is_new) for o in toll.strays()] == [("already_loaded", False)]
    assert toll.value("select count(*) from audit.events where action = 'collection'") == 1


def test_what_is_asked_of_a_delivery_without_a_contract_is_answered(
    toll: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    toll(
        Delivery("toll", rows={"deklarasjoner": [declaration(1)]}),
        Delivery("toll", period="2026-T1", rows={"deklarasjoner": []}),
    )
    monkeypatch.delenv("AKRIM_CONTRACTS")
    get_settings.cache_clear()
    assert list_impact("toll-2025-T3-01") == []
    assert confirm_extract("toll-2026-T1-01", "deklarasjoner", "Kari Vakt", "told by telephone") == "2026-T1"
    with pytest.raises(SaidError, match=r"no contract any more|ikke lenger er noen kontrakt"):
        ask_replay("toll-2025-T3-01", "Kari Vakt", "mended", str(toll.inbox))
    assert toll.value("select count(*) from meta.delivery_replays") == 0
