"""Checks that the dbt project uses delivered data only as dbt_project/data_use.yml allows.

`make check` runs it (`python -m akrim.rules.origins --check`). A breach is a person number, a country, a name or the like that
reaches an assessment.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from akrim.own_yaml import read_own
from akrim.rules.dbt import compile_models
from akrim.rules.lineage import Lineage, Model
from akrim.rules.scopes import category_of


@dataclass(frozen=True)
class Breach:
    """A column that carries a forbidden category."""

    model: str
    column: str
    category: str

    def __str__(self) -> str:
        return f"{self.model}.{self.column} carries {self.category}"


def compiled_models(project: Path, target: Path | None = None) -> list[Model]:
    """Every model of the dbt project, compiled without a database; a target gets dbt's manifest."""
    return [
        Model(
            n.schema,
            n.name,
            n.compiled_code,
            Path(n.original_file_path).parent.relative_to("models").as_posix(),
        )
        for n in compile_models(project, target=target)
    ]


def find_breaches(models: Iterable[Model], policy_file: Path, beside: Iterable[Model] = ()) -> list[Breach]:
    """The columns of these models that carry a forbidden category.

    Args:
        beside: further models that these read.

    Raises UnknownOriginError where a column's origin cannot be determined.
    """
    models = list(models)
    policy = read_own(policy_file)
    known = Lineage([*models, *beside], policy.get("ends"))
    return sorted(
        {
            Breach(model.name, column, category_of(category))
            for model in models
            for column, carried in known.of(model.schema, model.name).columns.items()
            for category in carried
            if category_of(category) in _forbidden(policy, model, column)
        },
        key=str,
    )


def _forbidden(policy: dict[str, Any], model: Model, column: str) -> frozenset[str]:
    """The categories that this column may not carry."""
    layer = next((name for name in policy["layers"] if model.folder.startswith(name)), None)
    if layer is None:
        return frozenset()
    return frozenset(
        category
        for category in (*policy["nowhere"], *policy["layers"][layer])
        if column not in policy["shown"].get(category, {}).get(model.name, ())
    )
