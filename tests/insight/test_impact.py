"""A late correction, and one that is withdrawn: which releases in force would be made otherwise, and from which deliveries."""

from pathlib import Path
from typing import Any

import pytest
from akrim.commands.deliveries.deliveries import app, impact
from akrim.deliveries import withdraw
from akrim.errors import UserError
from akrim.insight import list_impact
from akrim.orchestration import pinning
from akrim.periods import Period
from typer.testing import CliRunner

from tests.deliveries.building import base_row, delta_delivery, full_delivery
from tests.deliveries.conftest import Receiver

FIRST, SECOND = "nav-2025-T3-01", "nav-2026-T1-01"
LATE, LATE_FULL = "nav-2025-T3-02", "nav-2025-T3-03"
LATELY = {"delivered_at": "2026-05-20T06:00:00+02:00"}


@pytest.fixture
def late(warehouse: str, tmp_path: Path) -> Receiver:
    """Two periods' releases are in force; then a delta comes for the first."""
    (tmp_path / "inbox").mkdir()
    receiver = Receiver(tmp_path / "inbox", warehouse)
    for period in ("2025-T3", "2026-T1"):
        assert receiver(full_delivery("nav", period=period))[-1].status == "accepted"
        pinning.pin(Period.parse(period))
    receiver.run("update meta.releases set status = 'published', published_at = now()")
    late = receiver(
        delta_delivery("nav", {"saker": [base_row("nav", "saker", 4)]}, manifest=LATELY, period="2025-T3")
    )[-1]
    assert (late.delivery_id, late.status) == (LATE, "accepted")
    return receiver


def told(delivery_id: str) -> list[tuple[Any, ...]]:
    return [
        tuple(row[name] for name in ("release_id", "effect", "would_change", "enter", "leave"))
        for row in list_impact(delivery_id)
    ]


@pytest.mark.usefixtures("late")
def test_a_late_delta_changes_its_period_and_how_the_next_compares_with_it() -> None:
    """The next begins anew, but what was the same rows once more turns out to be others."""
    assert told(LATE) == [("2025-T3.1", "entering", True, [LATE], []), ("2026-T1.1", "outside", True, [], [])]
    assert told(SECOND)[1] == ("2026-T1.1", "within", True, [], [])
    assert pinning.pin(Period.parse("2026-T1")).is_new
    withdraw(LATE, "Kari Vakt", "the wrong file")
    assert told(SECOND) == [("2025-T3.1", "outside", False, [], []), ("2026-T1.1", "within", False, [], [])]
    assert not pinning.pin(Period.parse("2025-T3")).is_new


@pytest.mark.usefixtures("late")
def test_where_the_later_full_delivery_is_withdrawn_the_earlier_ones_carry_on() -> None:
    withdraw(SECOND, "Kari Vakt", "the wrong file")
    assert told(SECOND)[1] == ("2026-T1.1", "leaving", True, [FIRST, LATE], [SECOND])


def test_a_late_full_delivery_takes_the_place_of_the_first_and_of_its_delta(late: Receiver) -> None:
    late(full_delivery("nav", period="2025-T3", number=3, manifest=LATELY))
    assert told(LATE_FULL)[0] == ("2025-T3.1", "entering", True, [LATE_FULL], [FIRST])
    assert told(LATE)[0] == ("2025-T3.1", "outside", True, [LATE_FULL], [FIRST])


def test_a_release_of_which_rows_were_removed_is_told_to_be_made_anew_no_more(
    late: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    """The period's first rows, and no others: a revision of the next is possible."""
    impact(LATE)
    assert "`akrim run --period 2025-T3` makes the first" in capsys.readouterr().out
    late.run(
        f"insert into meta.delivery_removals (delivery_id, extract, rows_removed, rows_held) values ('{FIRST}', 'saker', 1, 0)"
    )
    assert [row["removed"] for row in list_impact(LATE)] == [[FIRST], []]
    impact(LATE)
    said = capsys.readouterr().out
    assert f"2025-T3 cannot be assessed anew: rows of {FIRST} were removed" in said
    assert "`akrim run --period 2026-T1` makes the first" in said
    with pytest.raises(UserError, match=f"Rows of {FIRST} were removed"):
        pinning.pin(Period.parse("2025-T3"))


DECIDED = ["--by", "Kari Vakt", "--reason", "avtalt"]


@pytest.mark.parametrize(("command", "period"), [(["withdraw", LATE], "2025-T3"), (["confirm", SECOND, "saker"], "2026-T1")])  # fmt: skip
@pytest.mark.parametrize("is_removed", [False, True])
def test_a_decision_advises_a_run_only_where_one_can_be_made(
    command: list[str], period: str, is_removed: bool, late: Receiver
) -> None:
    late.run("update meta.delivery_files set state = 'unchanged' where extract = 'saker'")
    needed = {"2025-T3": FIRST, "2026-T1": SECOND}[period]
    if is_removed:
        late.run(
            f"insert into meta.delivery_removals (delivery_id, extract, rows_removed, rows_held) values ('{needed}', 'personer', 1, 0)"
        )
    said = CliRunner().invoke(app, [*command, *DECIDED], catch_exceptions=False).output
    assert (f"`akrim run --period {period}`" in said) is not is_removed
    assert (f"{period} cannot be assessed anew: rows of {needed} were removed" in said) is is_removed
    assert f"`akrim deliveries impact {command[1]}`" in said


@pytest.mark.usefixtures("late")
def test_what_was_never_accepted_is_an_error() -> None:
    with pytest.raises(UserError, match="No delivery nav-2025-T3-09 was accepted"):
        list_impact("nav-2025-T3-09")
