"""Reassesses a release with some inputs taken from an earlier one.

The results are tables in a schema that exists only within the transaction. Only models whose SQL differs, or that read one
that does, are built again; all others are read as they are.
"""

import re
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from types import MappingProxyType
from typing import NamedTuple

import psycopg
from psycopg import sql

from akrim.changes.counterfactual import SCHEMA, create_table
from akrim.contracts import DECISIONS_SENDER
from akrim.ledger import Pins

# The tables that lists are read from; nothing else needs to be rebuilt.
RELEASE_PERSONS, ASSESSMENTS, OBSERVATIONS, WITHHELD_RULES = (
    "marts.release_persons",
    "marts.assessments",
    "marts.indicator_observations",
    "marts.withheld_rules",
)
RESULTS = (RELEASE_PERSONS, ASSESSMENTS, OBSERVATIONS, WITHHELD_RULES)
PARTITION = "linkage.person_records"
COUNTERFACTUAL_PARTITION = "linkage_person_records"
REFERENCE = re.compile(r'"(\w+)"\."(\w+)"')
PLACEHOLDER = re.compile(r"\{(release_id|disputed|decided|gated|as_of)\}")
LIST_OF_RULES = re.compile(
    r"""rules \(indicator_code,[^)]*\) as \(.*?\n\)|select \* from "indicators"\."\w+"(\s+union all)?""",
    re.DOTALL,
)
PINS_PLACEHOLDER = re.compile(r"\{pins:(\w+)\}")

Models = dict[str, str]


class Built(NamedTuple):
    """The models that tables were built with, filled in; by relation, the table's name where it is one of SCHEMA."""

    models: Models
    names: Mapping[str, str] = MappingProxyType({})


COMPILED = """
select m.schema_name || '.' || m.name, s.sql from meta.release_models m join meta.model_sql s using (sha256)
where m.release_id = %s
"""


def compiled_models(connection: psycopg.Connection, release_id: str) -> Models:
    """The SQL of every model and seed of the release, by relation, with placeholders."""
    return dict(connection.execute(COMPILED, [release_id]).fetchall())


def parts_of_rules(old: Models, new: Models) -> set[str]:
    """The relations that are part of the published rules: indicators, seeds, and what differs by the list of the rules alone."""
    return {
        relation
        for relation in old.keys() | new.keys()
        if relation.partition(".")[0] in {"indicators", "seeds"}
        or _without_list(old.get(relation, "")) == _without_list(new.get(relation, ""))
    }


def _without_list(text: str) -> list[str]:
    """The words of a compiled model without the list of the rules, by which one that is new, gone or has another version differs."""
    return LIST_OF_RULES.sub("", text).split()


def fill_in(models: Models, pins: Pins, earlier: Mapping[str, Pins]) -> Models:
    """The models with placeholders replaced by the release's values, except for the inputs in `earlier`.

    Args:
        earlier: for `prioritisation`, `correction` and `sharing`, the release whose decisions, disputes or withheld data to use
            instead.
    """
    release = {
        "release_id": pins.release_id,
        "disputed": earlier.get("correction", pins).release_id,
        "decided": earlier.get("prioritisation", pins).release_id,
        "gated": earlier.get("sharing", pins).release_id,
    }
    places = {
        name: sql.SQL("{}::text").format(release_id).as_string() for name, release_id in release.items()
    }
    places["as_of"] = sql.Literal(pins.as_of).as_string()
    return {
        relation: PLACEHOLDER.sub(lambda place: places[place[1]], PINS_PLACEHOLDER.sub(_pinned, text))
        for relation, text in models.items()
    }


def required_models(models: Models, results: Iterable[str] = RESULTS) -> set[str]:
    """The results and all models that they are built from."""
    found: set[str] = set()
    waiting = list(results)
    while waiting:
        relation = waiting.pop()
        if relation in models and relation not in found:
            found.add(relation)
            waiting += sources_of(models[relation])
    return found


def in_order(models: Models, results: Iterable[str] = RESULTS) -> Iterable[str]:
    """The results and all models that they are built from, each after those that it reads."""
    wanted = required_models(models, results)
    return TopologicalSorter(
        {relation: [r for r in sources_of(models[relation]) if r in wanted] for relation in sorted(wanted)}
    ).static_order()


def sources_of(text: str) -> list[str]:
    """The relations that a compiled model reads."""
    return [f"{schema}.{name}" for schema, name in REFERENCE.findall(text)]


def reassess(
    connection: psycopg.Connection,
    models: Models,
    built: Built,
    replaced: Mapping[str, str],
    suffix: str = "",
    results: Iterable[str] = RESULTS,
) -> dict[str, str]:
    """Build the models that differ in SCHEMA; returns the name of each relation's table, if it is another than its own.

    Args:
        models: the models to assess with, filled in.
        built: what there is.
        replaced: by relation, the table of SCHEMA with other rows that takes its place.
        suffix: what the new tables' names end in.
        results: what is wanted; nothing else is built.
    """
    names = dict(replaced)
    for relation in in_order(models, results):
        sources = sources_of(models[relation])
        if relation in names:
            continue
        if models[relation] == built.models.get(relation) and not names.keys() & set(sources):
            continue
        name = relation.partition(".")[2] + suffix
        create_table(connection, name, reading(models[relation], {**built.names, **names}))
        names[relation] = quoted(name)
    return {**built.names, **names}


def reading(text: str, names: Mapping[str, str]) -> str:
    """A compiled model that reads these tables in the relations' place."""
    return REFERENCE.sub(lambda match: names.get(".".join(match.groups()), match[0]), text)


def quoted(name: str) -> str:
    """A table of SCHEMA as SQL names it."""
    return sql.Identifier(SCHEMA, name).as_string()


def _pinned(place: re.Match[str]) -> str:
    """The call of meta.pinned for a placeholder that only older versions of the program used."""
    release = "{decided}" if place[1] == DECISIONS_SENDER else "{release_id}"
    return f"meta.pinned('{place[1]}', {release})"
