"""What `check_together` asks at the end of every build, asked of a world with one fault of each kind."""

import psycopg
import pytest
from akrim.rules import KINDS

from tests.assessment.project import Project

CHECKED = (
    *(f"model.akrim.{name}" for name in ("enterprises", "indicator_observations", "persons", "roles")),
    *(f"seed.akrim.{name}" for name in ("centres", "centre_catchments", "event_caps")),
)
ASKED = "{{{{ check_together([{}]) }}}}".format(
    ", ".join(f"{{'status': 'success', 'node': graph.nodes['{node}']}}" for node in CHECKED)
)
NUMBER = "10915596784"  # of the synthetic series
FAULTS = {
    "unique_key": (
        "alter table marts.roles drop constraint roles_key cascade; update marts.roles set role_id = 'r1' where role_id = 'r2'",
        "marts.roles: 1 rows",
    ),
    "refers_to": ("delete from marts.persons where person_id = 'aas'", "marts.roles"),
    "accepted_values": (
        "update marts.indicator_observations set checked = 'perhaps' where release_id = (select max(release_id) from marts.releases)",
        "marts.indicator_observations: 1 rows",
    ),
    "not_null": (
        "update seeds.event_caps set event = null where event = 'payroll'",
        "seeds.event_caps: 1 rows",
    ),
    "relationships": ("delete from seeds.centres where centre_id = 'oslo'", "seeds.centre_catchments"),
    "unique": (
        "insert into seeds.event_caps select * from seeds.event_caps where event = 'payroll'",
        "seeds.event_caps: 1 rows",
    ),
    "no_person_numbers": (
        f"update marts.enterprises set enterprise_name = 'Bygg {NUMBER}' where orgnr = (select min(orgnr) from marts.enterprises)",
        "marts.enterprises: 1 rows",
    ),
}


@pytest.fixture
def question(world: str, project: Project, world_run: dict[str, str]) -> str:
    """The query, as dbt compiles it for three marts of the world."""
    compiled = project("compile", "--inline", ASKED, about=world_run)
    assert compiled.success, compiled.exception
    return str(compiled.result.results[0].node.compiled_code)


def test_a_sound_world_passes_and_a_fault_of_each_kind_is_told_without_its_row(
    question: str, world: str
) -> None:
    assert set(FAULTS) == set(KINDS)
    with psycopg.connect(world, autocommit=True) as connection:
        connection.execute(question.encode())
        for kind, (fault, place) in FAULTS.items():
            with connection.transaction(force_rollback=True):
                connection.execute(fault.encode())
                with pytest.raises(psycopg.errors.RaiseException) as told:
                    connection.execute(question.encode())
            assert f"{kind} of {place}" in str(told.value)
            assert NUMBER not in str(told.value)
