"""Reassesses a release for those persons alone whom something that differs can reach.

A model of BY_PERSON makes a person's rows of her own rows in what it reads, of rows that are nobody's, and of the rows of those whom a row
of two persons there ties to her. Where some persons' rows of what it reads differ, it is built for these alone, and a view puts their
rows in the standing ones' place. All others are built whole. What comes out as it stands differs no further, so that the cost follows
what differs; what a model makes is the same either way.
"""

import re
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from typing import NamedTuple

import psycopg
from psycopg import sql

from akrim.changes.assessing import RESULTS, Models, quoted, reading, required_models, sources_of
from akrim.changes.counterfactual import create_table

# Not: what looks at a home's or an enterprise's other persons, asks who is nobody's, or ranks.
BY_PERSON = frozenset(
    {
        "active_enterprises", "arrears_of_persons", "audits_of_persons", "bankruptcies_led", "bankruptcy",
        "benefit_while_leading", "bogus_self_employment", "centres_of_persons", "collapses",
        "compulsory_dissolution", "convicted", "disputed_rules", "employees_led", "enterprises_controlled",
        "events_of_persons", "exposed_industry_roles", "fictitious_employment", "fictitious_invoices",
        "indicator_observations", "inspections_led", "known_to_agencies", "leaderships", "leads_through_others",
        "observed_leaders", "person_links", "person_roles", "persons_described", "persons_of_interest",
        "phoenix", "phoenixes_of_persons", "planned_bankruptcy", "points_of_persons", "police_cases_of_persons",
        "reasons_of_interest", "repeat_offender_with_role", "repeated_reactions", "reported_repeatedly",
        "reports_to_police", "role_handed_over", "serial_bankruptcy", "several_centres", "several_industries",
        "several_offences", "severe_inspections", "straw_man_pattern", "straw_men", "successions_of_persons",
        "tax_arrears", "tax_reassessed", "workers_on_benefits",
    }
)  # fmt: skip
# The columns that name persons.
PERSON = re.compile(r"^(\w+_)?person_id$")
# Of more, a model whole costs less.
MOST_PERSONS = 10_000


class Replacement(NamedTuple):
    """A table or view that takes a relation's place; where it is known, the tables of rows that only it or only the relation has.

    Both may have rows in common.
    """

    table: str
    new_rows: str = ""
    old_rows: str = ""


def reassess_reached(
    connection: psycopg.Connection,
    models: Models,
    standing: Models,
    replaced: Mapping[str, Replacement],
    release_id: str,
    results: Iterable[str] = RESULTS,
) -> dict[str, str]:
    """Build what differs; returns the name of each such relation's table or view.

    Args:
        models: the models to assess with, filled in.
        standing: those that the release's tables were built with.
        replaced: by relation, what takes its place.
        results: what is wanted; nothing else is built.
    """
    work = _Reassessment(connection, models, standing, release_id)
    for relation, replacement in replaced.items():
        work.replace(relation, replacement)
    wanted = required_models(models, results)
    graph = {
        relation: [r for r in sources_of(models[relation]) if r in wanted] for relation in sorted(wanted)
    }
    for relation in TopologicalSorter(graph).static_order():
        if relation not in replaced:
            work.assess(relation)
    return work.names


class _Reassessment:
    """What differs so far: by relation, the name of its table and the persons whose rows differ.

    No persons: those rows are nobody's. None: there are more persons than are followed.
    """

    def __init__(
        self, connection: psycopg.Connection, models: Models, standing: Models, release_id: str
    ) -> None:
        self._connection, self._models, self._standing = connection, models, standing
        self._of_release = f"release_id = {sql.Literal(release_id).as_string()}"
        self._views: dict[tuple[str, frozenset[str]], str] = {}
        self._persons: dict[str, frozenset[str] | None] = {}
        self.names: dict[str, str] = {}

    def replace(self, relation: str, replacement: Replacement) -> None:
        """Let the table stand for the relation, unless they are equal."""
        table, *parts = replacement
        new, old = self._rows(relation, table)
        if all(parts):
            columns = ", ".join(self._quoted_columns(table))
            new, old = (ROWS.format(columns=columns, table=part, condition="true") for part in parts)
        self._note(relation, table, new, old)

    def assess(self, relation: str) -> None:
        """Build the model where it or something that it reads differs, for the persons reached alone where that can be."""
        text, name = self._models[relation], relation.partition(".")[2]
        reached = [self._persons[source] for source in sources_of(text) if source in self.names]
        is_same = text == self._standing.get(relation)
        if is_same and not reached:
            return
        if is_same and name in BY_PERSON and all(reached):
            persons = self._tied(text, frozenset().union(*(persons or () for persons in reached)))
            if len(persons) <= MOST_PERSONS:
                self._build_part(relation, name, persons)
                return
        create_table(self._connection, name, reading(text, self.names))
        if None in reached:
            self.names[relation], self._persons[relation] = quoted(name), None
        else:
            self.replace(relation, Replacement(quoted(name)))

    def _build_part(self, relation: str, name: str, persons: frozenset[str]) -> None:
        text, part = self._models[relation], f"{name}_part"
        views = {source: self._view(source, persons) for source in sources_of(text)}
        create_table(self._connection, part, reading(text, {**self.names, **views}))
        new, old = self._rows(relation, quoted(part))
        of_them = _have(self._person_columns(quoted(part)), persons)
        self._create_view(name, f"{old} and not {of_them} union all {new} and {of_them}")
        self._note(relation, quoted(name), f"{new} and {of_them}", f"{old} and {of_them}")

    def _view(self, source: str, persons: frozenset[str]) -> str:
        """Of a table with persons, a view of the rows of these and of nobody."""
        table = self.names.get(source, source)
        columns = self._person_columns(table)
        if not columns:
            return table
        if (source, persons) not in self._views:
            name = f"{source.replace('.', '_')}_{len(self._views)}"
            condition = f"{_have(columns, persons)} or {_are_nobodys(columns)}"
            self._create_view(name, ROWS.format(columns="*", table=table, condition=condition))
            self._views[source, persons] = quoted(name)
        return self._views[source, persons]

    def _create_view(self, name: str, query: str) -> None:
        self._connection.execute(f"create view {quoted(name)} as {query}".encode())

    def _tied(self, text: str, persons: frozenset[str]) -> frozenset[str]:
        """These persons and whom rows of two persons in what the model reads tie to them, also through others."""
        tables = {table for source in sources_of(text) for table in (source, self.names.get(source, source))}
        columns = {table: self._person_columns(table) for table in sorted(tables)}
        ties = [
            ROWS.format(columns=f"array[{', '.join(names)}] as persons", table=table, condition="true")
            for table, names in columns.items()
            if len(names) > 1
        ]
        known: frozenset[str] = frozenset()
        while ties and known != persons and len(persons) <= MOST_PERSONS:
            known = persons
            query = TIED.format(ties=" union all ".join(ties))
            found = self._connection.execute(query.encode(), [sorted(known)]).fetchall()
            persons = known | {person for (person,) in found if person}
        return persons

    def _note(self, relation: str, table: str, new: str, old: str) -> None:
        """Remember whose rows differ; nothing where none do."""
        columns = self._person_columns(table)
        query = DIFFERING.format(
            new=new, old=old, persons=", ".join(columns), are_nobodys=_are_nobodys(columns)
        )
        ((count, are_nobodys, persons),) = self._connection.execute(query.encode()).fetchall()
        if count:
            followed: frozenset[str] = frozenset() if are_nobodys else frozenset(persons)
            self.names[relation] = table
            self._persons[relation] = followed if len(followed) <= MOST_PERSONS else None

    def _rows(self, relation: str, table: str) -> tuple[str, str]:
        """The table's rows and the release's standing ones, as queries to which conditions can be added."""
        columns = ", ".join(self._quoted_columns(table))
        condition = self._of_release if relation.startswith("marts.") else "true"
        return (
            ROWS.format(columns=columns, table=table, condition="true"),
            ROWS.format(columns=columns, table=relation, condition=condition),
        )

    def _person_columns(self, table: str) -> list[str]:
        return [column for column in self._columns(table) if PERSON.search(column)]

    def _quoted_columns(self, table: str) -> list[str]:
        return [sql.Identifier(column).as_string() for column in self._columns(table)]

    def _columns(self, table: str) -> list[str]:
        return [name for (name,) in self._connection.execute(COLUMNS, [table]).fetchall()]


def _have(columns: Iterable[str], persons: frozenset[str]) -> str:
    """The condition that one of the columns names one of the persons; never null."""
    among = sql.Literal(sorted(persons)).as_string()
    return "(" + " or ".join(f"coalesce({column} = any({among}), false)" for column in columns) + ")"


def _are_nobodys(columns: list[str]) -> str:
    return f"num_nonnulls({', '.join(columns)}) = 0" if columns else "true"


ROWS = "select {columns} from {table} where {condition}"

COLUMNS = "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum"

TIED = "select distinct unnest(persons) from ({ties}) as ties where persons && %s"

DIFFERING = """
with new as materialized ({new}), old as materialized ({old}),
differing as ((table new except all table old) union all (table old except all table new))
select count(*), coalesce(bool_or({are_nobodys}), false), array_agg(distinct person) filter (where person is not null)
from differing left join lateral unnest(array[{persons}]::text[]) as person on true
"""
