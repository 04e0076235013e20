"""Over time: each tertial's list, the decisions on its release, and how the police's cases ended in it."""

import re
from datetime import date
from typing import Any

import pyarrow as pa
from akrim.report import Edition, ListSize, Reference
from akrim.report.blocks import Drawing
from akrim.report.lists.over_time import over_time
from akrim.report.material import Material
from akrim.report.wording import Words

DECISIONS = pa.schema({name: pa.string() for name in ("centre_id", "decided_release_id", "status")})
OUTCOMES = pa.schema({"outcome_code": pa.string(), "outcome_date": pa.date32()})


def decision(release_id: str, status: str = "trusselaktor", centre_id: str = "oslo") -> dict[str, str]:
    return {"centre_id": centre_id, "decided_release_id": release_id, "status": status}


def told(*sizes: ListSize, **rows: list[dict[str, Any]]) -> str:
    """What those are told who do not see the drawing; nothing where there is none."""
    return "".join(drawing.alt for drawing in drawings(*sizes, **rows))


def drawings(
    *sizes: ListSize,
    decisions: list[dict[str, Any]] | None = None,
    outcomes: list[dict[str, Any]] | None = None,
) -> list[Drawing]:
    tables = {
        "prioritisations": pa.Table.from_pylist(decisions or [], DECISIONS),
        "case_outcomes": pa.Table.from_pylist(outcomes or [], OUTCOMES),
    }
    reference = Reference(
        "nb", ["oslo"], {"dom": {"is_penalty": True}, "frifinnelse": {"is_penalty": False}}, [], [], [], [], {}, {}, []
    )  # fmt: skip
    edition = Edition("2026-T1.1", "2026-T1", date(2026, 4, 30), "oslo", None, True, {}, list_sizes=sizes)
    found = over_time(Material(edition, tables, [], reference, Words("nb"), []))
    return [block for block in found if isinstance(block, Drawing)]


def test_each_years_first_column_has_the_year() -> None:
    (drawing,) = drawings(ListSize("2026-T1", 20, 3))
    below = re.findall(r'y="1(?:21|34)"[^>]*>([^<]+)<', drawing.svg)
    assert below[:9] == ["T2", "2024", "T3", "T1", "2025", "T2", "T3", "T1", "2026"]


def test_the_list_is_told_by_who_was_on_it_and_who_was_new() -> None:
    said = told(ListSize("2025-T3", 22, 22), ListSize("2026-T1", 20, 3))
    assert "2025-T2: –, 2025-T3: 22, 2026-T1: 17+3." in said


def test_decisions_count_in_the_tertial_whose_release_they_answer() -> None:
    said = told(
        decisions=[
            decision("2025-T3.2"), decision("2025-T3.1"), decision("2025-T3.2", "avskrevet"), decision("2026-T1.1"),
            decision("2026-T1.1", centre_id="bergen"),
        ]
    )  # fmt: skip
    assert "2025-T2: 0, 2025-T3: 2+1, 2026-T1: 1." in said


def test_cases_count_in_the_tertial_in_which_they_ended_and_pending_ones_in_none() -> None:
    said = told(
        outcomes=[
            {"outcome_code": "dom", "outcome_date": date(2025, 8, 31)},
            {"outcome_code": "frifinnelse", "outcome_date": date(2025, 9, 1)},
            {"outcome_code": None, "outcome_date": None},
        ]
    )
    assert "2025-T2: 1, 2025-T3: 1, 2026-T1: 0." in said


def test_where_nothing_is_known_nothing_is_drawn() -> None:
    assert told(decisions=[decision("2026-T1.1", centre_id="bergen")]) == ""
