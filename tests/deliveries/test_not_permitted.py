"""What the sharing matrix does not let into the assessment is not taken in, and nothing of it is kept."""

import json
from pathlib import Path

import pytest
from akrim.sharing.matrix import ASSESSMENT

from tests.conftest import configure
from tests.deliveries.building import base_row, full_delivery
from tests.deliveries.conftest import Receiver
from tests.sharing.matrices import changed, without


@pytest.fixture
def closed(receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Receiver:
    """A receiver that may take in neither NAV's benefit cases nor the names that it knows."""
    path = changed(
        tmp_path / "own.yml", lambda lines: without(lines, "nav", "benefit", "name", to=ASSESSMENT)
    )
    configure(monkeypatch, AKRIM_SHARING=str(path))
    return receiver


def test_rows_are_set_aside_without_their_content_and_values_left_out(closed: Receiver) -> None:
    delivery = full_delivery("nav", 20)  # more than are tolerated of faulty ones
    (outcome,) = closed(delivery)
    cases, persons = len(delivery.rows["saker"]), len(delivery.rows["personer"])
    assert outcome.status == "accepted"
    assert outcome.loaded["saker"] == 0
    assert outcome.quarantined["saker"] == cases
    assert outcome.loaded["personer"] == persons
    assert closed.rows("select distinct extract, reason, raw from quarantine.rows") == [
        {"extract": "saker", "reason": "not_permitted", "raw": None}
    ]
    landed = closed.rows("select navn, fodselsdato from landing.nav_personer")
    assert {row["navn"] for row in landed} == {None}
    assert None not in {row["fodselsdato"] for row in landed}
    assert closed.value("select count(*) from landing.nav_saker") == 0


def test_a_row_set_aside_for_another_reason_keeps_only_what_may_be_kept(closed: Receiver) -> None:
    delivery = full_delivery("nav")
    delivery.rows["personer"][0] |= {"fodselsdato": "1980-02-31", "navn": "HEMMELIG, PRØVE"}
    content = delivery.content("personer", delivery.rows["personer"])[1]
    delivery.raw["personer"] = content + b"PX;HEMMELIG\r\n"
    delivery.rows["personer"].append({})
    closed(delivery)
    found = closed.rows(
        "select reason, raw from quarantine.rows where extract = 'personer' order by row_number"
    )
    assert [row["reason"] for row in found] == ["bad_date", "malformed_row"]
    assert "HEMMELIG" not in json.dumps(found)
    assert found[0]["raw"]["fodselsdato"] == "1980-02-31"
    assert found[1]["raw"] is None


def test_other_agencies_are_taken_in_as_before(closed: Receiver) -> None:
    delivery = full_delivery("politiet")
    delivery.rows["personer"] = [base_row("politiet", "personer", n) for n in (1, 2, 3)]
    (outcome,) = closed(delivery)
    assert outcome.quarantined == {}
    assert closed.value("select count(*) from landing.politiet_personer where etternavn is null") == 0
