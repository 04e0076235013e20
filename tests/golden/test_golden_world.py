"""Deliveries in, situation table out: a first release, the centres' decisions on it, and the table of the second."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from akrim import ledger, warehouse
from akrim.changes import what_if
from akrim.changes.assessing import (
    PARTITION,
    Built,
    compiled_models,
    fill_in,
    quoted,
    reassess,
    required_models,
)
from akrim.changes.counterfactual import counterfactual_schema, create_table
from akrim.changes.reaching import BY_PERSON, Replacement, reassess_reached
from akrim.cli import app
from akrim.report import Words
from akrim.rules import CompiledRules, compile_rules, compile_variant, read_seed, said_of
from akrim.settings import PROJECT_ROOT, get_settings
from openpyxl import load_workbook
from typer.testing import CliRunner

from tests.conftest import configure
from tests.golden import world
from tests.made_home import make_home, query

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

TABLE = {"M1": 102, "M2": 80, "M3": 22, "M4": 38, "M5": 72, "M6": 941, "M7": 140, "M8": 250, "M9": 45}
SHARES = {"M4": (39, 102), "M5": (73, 102), "M9": (46, 102)}


@contextmanager
def installation(home: Path) -> Iterator[None]:
    """A context in which the settings are that installation's."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AKRIM_")]:
            patch.delenv(name)
        configure(patch, AKRIM_HOME=str(home))
        yield
    get_settings.cache_clear()


def situation(home: Path, *arguments: str) -> list[dict[str, Any]]:
    """What `akrim situation` tells of that installation."""
    with installation(home):
        told = CliRunner().invoke(app, ["situation", *arguments, "--json"])
    assert told.exit_code == 0, told.output
    rows: list[dict[str, Any]] = json.loads(told.stdout)
    return rows


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize("centre", [(), ("--centre", "national"), ("--centre", "oslo")])
def test_the_table_is_shown_with_what_each_line_is_by_definition(
    golden: Path, centre: tuple[str, ...], language: str
) -> None:
    with installation(golden):
        told = CliRunner().invoke(app, ["situation", *centre, "--language", language])
    assert told.exit_code == 0, told.exception
    said = " ".join(told.output.split())
    for row in read_seed("measures"):
        if row["table_name"] == "situation":
            assert said_of("measure_definition", row, language)[:60] in said


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home folder of an installation that has published both releases; its server is up."""
    folder = tmp_path_factory.mktemp("golden")
    home, inbox = folder / "home", folder / "inbox"
    outcomes = [json.loads(line) for line in make_home(home, "tests.golden.two_releases", inbox).splitlines()]
    expected = [(release_id, [], {}) for release_id in (world.FIRST_RELEASE, world.SECOND_RELEASE)]
    assert [(o["release_id"], o["refused"], o["quarantined"]) for o in outcomes] == expected
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


def test_goal_b1_is_what_the_teams_said_of_each_key_actor_once_and_of_others_apart(golden: Path) -> None:
    said = dict(query(golden, """
        select measure, numerator from marts.goal_indicators
        where release_id = %s and scope = 'national' and measured_period = '2025' and measure like 'B1_%%capacity_%%'
    """, world.SECOND_RELEASE))  # fmt: skip
    quarter = [len(range(place, world.ACTORS, 4)) for place in range(4)]
    kinds = ("reduced", "unchanged", "increased", "not_assessed")
    key = dict.fromkeys(kinds, 0) | {"reduced": len(range(0, world.THREAT_ACTORS, 4))}
    others = dict(zip(kinds, quarter, strict=True))
    others["reduced"] -= key["reduced"]
    others["not_assessed"] += world.DISMISSED
    assert said == {
        f"B1_{goal}capacity_{kind}": number
        for goal, counted in (("", key), ("others_", others))
        for kind, number in counted.items()
    }


def test_the_form_asks_about_who_took_a_role_over_from_a_key_actor_and_is_on_no_list(golden: Path) -> None:
    giver, taker = world.Person(world.GIVER), world.Person(world.TAKER)
    form = golden / "releases" / world.SECOND_RELEASE / giver.centre / "prioritisation.xlsx"
    heading, *rows = load_workbook(form)["beslutninger"].values
    listed = query(golden, "select person_id from marts.assessments where release_id = %s and centre_id = %s",
                   world.SECOND_RELEASE, giver.centre)  # fmt: skip
    added = [dict(zip(heading, row, strict=True)) for row in rows[len(listed) :]]
    ((taker_id,),) = query(golden, """
        select person_id from linkage.person_records where source = 'skatteetaten' and source_record_id = %s
    """, f"PERSONER{taker.number + 1}")  # fmt: skip
    assert [(row["person_id"], row["navn"]) for row in added] == [(taker_id, f"{taker.given} {taker.family}")]
    assert f"{giver.given} {giver.family}" in added[0]["gjeldende_status"]


def test_the_report_says_when_the_agencies_last_delivered(golden: Path) -> None:
    sent = [
        json.loads(path.read_text())["delivered_at"]
        for path in (golden.parent / "inbox").glob("*/*/manifest.json")
        if path.parts[-3] != "sentrene"
    ]
    page = (golden / "releases" / world.SECOND_RELEASE / "oslo" / "assessment.html").read_text()
    newest = Words("nb").long_day(date.fromisoformat(max(sent)[:10]))
    assert f"<dt>Etatene leverte sist</dt><dd>{newest}</dd>" in page


def rules_of(release_id: str, *settings: str, files: tuple[Path, ...] = ()) -> CompiledRules:
    """The rules as a release would be assessed by them, with some numbers changed."""
    about = ledger.load(release_id).variables
    if settings or files:
        return compile_variant(PROJECT_ROOT / "dbt_project", about, settings, files)
    return compile_rules(PROJECT_ROOT / "dbt_project", about)


@pytest.fixture
def never(tmp_path: Path) -> Path:
    """Thresholds by which nobody is proposed."""
    file = tmp_path / "status_thresholds.csv"
    file.write_text(
        "proposed_status,minimum_intention_points,minimum_capacity_points,minimum_areas,version,valid_from\n"
        "av_interesse,9999,0,1,9,2026-01-01\n"
    )
    return file


@pytest.mark.parametrize("is_known", [False, True], ids=["", "by_the_same_program"])
@pytest.mark.parametrize(
    ("release_id", "side"),
    [(world.FIRST_RELEASE, "after"), (world.SECOND_RELEASE, "before"), (world.SECOND_RELEASE, "after")],
)
def test_trying_other_rules_begins_or_ends_at_the_published_lists(
    golden: Path, never: Path, release_id: str, side: str, is_known: bool
) -> None:
    """From rules that propose nobody to today's, or back: today's side is the very list that was published."""
    published = set(query(golden, """
        select centre_id, person_id, rank, total_points, proposed_status from marts.assessments
        where release_id = %s and proposed_status is not null
    """, release_id))  # fmt: skip
    with installation(golden):
        present, nobody = rules_of(release_id), rules_of(release_id, files=(never,))
        pair = (nobody, present) if side == "after" else (present, nobody)
        found = what_if(release_id, *pair, made_by=present if is_known else None).persons
    columns = ("centre_id", "person_id", *(f"{name}_{side}" for name in ("rank", "points", "proposed")))
    assert {tuple(row[name] for name in columns) for row in found} == published
    assert published


def test_what_the_newest_run_left_is_not_built_again(golden: Path, never: Path) -> None:
    """Said to be made by rules that propose nobody, the lists are still those that stand; of an earlier release nothing stands."""
    with installation(golden):
        for release_id, moved in ((world.SECOND_RELEASE, False), (world.FIRST_RELEASE, True)):
            nobody = rules_of(release_id, files=(never,))
            found = what_if(release_id, nobody, rules_of(release_id), made_by=nobody).persons
            assert bool(found) == moved


def test_a_rule_without_points_takes_just_its_points_from_everybody(golden: Path) -> None:
    release_id = world.SECOND_RELEASE
    # Of the rules on capacity, no two of which tell of one event, the one that gives points to most.
    pointed = query(golden, """
        select indicator_code, a.centre_id || a.person_id, o.points from marts.assessments a
        join marts.indicator_observations o using (release_id, person_id)
        where release_id = %s and points > 0 and dimension = 'capacity'
    """, release_id)  # fmt: skip
    rule = Counter(code for code, *_ in pointed).most_common(1)[0][0]
    of_rule = {line: points for code, line, points in pointed if code == rule}
    with installation(golden):
        otherwise = rules_of(release_id, f"{rule}.points=0", f"{rule}.step_points=0", f"{rule}.cap=0")
        found = what_if(release_id, rules_of(release_id), otherwise)
    lost = {
        row["centre_id"] + row["person_id"]: row["points_before"] - (row["points_after"] or 0)
        for row in found.persons
    }
    assert lost == of_rule
    (everybody,) = [row for row in found.subgroups if row["characteristic"] == "all"]
    assert everybody["listed_before"] == len({row[0] for row in query(
        golden, "select distinct person_id from marts.assessments where release_id = %s", release_id
    )})  # fmt: skip


# Twenty records of such persons change hands, each to the next one's person.
MOVED = """
with chosen as (
    select *, row_number() over (order by md5(source || source_record_id || %(seed)s)) as place
    from linkage.person_records where person_id in (select person_id from {persons})
), given as (
    select one.source, one.source_record_id, other.person_id
    from chosen as one join chosen as other on one.place %% 20 + 1 = other.place
    where one.place <= 20
)
select source, extract, source_record_id, coalesce(given.person_id, stands.person_id) as person_id, link_kind, match_weight
from linkage.person_records as stands left join given using (source, source_record_id)
"""
DIGEST = "select count(*), sum(hashtextextended(to_jsonb(t)::text, 0)::numeric) from {table} as t"


def test_whom_a_change_reaches_is_assessed_as_if_everybody_were(golden: Path) -> None:
    differing: set[str] = set()
    with installation(golden), warehouse.connect() as connection, counterfactual_schema(connection):
        pins = ledger.load(world.SECOND_RELEASE)
        models = fill_in(compiled_models(connection, pins.release_id), pins, {})
        relations = sorted(required_models(models))
        assert {relation.partition(".")[2] for relation in relations} >= BY_PERSON

        def digests(names: dict[str, str]) -> dict[str, object]:
            found: dict[str, object] = {}
            for relation in relations:
                table = names.get(relation, relation)
                condition = (
                    f" where release_id = '{pins.release_id}'" if relation.startswith("marts.") else ""
                )
                found[relation] = connection.execute(
                    f"{DIGEST.format(table=table)}{condition}".encode()
                ).fetchone()
            return found

        for persons, seed in product(("leaderships", "straw_men", "person_links"), ("a", "b")):
            with connection.transaction(force_rollback=True):
                create_table(
                    connection, "moved", MOVED.format(persons=f"intermediate.{persons}"), {"seed": seed}
                )
                moved = {PARTITION: quoted("moved")}
                replaced = {relation: Replacement(table) for relation, table in moved.items()}
                with connection.transaction(force_rollback=True):
                    names = reassess_reached(connection, models, models, replaced, pins.release_id)
                    reached = digests(names)
                stands = digests({})
                with connection.transaction(force_rollback=True):
                    whole = digests(reassess(connection, models, Built(models), moved))
            assert reached == whole
            differing |= {relation for relation in relations if reached[relation] != stands[relation]}
    assert {
        "intermediate.person_links",
        "intermediate.homes_known",
        "intermediate.persons_described",
        "marts.indicator_observations",
    } <= differing
