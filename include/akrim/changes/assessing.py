"""A release assessed again with some of its inputs taken from an earlier one.

In go compiled models as a release was built with them and as they are imagined; out come tables for what that changes,
in a schema that lives no longer than the transaction. Only models whose SQL differs, or that read one that does, are built
again; all others are read as they stand.
"""

import re
from collections.abc import Mapping
from graphlib import TopologicalSorter

import psycopg
from psycopg import sql

from akrim.changes.imagined import IMAGINED, lay_imagined
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
PLACE = re.compile(r"\{(release_id|disputed|decided|as_of)\}")
PINS_PLACE = re.compile(r"\{pins:(\w+)\}")

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
    release = {
        "release_id": pins.release_id,
        "disputed": earlier.get("correction", pins).release_id,
        "decided": earlier.get("prioritisation", pins).release_id,
    }
    places = {
        name: sql.SQL("{}::text").format(release_id).as_string() for name, release_id in release.items()
    }
    places["as_of"] = sql.Literal(pins.as_of).as_string()
    return {
        relation: PLACE.sub(lambda place: places[place[1]], PINS_PLACE.sub(_pinned, text))
        for relation, text in models.items()
    }


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
    """Build what differs in the schema `imagined`, and say by which name each result is read.

    Args:
        imagined: the models to assess by, filled.
        built: the models by which the present tables were built, filled.
        is_partition_imagined: whether IMAGINED_PARTITION in that schema holds the persons to assess by.
    """
    names = {PARTITION: _quoted(IMAGINED_PARTITION)} if is_partition_imagined else {}
    wanted = needed(imagined)
    graph = {relation: [r for r in reads(imagined[relation]) if r in wanted] for relation in sorted(wanted)}
    for relation in TopologicalSorter(graph).static_order():
        sources = reads(imagined[relation])
        if imagined[relation] == built.get(relation) and not names.keys() & set(sources):
            continue
        text = REFERENCE.sub(lambda match: names.get(".".join(match.groups()), match[0]), imagined[relation])
        lay_imagined(connection, relation.partition(".")[2], text)
        names[relation] = _quoted(relation.partition(".")[2])
    return {relation: names.get(relation, relation) for relation in RESULTS}


def _quoted(name: str) -> str:
    return sql.Identifier(IMAGINED, name).as_string()


def _pinned(place: re.Match[str]) -> str:
    """What a model built by an older version of the program says where today's asks for an agency's deliveries."""
    release = "{decided}" if place[1] == "sentrene" else "{release_id}"
    return f"meta.pinned('{place[1]}', {release})"
