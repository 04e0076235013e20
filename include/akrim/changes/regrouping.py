"""Who was whom at an earlier release, and what moved records from one person to another since."""

from collections import defaultdict
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from akrim.changes.imagined import IMAGINED, lay_imagined


class Regrouping(NamedTuple):
    """Persons that exchanged records between two releases: those that stood before, and what brought it about.

    `cause` is linkage, link_decision, or correction where the verdict belongs to a correction case.
    """

    old_person_ids: frozenset[str]
    cause: str


def regroupings(connection: psycopg.Connection, before: str, after: str) -> list[Regrouping]:
    """The groups of persons between which old records moved; empty while every old record stays with its person."""
    _lay_standing(connection, before, after)
    moved = connection.execute(MOVED).fetchall()
    if not moved:
        return []
    root = _Roots()
    for old, new in moved:
        root.join(f"<{old}", f">{new}")
    causes: dict[str, set[str]] = defaultdict(set)
    for left, right, is_correction in connection.execute(VERDICTS_IN_EFFECT).fetchall():
        for old in (left, right):
            causes[root.of(f"<{old}")].add("correction" if is_correction else "link_decision")
    groups: dict[str, set[str]] = defaultdict(set)
    for old, _ in moved:
        groups[root.of(f"<{old}")].add(old)
    return [
        Regrouping(frozenset(olds), min(causes.get(name, {"linkage"})))
        for name, olds in sorted(groups.items(), key=lambda entry: min(entry[1]))
    ]


def imagine_partition(connection: psycopg.Connection, table: str, unmoved: set[str]) -> None:
    """Lay a table like linkage.person_records, in which these persons still have the records they had.

    Records that were not there before stay with the person they have now. Call `regroupings` first.
    """
    lay_imagined(connection, table, IMAGINED_RECORDS, {"unmoved": list(unmoved)})


def identities_between(
    connection: psycopg.Connection, before: str | None, after: str
) -> list[dict[str, Any]]:
    """The rows of linkage.person_id_history after the one release and up to the other, the oldest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(IDENTITIES, {"before": before, "after": after}).fetchall()


def _lay_standing(connection: psycopg.Connection, before: str, after: str) -> None:
    for name, release_id in (("stood_before", before), ("stands_now", after)):
        connection.execute(sql.SQL("drop table if exists {}").format(sql.Identifier(IMAGINED, name)))
        lay_imagined(connection, name, STOOD, {"release": release_id})


class _Roots:
    """Which names are connected, each group by one of them."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def of(self, name: str) -> str:
        while (parent := self._parent.setdefault(name, name)) != name:
            self._parent[name] = self._parent[parent]
            name = parent
        return name

    def join(self, one: str, other: str) -> None:
        first, second = sorted((self.of(one), self.of(other)))
        self._parent[second] = first


STOOD = "select * from linkage.person_records_at(%(release)s)"

MOVED = """
select distinct b.person_id, n.person_id from imagined.stood_before b join imagined.stands_now n using (source, source_record_id)
where b.person_id <> n.person_id order by 1, 2
"""

# The newest verdict on two records, where it says what they now are and were not before.
VERDICTS_IN_EFFECT = """
with newest as (
    select distinct on (source_l, source_record_id_l, source_r, source_record_id_r) *
    from linkage.link_decisions
    order by source_l, source_record_id_l, source_r, source_record_id_r, decision_id desc
)
select bl.person_id, br.person_id, exists (
    select 1 from linkage.link_decisions d join meta.corrections c using (decision_id)
    where (d.source_l, d.source_record_id_l, d.source_r, d.source_record_id_r)
        = (v.source_l, v.source_record_id_l, v.source_r, v.source_record_id_r)
)
from newest v
join imagined.stood_before bl on (bl.source, bl.source_record_id) = (v.source_l, v.source_record_id_l)
join imagined.stood_before br on (br.source, br.source_record_id) = (v.source_r, v.source_record_id_r)
join imagined.stands_now nl on (nl.source, nl.source_record_id) = (v.source_l, v.source_record_id_l)
join imagined.stands_now nr on (nr.source, nr.source_record_id) = (v.source_r, v.source_record_id_r)
where (v.verdict = 'same' and bl.person_id <> br.person_id and nl.person_id = nr.person_id)
    or (v.verdict = 'different' and bl.person_id = br.person_id and nl.person_id <> nr.person_id)
    or (v.verdict = 'unsure' and (bl.person_id = br.person_id) <> (nl.person_id = nr.person_id))
"""

IMAGINED_RECORDS = """
select source, coalesce(b.extract, n.extract) as extract, source_record_id,
    case when b.person_id = any(%(unmoved)s) or n.person_id is null then b.person_id else n.person_id end as person_id,
    case when b.person_id = any(%(unmoved)s) or n.person_id is null then b.link_kind else n.link_kind end as link_kind,
    coalesce(n.match_weight, b.match_weight) as match_weight
from imagined.stands_now n full join imagined.stood_before b using (source, source_record_id)
"""

IDENTITIES = "select old_person_id, person_id, change from linkage.id_changes_between(%(before)s, %(after)s)"
