"""What if the rules were others, or an agency delivered nothing: a release assessed as it is and as it would be, and who would move.

Everything from the agencies' rows on is built twice in a schema of its own, the second time only what differs, so that
it can be any release whose deliveries are kept. What stands of the newest run is read as it stands. Nothing remains of it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from akrim import warehouse
from akrim.changes.assessing import (
    ASSESSMENTS,
    COUNTERFACTUAL_PARTITION,
    OBSERVATIONS,
    PARTITION,
    RESULTS,
    Built,
    quoted,
    reassess,
    required_models,
    sources_of,
)
from akrim.changes.counterfactual import SCHEMA, counterfactual_schema, create_table
from akrim.changes.trying.leaving_out import check_agencies, leave_out
from akrim.errors import UserError
from akrim.rules import CompiledRules

OTHERWISE = "_otherwise"
SUBGROUPS_OF_PERSONS = "oversight.subgroups_of_persons"
UNKNOWN = CompiledRules({}, {})
Row = dict[str, Any]


class Consequences(NamedTuple):
    """What other rules, or fewer agencies, would do to a release's lists.

    `persons` has a row per person and centre whose line would differ in more than its rank; `centres` and `subgroups` count
    them, the latter for whoever oversees the rules, never for assessing anybody. `statuses` counts each person once, by the
    status that is proposed now, and `unchecked` names the rules that could be checked and then could not.
    """

    persons: list[Row]
    centres: list[Row]
    subgroups: list[Row]
    statuses: list[Row]
    unchecked: list[str]


def what_if(
    release_id: str,
    present: CompiledRules,
    otherwise: CompiledRules,
    without: Sequence[str] = (),
    made_by: CompiledRules | None = None,
) -> Consequences:
    """Assess the release by both, the second time without these agencies; raises UserError where nothing differs.

    Args:
        made_by: the rules that it was made by, where this very program made it: what they made, and still stands, is not built again.
    """
    check_agencies(without)
    if not without:
        _check_difference(present, otherwise)
    with warehouse.connect() as connection, counterfactual_schema(connection):
        standing = made_by if made_by and _stands(connection, release_id) else UNKNOWN
        replaced = _lay_seeds(connection, _differing(present.seeds, standing.seeds))
        if standing is UNKNOWN:
            create_table(connection, COUNTERFACTUAL_PARTITION, PARTITION_AT, {"release": release_id})
            replaced[PARTITION] = quoted(COUNTERFACTUAL_PARTITION)
        built = Built(standing.models)
        names = reassess(
            connection, present.models, built, replaced, results=(*RESULTS, SUBGROUPS_OF_PERSONS)
        )
        before = Built(present.models, _of_release(connection, release_id, names) | names)
        replaced = _lay_seeds(connection, _differing(otherwise.seeds, present.seeds), OTHERWISE)
        models = otherwise.models
        if without:
            models, laid = leave_out(connection, release_id, without, models, before, OTHERWISE)
            replaced |= laid
        after = reassess(connection, models, before, replaced, OTHERWISE)
        return _consequences(connection, before.names, after)


def _stands(connection: psycopg.Connection, release_id: str) -> bool:
    """Whether the tables between staging and marts are this release's, and stay so to the end of the transaction."""
    ((is_free,),) = connection.execute(NOT_ASSESSED_MEANWHILE).fetchall()
    return bool(is_free) and connection.execute(IS_WHOLE, [release_id]).fetchone() is not None


def _of_release(connection: psycopg.Connection, release_id: str, names: Mapping[str, str]) -> dict[str, str]:
    """The name of the release's own rows, by relation, of each result that was not built anew."""
    views = {relation: relation.partition(".")[2] for relation in RESULTS if relation not in names}
    for relation, name in views.items():
        rows = sql.SQL("create view {} as select * from {} where release_id = {}").format(
            sql.Identifier(SCHEMA, name), sql.Identifier(*relation.split(".")), sql.Literal(release_id)
        )
        connection.execute(rows)
    return {PARTITION: PARTITION} | {relation: quoted(name) for relation, name in views.items()}


def _differing(seeds: Mapping[str, str], others: Mapping[str, str]) -> dict[str, str]:
    return {relation: text for relation, text in seeds.items() if text != others.get(relation)}


def _check_difference(present: CompiledRules, otherwise: CompiledRules) -> None:
    wanted = required_models(present.models) | required_models(otherwise.models)
    seeds = {r for relation in wanted for r in sources_of(otherwise.models.get(relation, ""))}
    if all(present.models.get(r) == otherwise.models.get(r) for r in wanted) and all(
        present.seeds.get(r) == otherwise.seeds.get(r) for r in seeds
    ):
        raise UserError(
            "That changes nothing that lists depend on.",
            "--set, --file",
            "The rules have these values already.",
        )


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


def _consequences(
    connection: psycopg.Connection, before: Mapping[str, str], after: Mapping[str, str]
) -> Consequences:
    names = {"before": before[ASSESSMENTS], "after": after[ASSESSMENTS]}
    partitions = {"old": before[PARTITION], "new": after[PARTITION]}
    create_table(connection, "counterparts", COUNTERPARTS.format(**partitions, **names))
    create_table(connection, "moves", MOVES.format(**names))
    unchecked = UNCHECKED.format(before=before[OBSERVATIONS], after=after[OBSERVATIONS])
    belonging = before.get(
        SUBGROUPS_OF_PERSONS, SUBGROUPS_OF_PERSONS
    )  # as it stands, where it is the release's
    persons, centres, subgroups, statuses, rules = (
        warehouse.read_rows(connection, query.format(counts=COUNTS, belonging=belonging).encode())
        for query in (PERSONS, CENTRES, SUBGROUPS, STATUSES, unchecked)
    )
    return Consequences(persons, centres, subgroups, statuses, [rule["indicator_code"] for rule in rules])


# Shared with whoever else reads them; where a run is under way, its tables are not waited for.
NOT_ASSESSED_MEANWHILE = f"select pg_try_advisory_xact_lock_shared({warehouse.ASSESSMENT_KEY})"
IS_WHOLE = (
    "select from meta.workbench join meta.releases using (release_id) where release_id = %s and is_explained"
)

PARTITION_AT = "select * from linkage.person_records_at(%(release)s)"

# Where records are left out, a person may come apart into several: who shares a record is compared, of those on lists.
COUNTERPARTS = """
select distinct b.person_id, a.person_id as person_after
from {old} as b join {new} as a using (source, source_record_id)
where b.person_id in (select person_id from {before}) or a.person_id in (select person_id from {after})
"""

# Of several parts on one list, the one that is highest on it.
MOVES = """
with a as (
    select distinct on (lines.centre_id, same.person_id)
        lines.centre_id, same.person_id, lines.rank, lines.total_points, lines.proposed_status
    from {after} as lines join counterfactual.counterparts as same on same.person_after = lines.person_id
    order by lines.centre_id, same.person_id, lines.rank
)
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
full join a using (centre_id, person_id)
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
from of_persons join {belonging} using (person_id)
group by characteristic, subgroup order by characteristic <> 'all', characteristic, subgroup
"""

# Here by the list where most is proposed, and of these the one where most is lost.
STATUSES = """
with of_persons as (
    select distinct on (person_id) moves.*, seriousness
    from counterfactual.moves join seeds.status_codes on status = proposed_before
    order by person_id, seriousness, array_position(array['left', 'lowered', 'points', 'same', 'raised'], move)
)
select proposed_before as proposed_status, count(*) as before,
    count(*) filter (where move not in ('left', 'lowered')) as kept,
    count(*) filter (where move = 'lowered' and proposed_after is not null) as lowered,
    count(*) filter (where move = 'lowered' and proposed_after is null) as unproposed,
    count(*) filter (where move = 'left') as "left",
    count(*) filter (
        where not exists (select from counterfactual.counterparts as c where c.person_id = of_persons.person_id)
    ) as unknown
from of_persons
group by proposed_before, seriousness order by seriousness
"""

UNCHECKED = """
select indicator_code from {after} group by indicator_code having bool_and(checked = 'unavailable')
except
select indicator_code from {before} group by indicator_code having bool_and(checked = 'unavailable')
order by indicator_code
"""
