"""Which inputs differ between two releases, from their pins alone."""

from dataclasses import replace
from typing import Any

import pytest
from akrim.changes import differing_inputs
from akrim.changes.inputs import is_new_source
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


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"deliveries": {"nav": ["n2"], "sentrene": []}}, ["source"]),
        ({"deliveries": {"nav": ["n1"], "sentrene": ["s1"]}}, ["prioritisation"]),
        ({"deliveries": {"nav": ["n1"], "brreg": []}}, []),  # who has delivered nothing is as good as absent
        ({"protections": {"nav": ["n0"]}}, ["source"]),
        # the first form of all: its extract compares with nothing
        (
            {
                "deliveries": {"nav": ["n1"], "sentrene": ["s1"]},
                "extracts": {
                    "nav": pins("").inputs["extracts"]["nav"],
                    "sentrene": {"gruppebeslutninger": {"state": "first"}},
                },
            },
            ["prioritisation"],
        ),
        ({"withheld": {"oslo": {}}, "rules": "r2"}, ["rule", "sharing"]),
        ({"settings": {"language": "nn"}}, ["settings.language"]),
    ],
)
def test_each_input_that_differs_is_named_and_the_centres_decisions_are_no_source(
    given: dict[str, Any], named: list[str]
) -> None:
    before, after = pins("2026-T1.1"), pins("2026-T1.2")
    after.inputs.update(given)
    assert differing_inputs(before, after) == named
    assert is_new_source(before, after) == ("source" in named)


def test_another_cut_off_date_is_another_source_with_the_same_deliveries() -> None:
    before = pins("2026-T1.1")
    assert is_new_source(before, replace(before, period=Period.parse("2026-T2")))
