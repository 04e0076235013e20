"""A release assessed again with some of its inputs taken from an earlier one.

In go compiled models as a release was built with them and as they are imagined; out come temporary tables for what that
changes. Only models whose SQL differs, or that read one that does, are built again; all others are read as they stand.
"""

import re
from collections.abc import Mapping
from graphlib import TopologicalSorter
from typing import Any

import psycopg
from psycopg import sql

from akrim.ledger import Pins

# What the lists are made from; nothing else has to be built again.
RELEASE_PERSONS, ASSESSMENTS, OBSERVATIONS = (
    "marts.release_persons",
    "marts.assessments",
    "marts.indicator_observations",
)
RESULTS = (RELEASE_PERSONS, ASSESSMENTS, OBSERVATIONS)
PARTITION = "linkage.person_records"
IMAGINED_PARTITION = "linkage_person_records"
REFERENCE = re.compile(r'"(\w+)"\."(\w+)"')

Models = dict[str, str]

COMPILED = """
select m.schema_name || '.' || m.name, s.sql from meta.release_models m join meta.model_sql s using (sha256)
where m.release_id = %s
"""


def compiled(connection: psycopg.Connection, release_id: str) -> Models:
    """The SQL of every model and seed that the release was built with, by relation, its places still open."""
    return dict(connection.execute(COMPILED, [release_id]).fetchall())


def is_rule(relation: str) -> bool:
    """Whether a relation is part of the published rules: an indicator, or a seed with thresholds and definitions."""
    return relation.partition(".")[0] in {"indicators", "seeds"}


def filled(models: Models, pins: Pins, earlier: Mapping[str, Pins]) -> Models:
    """The models with every place filled as the release's, but for the inputs that `earlier` takes from elsewhere.

    Args:
        earlier: for `prioritisation` and `correction` the release whose decisions or disputes hold instead.
    """
    deliveries = pins.deliveries | {
        "sentrene": earlier.get("prioritisation", pins).deliveries.get("sentrene", [])
    }
    places = {
        "{release_id}": sql.Literal(pins.release_id).as_string() + "::text",
        "{disputed}": sql.Literal(earlier.get("correction", pins).release_id).as_string() + "::text",
        "{as_of}": f"date '{pins.as_of.isoformat()}'",
        **{f"{{pins:{agency}}}": _array(ids) for agency, ids in deliveries.items()},
    }
    return {relation: _fill(text, places) for relation, text in models.items()}


def needed(models: Models) -> set[str]:
    """The results and all that they are built from, as far as these are models."""
    found: set[str] = set()
    waiting = list(RESULTS)
    while waiting:
        relation = waiting.pop()
        if relation in models and relation not in found:
            found.add(relation)
            waiting += reads(models[relation])
    return found


def reads(text: str) -> list[str]:
    """The relations that a compiled model reads."""
    return [f"{schema}.{name}" for schema, name in REFERENCE.findall(text)]


def assess_again(
    connection: psycopg.Connection, imagined: Models, built: Models, is_partition_imagined: bool
) -> dict[str, str]:
    """Build what differs as temporary tables, and say by which name each result is read.

    Args:
        imagined: the models to assess by, filled.
        built: the models by which the present tables were built, filled.
        is_partition_imagined: whether the temporary table IMAGINED_PARTITION holds the persons to assess by.
    """
    names = {PARTITION: f'pg_temp."{IMAGINED_PARTITION}"'} if is_partition_imagined else {}
    wanted = needed(imagined)
    graph = {relation: [r for r in reads(imagined[relation]) if r in wanted] for relation in sorted(wanted)}
    for relation in TopologicalSorter(graph).static_order():
        sources = reads(imagined[relation])
        if imagined[relation] == built.get(relation) and not names.keys() & set(sources):
            continue
        name = relation.partition(".")[2]
        text = REFERENCE.sub(lambda match: names.get(".".join(match.groups()), match[0]), imagined[relation])
        connection.execute(f'create temp table "{name}" as {text}'.encode())
        connection.execute(f'analyze pg_temp."{name}"'.encode())
        names[relation] = f'pg_temp."{name}"'
    return {relation: names.get(relation, relation) for relation in RESULTS}


def _array(ids: list[str]) -> str:
    return f"array[{', '.join(sql.Literal(i).as_string() for i in ids)}]::text[]"


def _fill(text: str, places: dict[str, Any]) -> str:
    for place, value in places.items():
        text = text.replace(place, value)
    # An agency that has come or gone since has no delivery here.
    return re.sub(r"\{pins:\w+\}", "array[]::text[]", text)
