"""A seed is laid anew where it has changed, and then by itself."""

from typing import Any

import psycopg
import pytest
from akrim.rules import BUILD
from psycopg import sql

from tests.assessment.project import Project, failures

pytestmark = pytest.mark.slow

CHANGED = "comment on table seeds.event_caps is 'Laid from another file.'"


def lay_seeds(project: Project, run: dict[str, Any]) -> Any:
    return project("build", *BUILD, "--select", "resource_type:seed", about=run)


def test_what_was_laid_from_the_same_file_stays_whatever_the_database_is_called(
    world: str, world_run: dict[str, Any], project: Project
) -> None:
    with psycopg.connect(world) as connection:
        connection.execute(CHANGED)
    said = {node.node.name: node.message for node in lay_seeds(project, world_run).result}
    seeds = {name: message for name, message in said.items() if "on-run" not in name}
    assert {name for name, message in seeds.items() if message != "unchanged"} == {"event_caps"}
    assert len(seeds) > 1


def test_seeds_are_laid_one_at_a_time(world: str, world_run: dict[str, Any], project: Project) -> None:
    """Two at once would drop the views that read both, each in its own order: a deadlock."""
    with psycopg.connect(world, autocommit=True) as other:
        other.execute(CHANGED)
        name = sql.Identifier(other.info.dbname)
        other.execute(sql.SQL("alter database {} set lock_timeout = '500ms'").format(name))
        other.execute("select pg_advisory_lock(hashtext('akrim.seeds'))")
        waiting = failures(lay_seeds(project, world_run))
    assert "lock timeout" in str(waiting)
