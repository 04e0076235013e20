"""Which persons exchanged records between two releases, and what caused it."""

from collections import defaultdict
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from akrim.changes.assessing import COUNTERFACTUAL_PARTITION
from akrim.changes.counterfactual import SCHEMA, create_table
from akrim.warehouse import read_rows


class Regrouping(NamedTuple):
    """Persons of the earlier release that exchanged records, and the cause.

    `cause` is linkage, link_decision, or correction where the verdict belongs to a correction case.
    """

    old_person_ids: frozenset[str]
    cause: str


def regroupings(connection: psycopg.Connection, before: str, after: str) -> list[Regrouping]:
    """The groups of persons between which old records moved."""
    _create_partitions(connection, before, after)
    moved = connection.execute(MOVED).fetchall()
    if not moved:
        return []
    from scipy.cluster.hierarchy import DisjointSet  # seldom needed, and slow to import

    # One id may stand for other records in the later release.
    together = DisjointSet([name for old, new in moved for name in (f"<{old}", f">{new}")])
    for old, new in moved:
        together.merge(f"<{old}", f">{new}")
    causes: dict[str, set[str]] = defaultdict(set)
    for left, right, is_correction in connection.execute(VERDICTS_IN_EFFECT, {"before": before}).fetchall():
        for name in (f"<{left}", f"<{right}"):
            together.add(name)
            causes[together[name]].add("correction" if is_correction else "link_decision")
    groups: dict[str, set[str]] = defaultdict(set)
    for old, _ in moved:
        groups[together[f"<{old}"]].add(old)
    return [
        Regrouping(frozenset(olds), min(causes.get(name, {"linkage"})))
        for name, olds in sorted(groups.items(), key=lambda entry: min(entry[1]))
    ]


def create_partition(connection: psycopg.Connection, unmoved: set[str]) -> tuple[str, str, str]:
    """Create a view like linkage.person_records, in which these persons still have their earlier records.

    New records stay with their present person. Call `regroupings` first. Returns the names of the view, and of the tables whose rows
    it has, and has not, beside those of linkage.person_records.
    """
    create_table(connection, UNMOVED, UNMOVED_RECORDS, {"unmoved": list(unmoved)})
    connection.execute(
        sql.SQL("create view {} as {}").format(
            sql.Identifier(SCHEMA, COUNTERFACTUAL_PARTITION), sql.SQL(STANDING_AND_UNMOVED)
        )
    )
    return COUNTERFACTUAL_PARTITION, UNMOVED, PARTITION_AFTER


def identities_between(
    connection: psycopg.Connection, before: str | None, after: str
) -> list[dict[str, Any]]:
    """The rows of linkage.person_id_history after one release and up to the other, oldest first."""
    return read_rows(connection, IDENTITIES, {"before": before, "after": after})


def _create_partitions(connection: psycopg.Connection, before: str, after: str) -> None:
    """Of both releases, the memberships of the records that a run between them, or a verdict, was about."""
    for name, query in (
        (CONCERNED, CONCERNED_RECORDS),
        (PARTITION_BEFORE, MEMBERSHIPS_AT.format(release="before")),
        (PARTITION_AFTER, MEMBERSHIPS_AT.format(release="after")),
    ):
        connection.execute(sql.SQL("drop table if exists {}").format(sql.Identifier(SCHEMA, name)))
        create_table(connection, name, query, {"before": before, "after": after})


CONCERNED, UNMOVED = "concerned_records", "unmoved_records"
PARTITION_BEFORE, PARTITION_AFTER = "partition_before", "partition_after"

CONCERNED_RECORDS = """
select source, source_record_id from linkage.records_changed_between(%(before)s, %(after)s)
union select source_l, source_record_id_l from linkage.known_verdicts
union select source_r, source_record_id_r from linkage.known_verdicts
"""

MEMBERSHIPS_AT = """
select * from linkage.person_records_at(%({release})s)
where (source, source_record_id) in (select source, source_record_id from counterfactual.concerned_records)
"""

MOVED = """
select distinct b.person_id, n.person_id from counterfactual.partition_before b join counterfactual.partition_after n using (source, source_record_id)
where b.person_id <> n.person_id order by 1, 2
"""

# The newest verdicts on two records that took effect between the releases. One that the earlier release went by, and that did not hold there,
# moves nothing by itself: what holds it now came with the data.
VERDICTS_IN_EFFECT = """
select bl.person_id, br.person_id, exists (select from meta.corrections as c where c.decision_id = v.decision_id)
from linkage.known_verdicts v
join counterfactual.partition_before bl on (bl.source, bl.source_record_id) = (v.source_l, v.source_record_id_l)
join counterfactual.partition_before br on (br.source, br.source_record_id) = (v.source_r, v.source_record_id_r)
join counterfactual.partition_after nl on (nl.source, nl.source_record_id) = (v.source_l, v.source_record_id_l)
join counterfactual.partition_after nr on (nr.source, nr.source_record_id) = (v.source_r, v.source_record_id_r)
where v.decision_id > linkage.last_verdict_of(%(before)s) and (
    (v.verdict = 'same' and bl.person_id <> br.person_id and nl.person_id = nr.person_id)
    or (v.verdict = 'different' and bl.person_id = br.person_id and nl.person_id <> nr.person_id)
    or (v.verdict = 'unsure' and (bl.person_id = br.person_id) <> (nl.person_id = nr.person_id))
)
"""

UNMOVED_RECORDS = """
select source, coalesce(b.extract, n.extract) as extract, source_record_id,
    case when b.person_id = any(%(unmoved)s) or n.person_id is null then b.person_id else n.person_id end as person_id,
    case when b.person_id = any(%(unmoved)s) or n.person_id is null then b.link_kind else n.link_kind end as link_kind,
    coalesce(n.match_weight, b.match_weight) as match_weight
from counterfactual.partition_after n full join counterfactual.partition_before b using (source, source_record_id)
"""

STANDING_AND_UNMOVED = """
select source, extract, source_record_id, person_id, link_kind, match_weight from linkage.person_records
where (source, source_record_id) not in (select source, source_record_id from counterfactual.partition_after)
union all
select source, extract, source_record_id, person_id, link_kind, match_weight from counterfactual.unmoved_records
"""

IDENTITIES = "select old_person_id, person_id, change from linkage.id_changes_between(%(before)s, %(after)s)"
