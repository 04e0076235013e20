"""What delivered data are used for: the guard that `make check` runs on the dbt project (`python -m akrim.rules.data_use`).

In go the project's models and dbt_project/data_use.yml, out come the breaches: a person number, a country, a name or
the like that reaches what people are assessed by.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from akrim.rules.dbt import invoke
from akrim.rules.lineage import NONE, Categories, Lineage, LineageLostError, Model
from akrim.settings import get_settings


@dataclass(frozen=True)
class Breach:
    """A column that carries what it may not."""

    model: str
    column: str
    category: str

    def __str__(self) -> str:
        return f"{self.model}.{self.column} carries {self.category}"


def compiled_models(project: Path) -> list[Model]:
    """Every model of the dbt project, compiled for an arbitrary run; asks no database."""
    compiled = invoke(project, "compile", "--no-introspect", "--select", "resource_type:model")
    if not compiled.success:
        raise LineageLostError(f"The dbt project does not compile: {compiled.exception or compiled.result}")
    results: Any = compiled.result
    nodes = [result.node for result in results]
    return [
        Model(
            n.schema,
            n.name,
            n.compiled_code,
            Path(n.original_file_path).parent.relative_to("models").as_posix(),
        )
        for n in nodes
        if n.resource_type == "model"
    ]


def breaches(models: Iterable[Model], policy_file: Path, beside: Iterable[Model] = ()) -> list[Breach]:
    """Every column of these models that carries a category it may not.

    Args:
        beside: further models that these read.

    Raises LineageLostError where a column's origin cannot be told.
    """
    models = list(models)
    policy = yaml.safe_load(policy_file.read_text(encoding="utf-8"))
    known = Lineage([*models, *beside], policy.get("ends"))
    return sorted(
        (
            Breach(model.name, column, category)
            for model in models
            for column, carried in known.of(model.schema, model.name).columns.items()
            for category in carried & _forbidden(policy, model, column)
        ),
        key=str,
    )


def _forbidden(policy: dict[str, Any], model: Model, column: str) -> Categories:
    """The categories that this column may not carry."""
    layer = next((name for name in policy["layers"] if model.folder.startswith(name)), None)
    if layer is None:
        return NONE
    return frozenset(
        category
        for category in (*policy["nowhere"], *policy["layers"][layer])
        if column not in policy["shown"].get(category, {}).get(model.name, ())
    )


if __name__ == "__main__":
    place = get_settings().project_root / "dbt_project"
    found = breaches(compiled_models(place), place / "data_use.yml")
    sys.exit("\n".join(map(str, found)) if found else 0)
