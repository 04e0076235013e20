"""What dbt has parsed counts for every database, and names the one at hand."""

from pathlib import Path

import pytest
from akrim.rules.dbt import PARSED, run_dbt
from akrim.settings import PROJECT_ROOT

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
