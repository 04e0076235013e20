"""State as of a period: full deliveries, deltas, supersession, removals, the centres' own deliveries."""

from collections.abc import Callable
from pathlib import Path

import pytest
from akrim.deliveries import withdraw
from akrim.deliveries.decisions import SEAL_COLUMN, seal_of
from akrim.deliveries.state import accepted_deliveries, state_sequence
from akrim.keys import form_key
from akrim.warehouse import connect
from psycopg import sql

from tests.deliveries.building import Delivery, base_row, delta_delivery, full_delivery
from tests.deliveries.conftest import Receiver


def sequence(agency: str, period: str) -> list[str]:
    with connect() as connection:
        return state_sequence(accepted_deliveries(connection, agency), period, agency == "sentrene")


def state(receiver: Receiver, table: str, period: str, columns: str = "*") -> list[dict[str, object]]:
    agency = table.split("_", maxsplit=1)[0]
    query = sql.SQL("select {} from {}(%s) order by 1, 2").format(
        sql.SQL(columns), sql.Identifier("state", table)
    )
    return receiver.rows(query, sequence(agency, period))


def case_row(number: int, **fields: str) -> dict[str, object]:
    return base_row("nav", "saker", number) | fields


def test_a_delta_replaces_adds_and_removes_by_key(receiver: Receiver) -> None:
    delta = delta_delivery(
        "nav",
        {"saker": [case_row(1, aarsak="fiktivt_arbeidsforhold"), case_row(2, _slettet="J"), case_row(9)]},
    )
    receiver(full_delivery("nav"), delta)
    assert state(receiver, "nav_saker", "2025-T3", "sak_id, aarsak") == [
        {"sak_id": "SAKER1", "aarsak": "fiktivt_arbeidsforhold"},
        {"sak_id": "SAKER3", "aarsak": "annet"},
        {"sak_id": "SAKER9", "aarsak": "annet"},
    ]


def test_a_removed_parents_children_leave_the_state(receiver: Receiver) -> None:
    delta = delta_delivery("nav", {"personer": [base_row("nav", "personer", 1) | {"_slettet": "J"}]})
    receiver(full_delivery("nav"), delta)
    assert state(receiver, "nav_saker", "2025-T3") == []
    assert len(state(receiver, "nav_personer", "2025-T3")) == 2


def test_a_row_sent_with_a_delta_that_removes_its_parent_is_an_orphan(receiver: Receiver) -> None:
    removal = base_row("nav", "personer", 1) | {"_slettet": "J"}
    receiver(full_delivery("nav"), delta_delivery("nav", {"personer": [removal], "saker": [case_row(9)]}))
    assert receiver.value("select reason from quarantine.rows") == "orphan_parent"


def test_a_delta_may_lean_on_parents_that_stand_already(receiver: Receiver) -> None:
    outcomes = receiver(
        full_delivery("nav"), delta_delivery("nav", {"saker": [case_row(9, nav_id="PERSONER3")]})
    )
    assert outcomes[1].quarantined == {}


def test_a_row_set_aside_in_a_delta_leaves_the_earlier_one_in_force(receiver: Receiver) -> None:
    receiver(full_delivery("nav"), delta_delivery("nav", {"saker": [case_row(1, aarsak="ukjent")]}))
    assert state(receiver, "nav_saker", "2025-T3", "sak_id, aarsak")[0] == {
        "sak_id": "SAKER1",
        "aarsak": "annet",
    }


def test_a_later_period_keeps_the_earlier_ones_state_for_the_earlier(receiver: Receiver) -> None:
    receiver(
        full_delivery("nav"), delta_delivery("nav", {"saker": [case_row(9)]}, period="2026-T1", number=1)
    )
    assert sequence("nav", "2025-T2") == []
    assert sequence("nav", "2025-T3") == ["nav-2025-T3-01"]
    assert sequence("nav", "2026-T1") == ["nav-2025-T3-01", "nav-2026-T1-01"]
    assert len(state(receiver, "nav_saker", "2025-T3")) == 3


def test_a_full_delivery_makes_what_it_lacks_disappear(receiver: Receiver) -> None:
    newer = full_delivery("nav", period="2026-T1")
    newer.rows["saker"].pop()
    receiver(full_delivery("nav"), newer)
    assert [row["sak_id"] for row in state(receiver, "nav_saker", "2026-T1")] == ["SAKER1", "SAKER2"]


def test_a_superseded_delivery_is_left_out(receiver: Receiver) -> None:
    corrected = full_delivery("nav", 2, number=2, supersedes="nav-2025-T3-01")
    receiver(full_delivery("nav"), corrected)
    assert sequence("nav", "2025-T3") == ["nav-2025-T3-02"]
    assert len(state(receiver, "nav_saker", "2025-T3")) == 2


def test_a_correction_of_an_earlier_period_keeps_the_later_delta(receiver: Receiver) -> None:
    first, delta = (
        full_delivery("nav"),
        delta_delivery("nav", {"saker": [case_row(9)]}, period="2026-T1", number=1),
    )
    corrected = full_delivery("nav", 2, number=2, supersedes="nav-2025-T3-01")
    corrected.manifest["delivered_at"] = "2026-06-01T06:00:00+02:00"
    receiver(first, delta, corrected)
    assert sequence("nav", "2026-T1") == ["nav-2025-T3-02", "nav-2026-T1-01"]
    assert len(state(receiver, "nav_saker", "2026-T1")) == 3


def test_a_superseded_delta_is_replaced_by_the_one_that_corrects_it(receiver: Receiver) -> None:
    wrong = delta_delivery("nav", {"saker": [case_row(9)]})
    right = delta_delivery("nav", {"saker": [case_row(8)]}, number=3, supersedes="nav-2025-T3-02")
    receiver(full_delivery("nav"), wrong, right)
    assert [row["sak_id"] for row in state(receiver, "nav_saker", "2025-T3")] == [
        "SAKER1",
        "SAKER2",
        "SAKER3",
        "SAKER8",
    ]


def test_what_was_corrected_twice_stays_so_where_the_first_correction_is_withdrawn(
    receiver: Receiver,
) -> None:
    """Nobody takes back what a withdrawn delivery had replaced once another stands in its place."""
    wrong = delta_delivery("nav", {"saker": [case_row(9)]})
    wrong_too = delta_delivery("nav", {"saker": [case_row(8)]}, number=3, supersedes="nav-2025-T3-02")
    right = delta_delivery("nav", {"saker": [case_row(7)]}, number=4, supersedes="nav-2025-T3-03")
    receiver(full_delivery("nav"), wrong, wrong_too, right)
    withdraw("nav-2025-T3-03", "Kari Vakt", "a test")
    assert sequence("nav", "2025-T3") == ["nav-2025-T3-01", "nav-2025-T3-04"]
    withdraw("nav-2025-T3-04", "Kari Vakt", "a test")
    assert sequence("nav", "2025-T3") == ["nav-2025-T3-01", "nav-2025-T3-02"]


def test_a_correction_may_take_the_place_of_a_withdrawn_delivery(receiver: Receiver) -> None:
    """An operator withdraws it, and the agency, which knows nothing of that, corrects it."""
    wrong = delta_delivery("nav", {"saker": [case_row(9)]})
    wrong_too = delta_delivery("nav", {"saker": [case_row(8)]}, number=3, supersedes="nav-2025-T3-02")
    receiver(full_delivery("nav"), wrong, wrong_too)
    withdraw("nav-2025-T3-03", "Kari Vakt", "a test")
    right = delta_delivery("nav", {"saker": [case_row(7)]}, number=4, supersedes="nav-2025-T3-03")
    assert receiver(right)[-1].status == "accepted"
    assert sequence("nav", "2025-T3") == ["nav-2025-T3-01", "nav-2025-T3-04"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_deliveries_of_one_run_are_taken_in_order_of_delivery(
    receiver: Receiver, order: tuple[int, ...]
) -> None:
    """A time without a zone is Norwegian: midnight there is half an hour before the last one's."""
    deliveries = [
        full_delivery("nav"),
        delta_delivery(
            "nav", {"saker": [case_row(9)]}, number=7, manifest={"delivered_at": "2026-01-06T00:00:00"}
        ),
        delta_delivery(
            "nav", {"saker": [case_row(9, _slettet="J")]}, manifest={"delivered_at": "2026-01-05T23:30:00Z"}
        ),
    ]
    receiver(*(deliveries[place] for place in order), agency="nav")
    assert sequence("nav", "2025-T3") == ["nav-2025-T3-01", "nav-2025-T3-07", "nav-2025-T3-02"]
    assert len(state(receiver, "nav_saker", "2025-T3")) == 3


def test_the_centres_deliveries_add_up_without_predecessor(
    receiver: Receiver, published: Callable[[], None]
) -> None:
    published()
    first, second = full_delivery("sentrene", 1), full_delivery("sentrene", 2, number=2)
    second.rows["beslutninger"] = second.rows["beslutninger"][1:]
    receiver(first, second)
    assert [row["beslutning_id"] for row in state(receiver, "sentrene_beslutninger", "2025-T3")] == [
        "BESLUTNINGER1",
        "BESLUTNINGER2",
    ]


def test_a_returned_decision_form_is_taken_up_as_it_is(
    receiver: Receiver, published: Callable[[], None], tmp_path: Path
) -> None:
    published()
    write_form(receiver.inbox / "sentrene" / "svar.xlsx", ["av_interesse", None, "skurk"])
    outcome = receiver(agency="sentrene")[0]
    assert (outcome.status, outcome.loaded, outcome.quarantined) == (
        "accepted",
        {"beslutninger": 1},
        {"beslutninger": 1},
    )
    assert outcome.delivery_id.startswith("sentrene-2025-T2.1-oslo-")
    assert any("Celle E4 (Status)" in note for note in outcome.notes), outcome.notes
    assert receiver(agency="sentrene")[0].status == "already_loaded"
    assert len(state(receiver, "sentrene_beslutninger", "2025-T2")) == 1


def test_a_workbook_that_is_no_decision_form_is_refused(receiver: Receiver) -> None:
    (receiver.inbox / "sentrene").mkdir()
    (receiver.inbox / "sentrene" / "budsjett.xlsx").write_bytes(b"PK but no workbook")
    assert receiver(agency="sentrene")[0].code == "unreadable_file"


def write_form(path: Path, statuses: list[str | None]) -> None:
    """A decision form with a reader's column first, one row per status; None means that nothing was decided."""
    import xlsxwriter

    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [base_row("sentrene", "beslutninger", number) for number in range(1, len(statuses) + 1)]
    prefilled = {"beslutning_id", "senter", "release_id", "person_id"}
    names = ["navn", *rows[0]]
    names.insert(4, names.pop(names.index("status")))
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("beslutninger")
        sheet.write_row(0, 0, [*names, SEAL_COLUMN])
        for place, (row, status) in enumerate(zip(rows, statuses, strict=True), start=1):
            decided = row | {"status": status} if status else {name: row[name] for name in prefilled}
            origin = [row[name] for name in ("release_id", "senter", "beslutning_id", "person_id")]
            seal = seal_of(form_key(row["release_id"]), *origin)
            sheet.write_row(
                place, 0, ["Prøve Testesen", *(decided.get(name, "") for name in names[1:]), seal]
            )


def test_sequence_is_pure() -> None:
    assert state_sequence([], "2025-T3", False) == []
    assert isinstance(full_delivery("nav"), Delivery)
