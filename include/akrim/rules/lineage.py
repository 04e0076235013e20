"""Which agencies' data of which categories each column of the dbt models carries, by following the compiled SQL.

A column carries the categories of everything that its value is computed from and of every condition on its row; `is null`
alone carries nothing. The trail ends at the person ids that linkage writes: linkage may read what later stages may not.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from akrim.contracts import Extract, all_extracts
from akrim.rules.scopes import NONE, Categories, Relation, Scope, SelectScope, UnknownOriginError, without

# Written by linkage and by the pipeline itself, which decide what delivered data they contain.
TRUSTED_SCHEMAS = ("linkage", "meta", "information_schema", "seeds")
LANDING_COLUMNS = ("delivery_id", "row_number", "is_removed")


@dataclass(frozen=True)
class Model:
    """One compiled dbt model."""

    schema: str
    name: str
    sql: str
    folder: str


class Lineage:
    """What every model's columns carry, computed on demand and cached.

    Args:
        ends: by model and column, the categories that by decision are not followed further.
    """

    def __init__(
        self, models: Iterable[Model], ends: Mapping[str, Mapping[str, Iterable[str]]] | None = None
    ) -> None:
        self._ends = ends or {}
        self._models = {(model.schema, model.name): model for model in models}
        self._computed: dict[tuple[str, str], Relation] = {}
        self._delivered = {extract.table: self._as_delivered(extract) for extract in all_extracts()}
        self._fields: dict[str, Categories] = {}
        for relation in self._delivered.values():
            for name, carried in relation.columns.items():
                self._fields[name] = self._fields.get(name, NONE) | carried

    def _as_delivered(self, extract: Extract) -> Relation:
        named = {c.name: frozenset({f"{extract.agency}.{c.category}"}) for c in extract.columns}
        return Relation(named | dict.fromkeys(LANDING_COLUMNS, NONE))

    def of(self, schema: str, name: str) -> Relation:
        """The columns of a model, or of a table that models read."""
        key = (schema, name)
        if key not in self._computed:
            self._computed[key] = self._compute(schema, name)
        return self._computed[key]

    def _compute(self, schema: str, name: str) -> Relation:
        model = self._models.get((schema, name))
        if model is not None:
            found = self.query(sqlglot.parse_one(model.sql, dialect="postgres"), {}, {})
            for column, ended in self._ends.get(name, {}).items():
                found.columns[column] = without(found.columns[column], ended)
            return found
        if schema in TRUSTED_SCHEMAS:
            return Relation(rest=NONE)
        if schema == "quarantine":
            return Relation({"raw": frozenset({"raw_row"})}, NONE)
        raise UnknownOriginError(f"{schema}.{name} is neither a model nor a table known by a contract.")

    def query(self, node: exp.Expr, tables: Scope, outer: Scope) -> Relation:
        tables = dict(tables)
        for cte in node.args["with_"].expressions if node.args.get("with_") else ():
            names = [column.name for column in cte.args["alias"].columns]
            if node.args["with_"].recursive:
                tables[cte.alias] = self.query(_first_branch(cte.this), tables, outer).renamed(names)
            tables[cte.alias] = self.query(cte.this, tables, outer).renamed(names)
        if isinstance(node, exp.SetOperation):
            left, right = (self.query(side, tables, outer) for side in (node.left, node.right))
            pairs = zip(left.columns.items(), right.columns.values(), strict=False)
            return Relation({name: one | other for (name, one), other in pairs}, left.rest)
        if isinstance(node, exp.Values):
            return self._values(node, tables, outer)
        if isinstance(node, exp.Subquery | exp.Paren):
            return self.query(node.this, tables, outer)
        if isinstance(node, exp.Select):
            return self._select(node, tables, outer)
        raise UnknownOriginError(f"A {type(node).__name__} is not understood.")

    def _scope(self, tables: Scope, outer: Scope) -> SelectScope:
        return SelectScope(self, tables, outer)

    def _conditions(self, node: exp.Select) -> Iterator[exp.Expr]:
        """All conditions that decide which rows there are."""
        for join in node.args.get("joins") or ():
            yield from join_conditions(join)
        yield from (node.args[part].this for part in ("where", "having") if node.args.get(part))
        if node.args.get("distinct") and node.args["distinct"].args.get("on"):
            yield node.args["distinct"].args["on"]
            yield node.args.get("order") or exp.null()

    def _joined(self, join: exp.Join, read: SelectScope) -> None:
        """A joined table is in scope; what else that means is a matter of what is followed."""

    def _select(self, node: exp.Select, tables: Scope, outer: Scope) -> Relation:
        read = self._scope(tables, outer)
        if node.args.get("from_"):
            read.add(node.args["from_"].this)
        for join in node.args.get("joins") or ():
            read.add(join.this)
            self._joined(join, read)
        row = NONE.union(*(read.carried(condition) for condition in self._conditions(node)))
        columns, rest = self._projections(node, read, row)
        if node.args.get("group"):
            grouped = self._grouped(node.args["group"], read, columns)
            columns = {name: carried | grouped for name, carried in columns.items()}
        return Relation(columns, rest)

    def _projections(
        self, node: exp.Select, read: SelectScope, row: Categories
    ) -> tuple[dict[str, Categories], Categories | None]:
        columns: dict[str, Categories] = {}
        rest: Categories | None = None
        for projection in node.expressions:
            if projection.is_star:
                for name, carried, is_rest in read.star(projection):
                    if is_rest:
                        rest = (rest or NONE) | carried | row
                    else:
                        columns[name] = carried | row
            else:
                name = projection.alias_or_name
                place = name if name and name not in columns else f"column{len(columns) + 1}"
                columns[place] = read.carried(projection) | row
        return columns, rest

    def _grouped(self, group: exp.Expr, read: SelectScope, columns: dict[str, Categories]) -> Categories:
        """What the grouping carries; a group may be a position or an output's name."""
        carried = NONE
        for expression in group.expressions:
            if isinstance(expression, exp.Literal):
                carried |= list(columns.values())[int(expression.name) - 1]
            elif isinstance(expression, exp.Column) and not expression.table and expression.name in columns:
                carried |= columns[expression.name]
            else:
                carried |= read.carried(expression)
        return carried

    def _values(self, node: exp.Expr, tables: Scope, outer: Scope) -> Relation:
        read = self._scope(tables, outer)
        rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in node.expressions]
        columns = [NONE.union(*(read.carried(row[place]) for row in rows)) for place in range(len(rows[0]))]
        return Relation({f"column{place}": carried for place, carried in enumerate(columns, start=1)})

    def table(self, node: exp.Table, tables: Scope) -> Relation:
        """A table, a CTE or an extract's state, which is a function named after agency and extract."""
        if isinstance(node.this, exp.Anonymous | exp.Func):
            return self._delivered[node.this.name.lower()]
        return tables[node.name] if not node.db and node.name in tables else self.of(node.db, node.name)

    def of_field(self, name: str) -> Categories:
        """What a field of that name carries in any extract: for rows stored as JSON."""
        return self._fields.get(name, NONE)


def _first_branch(node: exp.Expr) -> exp.Expr:
    return _first_branch(node.left) if isinstance(node, exp.SetOperation) else node


def join_conditions(join: exp.Join) -> Iterator[exp.Expr]:
    """What a row of the joined table must fulfil."""
    if join.args.get("on"):
        yield join.args["on"]
    yield from (exp.column(name.name) for name in join.args.get("using") or ())
