"""The goals on the first page: each line is of one period, and what nobody has reported is a dash."""

from datetime import date

import pyarrow as pa
from akrim.report import Edition, Reference
from akrim.report.blocks import Paragraph, Table
from akrim.report.material import Material
from akrim.report.sections.situation import situation_parts
from akrim.report.wording import Words

NAMES = ("scope", "measured_period", "measure", "numerator", "denominator", "value", "unit")
SITUATION = pa.table({name: pa.array([], pa.string()) for name in ("base", "measure", "scope")})


def lines(*goals: tuple[str, str, str, int, str]) -> list[tuple[str, ...]]:
    """The rows of the goals' table of Oslo's report, below which stands what a dash means where there is one."""
    rows = [
        dict(zip(NAMES, (scope, of, measure, number, None, number, unit), strict=True))
        for scope, of, measure, number, unit in goals
    ]
    tables = {"situation_measures": SITUATION, "goal_indicators": pa.Table.from_pylist(rows)}
    edition = Edition("2026-T1.1", "2026-T1", date(2026, 4, 30), "oslo", None, True, {})
    reference = Reference("nb", ["oslo"], {}, [], [], [], [], {}, {}, [])
    ((_, table, note),) = situation_parts(Material(edition, tables, [], reference, Words("nb"), []))
    assert isinstance(table, Table)
    assert isinstance(note, Paragraph)
    assert ("Strek: ikke meldt inn" in str(note)) == any("–" in row for row in table.rows)
    return [tuple(map(str, row)) for row in table.rows]


def test_a_centre_that_has_not_reported_has_a_dash_and_one_that_informed_nobody_a_zero() -> None:
    assert lines(
        ("national", "2025-T3", "B2_informed", 167, "persons"),
        ("national", "2025-T3", "B2_informed_centres", 2, "centres"),
        ("national", "2025-T3", "B3_informed", 0, "principals"),
        ("oslo", "2025-T3", "B3_informed", 0, "principals"),
    ) == [
        ("B2 Utenlandske arbeidstakere informert (2025-T3)", "–", "167 (2 sentre)"),
        ("B3 Oppdragsgivere og forbrukere informert (2025-T3)", "0", "0"),
    ]


def test_a_line_holds_no_figure_of_an_older_period_than_it_says() -> None:
    assert lines(
        ("oslo", "2025-T2", "B2_informed", 140, "persons"),
        ("national", "2025-T2", "B2_informed", 140, "persons"),
        ("national", "2025-T3", "B2_informed", 25, "persons"),
    ) == [("B2 Utenlandske arbeidstakere informert (2025-T3)", "–", "25")]


def test_a_table_without_a_dash_explains_none() -> None:
    assert lines(
        ("national", "2025-T3", "R_inspections", 4, "inspections"),
        ("oslo", "2025-T3", "R_inspections", 1, "inspections"),
    )
