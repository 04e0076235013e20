"""What dbt has parsed counts for every database, and names the one at hand; it makes nothing of what is told nobody."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from akrim.errors import UserError
from akrim.rules.dbt import PARSED, compile_models, quicken, run_dbt
from akrim.rules.foundations import read_parts
from akrim.settings import PROJECT_ROOT
from dbt.adapters.events.types import SQLQuery
from dbt.parser.manifest import ManifestLoader
from dbt_common.events.base_types import EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.events.types import Note
from dbt_common.exceptions import CompilationError

PROJECT = PROJECT_ROOT / "dbt_project"


def test_what_was_parsed_for_one_database_names_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert (PROJECT / PARSED).exists(), "make check keeps it"
    monkeypatch.setenv("DBT_DBNAME", "another")
    done = run_dbt(PROJECT, "parse", target=tmp_path)
    assert done.success
    relations = [*done.result.nodes.values(), *done.result.sources.values()]
    assert {relation.database for relation in relations} == {"another"}
    named = [relation.relation_name for relation in relations if relation.relation_name]
    assert len(named) > 150
    assert [name for name in named if not name.startswith('"another".')] == []


def test_all_is_parsed_where_dbt_cannot_parse_what_changed_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As where unit tests moved to another file since: dbt took them for two."""
    model = tmp_path / "models" / "one.sql"
    model.parent.mkdir()
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / name, tmp_path)
    for content in ("select 1 as one", "select 2 - 1 as one"):
        model.write_text(content)
        done = run_dbt(tmp_path, "parse", target=tmp_path / "target")
        assert done.result.nodes["model.akrim.one"].raw_code == content
        monkeypatch.setattr(ManifestLoader, "parse_project", whole_alone)


def whole_alone(loader: ManifestLoader, *given: Any) -> None:
    if loader.saved_manifest:
        raise CompilationError("dbt found two unit_tests with the name")
    PARSE(loader, *given)


PARSE = ManifestLoader.parse_project


def test_a_project_that_dbt_cannot_read_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: [")
    with pytest.raises(UserError, match="dbt cannot parse the project"):
        read_parts(tmp_path)


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit])
def test_whoever_is_ended_meanwhile_blames_no_file(
    ending: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(*_: object, **__: object) -> None:
        raise ending

    monkeypatch.setattr("dbt.parser.manifest.ManifestLoader.load", ended)
    with pytest.raises(ending):
        compile_models(PROJECT)


def test_only_what_is_of_the_debug_level_is_told_nobody() -> None:
    quicken()
    manager, told = EventManager(), []
    manager.callbacks.append(lambda event: told.append((event.info.level, event.info.msg)))
    manager.fire_event(SQLQuery(conn_name="warehouse", sql="select 1"))
    manager.fire_event(Note(msg="beware"), EventLevel.WARN)
    manager.fire_event(Note(msg="look"), EventLevel.DEBUG)
    assert told == [("warn", "beware")]
