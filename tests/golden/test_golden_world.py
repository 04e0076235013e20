"""Deliveries in, situation table out: a first release, the centres' decisions on it, and the table of the second."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from akrim.cli import app
from akrim.settings import PROJECT_ROOT, get_settings
from akrim.warehouse import embedded
from typer.testing import CliRunner

from tests.golden import world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

TABLE = {"M1": 102, "M2": 80, "M3": 22, "M4": 38, "M5": 72, "M6": 941, "M7": 140, "M8": 250, "M9": 45}
SHARES = {"M4": (39, 102), "M5": (73, 102), "M9": (46, 102)}


def situation(home: Path, *arguments: str) -> list[dict[str, Any]]:
    """What `akrim situation` tells of that installation."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AKRIM_")]:
            patch.delenv(name)
        patch.setenv("AKRIM_HOME", str(home))
        get_settings.cache_clear()
        told = CliRunner().invoke(app, ["situation", *arguments, "--json"])
    get_settings.cache_clear()
    assert told.exit_code == 0, told.output
    rows: list[dict[str, Any]] = json.loads(told.stdout)
    return rows


def query(home: Path, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(f"postgresql://akrim@localhost/akrim?host={home / 'postgres'}") as connection:
        return connection.execute(sql.encode(), parameters or None).fetchall()


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home folder of an installation that has published both releases; its server is up."""
    folder = tmp_path_factory.mktemp("golden")
    home, inbox = folder / "home", folder / "inbox"
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("AKRIM_", "AIRFLOW"))
    }
    made = subprocess.run(  # noqa: S603  # our own program, no shell
        [sys.executable, "-m", "tests.golden.two_releases", str(inbox)],
        env=inherited | {"AKRIM_HOME": str(home)}, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    outcomes = [json.loads(line) for line in made.stdout.splitlines()]
    expected = [(release_id, [], {}) for release_id in (world.FIRST_RELEASE, world.SECOND_RELEASE)]
    assert [(o["release_id"], o["refused"], o["quarantined"]) for o in outcomes] == expected
    embedded.ensure_running(home / "postgres")
    return home


def test_the_table_is_the_one_that_the_world_was_made_for(golden: Path) -> None:
    rows = situation(golden, "--window", "2014..2019", "--base", "all", "--centre", "national")
    assert {row["measure"]: row["value"] for row in rows} == TABLE
    for row in rows:
        if row["measure"] in SHARES:
            assert (row["numerator"], row["denominator"]) == SHARES[row["measure"]]


def test_threat_actors_alone_are_another_base(golden: Path) -> None:
    rows = situation(golden, "--window", "2014..2019", "--base", "threat-actors", "--centre", "national")
    table = {row["measure"]: row for row in rows}
    threat_actors = range(world.THREAT_ACTORS)
    for measure, members in (("M4", world.INSPECTED), ("M5", world.REPORTED), ("M9", world.BANKRUPT)):
        expected = (len(set(members) & set(threat_actors)), world.THREAT_ACTORS)
        assert (table[measure]["numerator"], table[measure]["denominator"]) == expected
    assert (table["M1"]["value"], table["M2"]["value"]) == (102, 80)


def test_the_centres_actors_add_up(golden: Path) -> None:
    """Three actors stand on two lists; Stavanger dismissed three more, who are actors elsewhere."""
    rows = situation(golden, "--window", "2014..2019")
    actors = {row["scope"]: row["value"] for row in rows if row["measure"] == "M1"}
    assert actors["stavanger"] == 3
    assert sum(actors.values()) - actors["national"] == world.ACTORS + 3
    parts = {(row["scope"], row["measure"]): row["value"] for row in rows}
    assert all(parts[s, "M1"] == parts[s, "M2"] + parts[s, "M3"] for s in actors)
    by_status = query(golden, "select scope, count(*) from marts.statuses where is_actor group by scope")
    assert {scope: number for scope, number in actors.items() if number} == dict(by_status)


def test_another_window_counts_what_lies_just_outside(golden: Path) -> None:
    inside, wider = (
        {row["measure"]: row["numerator"] for row in situation(golden, "--window", w, "--centre", "national")}
        for w in ("2014..2019", "2013..2020")
    )
    assert wider["M6"] == inside["M6"] + 2 * 13
    assert all(wider[measure] > inside[measure] for measure in ("M4", "M5", "M9"))


def test_counting_naively_would_inflate(golden: Path) -> None:
    """What the same deliveries give without linkage, distinct cases or dates of roles."""
    ((reported, involvements),) = query(golden, """
        select count(distinct source_record_id), count(*) from staging.stg_politiet__involvements
        join staging.stg_politiet__cases using (case_number)
        where reported_date between '2014-01-01' and '2019-12-31'
    """)  # fmt: skip
    ((inspected,),) = query(golden, """
        select count(distinct identifier) from staging.stg_brreg__roles join staging.stg_arbeidstilsynet__inspections using (orgnr)
    """)  # fmt: skip
    ((bankrupt,),) = query(golden, """
        select count(distinct identifier) from staging.stg_brreg__roles join staging.stg_brreg__enterprises using (orgnr)
        where is_bankrupt
    """)  # fmt: skip
    assert reported > 73
    assert involvements > 941
    assert inspected > 39
    assert bankrupt > 46


def test_goal_b1_is_what_the_teams_said_of_each_person_once(golden: Path) -> None:
    said = dict(query(golden, """
        select measure, numerator from marts.goal_indicators
        where release_id = %s and scope = 'national' and period = '2025' and measure like 'B1_capacity_%%'
    """, world.SECOND_RELEASE))  # fmt: skip
    quarter = [len(range(place, world.ACTORS, 4)) for place in range(4)]
    expected = dict(zip(("reduced", "unchanged", "increased", "not_assessed"), quarter, strict=True))
    expected["not_assessed"] += world.DISMISSED
    assert said == {f"B1_capacity_{kind}": number for kind, number in expected.items()}
