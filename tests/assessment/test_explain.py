"""`akrim explain` on the small world, for a person id that has since been merged, and for one that never was."""

import json

import psycopg
import pytest
import typer
from akrim.commands.explain.explain import explain
from akrim.errors import UserError
from typer.testing import CliRunner

from tests.audit.events import events
from tests.ledger.entering import enter_run

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("world")]
app = typer.Typer()
app.command()(explain)


@pytest.fixture(autouse=True)
def linked(world: str) -> None:
    with psycopg.connect(world) as connection:
        enter_run(connection, "2025-T3.1")


def test_every_point_leads_back_to_a_source_row() -> None:
    result = CliRunner().invoke(app, ["old_aas", "--json"])
    told = json.loads(result.output)
    assert told["person_id"] == "aas"
    assert told["asked_for"] == "old_aas"
    assert {record["source"] for record in told["records"]} == {"brreg", "skatteetaten", "nav", "politiet"}
    fired = [row for row in told["observations"] if row["checked"] == "fired"]
    assert fired
    assert all(row["evidence"] for row in fired)
    assert sum(row["points"] for row in fired) == told["assessments"][0]["total_points"]
    assert [case["case_number"] for case in told["speaks_for_person"]] == ["c1"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nb", ["koblet ved", "foreslått: ", "Taler for personen: c1 (", "Kunne ikke vurderes: "]),
        ("nn", ["kopla ved", "foreslått: ", "Taler for personen: c1 (", "Kunne ikkje vurderast: "]),
        ("en", ["linked by", "proposed: ", "Speaks for the person: c1 (", "Could not be checked: "]),
    ],
)
def test_the_tables_say_the_same_in_words_of_one_language(language: str, words: list[str]) -> None:
    output = " ".join(CliRunner().invoke(app, ["aas", "--language", language]).output.split())
    assert [said for said in words if said not in output] == []
    assert "serial_bankruptcy" in output
    if language != "en":
        assert [said for said in (" points", "proposed", "linked by", "single") if said in output] == []


def test_an_unknown_id_is_told_plainly() -> None:
    result = CliRunner().invoke(app, ["nobody"])
    assert isinstance(result.exception, UserError)
    assert "No person has or had that id" in str(result.exception)


def test_a_release_that_there_is_not_is_told_and_not_logged(world: str) -> None:
    before = len(events(world, "consultation"))
    result = CliRunner().invoke(app, ["aas", "--release", "Kari Nordmann"])
    assert isinstance(result.exception, UserError)
    assert "There is no release Kari Nordmann" in str(result.exception)
    assert len(events(world, "consultation")) == before


def test_that_somebody_looked_is_logged_under_the_persons_id_now(world: str) -> None:
    ran = CliRunner().invoke(app, ["old_aas", "--by", "kari", "--purpose", "objection 14", "--json"])
    assert ran.exit_code == 0, ran.exception
    event = events(world, "consultation")[-1]
    assert (event["by_name"], event["purpose"], event["persons"]) == ("kari", "objection 14", ["aas"])
