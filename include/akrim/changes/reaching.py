"""Reassesses a release for those persons alone whom something that differs can reach.

A model of BY_PERSON makes a person's rows from her own rows in what it reads, from rows that name no person, and from the rows of those
whom a row that names two persons ties to her. Where some persons' rows of what it reads differ, it is built for these alone, and their rows take the
standing ones' place: in the table itself, whose indexes and statistics the models after it need, until the caller's transaction
is rolled back. All others are built whole. What comes out as it stands differs no further, so that the cost follows what differs; what a
model makes is the same either way.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import psycopg
from psycopg import sql

from akrim.changes.assessing import Models, in_order, quoted, reading, sources_of
from akrim.changes.counterfactual import create_table

# Not: what looks at a home's or an enterprise's other persons, asks who is nobody's, or ranks.
BY_PERSON = frozenset(
    {
        "active_enterprises", "arrears_of_persons", "audits_of_persons", "bankruptcies_led", "bankruptcy",
        "benefit_while_leading", "best_addresses", "bogus_self_employment", "borne_addresses", "centres_of_persons", "collapses",
        "compulsory_dissolution", "convicted", "disputed_rules", "enterprises_controlled", "enterprises_controlled_directly",
        "events_of_persons", "exposed_industry_roles", "fictitious_employment", "fictitious_invoices", "homes_known",
        "indicator_observations", "inspections_led", "known_to_agencies", "leaderships", "leads_through_others",
        "observed_leaders", "person_links", "person_roles", "persons_described", "persons_of_interest",
        "phoenix", "phoenixes_of_persons", "planned_bankruptcy", "points_of_persons", "police_cases_of_persons",
        "reasons_of_interest", "repeat_offender_with_role", "repeated_reactions", "reported_repeatedly",
        "reports_to_police", "role_handed_over", "serial_bankruptcy", "several_centres", "several_industries",
        "several_offences", "severe_inspections", "straw_man_pattern", "straw_men", "successions_of_persons",
        "tax_arrears", "tax_reassessed", "unregistered_workers",
    }
)  # fmt: skip
# The columns that name persons.
PERSON = re.compile(r"^(\w+_)?person_id$")
# Relations that name no person and are joined to persons' rows by one column alone: they reach those who have the same value there.
MEETS_BY = MappingProxyType({"protected_addresses": "address_digest"})
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
) -> dict[str, str]:
    """Build what differs; returns the name of each such relation's table or view, where it is not its own.

    To be called in a transaction that is rolled back once what it made has been read.

    Args:
        models: the models to assess with, filled in.
        standing: those that the release's tables were built with.
        replaced: by relation, what takes its place.
    """
    work = _Reassessment(connection, models, standing, release_id)
    for relation, replacement in replaced.items():
        work.replace(relation, replacement)
    for relation in in_order(models):
        if relation not in replaced:
            work.assess(relation)
    return work.names


class _Reassessment:
    """What differs so far: by relation the persons whose rows differ, and its table's name where that is not its own.

    An empty set: the rows name no person. None: there are more persons than are followed.
    """

    def __init__(
        self, connection: psycopg.Connection, models: Models, standing: Models, release_id: str
    ) -> None:
        self._connection, self._models, self._standing = connection, models, standing
        self._of_release = f"release_id = {sql.Literal(release_id).as_string()}"
        self._views: dict[tuple[str, frozenset[str]], str] = {}
        self._persons: dict[str, frozenset[str] | None] = {}
        # By relation: the rows among which those are that differ, as two queries.
        self._differing: dict[str, tuple[str, str]] = {}
        # By relation: the table of the rows that were taken out of it.
        self._taken_out: dict[str, str] = {}
        self.names: dict[str, str] = {}

    def replace(self, relation: str, replacement: Replacement) -> None:
        """Let the table stand for the relation, unless they are equal."""
        table = replacement.table
        new, old = self._rows(relation, table)
        if replacement.new_rows and replacement.old_rows:
            columns = ", ".join(self._quoted_columns(table))
            new = ROWS.format(columns=columns, table=replacement.new_rows, condition="true")
            old = ROWS.format(columns=columns, table=replacement.old_rows, condition="true")
        self._note(relation, table, new, old)
        if relation in self._persons:
            self.names[relation] = table

    def assess(self, relation: str) -> None:
        """Build the model where it or something that it reads differs, for the persons reached alone where that can be."""
        text, name = self._models[relation], relation.partition(".")[2]
        sources = sources_of(text)
        differing = [source for source in sources if source in self._persons]
        is_same = text == self._standing.get(relation)
        if is_same and not differing:
            return
        persons = self._reached(sources, differing) if is_same and name in BY_PERSON else None
        if persons is not None:
            self._build_part(relation, name, persons)
            return
        create_table(self._connection, name, reading(text, self.names))
        if any(self._persons[source] is None for source in differing):
            self.names[relation], self._persons[relation] = quoted(name), None
        else:
            self.replace(relation, Replacement(quoted(name)))

    def _reached(self, sources: list[str], differing: list[str]) -> frozenset[str] | None:
        """Whose rows a model of these sources may make otherwise; None where that is not known, or more than are followed."""
        persons: frozenset[str] = frozenset()
        for source in differing:
            found = self._persons[source] or self._met(source, sources)
            if found is None:
                return None
            persons |= found
        persons = self._tied(sources, persons)
        return persons if len(persons) <= MOST_PERSONS else None

    def _met(self, source: str, sources: list[str]) -> frozenset[str] | None:
        """Whose rows in the other sources are joined to what differs in this one and names no person."""
        column = MEETS_BY.get(source.partition(".")[2])
        if column is None or source not in self._differing:
            return None
        new, old = self._differing[source]
        persons: frozenset[str] = frozenset()
        for table in (self._table(other) for other in sources if other != source):
            names = self._person_columns(table)
            if names and column in self._columns(table):
                query = MET.format(persons=", ".join(names), table=table, column=column, new=new, old=old)
                persons |= {person for (person,) in self._connection.execute(query.encode()).fetchall()}
        return persons

    def _build_part(self, relation: str, name: str, persons: frozenset[str]) -> None:
        """Build the model for these persons, and put their rows in the standing ones' place."""
        text, part, taken_out = self._models[relation], quoted(f"{name}_part"), quoted(f"{name}_taken_out")
        views = {source: self._view(source, persons) for source in sources_of(text)}
        create_table(self._connection, f"{name}_part", reading(text, {**self.names, **views}))
        new, old = self._rows(relation, part)
        of_them = _have(self._person_columns(part), persons)
        create_table(self._connection, f"{name}_taken_out", f"{old} and {of_them}")
        new, old = f"{new} and {of_them}", ROWS.format(columns="*", table=taken_out, condition="true")
        self._note(relation, relation, new, old)
        if relation in self._persons:
            columns = ", ".join(self._quoted_columns(part))
            self._taken_out[relation] = taken_out
            self._connection.execute(
                TAKE_OUT.format(table=relation, condition=f"{self._of(relation)} and {of_them}").encode()
            )
            self._connection.execute(PUT_IN.format(table=relation, columns=columns, rows=new).encode())

    def _table(self, relation: str) -> str:
        return self.names.get(relation, relation)

    def _view(self, source: str, persons: frozenset[str]) -> str:
        """Of a table with persons, a view of the rows of these and of nobody."""
        table = self._table(source)
        columns = self._person_columns(table)
        if not columns:
            return table
        if (source, persons) not in self._views:
            name = f"{source.replace('.', '_')}_{len(self._views)}"
            condition = f"{_have(columns, persons)} or {_are_nobodys(columns)}"
            query = ROWS.format(columns="*", table=table, condition=condition)
            self._connection.execute(f"create view {quoted(name)} as {query}".encode())
            self._views[source, persons] = quoted(name)
        return self._views[source, persons]

    def _tied(self, sources: list[str], persons: frozenset[str]) -> frozenset[str]:
        """These persons and whom rows of two persons in the sources tie to them, also through others."""
        tables = {
            table
            for source in sources
            for table in (source, self._table(source), self._taken_out.get(source))
            if table
        }
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
            self._persons[relation] = followed if len(followed) <= MOST_PERSONS else None
            self._differing[relation] = new, old

    def _rows(self, relation: str, table: str) -> tuple[str, str]:
        """The table's rows and the release's standing ones, as queries to which conditions can be added."""
        columns = ", ".join(self._quoted_columns(table))
        return (
            ROWS.format(columns=columns, table=table, condition="true"),
            ROWS.format(columns=columns, table=relation, condition=self._of(relation)),
        )

    def _of(self, relation: str) -> str:
        """The condition that a row is the release's."""
        return self._of_release if relation.startswith("marts.") else "true"

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

TAKE_OUT, PUT_IN = "delete from {table} where {condition}", "insert into {table} ({columns}) {rows}"

COLUMNS = "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum"

TIED = "select distinct unnest(persons) from ({ties}) as ties where persons && %s"

MET = """
select distinct person from {table} cross join unnest(array[{persons}]::text[]) as person
where person is not null and {column} in (
    select {column} from ((({new}) except ({old})) union (({old}) except ({new}))) as differing
)
"""

DIFFERING = """
with new as materialized ({new}), old as materialized ({old}),
differing as ((table new except all table old) union all (table old except all table new))
select count(*), coalesce(bool_or({are_nobodys}), false), array_agg(distinct person) filter (where person is not null)
from differing left join lateral unnest(array[{persons}]::text[]) as person on true
"""
