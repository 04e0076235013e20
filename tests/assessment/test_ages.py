"""What came old, empty or shrunken is called so, is as old as its facts, and lets no rule say that nothing was found."""

from datetime import date
from typing import Any

import pytest
from akrim import warehouse
from psycopg.types.json import Jsonb

from tests.assessment.conftest import WORLD
from tests.assessment.project import Project, reserve, rows

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("world")]

MODELS = ("agency_deliveries", "agency_extracts", "rules_out_of_reach", "delivery_ages", "extract_ages")


def known(
    state: str, as_of: str | None = "2025-12-31", rows: int = 3, usual: int | None = 3, **more: bool
) -> dict[str, Any]:
    """What pins say of an extract."""
    about = {
        "delivery_id": "x",
        "state": state,
        "as_of": as_of,
        "rows": rows,
        "rows_usual": usual,
        "is_confirmed": False,
    }
    return about | more


EXTRACTS = {
    "brreg": {"enheter": known("changed"), "roller": known("unchanged", "2025-08-31")},
    "skatteetaten": {
        "personer": known("changed"), "arbeidsforhold": known("shrunken", rows=400, usual=1000),
        "kontroller": known("shrunken", rows=200, usual=1000, is_confirmed=True), "restanser": known("swollen", rows=3000, usual=1000),
        "oppdragsforhold": known("empty", rows=0, is_confirmed=True),
    },
    "nav": {
        "personer": known("unchanged", "2025-08-31"), "saker": known("empty", "2025-08-31", rows=0),
        "lonnsgaranti": known("empty", None, rows=0, usual=None),
    },
    "politiet": {name: known("unchanged", "2025-04-30") for name in ("personer", "saker", "involverte")},
    "sentrene": {"beslutninger": known("changed")},
}  # fmt: skip


@pytest.fixture
def assessed(world: str, project: Project, world_run: dict[str, Any]) -> None:
    with warehouse.connect() as connection:
        reserve(connection, "2025-T3.2", WORLD)
        connection.execute(
            "update meta.releases set pins = pins || %s where release_id = '2025-T3.2'",
            [Jsonb({"extracts": EXTRACTS})],
        )
    project.build({**world_run, "release_id": "2025-T3.2"}, "--select", *MODELS)


@pytest.mark.usefixtures("assessed")
def test_each_extract_has_its_word_and_the_age_of_its_facts() -> None:
    found = {
        f"{row['agency']}/{row['extract']}": (
            row["state"],
            row["days_old"],
            row["is_stale"],
            row["unavailable_because"],
        )
        for row in rows("select * from marts.extract_ages where release_id = '2025-T3.2'")
    }
    missing = {f"arbeidstilsynet/{name}" for name in ("tilsyn", "reaksjoner", "personer_paa_stedet")}
    assert {found.pop(name) for name in missing} == {("missing", None, False, "missing")}
    assert found == {
        "brreg/enheter": ("changed", 0, False, None),
        "brreg/roller": ("unchanged", 122, False, None),
        "skatteetaten/personer": ("changed", 0, False, None),
        "skatteetaten/arbeidsforhold": ("shrunken", 0, False, "shrunken"),
        "skatteetaten/kontroller": ("shrunken", 0, False, None),
        "skatteetaten/restanser": ("swollen", 0, False, None),
        "skatteetaten/oppdragsforhold": ("empty", 0, False, None),
        "nav/personer": ("unchanged", 122, False, None),
        "nav/saker": ("empty", 122, False, "empty"),
        "nav/lonnsgaranti": ("empty", None, False, "empty"),
        "politiet/personer": ("unchanged", 245, True, "stale"),
        "politiet/saker": ("unchanged", 245, True, "stale"),
        "politiet/involverte": ("unchanged", 245, True, "stale"),
        "sentrene/beslutninger": ("changed", 0, False, None),
    }


@pytest.mark.usefixtures("assessed")
def test_an_agency_is_as_old_as_its_newest_facts_and_called_by_its_worst() -> None:
    found = {
        row["agency"]: row for row in rows("select * from marts.delivery_ages where release_id = '2025-T3.2'")
    }
    assert {
        agency: (row["state"], row["newest_fact_date"], row["is_stale"]) for agency, row in found.items()
    } == {
        "brreg": ("unchanged", date(2025, 12, 31), False),
        "arbeidstilsynet": ("missing", None, False),
        "skatteetaten": ("shrunken", date(2025, 12, 31), False),
        "nav": ("empty", date(2025, 8, 31), False),
        "politiet": ("stale", date(2025, 4, 30), True),
        "sentrene": ("changed", date(2025, 12, 31), False),
    }
    assert {name: found["skatteetaten"][f"{name}_extracts"] for name in ("empty", "shrunken", "swollen", "unchanged", "stale")} == {
        "empty": ["oppdragsforhold"], "shrunken": ["arbeidsforhold", "kontroller"], "swollen": ["restanser"], "unchanged": [],
        "stale": [],
    }  # fmt: skip
    assert found["politiet"]["stale_extracts"] == ["involverte", "personer", "saker"]


@pytest.mark.usefixtures("assessed")
def test_a_rule_is_out_of_reach_for_what_is_wanting_and_says_of_what() -> None:
    found = {row["indicator_code"]: row for row in rows("select * from intermediate.rules_out_of_reach")}
    assert found["benefit_while_leading"]["agencies_nb"] == "Nav (saker: levert tom)"
    assert found["several_offences"]["agencies_nb"] == "politiet (uendret siden 30.04.2025)"
    assert found["several_offences"]["agencies_en"] == "the police (unchanged since 30 Apr 2025)"
    assert found["repeated_reactions"]["agencies_nb"] == "Arbeidstilsynet (ikke levert)"
    told = " ".join(row["agencies_nb"] for row in found.values())
    assert "arbeidsforhold: krympet fra 1 000 til 400 rader" in told
    for confirmed in ("kontroller:", "oppdragsforhold:"):
        assert confirmed not in told


@pytest.mark.usefixtures("assessed")
def test_the_situation_counts_nothing_of_an_extract_that_is_not_there() -> None:
    """No inspections were delivered and no benefit cases; what is too old alone is counted."""
    found = rows("""
        select measure, numerator, denominator, value from marts.situation('2025-T3.2', '2020-01-01', '2025-12-31')
        where scope = 'national' and base = 'all'
    """)
    counted = {row.pop("measure"): tuple(row.values()) for row in found}
    assert {measure: counted.pop(measure) for measure in ("M4", "M5")} == dict.fromkeys(
        ("M4", "M5"), (None, 0, None)
    )
    assert counted.keys() == {f"M{place}" for place in (1, 2, 3, 6, 7, 8, 9)}
    assert {numerator for numerator, *_ in counted.values()} == {0}
    with warehouse.connect() as connection:
        connection.execute(
            "update marts.extract_ages set unavailable_because = 'empty' where release_id = '2025-T3.2' and extract = 'involverte'"
        )
    found = rows("""
        select measure, numerator, denominator, value from marts.situation('2025-T3.2', '2020-01-01', '2025-12-31')
        where scope = 'oslo' and base = 'threat_actors' and measure in ('M6', 'M7', 'M8', 'M9')
    """)
    assert [tuple(row.values()) for row in found] == [
        (f"M{place}", None, None, None) for place in (6, 7, 8)
    ] + [("M9", 0, 0, None)]
    with warehouse.connect() as connection:
        connection.execute("update marts.extract_ages set rows_usual = null where extract = 'involverte'")
    ((numerator,),) = [
        row.values()
        for row in rows("""
        select distinct numerator from marts.situation('2025-T3.2', '2020-01-01', '2025-12-31') where measure in ('M6', 'M7', 'M8')
    """)
    ]
    assert numerator == 0, "an extract that never had rows is counted as it is"


def test_what_is_late_is_missing_but_stands_until_it_is_too_old(
    project: Project, world_run: dict[str, Any]
) -> None:
    """The period after, for which only the tax agency has delivered."""
    with warehouse.connect() as connection:
        reserve(connection, "2025-T3.2", [*WORLD, "skatteetaten-2026-T1-01"])
        connection.execute(
            "update meta.releases set release_id = '2026-T1.1', period = '2026-T1', pins = pins || %s where release_id = '2025-T3.2'",
            [Jsonb({"extracts": EXTRACTS})],
        )
    following = {"release_id": "2026-T1.1", "period": "2026-T1", "as_of": "2026-04-30"}
    project.build({**world_run, **following}, "--select", *MODELS)
    found = {
        row["agency"]: (row["state"], row["is_missing"], row["days_old"])
        for row in rows("select * from marts.delivery_ages where release_id = '2026-T1.1'")
    }
    assert found == {
        "brreg": ("stale", False, 120), "arbeidstilsynet": ("missing", True, None), "skatteetaten": ("shrunken", False, 120),
        "nav": ("stale", False, 242), "politiet": ("stale", False, 365), "sentrene": ("changed", False, 120),
    }  # fmt: skip
    states = {
        f"{row['agency']}/{row['extract']}": (row["state"], row["unavailable_because"])
        for row in rows("select * from marts.extract_ages where release_id = '2026-T1.1'")
    }
    assert states["brreg/enheter"] == ("missing", None)
    assert states["brreg/roller"] == ("missing", "stale")
