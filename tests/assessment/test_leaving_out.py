"""The small world as if an agency had delivered nothing: its rows and its rules are gone, the rest stands."""

import pytest
from akrim import changes, ledger, warehouse
from akrim.cli import app
from akrim.errors import UserError
from akrim.linkage.model.file import newest_model
from akrim.rules import CompiledRules, compile_rules
from akrim.settings import PROJECT_ROOT
from typer.testing import CliRunner

from tests.assessment.project import rows

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("world")]

RELEASE = "2025-T3.1"
# What the world says of who is who, as a run of linkage.
LINKED = (
    "insert into linkage.runs (release_id, model, counts, last_decision_id) values (%s, %s, '{\"records\": 12}', 0)",
    "insert into linkage.persons (person_id, first_record_key, release_id)"
    " select person_id, min(source || '/' || source_record_id), min(valid_from_release) from linkage.memberships group by 1",
)
# The move, points and proposed status of the one who leads, at the centre that has decided and at the other.
PROPOSED = "potensiell_trusselaktor"
WITHOUT = {
    ("politiet",): {"alta": ("points", 47 - 15, PROPOSED), "oslo": ("points", 47 - 15, PROPOSED)},
    ("nav",): {},
    ("brreg",): {"alta": ("lowered", 15, None), "oslo": ("left", None, None)},
    ("brreg", "politiet"): {"alta": ("lowered", 0, None), "oslo": ("left", None, None)},
}


def test_what_an_agency_delivered_is_neither_counted_nor_taken_for_checked() -> None:
    with warehouse.connect() as connection:
        connection.execute(LINKED[0], [RELEASE, newest_model()])
        connection.execute(LINKED[1])
    published = rows("select * from marts.assessments order by centre_id")
    rules = compile_rules(PROJECT_ROOT / "dbt_project", ledger.load(RELEASE).variables)
    found = {without: changes.what_if(RELEASE, rules, rules, without) for without in WITHOUT}
    moved = {
        without: {
            row["centre_id"]: (row["move"], row["points_after"], row["proposed_after"])
            for row in consequences.persons
        }
        for without, consequences in found.items()
    }
    assert moved == WITHOUT
    # Of the police's data alone; what needs an agency that is missing anyway could not be checked before either.
    assert found["politiet",].unchecked == ["convicted", "several_offences", "straw_man_pattern"]
    (status,) = found["brreg",].statuses
    assert status == {
        "proposed_status": PROPOSED, "before": 1, "kept": 0, "lowered": 0, "unproposed": 0, "left": 1, "unknown": 0,
    }  # fmt: skip
    assert rows("select * from marts.assessments order by centre_id") == published
    assert rows("select 1 from pg_namespace where nspname = 'counterfactual'") == []


def test_who_is_in_which_subgroup_is_told_whatever_a_run_has_left() -> None:
    """Such as one that was killed, or that is at work on another release meanwhile."""
    with warehouse.connect() as connection:
        connection.execute(LINKED[0], [RELEASE, newest_model()])
        connection.execute(LINKED[1])
    rules = compile_rules(PROJECT_ROOT / "dbt_project", ledger.load(RELEASE).variables)
    left = changes.what_if(RELEASE, rules, rules, ["politiet"]).subgroups
    assert {row["characteristic"] for row in left} == {"all", "number_kind", "age_band", "name_frequency"}
    with warehouse.connect() as connection:
        connection.execute("drop schema oversight cascade")
    assert changes.what_if(RELEASE, rules, rules, ["politiet"]).subgroups == left


def test_a_release_of_which_rows_were_removed_is_not_tried_on() -> None:
    removed = ledger.load(RELEASE).deliveries["nav"][0]
    with warehouse.connect() as connection:
        connection.execute(
            "insert into meta.delivery_removals (delivery_id, extract, rows_removed, rows_held) values (%s, 'saker', 1, 0)",
            [removed],
        )
    told = CliRunner().invoke(app, ["rules", "what-if", "--without", "nav", "--release", RELEASE])
    assert isinstance(told.exception, UserError)
    assert told.exception.what.startswith(f"Rows of {removed} were removed")


@pytest.mark.parametrize("agency", ["sentrene", "nava", ""])
def test_only_an_agency_that_delivers_can_be_left_out(agency: str) -> None:
    nothing = CompiledRules({}, {})
    with pytest.raises(UserError, match=r"No agency(?s:.*)arbeidstilsynet, brreg, nav"):
        changes.what_if(RELEASE, nothing, nothing, [agency])
