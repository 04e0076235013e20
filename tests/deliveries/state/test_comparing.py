"""Every extract that comes is compared with what the agency had before: nothing old, empty or shrunken passes for new."""

from datetime import date
from typing import Any

import pytest
from akrim.contracts import Extract, load_contracts
from akrim.deliveries import confirm_extract, withdraw
from akrim.deliveries.state.extract_state import ExtractState, judge
from akrim.errors import UserError

from tests.deliveries.building import Delivery, base_row, delta_delivery, full_delivery, person_number
from tests.deliveries.conftest import Receiver

EXTRACT = load_contracts()["nav"].extract("saker")
LAST, THIS = date(2025, 12, 31), date(2026, 4, 30)


def standing(rows: int, state: str | None = "changed", digest: str = "before", **more: Any) -> ExtractState:
    known = {"is_delivered": True, "rows": rows, "digest": digest, "state": state, "as_of": LAST}
    return ExtractState(**(known | more))


def now(rows: int, digest: str = "now", **more: Any) -> ExtractState:
    return ExtractState(**({"is_delivered": True, "rows": rows, "digest": digest} | more))


@pytest.mark.parametrize(
    ("before", "after", "state", "usual", "as_of"),
    [
        (None, now(5), "first", None, THIS),
        (None, now(0), "empty", None, None),
        (ExtractState(is_delivered=True), now(5), "first", None, THIS),
        (standing(5), now(5, "before"), "unchanged", 5, LAST),
        (standing(5), now(5), "changed", 5, THIS),
        (standing(5, state=None), now(0), "empty", 5, LAST),
        (standing(5), now(0), "empty", 5, LAST),
        (standing(200), now(99), "shrunken", 200, THIS),
        (standing(189), now(90), "changed", 189, THIS),
        (standing(190), now(90), "shrunken", 190, THIS),
        (standing(1000), now(500), "changed", 1000, THIS),
        (standing(1000), now(499), "shrunken", 1000, THIS),
        (standing(1000), now(2000), "changed", 1000, THIS),
        (standing(1000), now(2001), "swollen", 1000, THIS),
        (standing(1), now(100), "changed", 1, THIS),
        (standing(0, "empty", rows_usual=0), now(900), "changed", 0, THIS),
        # What was not sound is no measure, however often it comes.
        (standing(0, "empty", rows_usual=5), now(0, "before"), "empty", 5, LAST),
        (standing(0, "empty", rows_usual=1000), now(499), "shrunken", 1000, THIS),
        (standing(499, "shrunken", rows_usual=1000), now(499, "before"), "shrunken", 1000, LAST),
        (standing(499, "shrunken", rows_usual=1000), now(900), "changed", 1000, THIS),
        (standing(3000, "swollen", rows_usual=1000), now(3000, "before"), "swollen", 1000, LAST),
        # What a person confirmed is one.
        (standing(0, "empty", rows_usual=5, confirmed=("empty before",)), now(0, "before"), "empty", 0, LAST),
        (standing(499, "shrunken", rows_usual=1000, confirmed=("shrunken before",)), now(480), "changed", 499, THIS),
        (standing(499, "shrunken", rows_usual=1000, confirmed=("shrunken else",)), now(480), "shrunken", 1000, THIS),
        (standing(5), now(5, "before", confirmed=("unchanged before",)), "unchanged", 5, THIS),
        (standing(5), now(0, confirmed=("empty now",)), "empty", 5, THIS),
        # A delta that leaves the extract out brings nothing newer, though children go with their parents.
        (standing(5), now(4, is_delivered=False), "changed", 5, LAST),
    ],
)  # fmt: skip
def test_a_state_is_compared_with_the_one_before_it(
    before: ExtractState | None, after: ExtractState, state: str, usual: int | None, as_of: date | None
) -> None:
    found = judge(before, after, EXTRACT, THIS)
    assert (found.state, found.rows_usual, found.as_of) == (state, usual, as_of)


def test_what_only_grows_is_neither_shrunken_nor_swollen() -> None:
    decisions = load_contracts()["sentrene"].extracts[0]
    assert judge(standing(10), now(9000), decisions, THIS).state == "changed"


def test_the_limits_are_the_contracts() -> None:
    extract = Extract(
        "nav", "saker", EXTRACT.columns, EXTRACT.formats, fewest_share=0.9, most_share=1.1, fewest_rows=1
    )
    assert [judge(standing(100), now(rows), extract, THIS).state for rows in (89, 90, 110, 111)] == [
        "shrunken", "changed", "changed", "swollen",
    ]  # fmt: skip


def states(receiver: Receiver, delivery: Delivery) -> dict[str, tuple[Any, ...]]:
    rows = receiver.rows(
        "select extract, state, rows_standing, rows_usual, as_of::text from meta.delivery_files where delivery_id = %s",
        delivery.delivery_id,
    )
    return {row.pop("extract"): tuple(row.values()) for row in rows}


def later(count: int = 3, **more: Any) -> Delivery:
    return full_delivery("nav", count, period="2026-T1", **more)


def test_full_deliveries_are_compared_extract_by_extract(receiver: Receiver) -> None:
    """Persons come as they were, whatever their order; cases without a row; of claims one is new."""
    first, second = full_delivery("nav"), later()
    second.rows["personer"].reverse()
    second.rows["saker"] = []
    second.rows["lonnsgaranti"].append(base_row("nav", "lonnsgaranti", 4) | {"nav_id": "PERSONER1"})
    receiver(first, second)
    assert set(states(receiver, first).values()) == {("first", 3, None, "2025-12-31")}
    assert states(receiver, second) == {
        "personer": ("unchanged", 3, 3, "2025-12-31"),
        "saker": ("empty", 0, 3, "2025-12-31"),
        "lonnsgaranti": ("changed", 4, 3, "2026-04-30"),
    }


def test_the_same_again_and_again_stays_as_old_as_it_is(receiver: Receiver) -> None:
    first, second, third = full_delivery("nav"), later(), full_delivery("nav", period="2026-T2")
    third.manifest["delivered_at"] = "2026-09-02T06:00:00+02:00"
    receiver(first, second, third)
    assert set(states(receiver, third).values()) == {("unchanged", 3, 3, "2025-12-31")}


def test_a_delta_is_compared_by_the_state_after_it(receiver: Receiver) -> None:
    """A person is removed: one of the claims goes too, though the delta holds none."""
    first = full_delivery("nav")
    first.rows["lonnsgaranti"][0]["nav_id"] = "PERSONER3"
    removed = base_row("nav", "personer", 3) | {"_slettet": "J"}
    delta = delta_delivery("nav", {"personer": [removed], "saker": []}, period="2026-T1", number=1)
    receiver(first, delta)
    assert states(receiver, delta) == {
        "personer": ("changed", 2, 3, "2026-04-30"),
        "saker": ("unchanged", 3, 3, "2025-12-31"),
        "lonnsgaranti": ("changed", 2, 3, "2025-12-31"),
    }
    files = receiver.rows("select extract from meta.delivery_files where file_name is null")
    assert [row["extract"] for row in files] == ["lonnsgaranti"], "what it leaves out stands beside its files"


def test_a_late_correction_has_what_follows_compared_anew(receiver: Receiver) -> None:
    """The corrected delivery is full; the delta after it rests on it, the next full delivery is compared with the delta."""
    first, delta = full_delivery("nav"), delta_delivery("nav", {"saker": []}, period="2026-T1", number=1)
    corrected = full_delivery("nav", 2, number=2, supersedes=first.delivery_id)
    corrected.manifest["delivered_at"] = "2026-06-01T06:00:00+02:00"
    receiver(first, delta)
    assert states(receiver, delta)["saker"] == ("unchanged", 3, 3, "2025-12-31")
    receiver(corrected)
    assert states(receiver, corrected)["saker"] == ("first", 2, None, "2025-12-31")
    assert states(receiver, delta)["saker"] == ("unchanged", 2, 2, "2025-12-31")
    assert states(receiver, delta)["personer"] == ("unchanged", 2, 2, "2025-12-31")


def test_a_withdrawn_delivery_is_no_measure(receiver: Receiver) -> None:
    first, wrong, right = full_delivery("nav"), later(5), full_delivery("nav", period="2026-T2")
    right.manifest["delivered_at"] = "2026-09-02T06:00:00+02:00"
    receiver(first, wrong, right)
    assert states(receiver, right)["saker"] == ("changed", 3, 5, "2026-08-31")
    withdraw(wrong.delivery_id, "Kari Vakt", "feil periode")
    assert states(receiver, right)["saker"] == ("unchanged", 3, 3, "2025-12-31")


def test_what_came_before_states_were_kept_is_counted_when_compared_with(receiver: Receiver) -> None:
    first, second = full_delivery("nav"), later()
    second.rows["saker"] = []
    receiver(first)
    receiver.run(
        "update meta.delivery_files set state = null, rows_standing = null, content_digest = null, as_of = null"
    )
    receiver(second)
    assert states(receiver, second)["saker"] == ("empty", 0, 3, "2025-12-31")
    assert states(receiver, second)["personer"] == ("unchanged", 3, 3, "2025-12-31")


def test_a_person_confirms_an_extract_as_it_stands(receiver: Receiver) -> None:
    empty, again = later(), full_delivery("nav", period="2026-T2")
    empty.rows["saker"] = again.rows["saker"] = []
    again.manifest["delivered_at"] = "2026-09-02T06:00:00+02:00"
    receiver(full_delivery("nav"), empty, again)
    assert states(receiver, again)["saker"] == ("empty", 0, 3, "2025-12-31")
    assert (
        confirm_extract(empty.delivery_id, "saker", "Kari Vakt", f"Nav har ingen; spør {person_number(0)}")
        == "2026-T1"
    )
    assert states(receiver, empty)["saker"] == ("empty", 0, 3, "2026-04-30")
    assert states(receiver, again)["saker"] == ("empty", 0, 0, "2026-04-30"), "it is no loss any more"
    assert "***********" in receiver.value("select reason from meta.extract_confirmations")
    logged = receiver.rows(
        "select by_name, delivery_id, detail from audit.events order by position desc limit 1"
    )[0]
    assert logged["detail"] == {"state": "empty", "confirmed": "saker"}
    assert (logged["by_name"], logged["delivery_id"]) == ("Kari Vakt", empty.delivery_id)


@pytest.mark.parametrize(
    ("delivery_id", "extract", "by", "reason", "why"),
    [
        ("nav-2025-T3-01", "saker", "Kari", "ja", "needs no confirmation"),
        ("nav-2026-T1-01", "tilsyn", "Kari", "ja", "is in force"),
        ("nav-2026-T2-01", "saker", "Kari", "ja", "is in force"),
        ("nav-2026-T1-01", "saker", " ", "ja", "a name and a reason"),
        ("nav-2026-T1-01", "saker", "Kari", "", "a name and a reason"),
        ("nav-2026-T1-01", "personer", "Kari", "ja", "confirmed already"),
    ],
)
def test_only_what_needs_it_is_confirmed_and_once(
    receiver: Receiver, delivery_id: str, extract: str, by: str, reason: str, why: str
) -> None:
    receiver(full_delivery("nav"), later())
    confirm_extract("nav-2026-T1-01", "personer", "Kari", "de er de samme")
    with pytest.raises(UserError, match=why):
        confirm_extract(delivery_id, extract, by, reason)


def test_a_confirmation_is_of_those_rows_alone(receiver: Receiver) -> None:
    """A late correction makes the extract one that nobody has looked at."""
    first, delta = full_delivery("nav"), delta_delivery("nav", {"saker": []}, period="2026-T1", number=1)
    receiver(first, delta)
    confirm_extract(delta.delivery_id, "saker", "Kari Vakt", "ingen nye")
    assert states(receiver, delta)["saker"][3] == "2026-04-30"
    corrected = full_delivery("nav", 2, number=2, supersedes=first.delivery_id)
    corrected.manifest["delivered_at"] = "2026-06-01T06:00:00+02:00"
    receiver(corrected)
    assert states(receiver, delta)["saker"][3] == "2025-12-31"
