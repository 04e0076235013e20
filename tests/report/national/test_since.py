"""What the national report says of the release before: figures as each release tells them, and nothing subtracted."""

from typing import Any

import pyarrow as pa
import pytest
from akrim.report.blocks import Heading, Paragraph, Table
from akrim.report.national.since import since_last
from akrim.report.wording import Words
from akrim.sharing import Tables
from akrim.sharing.national import moved_figures, new_on_several
from akrim.texts import LANGUAGES, Language

PERSONS = pa.schema([("person_id", pa.string()), ("is_on_several_lists", pa.bool_())])


def part(
    counts: dict[tuple[str, str, str], tuple[int, int]], measures: list[dict[str, Any]], several: str = ""
) -> Tables:
    """A national part: its counts, its measures, and who is told to be on several lists, a letter each."""
    rows = [
        {"scope": scope, "kind": kind, "code": code, "at_least": least, "at_most": most}
        for (scope, kind, code), (least, most) in counts.items()
    ]
    actors = [{"person_id": letter, "is_on_several_lists": True} for letter in several]
    return {
        "national_counts": pa.Table.from_pylist(rows),
        "national_measures": pa.Table.from_pylist(measures),
        "national_actors": pa.Table.from_pylist(
            [*actors, {"person_id": "z", "is_on_several_lists": False}], PERSONS
        ),
    }


def measure(name: str, period: str, number: int | None, unit: str = "cases") -> dict[str, Any]:
    return {
        "scope": "national",
        "measure": name,
        "period": period,
        "unit": unit,
        "at_least": number,
        "at_most": number,
    }


BEFORE = part(
    {("national", "listed", "all"): (40, 40), ("national", "proposed", "none"): (1, 4), ("oslo", "listed", "all"): (12, 12),
     ("oslo", "decided", "trusselaktor"): (6, 6), ("uten_senter", "municipality", "5405"): (5, 5), ("national", "actors", "all"): (9, 9)},
    [measure("M1", "2025", 30), measure("R_secured", "2024", 700, "nok"), measure("R_secured", "2025", 900, "nok")],
    "ab",
)  # fmt: skip
NOW = part(
    {("national", "listed", "all"): (41, 44), ("national", "proposed", "none"): (1, 4), ("oslo", "listed", "all"): (1, 4),
     ("oslo", "decided", "trusselaktor"): (7, 7), ("uten_senter", "municipality", "5405"): (6, 6), ("national", "actors", "all"): (9, 9)},
    [measure("M1", "2026", 31), measure("R_secured", "2025", 950, "nok"), measure("R_secured", "2026", 20, "nok"), measure("M2", "2026", None)],
    "bcd",
)  # fmt: skip


def test_a_figure_moves_where_the_parts_tell_it_differently_a_measure_for_the_same_period() -> None:
    moved = moved_figures(BEFORE, NOW)
    assert {(m.scope, m.kind, m.code): (m.before, m.after) for m in moved} == {
        ("national", "listed", "all"): ((40, 40), (41, 44)),
        ("oslo", "listed", "all"): ((12, 12), (1, 4)),
        ("oslo", "decided", "trusselaktor"): ((6, 6), (7, 7)),
        ("uten_senter", "municipality", "5405"): ((5, 5), (6, 6)),
        ("national", "measure", "R_secured"): ((900, 900), (950, 950)),
    }
    assert {m.code: m.period for m in moved if m.period} == {"R_secured": "2025"}
    assert moved_figures(NOW, NOW) == []


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [("ab", "bcd", (1, 4)), ("", "abcde", (5, 5)), ("ab", "ab", (0, 0)), ("ab", "", None)],
)
def test_who_is_new_on_several_lists_is_counted_of_those_who_are_told(
    before: str, now: str, expected: tuple[int, int] | None
) -> None:
    assert new_on_several(part({}, [], before), part({}, [], now)) == expected


def test_the_report_tells_both_numbers_and_small_ones_as_ranges() -> None:
    words = Words("nb")
    blocks = since_last({"national_since": ("2025-T3.1", BEFORE)}, NOW, words)
    (table,) = [block for block in blocks if isinstance(block, Table)]
    assert [list(map(str, row)) for row in table.rows] == [
        [words.label("centre", "oslo"), "på lister", "12", "under 5"],
        ["Hele landet", "på lister", "40", "41–44"],
        ["Hele landet", f"{words.label('measure', 'R_secured')}, 2025", "900 kr", "950 kr"],
    ]
    told = [block.content for block in blocks if isinstance(block, Paragraph)]
    assert told[0] == "Nye på flere sentres lister, blant dem som kan nevnes her: under 5."
    for none in (None, "2025-T3.1"):
        assert since_last({"national_since": (none, {})}, NOW, words) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_revision_that_moved_nothing_tells_what_moved_since_the_period_before(language: Language) -> None:
    words = Words(language)
    earlier = {"national_since": ("2026-T1.1", NOW), "national_since_period": ("2025-T3.1", BEFORE)}
    blocks = since_last(earlier, NOW, words)
    headings = [block.text for block in blocks if isinstance(block, Heading)]
    tables = [len(block.rows) for block in blocks if isinstance(block, Table)]
    assert [name in heading for name, heading in zip(("2026-T1.1", "2025-T3.1"), headings, strict=True)] == [
        True,
        True,
    ]
    assert (tables, len(set(headings))) == ([0, 3], 2)
    notes = [b for b in blocks if isinstance(b, Paragraph) and b.content == words("national_since_note")]
    assert len(notes) == 1
