"""What dbt does for each model is what the model takes: no connection of its own, and no file."""

from typing import Any

import psycopg
import psycopg2
import pytest
from akrim.rules import BUILD

from tests.assessment.project import Project, failures

pytestmark = pytest.mark.slow


def test_models_share_a_threads_connection_and_are_written_nowhere(
    world: str, world_run: dict[str, Any], project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, connect = [], psycopg2.connect

    def counted(*args: Any, **kwargs: Any) -> Any:
        made.append(args)
        return connect(*args, **kwargs)

    monkeypatch.setattr(psycopg2, "connect", counted)
    built = project("build", *BUILD, "--select", "path:models/staging", about=world_run)
    assert failures(built) == []
    assert len(built.result) > 2 * len(made) > 0
    assert list(project.folder.rglob("*.sql")) == []
    with psycopg.connect(world) as connection:
        open_still = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        assert connection.execute(open_still).fetchone() == (0,)
