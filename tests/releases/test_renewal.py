"""What a revision says is new is what its pinned inputs have otherwise than the one before, and every input has its words."""

from typing import Any

import pytest
from akrim.ledger import Pins
from akrim.periods import Period
from akrim.releases.renewal import COMPARED, INPUTS, renewal
from akrim.report import Words

THEN = {
    "deliveries": {"nav": ["n1"], "sentrene": []},
    "extracts": {"nav": {"saker": {"state": "unchanged", "rows_usual": 7, "is_confirmed": False}}},
    "answers": {},
    "protections": {},
} | dict.fromkeys(set(INPUTS) - {"extracts"}, "as it was")


def pins(release_id: str, **others: Any) -> Pins:
    return Pins(release_id, Period.parse("2025-T3"), True, None, THEN | others, "")


@pytest.mark.parametrize(
    ("others", "agencies", "inputs"),
    [
        ({}, (), ()),
        ({"answers": {"oslo": {}}, "protections": {"nav": []}}, (), ()),
        ({"deliveries": {"nav": ["n1", "n2"], "sentrene": []}}, ("nav",), ()),
        ({"deliveries": {"nav": ["n1"], "sentrene": ["f1"]}, "code": "new"}, (), ("decisions", "code")),
        (
            {"extracts": {"nav": {"saker": {"state": "unchanged", "rows_usual": 7, "is_confirmed": True}}}},
            (),
            ("confirmations",),
        ),
        (
            {"extracts": {"nav": {"saker": {"state": "changed", "rows_usual": 9, "is_confirmed": False}}}},
            (),
            ("compared",),
        ),
        ({"deliveries": {"nav": ["n2"]}, "extracts": {"nav": {}}}, ("nav",), ()),
        ({"withheld": ["x"], "told_nationally": ["y"]}, (), ("matrix",)),
    ],
)
def test_it_names_what_differs(
    others: dict[str, Any], agencies: tuple[str, ...], inputs: tuple[str, ...]
) -> None:
    found = renewal(pins("2025-T3.2", **others), pins("2025-T3.1"))
    assert not found.is_recalled, "nor was it known of a release that an earlier version pinned"
    assert (found.previous, found.agencies, found.inputs) == ("2025-T3.1", agencies, inputs)


def test_it_says_whether_the_one_before_was_recalled() -> None:
    assert renewal(pins("2025-T3.2", is_previous_recalled=True), pins("2025-T3.1")).is_recalled


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_input_has_its_words(language: Any) -> None:
    texts = Words(language).texts
    assert {f"renewed_{reason}" for reason in ("recalled", "decisions", COMPARED, *INPUTS.values())} <= set(
        texts
    )
