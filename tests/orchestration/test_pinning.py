"""A run pins what reception has found of each extract; header-only files and last period's files again pass for nothing new."""

from pathlib import Path
from typing import Any

import pytest
from akrim import ledger
from akrim.deliveries import confirm_extract
from akrim.orchestration import pinning
from akrim.orchestration.pinning.inputs import _compared_with
from akrim.periods import Period
from akrim.releases import ReleaseOnHold, approve, holding, plausibility
from akrim.settings import get_settings
from akrim.warehouse import connect

from tests.conftest import configure
from tests.deliveries.building import full_delivery
from tests.deliveries.conftest import Receiver
from tests.ledger.entering import enter_release, enter_run

PERIOD = Period.parse("2026-T1")


@pytest.fixture
def delivered(warehouse: str, tmp_path: Path) -> None:
    """The police deliver files with headers alone, the labour inspection last period's once more."""
    (tmp_path / "inbox").mkdir()
    receiver = Receiver(tmp_path / "inbox", warehouse)
    for agency in ("politiet", "arbeidstilsynet"):
        second = full_delivery(agency, 0 if agency == "politiet" else 3, period=str(PERIOD))
        outcomes = receiver(full_delivery(agency), second)
        assert [outcome.status for outcome in outcomes] == ["accepted", "accepted"]


def pinned(pins: ledger.Pins) -> dict[str, set[tuple[Any, ...]]]:
    return {
        agency: {
            (e["state"], e["as_of"], e["rows"], e["rows_usual"], e["is_confirmed"]) for e in extracts.values()
        }
        for agency, extracts in pins.inputs["extracts"].items()
        if extracts
    }


def held(pins: ledger.Pins) -> list[str]:
    return [
        f"{reason.limit} {reason.values['agency']}/{reason.values['extract']}"
        for reason in plausibility.exceeded_limits(pins)
    ]


@pytest.mark.usefixtures("delivered")
def test_empty_files_hold_the_release_and_repeated_ones_stay_as_old_as_they_are() -> None:
    pins = pinning.pin(PERIOD)
    kept = {
        name for extracts in pins.inputs["extracts"].values() for known in extracts.values() for name in known
    }
    assert kept == {"delivery_id", "state", "as_of", "rows", "rows_usual", "is_confirmed"}
    assert pinned(pins) == {
        "politiet": {("empty", "2025-12-31", 0, 3, False)},
        "arbeidstilsynet": {("unchanged", "2025-12-31", 3, 3, False)},
    }
    assert held(pins) == [f"extract_empty politiet/{name}" for name in ("personer", "saker", "involverte")]
    with connect() as connection:
        viewed = connection.execute(
            "select state, as_of::text, rows, is_confirmed from meta.release_extracts where extract = 'tilsyn'"
        ).fetchall()
    assert viewed == [("unchanged", "2025-12-31", 3, False)]


@pytest.mark.usefixtures("delivered")
def test_an_approval_lets_it_out_as_it_is_and_a_confirmation_makes_another() -> None:
    pins = pinning.pin(PERIOD)
    with connect() as connection:
        connection.execute("update meta.releases set is_explained = true")
        enter_run(connection, pins.release_id)
    with pytest.raises(ReleaseOnHold, match="akrim deliveries confirm politiet-2026-T1-01 involverte"):
        holding.check_limits(pins)
    assert pinning.pin(PERIOD).is_explained, "it is kept as it is"
    reserved = "select reserved_at from meta.releases"
    with connect() as connection:
        before = connection.execute(reserved).fetchall()
        connection.execute("delete from linkage.runs")
    assert not pinning.pin(PERIOD).is_explained, "another run has linked persons since"
    with connect() as connection:
        assert connection.execute(reserved).fetchall() == before, "of the same inputs"
        enter_run(connection, pins.release_id)
        connection.execute("update meta.releases set is_explained = true")
    approve(pins.release_id, "Kari Vakt", "politiet er varslet")
    holding.check_limits(pins)
    holding.hold(pins.release_id, "Ola Vakt", "Spør Oslo først")

    for extract in ("personer", "saker", "involverte"):
        confirm_extract("politiet-2026-T1-01", extract, "Kari Vakt", "politiet har ingen")
    confirmed = pinning.pin(PERIOD)
    assert confirmed.fingerprint != pins.fingerprint
    assert pinned(confirmed)["politiet"] == {("empty", "2026-04-30", 0, 3, True)}
    assert held(confirmed) == []
    with connect() as connection:
        left = connection.execute("select limit_code from meta.release_holds").fetchall()
    assert left == [("by_person",)], "a person's hold is of whatever the inputs become"


@pytest.mark.usefixtures("delivered")
def test_the_same_inputs_make_no_release_more_as_long_as_the_one_of_them_is_in_force() -> None:
    pins = pinning.pin(PERIOD)
    with connect() as connection:
        ledger.mark_published(connection, pins.release_id)
    again = pinning.pin(PERIOD)
    assert (again.release_id, again.is_new) == (pins.release_id, False)
    with connect() as connection:
        ledger.set_status(connection, pins.release_id, "recalled")
    after = pinning.pin(PERIOD)
    assert (after.release_id, after.is_new) == ("2026-T1.2", True)
    assert [pinned.inputs["is_previous_recalled"] for pinned in (pins, after)] == [False, True]


HELD = "insert into meta.release_holds (release_id, limit_code, reason) values ('2026-T1.2', 'x', 'x')"
IS_MADE = "update meta.releases set is_explained = true where release_id = '2026-T1.2'"
LINKED = "insert into linkage.runs (release_id, model, counts) values ('2026-T1.2', 'm', '{}')"


@pytest.mark.parametrize(
    "made",
    [(IS_MADE, LINKED, HELD), (IS_MADE, HELD), (IS_MADE,), ()],
    ids=["held", "held and its links undone", "its links undone", "broken off"],
)
@pytest.mark.usefixtures("delivered")
def test_what_is_held_waits_no_more_once_its_inputs_are_again_those_of_what_is_out(
    made: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the delivery was withdrawn for which it was held: nobody could let it go, and to run the period makes nothing."""
    out = pinning.pin(PERIOD)
    with connect() as connection:
        ledger.mark_published(connection, out.release_id)
    configure(monkeypatch, AKRIM_RECOMMENDED_MEASURES="true")
    held = pinning.pin(PERIOD).release_id
    with connect() as connection:
        for statement in made:
            connection.execute(statement.encode())
    monkeypatch.delenv("AKRIM_RECOMMENDED_MEASURES")
    get_settings.cache_clear()
    assert pinning.pin(PERIOD) == ledger.load(out.release_id)
    known = ledger.history(held) or {}
    assert [known["status"], *(failure["reason"] for failure in known["failures"])] == [
        "failed",
        f"The inputs of {PERIOD} are those of {out.release_id} again.",
    ]
    with connect() as connection:
        assert connection.execute("select from meta.releases_awaiting_approval").fetchall() == []


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize(
    ("more", "compared_with"),
    [
        ((), ("2025-T3.1", None)),
        ((("2025-T3.2", "erased"),), ("2025-T3.1", None)),
        ((("2025-T3.2", "recalled"),), ("2025-T3.2", None)),
        ((("2026-T1.1", "superseded"),), ("2026-T1.1", "2025-T3.1")),
        ((("2026-T2.1", "published"),), ("2025-T3.1", None)),  # a later period
    ],
)
def test_a_release_is_compared_with_what_came_out_before_it_of_its_period_or_an_earlier_one(
    more: tuple[tuple[str, str], ...], compared_with: tuple[str | None, str | None]
) -> None:
    with connect() as connection:
        for release_id, status in (("2025-T2.1", "published"), ("2025-T3.1", "published"), *more):
            enter_release(connection, release_id, status, published_at="now")
        assert _compared_with(connection, PERIOD) == compared_with
