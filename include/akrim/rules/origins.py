"""From whose data of which category each rule and each column that may leave is made: the seed data_origins.

The sharing gate withholds by it: what carries something that a centre may not have is not shown to that centre. Made by
`make sharing` (`python -m akrim.rules.origins`) from the compiled SQL; `make check` holds it against that.
"""

import argparse
import csv
import io
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sqlglot import exp

from akrim.contracts import Extract
from akrim.errors import UserError
from akrim.own_yaml import read_own
from akrim.rules.catalogue import load_rules
from akrim.rules.data_use import compiled_models, find_breaches
from akrim.rules.lineage import Lineage, Model, join_conditions
from akrim.rules.scopes import NONE, Categories, Relation, Scope, SelectScope, category_of, without
from akrim.settings import get_settings
from akrim.sharing import allowed_columns, classified, load_matrix

COLUMNS = ("subject", "agency", "category")
SEED = Path("seeds") / "data_origins.csv"


class Origins(Lineage):
    """What a reader learns from each column: its value, whether it is there, how many there are, and why the row is there.

    Args:
        ends_at: models behind which nothing is followed, since the gate is applied in them or to them as a whole.
        ends: by model, or by `model.column`, the categories that end there.
    """

    def __init__(self, models: Iterable[Model], ends_at: Iterable[str], ends: dict[str, list[str]]) -> None:
        super().__init__(models)
        self._ends_at, self._ended = frozenset(ends_at), ends

    def _as_delivered(self, extract: Extract) -> Relation:
        """Every field tells that its row is there, which is of the key's category."""
        own = super()._as_delivered(extract)
        key = frozenset({f"{extract.agency}.{extract.key.category}"})
        return Relation({name: carried | key for name, carried in own.columns.items()})

    def _compute(self, schema: str, name: str) -> Relation:
        found = super()._compute(schema, name)
        if name in self._ends_at:
            return Relation(dict.fromkeys(found.columns, NONE), None if found.rest is None else NONE)
        return Relation(
            {
                column: without(
                    carried, [*self._ended.get(name, ()), *self._ended.get(f"{name}.{column}", ())]
                )
                for column, carried in found.columns.items()
            },
            found.rest,
        )

    def _scope(self, tables: Scope, outer: Scope) -> SelectScope:
        return _OriginsScope(self, tables, outer)

    def _conditions(self, node: exp.Select) -> Iterator[exp.Expr]:
        """A left join takes no row away: its condition is carried by what it adds."""
        inner = node.copy()
        inner.set("joins", [join for join in node.args.get("joins") or () if join.side != "LEFT"])
        yield from super()._conditions(inner)

    def _joined(self, join: exp.Join, read: SelectScope) -> None:
        if join.side == "LEFT":
            read.add_to(join.this, NONE.union(*(read.carried(one) for one in join_conditions(join))))


class _OriginsScope(SelectScope):
    def carried(self, node: exp.Expr) -> Categories:
        if isinstance(node, exp.Is):
            return self.carried(node.this)
        if isinstance(node, exp.Count):
            return self.rows() | super().carried(node)
        return super().carried(node)


def data_origins(models: list[Model], policy: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Each rule (`rule.bankruptcy`) and each column that may leave (`roles.role_id`), with every agency and category.

    What is told of a person by the record that it is from stands under `person_records`.
    """
    found = Origins(models, policy["ends_at"], policy["ends"])
    by_name = {model.name: model for model in models}
    carried = {
        f"rule.{model.name}": found.of(model.schema, model.name).everything()
        for model in models
        if model.folder.startswith("indicators")
    }
    for mart, columns in allowed_columns().items():
        if mart not in policy["counts"]:
            relation = found.of(by_name[mart].schema, mart)
            carried |= {f"{mart}.{column}": relation.columns[column] for column in columns}
    carried["person_records"] = frozenset(
        one for one in classified() if category_of(one) in policy["by_record"]
    )
    return sorted((subject, *one.split(".")) for subject, origins in carried.items() for one in origins)  # type: ignore[misc]  # two parts


def as_csv(rows: Iterable[tuple[str, str, str]]) -> str:
    """The seed's text."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
    return text.getvalue()


def policy_of(project: Path) -> dict[str, Any]:
    """The decisions of data_use.yml on where origins end."""
    return dict(read_own(project / "data_use.yml")["origins"])


def main() -> str:
    """Write the seed, or with --check say what in the project breaks the decisions on data, or that the seed is old."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    place = get_settings().project_root / "dbt_project"
    known = {rule.code for rule in load_rules()}  # without its block a rule's SQL has no numbers
    models = compiled_models(place)
    if left := [m.name for m in models if m.folder.startswith("indicators") and m.name not in known]:
        raise UserError(
            f"{', '.join(left)} has SQL and is no rule.",
            "dbt_project.yml: vars: indicators",
            "CONTRIBUTING.md says what an indicator consists of, and how one is retired.",
        )
    made = as_csv(data_origins(models, policy_of(place)))
    if not parser.parse_args().check:
        (place / SEED).write_text(made, encoding="utf-8")
        return ""
    wrong = [str(breach) for breach in find_breaches(models, place / "data_use.yml")]
    wrong += [f"no line of the sharing matrix is for {data}" for data in load_matrix().unsettled()]
    if (place / SEED).read_text(encoding="utf-8") != made:
        wrong.append(f"{SEED} is not what the models are made from: make sharing")
    return "\n".join(wrong)


if __name__ == "__main__":
    try:
        sys.exit(main() or 0)
    except UserError as refused:
        sys.exit(str(refused))
