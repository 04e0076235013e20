"""`akrim rules efficacy`: what the figures look like, and what is said where there are none yet."""

import json

import psycopg
import pytest
from akrim.cli import app
from typer.testing import CliRunner

TABLES = """
create table marts.situation_measures (release_id text, window_from date, window_to date);
create table oversight.rule_efficacy (release_id text, months integer, base_release_id text, subject text, code text,
    compared text, characteristic text, subgroup text, outcome text, person_count integer, outcome_count integer,
    share_pct numeric, low_pct numeric, high_pct numeric);
insert into meta.releases (release_id, period, revision, as_of, status, fingerprint, pins, published_at)
    values ('2025-T3.1', '2025-T3', 1, '2025-12-31', 'published', 'f', '{}', now());
insert into marts.situation_measures values ('2025-T3.1', '2020-01-01', '2025-12-31');
"""
ROWS = """
insert into oversight.rule_efficacy values
    ('2025-T3.1', 12, '2024-T3.1', 'everybody', 'everybody', 'others', 'all', 'all', 'convicted', 600, 3, 0.5, 0.2, 1.5),
    ('2025-T3.1', 12, '2024-T3.1', 'rule', 'phoenix', 'looked_at', 'all', 'all', 'convicted', 50, 0, 0, 0, 7.1),
    ('2025-T3.1', 12, '2024-T3.1', 'rule', 'phoenix', 'pointed_at', 'all', 'all', 'convicted', 9, 2, 22.2, 6.3, 54.7),
    ('2025-T3.1', 12, '2024-T3.1', 'rule', 'phoenix', 'pointed_at', 'age_band', '35_44', 'convicted', 4, 2, 50, 15.0, 85.0),
    ('2025-T3.1', 12, '2024-T3.1', 'rule', 'phoenix', 'pointed_at', 'all', 'all', 'inspected', 9, 9, 100, 70.1, 100)
"""


@pytest.fixture
def counted(warehouse: str) -> str:
    with psycopg.connect(warehouse) as connection:
        connection.execute("create schema if not exists oversight")
        connection.execute(TABLES)
    return warehouse


def told(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["rules", "efficacy", *arguments], catch_exceptions=True)
    return str(result.exception) if result.exception and not result.output else result.output


def test_a_first_year_has_nothing_to_tell_and_says_how_it_would(counted: str) -> None:
    assert "No release came out a year or more before 2025-T3.1" in told()


def test_what_an_earlier_program_made_has_nothing_to_tell_yet(counted: str) -> None:
    with psycopg.connect(counted) as connection:
        connection.execute("drop table oversight.rule_efficacy")
    assert "No release came out a year or more before 2025-T3.1" in told()


def test_groups_stand_beside_each_other_with_their_intervals(counted: str) -> None:
    with psycopg.connect(counted) as connection:
        connection.execute(ROWS)
    output = told("--outcome", "convicted")
    assert "Convicted within 12 months of 2024-T3.1" in output
    assert "Others who led an enterprise then: 3/600  0.5 % (0.2–1.5)" in output
    assert "rule phoenix" in output
    assert "2/9  22.2 % (6.3–54.7)" in output
    assert "0/50" in output
    assert "2/4, too few" in told("--outcome", "convicted", "--subgroups")
    assert len(json.loads(told("--json"))) == 5
    assert "There is no outcome convictions." in told("--outcome", "convictions")


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ([], 5),
        (["--outcome", "convicted"], 4),
        (["--outcome", "inspected"], 1),
        (["--subgroups"], 1),
        (["--outcome", "inspected", "--subgroups"], 0),
    ],
)
def test_an_outcome_and_subgroups_are_chosen_in_every_form(
    counted: str, options: list[str], count: int
) -> None:
    with psycopg.connect(counted) as connection:
        connection.execute(ROWS)
    assert len(json.loads(told("--json", *options))) == count
    assert len(told("--csv", *options).splitlines()) == 1 + count
    assert "There is no outcome convictions." in told("--csv", "--outcome", "convictions")
