"""What if the rules were others: a release assessed by the rules as they are and as they would be, and who would move.

Everything from the agencies' rows on is built twice in a schema of its own, the second time only what differs, so that
it can be any release whose deliveries are kept. Nothing remains of it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from akrim import warehouse
from akrim.changes.assessing import (
    ASSESSMENTS,
    COUNTERFACTUAL_PARTITION,
    PARTITION,
    quoted,
    reassess,
    required_models,
    sources_of,
)
from akrim.changes.counterfactual import SCHEMA, counterfactual_schema, create_table
from akrim.changes.regrouping import PARTITION_AT
from akrim.errors import UserError
from akrim.rules import CompiledRules

OTHERWISE = "_otherwise"
Row = dict[str, Any]


class Consequences(NamedTuple):
    """What other rules would do to a release's lists.

    `persons` has a row per person and centre whose line would differ in more than its rank; `centres` and `subgroups` count
    them, the latter for whoever oversees the rules, never for assessing anybody.
    """

    persons: list[Row]
    centres: list[Row]
    subgroups: list[Row]


def what_if(release_id: str, present: CompiledRules, otherwise: CompiledRules) -> Consequences:
    """Assess the release by both; raises UserError where they are the same."""
    wanted = required_models(present.models) | required_models(otherwise.models)
    seeds = {r for relation in wanted for r in sources_of(otherwise.models.get(relation, ""))}
    if all(present.models.get(r) == otherwise.models.get(r) for r in wanted) and all(
        present.seeds.get(r) == otherwise.seeds.get(r) for r in seeds
    ):
        raise UserError(
            "That changes nothing that lists depend on.", "--set", "The rules have these values already."
        )
    with warehouse.connect() as connection, counterfactual_schema(connection):
        create_table(connection, COUNTERFACTUAL_PARTITION, PARTITION_AT, {"release": release_id})
        replaced = {PARTITION: quoted(COUNTERFACTUAL_PARTITION)} | _lay_seeds(connection, present.seeds)
        before = reassess(connection, present.models, {}, replaced)
        changed = {r: text for r, text in otherwise.seeds.items() if text != present.seeds.get(r)}
        replaced = _lay_seeds(connection, changed, OTHERWISE)
        after = reassess(connection, otherwise.models, present.models, replaced, before, OTHERWISE)
        return Consequences(*_consequences(connection, before[ASSESSMENTS], after[ASSESSMENTS]))


def _lay_seeds(connection: psycopg.Connection, seeds: Mapping[str, str], suffix: str = "") -> dict[str, str]:
    """Tables of the schema with the seeds' rows; by relation, their names."""
    names = {}
    for relation, text in seeds.items():
        name = relation.partition(".")[2]
        table, like = sql.Identifier(SCHEMA, name + suffix), sql.Identifier("seeds", name)
        connection.execute(sql.SQL("create unlogged table {} (like {})").format(table, like))
        columns = sql.SQL(", ").join(map(sql.Identifier, text.partition("\n")[0].strip().split(",")))
        query = sql.SQL("copy {} ({}) from stdin (format csv, header)").format(table, columns)
        with connection.cursor().copy(query) as copy:
            copy.write(text)
        names[relation] = quoted(name + suffix)
    return names


def _consequences(connection: psycopg.Connection, before: str, after: str) -> Iterator[list[Row]]:
    create_table(connection, "moves", MOVES.format(before=before, after=after))
    with connection.cursor(row_factory=dict_row) as cursor:
        for query in (PERSONS, CENTRES, SUBGROUPS):
            yield cursor.execute(query.format(counts=COUNTS).encode()).fetchall()


MOVES = """
select centre_id, person_id, b.rank as rank_before, a.rank as rank_after,
    b.total_points as points_before, a.total_points as points_after,
    b.proposed_status as proposed_before, a.proposed_status as proposed_after,
    case
        when b.person_id is null then 'entered'
        when a.person_id is null then 'left'
        when coalesce(ac.seriousness, 99) < coalesce(bc.seriousness, 99) then 'raised'
        when coalesce(ac.seriousness, 99) > coalesce(bc.seriousness, 99) then 'lowered'
        when a.total_points <> b.total_points then 'points'
        else 'same'
    end as move
from {before} as b
full join {after} as a using (centre_id, person_id)
left join seeds.status_codes as bc on bc.status = b.proposed_status
left join seeds.status_codes as ac on ac.status = a.proposed_status
"""

PERSONS = """
select * from counterfactual.moves where move <> 'same'
order by centre_id, array_position(array['entered', 'left', 'raised', 'lowered', 'points'], move),
    coalesce(rank_after, rank_before), person_id
"""

COUNTS = """count(points_before) as listed_before, count(points_after) as listed_after,
    count(*) filter (where move = 'entered') as entered, count(*) filter (where move = 'left') as "left",
    count(*) filter (where move = 'raised') as raised, count(*) filter (where move = 'lowered') as lowered,
    count(*) filter (where move = 'points') as points"""

CENTRES = "select centre_id, {counts} from counterfactual.moves group by centre_id order by centre_id"

# A person on two lists is counted once, by what the rules do to her on the list where they do most.
SUBGROUPS = """
with of_persons as (
    select distinct on (person_id) * from counterfactual.moves
    order by person_id, array_position(array['entered', 'left', 'raised', 'lowered', 'points', 'same'], move)
)
select characteristic, subgroup, {counts}
from of_persons join oversight.subgroups_of_persons using (person_id)
group by characteristic, subgroup order by characteristic <> 'all', characteristic, subgroup
"""
