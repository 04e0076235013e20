"""What the national report tells of the situation and the goals: numbers, ranges, and what a dash means where there is one."""

from typing import Any

import pyarrow as pa
import pytest
from akrim.report.blocks import Heading, Paragraph
from akrim.report.national.measures import goals, shares_by_centre, situation
from akrim.report.wording import Words
from akrim.texts import LANGUAGES


def told(measure: str, number: int | None, unit: str = "persons") -> dict[str, Any]:
    return {
        "scope": "national", "measure": measure, "period": "2020\u20132025", "unit": unit,
        "at_least": number, "at_most": number, "denominator": None, "share_pct": None,
    }  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("part", "measure"), [(situation, "M5"), (goals, "B1_key_actors")])
def test_what_a_dash_means_is_said_where_there_is_one(language: str, part: Any, measure: str) -> None:
    words = Words(language)
    for number, is_said in ((None, True), (12, False)):
        rows = pa.Table.from_pylist([told(measure, number)], TOLD)
        *_, note = part({"national_measures": rows}, words)
        assert isinstance(note, Paragraph)
        assert (words("national_dash") in str(note.content)) == is_said


def test_that_no_shares_are_compared_stands_under_their_heading() -> None:
    words = Words("nb")
    heading, note = shares_by_centre(
        {"national_measures": pa.Table.from_pylist([told("M5", None)], TOLD)}, words
    )
    assert heading == Heading("Andeler senter for senter")
    assert note == Paragraph(words("national_shares_none"), "note")


TOLD = pa.schema(
    [(name, pa.string()) for name in ("scope", "measure", "period", "unit")]
    + [(name, pa.int64()) for name in ("at_least", "at_most", "denominator", "share_pct")]
)
