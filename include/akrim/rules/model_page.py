"""Every table and column of the dbt project as one page, with what each is made from, down to what agencies deliver.

`python -m akrim.rules.model_page FILE` writes it, as dbt does from a project; asks no database.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from akrim.contracts import all_extracts
from akrim.own_yaml import read_own
from akrim.rules.data_use import compiled_models
from akrim.rules.dbt import run_dbt
from akrim.rules.lineage import Lineage, Model
from akrim.settings import get_settings

Manifest = dict[str, Any]
WORDS = "columns.yml"


def write_page(file: Path) -> None:
    """The project's documentation as one page, with every column described."""
    project = get_settings().project_root / "dbt_project"
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder)
        models = compiled_models(project, target)
        done = run_dbt(
            project, "docs", "generate", "--no-compile", "--empty-catalog", "--static", target=target
        )
        if not done.success:
            raise SystemExit(f"dbt: {done.exception}")
        told = (target / "manifest.json").read_text("utf-8")
        manifest = json.loads(told)
        describe(manifest, models, project)
        page = target / "static_index.html"
        page.write_text(page.read_text("utf-8").replace(told, json.dumps(manifest)), encoding="utf-8")
        shutil.copyfile(page, file)


def describe(manifest: Manifest, models: Iterable[Model], project: Path) -> None:
    """Give each model of the manifest its columns with their meaning, and each table of landing the contract's."""
    models = list(models)
    lineage, meanings = Lineage(models), column_meanings(manifest, models, project)
    for model in models:
        node = manifest["nodes"][f"model.akrim.{model.name}"]
        for name in lineage.of(model.schema, model.name).columns:
            node["columns"].setdefault(name, _column(name, meanings.get((model.name, name), "")))
    agreed = {extract.table: extract for extract in all_extracts()}
    for source in manifest["sources"].values():
        if source["source_name"] == "landing":
            for column in agreed[source["name"]].columns:
                meaning = column.description or f"As agreed ({column.path}): {column.category}."
                source["columns"][column.name] = _column(column.name, meaning)


def column_meanings(
    manifest: Manifest, models: Iterable[Model], project: Path
) -> Mapping[tuple[str, str], str]:
    """What each column of each model means, by model and column: by its own YAML, else by columns.yml, else by the nearest model made
    from it; without those of which none says anything."""
    words: dict[str, str] = read_own(project / WORDS)
    lineage, nodes = Lineage(models), manifest["nodes"]
    found = {}
    for model in models:
        unique_id = f"model.akrim.{model.name}"
        for name in lineage.of(model.schema, model.name).columns:
            own = nodes[unique_id]["columns"].get(name, {}).get("description")
            if meaning := own or words.get(name) or _made_from_it(manifest, unique_id, name):
                found[model.name, name] = meaning
    return found


def _made_from_it(manifest: Manifest, unique_id: str, column: str) -> str:
    """What the column means in the nearest model downstream that says so."""
    seen, layer = {unique_id}, [unique_id]
    while layer:
        reached = {child for parent in layer for child in manifest["child_map"].get(parent, ())}
        layer = sorted(child for child in reached - seen if child.startswith("model."))
        seen.update(layer)
        for child in layer:
            if meaning := manifest["nodes"][child]["columns"].get(column, {}).get("description"):
                return str(meaning)
    return ""


def _column(name: str, meaning: str) -> dict[str, Any]:
    return {
        "name": name,
        "description": meaning,
        "meta": {},
        "data_type": None,
        "constraints": [],
        "tags": [],
    }


if __name__ == "__main__":
    write_page(Path(sys.argv[1]))
