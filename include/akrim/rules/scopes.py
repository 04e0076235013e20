"""What the expressions over the tables of one SELECT carry."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sqlglot import exp

from akrim.errors import UserError

# Each as `agency.category`; a whole row kept as JSON is `raw_row`.
Categories = frozenset[str]
NONE: Categories = frozenset()


class UnknownOriginError(UserError):
    """A column whose origin cannot be determined."""


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


class Origins(Protocol):
    """What a scope asks beyond its own tables: of other tables, of queries within expressions, of fields of stored rows."""

    def table(self, node: exp.Table, tables: Scope) -> Relation: ...
    def query(self, node: exp.Expr, tables: Scope, outer: Scope) -> Relation: ...
    def of_field(self, name: str) -> Categories: ...


class SelectScope:
    """The tables that one SELECT reads, and what an expression over them carries."""

    def __init__(self, lineage: Origins, tables: Scope, outer: Scope) -> None:
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
        is_called = isinstance(node.this, exp.Anonymous | exp.Func)
        if isinstance(node, exp.Table) and (not is_called or node.db == "state"):
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
