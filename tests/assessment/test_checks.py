"""What the end of every build does: `check_together`, asked of a world with one fault of each kind, and the references that it lays."""

import re

import psycopg
import pytest
from akrim.settings import get_settings

from tests.assessment.project import Project

GENERIC = get_settings().project_root / "dbt_project" / "data_tests" / "generic"
# Of the project, and dbt's own.
KINDS = set(
    re.findall(r"{% test (\w+)", "".join(path.read_text("utf-8") for path in GENERIC.glob("*.sql")))
) | {*("accepted_values", "not_null", "relationships", "unique")}
ASKED = """
    {%- set results = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type in ("model", "seed") -%}
        {%- do results.append({"status": "success", "node": node}) -%}
    {%- endfor -%}
    {{ check_together(results) }}
"""
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
    "points_are_conserved": (
        "update marts.assessments set total_points = total_points + 1",
        "marts.assessments",
    ),
    "points_of_groups_are_conserved": (
        "update marts.enterprise_assessments set total_points = total_points + 1",
        "marts.enterprise_assessments",
    ),
    "no_protected_address": (
        "update marts.persons set has_protected_address = false where has_protected_address",
        "marts.persons",
    ),
    "no_borne_protected_address": (
        "insert into intermediate.protected_addresses (address_digest) select digest from marts.persons cross join lateral"
        " meta.borne_address_digests(street_address, postcode) as borne (digest) limit 1",
        "marts.persons",
    ),
    "statuses_reconcile": ("delete from marts.statuses where scope = 'national'", "marts.statuses"),
    "whom_a_status_keeps_is_listed": (
        "update marts.statuses set is_listed = false, is_actor = true",
        "marts.statuses",
    ),
    "members_are_described": (
        "update marts.network_members set member_id = member_id || 'x'",
        "marts.network_members",
    ),
    "networks_are_whole": (
        "alter table marts.network_members drop constraint network_members_key cascade;"
        " update marts.network_members set member_id = (select min(orgnr) from marts.enterprises) where member_kind = 'enterprise'",
        "marts.network_members",
    ),
    "outcomes_add_up": (
        "update marts.outcome_summaries set total_count = total_count + 1",
        "marts.outcome_summaries",
    ),
    "figures_are_as_defined": (
        "update marts.situation_measures set unit = 'other'",
        "marts.situation_measures",
    ),
}

UNREFERRING = """
select t.relname, a.attname from pg_class as t join pg_attribute as a on a.attrelid = t.oid and not a.attisdropped
where t.relnamespace = 'marts'::regnamespace and t.relkind = 'r' and a.attname ~ '(person_id|orgnr)$'
    and not exists (select from pg_constraint as c where c.conrelid = t.oid and c.contype = 'f' and a.attnum = any(c.conkey))
"""
# As it was told to the team that decided: an id that may have been merged since.
OF_ANYBODY = {("prioritisations", "decided_person_id")}


@pytest.fixture
def question(world: str, project: Project, world_run: dict[str, str]) -> str:
    """The query, as dbt compiles it for all of the world."""
    compiled = project("compile", "--inline", ASKED, about=world_run)
    assert compiled.success, compiled.exception
    return str(compiled.result.results[0].node.compiled_code)


def test_a_sound_world_passes_and_a_fault_of_each_kind_is_told_without_its_row(
    question: str, world: str
) -> None:
    assert set(FAULTS) == KINDS == set(re.findall(r"select '(\w+)' as kind", question))
    with psycopg.connect(world, autocommit=True) as connection:
        connection.execute(question.encode())
        for kind, (fault, place) in FAULTS.items():
            told = ""
            with connection.transaction(force_rollback=True):
                connection.execute(fault.encode())
                try:
                    connection.execute(question.encode())
                except psycopg.errors.RaiseException as error:
                    told = str(error)
            print(kind, f"{kind} of {place}" in told, told[:100])
            assert NUMBER not in told


def test_every_id_of_a_person_or_an_enterprise_leads_to_its_row_for_any_tool(world: str) -> None:
    """By whatever name the column has it: a front, a successor, a supplier."""
    with psycopg.connect(world) as connection:
        left = set(connection.execute(UNREFERRING).fetchall())
    assert left == OF_ANYBODY | {("persons", "person_id"), ("enterprises", "orgnr")}
