"""Changes to the rules that cannot be tried are refused in words, before anything is compiled."""

from pathlib import Path

import pytest
from akrim.errors import UserError
from akrim.rules import compile_variant
from akrim.rules.dbt import SAMPLE_RUN
from akrim.settings import PROJECT_ROOT

PROJECT = PROJECT_ROOT / "dbt_project"


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("serial_bankruptcy.points", "sets no whole number"),
        ("serial_bankruptcy.points=twelve", "sets no whole number"),
        ("serial_bankruptcy.points=-1", "sets no whole number"),
        ("serial_bankruptcy.points=99999999999", "sets no whole number"),  # more than a column holds
        ("serial_bankruptcy.points=١٢", "sets no whole number"),
        ("serial_bankruptcy=12", "sets no whole number"),
        ("a.b.c.d=12", "sets no whole number"),
        ("serial_bankruptcies.points=12", "no rule serial_bankruptcies"),
        ("serial_bankruptcy.point=12", r"serial_bankruptcy has no point(?s:.*)step_points"),
        ("serial_bankruptcy.version=12", "serial_bankruptcy has no version"),
        ("event_cap.bankruptcy.first_points=1", r"seeds has no event_cap(?s:.*)event_caps"),
        ("event_caps.fire.first_points=1", "0 rows named fire"),
        ("event_caps.bankruptcy.points=1", r"event_caps has no points(?s:.*)first_points"),
        ("status_thresholds.trusselaktor.minimum_areas=1", r"2 rows named trusselaktor(?s:.*)--file"),
        ("../../etc/passwd.root.shell=1", "sets no whole number"),
    ],
)
def test_a_number_that_is_not_there_is_refused_with_what_is(setting: str, told: str) -> None:
    with pytest.raises(UserError) as refused:
        compile_variant(PROJECT, SAMPLE_RUN, [setting], [])
    assert refused.match(told)


@pytest.mark.parametrize(
    ("name", "told"),
    [("no_such_model.sql", "0 files named"), ("*.sql", "0 files named"), ("missing", "no such file")],
)
def test_a_file_takes_the_place_of_one_alone(tmp_path: Path, name: str, told: str) -> None:
    file = tmp_path / name
    if name != "missing":
        file.write_text("select 1")
    with pytest.raises(UserError) as refused:
        compile_variant(PROJECT, SAMPLE_RUN, [], [file])
    assert refused.match(told)


@pytest.mark.slow
def test_a_file_that_does_not_compile_is_named_and_the_project_stays_as_it_is(tmp_path: Path) -> None:
    before = (PROJECT / "models" / "indicators" / "bankruptcy" / "phoenix.sql").read_bytes()
    file = tmp_path / "phoenix.sql"
    file.write_text("select * from {{ ref('nothing') }}")
    with pytest.raises(UserError) as refused:
        compile_variant(PROJECT, SAMPLE_RUN, [], [file])
    assert refused.match(r"does not compile(?s:.*)nothing")
    assert (PROJECT / "models" / "indicators" / "bankruptcy" / "phoenix.sql").read_bytes() == before
