"""Which inputs differ between two releases, from their pins alone."""

from typing import Any

from akrim.changes import differing_inputs
from akrim.ledger import Pins
from akrim.periods import Period


def pins(release_id: str, **known: Any) -> Pins:
    extract = {"state": "changed", "as_of": "2026-04-30", "is_confirmed": False, "rows_usual": 9} | known
    inputs = {"deliveries": {"nav": ["n1"], "sentrene": []}, "extracts": {"nav": {"saker": extract}}}
    return Pins(release_id, Period.parse("2026-T1"), True, None, inputs, "")


def test_the_same_deliveries_that_compare_otherwise_are_another_source() -> None:
    """An earlier period's delivery came late or was corrected: a rule may be checked no more, or again, by that alone."""
    before = pins("2026-T1.1")
    assert differing_inputs(before, pins("2026-T1.2", rows_usual=10)) == []
    for known in ({"state": "shrunken"}, {"as_of": "2025-12-31"}, {"is_confirmed": True}):
        assert differing_inputs(before, pins("2026-T1.2", **known)) == ["source"]
