"""What dbt does for each model is what the model takes: no connection of its own, and no file."""

from typing import Any

import psycopg
import pytest
from akrim.rules import BUILD
from dbt.adapters.contracts.connection import LazyHandle

from tests.assessment.project import Project, failures

pytestmark = pytest.mark.slow


def test_models_share_a_threads_connection_and_are_written_nowhere(
    world: str, world_run: dict[str, Any], project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, make = [], LazyHandle.resolve

    def counted(handle: LazyHandle, connection: Any) -> Any:
        made.append(connection)
        return make(handle, connection)

    monkeypatch.setattr(LazyHandle, "resolve", counted)
    built = project("build", *BUILD, "--select", "path:models/staging", about=world_run)
    assert failures(built) == []
    assert len(built.result) > 2 * len(made) > 0
    assert list(project.folder.rglob("*.sql")) == []
    with psycopg.connect(world) as connection:
        open_still = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        assert connection.execute(open_still).fetchone() == (0,)
