"""Which agencies' data of which categories each column of the dbt models carries, by following the compiled SQL.

A column carries the categories of everything that its value is computed from and of every condition on its row; `is null`
alone carries nothing. The trail ends at the person ids that linkage writes: linkage may read what later stages may not.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp

from akrim.contracts import Extract, load_contracts

# Each as `agency.category`; a whole row kept as JSON is `raw_row`.
Categories = frozenset[str]
NONE: Categories = frozenset()
# Written by linkage and by the pipeline itself, which decide what delivered data they contain.
TRUSTED_SCHEMAS = ("linkage", "meta", "information_schema", "seeds")
LANDING_COLUMNS = ("delivery_id", "row_number", "is_removed")


class UnknownOriginError(ValueError):
    """A column whose origin cannot be determined."""


@dataclass(frozen=True)
class Model:
    """One compiled dbt model."""

    schema: str
    name: str
    sql: str
    folder: str


@dataclass
class Relation:
    """What a table's columns carry; `rest` is for unlisted columns, None if unknown."""

    columns: dict[str, Categories] = field(default_factory=dict)
    rest: Categories | None = None

    def get(self, name: str) -> Categories | None:
        return self.columns.get(name, self.rest)

    def everything(self) -> Categories:
        return NONE.union(*self.columns.values(), self.rest or NONE)

    def renamed(self, names: list[str]) -> "Relation":
        if not names:
            return self
        carried = list(self.columns.values()) or [self.rest or NONE] * len(names)
        return Relation(dict(zip(names, carried, strict=False)), self.rest)


Scope = Mapping[str, Relation]


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
        self._delivered = {
            f"{extract.agency}_{extract.name}": self._as_delivered(extract)
            for contract in load_contracts().values()
            for extract in contract.extracts
        }
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

    def _scope(self, tables: Scope, outer: Scope) -> "SelectScope":
        return SelectScope(self, tables, outer)

    def _conditions(self, node: exp.Select) -> Iterator[exp.Expr]:
        """All conditions that decide which rows there are."""
        for join in node.args.get("joins") or ():
            yield from join_conditions(join)
        yield from (node.args[part].this for part in ("where", "having") if node.args.get(part))
        if node.args.get("distinct") and node.args["distinct"].args.get("on"):
            yield node.args["distinct"].args["on"]
            yield node.args.get("order") or exp.null()

    def _joined(self, join: exp.Join, read: "SelectScope") -> None:
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
        self, node: exp.Select, read: "SelectScope", row: Categories
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

    def _grouped(self, group: exp.Expr, read: "SelectScope", columns: dict[str, Categories]) -> Categories:
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


class SelectScope:
    """The tables that one SELECT reads, and what an expression over them carries."""

    def __init__(self, lineage: Lineage, tables: Scope, outer: Scope) -> None:
        self._lineage, self._tables, self._outer = lineage, tables, outer
        self._read: dict[str, Relation] = {}

    def add(self, node: exp.Expr) -> None:
        """Add an item of FROM; a lateral one can use those before it."""
        alias = node.args.get("alias")
        names = [column.name for column in alias.columns] if isinstance(alias, exp.TableAlias) else []
        self._read[node.alias_or_name] = self._relation(node).renamed(names)

    def add_to(self, node: exp.Expr, carried: Categories) -> None:
        """Let every column of an item of FROM carry this, too."""
        relation = self._read[node.alias_or_name]
        self._read[node.alias_or_name] = Relation(
            {name: own | carried for name, own in relation.columns.items()},
            None if relation.rest is None else relation.rest | carried,
        )

    def rows(self) -> Categories:
        """What decides which rows there are in all that is read: every column carries it."""
        return NONE.union(
            *(
                frozenset.intersection(*r.columns.values()) if r.columns else r.rest or NONE
                for r in self._read.values()
            )
        )

    def _relation(self, node: exp.Expr) -> Relation:
        seen = {**self._outer, **self._read}
        if isinstance(node, exp.Table) and not isinstance(node.this, exp.Anonymous | exp.Func):
            return self._lineage.table(node, self._tables)
        if isinstance(node, exp.Table) and node.db == "state":
            return self._lineage.table(node, self._tables)
        if isinstance(node, exp.Subquery | exp.Values):
            return self._lineage.query(
                node.this if isinstance(node, exp.Subquery) else node, self._tables, seen
            )
        if isinstance(node, exp.Lateral) and isinstance(node.this, exp.Subquery):
            return self._lineage.query(node.this.this, self._tables, seen)
        return Relation(rest=NONE.union(*(self.carried(part) for part in node.iter_expressions())))

    def star(self, projection: exp.Expr) -> Iterator[tuple[str, Categories, bool]]:
        """Every column that an asterisk stands for; the last value is true for unlisted ones."""
        qualifier = projection.table if isinstance(projection, exp.Column) else ""
        for alias, relation in self._read.items():
            if qualifier in {"", alias}:
                yield from ((name, carried, False) for name, carried in relation.columns.items())
                if relation.rest is not None:
                    yield "", relation.rest, True

    def carried(self, node: exp.Expr) -> Categories:
        """What an expression carries."""
        if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
            return NONE
        if isinstance(node, exp.Column) and not node.is_star:
            return self._column(node)
        if isinstance(node, exp.Query):
            return self._lineage.query(node, self._tables, {**self._outer, **self._read}).everything()
        if isinstance(node, exp.JSONExtract | exp.JSONExtractScalar):
            return self._member(node)
        return NONE.union(*(self.carried(part) for part in node.iter_expressions()))

    def _column(self, node: exp.Column) -> Categories:
        for scope in (self._read, self._outer):
            if node.table in scope:
                carried = scope[node.table].get(node.name)
                if carried is not None:
                    return carried
            elif not node.table:
                found = [
                    carried for relation in scope.values() if (carried := relation.get(node.name)) is not None
                ]
                if found:
                    return NONE.union(*found)
                if node.name in scope:
                    return scope[node.name].everything()
        raise UnknownOriginError(f"The origin of {node.sql()} cannot be determined.")

    def _member(self, node: exp.Expr) -> Categories:
        """A field of a row stored as JSON carries what that field carries, if its name is a literal."""
        whole = self.carried(node.this)
        key = node.expression
        name = key.expressions[-1].name if isinstance(key, exp.JSONPath) else ""
        name = key.name if isinstance(key, exp.Literal) else name
        return whole - {"raw_row"} | self._lineage.of_field(name) if name and "raw_row" in whole else whole


def without(carried: Categories, categories: Iterable[str]) -> Categories:
    """What is carried but for these: `agency.category`, or a category whichever agency's it is."""
    ended = set(categories)
    return frozenset(one for one in carried if not {one, category_of(one)} & ended)


def category_of(carried: str) -> str:
    """The category of `agency.category`."""
    return carried.rpartition(".")[2]


def _first_branch(node: exp.Expr) -> exp.Expr:
    return _first_branch(node.left) if isinstance(node, exp.SetOperation) else node


def join_conditions(join: exp.Join) -> Iterator[exp.Expr]:
    """What a row of the joined table must fulfil."""
    if join.args.get("on"):
        yield join.args["on"]
    yield from (exp.column(name.name) for name in join.args.get("using") or ())
