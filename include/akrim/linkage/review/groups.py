"""The group that a pair belongs to: what is one by its number or content, what ties it together, and which tie alone holds two parts."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from psycopg import sql

from akrim.linkage.review.decisions import RecordKey
from akrim.linkage.store.postgres import open_store

# In bits above the threshold: a bridge up to here is weak, as the queue has it.
WEAK = 3


class Unit(NamedTuple):
    """Records that say the same or have one valid number; `place` is their number in the group, from 0."""

    place: int
    person_id: str
    records: tuple[str, ...]


class Tie(NamedTuple):
    """What the strongest pair of two units weighs, in bits; `is_joined` where it made them one person.

    `is_bridge` where nothing else ties the two parts of the group that it joins, `is_weak` where it then hardly reaches the threshold.
    """

    one: int
    other: int
    weight: float
    is_joined: bool
    is_bridge: bool
    is_weak: bool


class Group(NamedTuple):
    """The units of the pair's persons, and their ties, the strongest first."""

    units: Sequence[Unit]
    ties: Sequence[Tie]


def group_of(one: RecordKey, other: RecordKey) -> Group:
    """The group of both records' persons; ids and weights alone."""
    asked = {"l": str(one), "r": str(other)}
    with open_store() as connection:
        rows = connection.execute(UNITS, asked).fetchall()
        weighed = connection.execute(WEIGHED, asked).fetchall()
    units = [Unit(place, person_id, tuple(records)) for place, (person_id, records) in enumerate(rows)]
    place_of = {record: unit.place for unit in units for record in unit.records}
    ties: dict[tuple[int, int], tuple[float, float, bool]] = {}
    for left, right, weight, threshold, is_joined in weighed:
        places = sorted({place_of[left], place_of[right]})
        if len(places) == 2:
            ties.setdefault((places[0], places[1]), (weight, threshold, is_joined))
    joined = [places for places, (_, _, is_joined) in ties.items() if is_joined]
    bridges = {places for places in joined if _are_apart(places, [tie for tie in joined if tie != places])}
    return Group(
        units,
        [
            Tie(
                *places,
                weight,
                is_joined,
                places in bridges,
                places in bridges and weight <= threshold + WEAK,
            )
            for places, (weight, threshold, is_joined) in ties.items()
        ],
    )


def _are_apart(places: tuple[int, int], ties: Iterable[tuple[int, int]]) -> bool:
    """Whether no way along the ties leads from one to the other."""
    reached, size = {places[0]}, 0
    while size < len(reached):
        size = len(reached)
        for tie in ties:
            if not reached.isdisjoint(tie):
                reached.update(tie)
    return places[1] not in reached


MEMBERS = sql.SQL("""
with members as (
    select m.source || '/' || m.source_record_id as record, m.source, m.source_record_id, m.person_id,
        coalesce(m.same_number_as, m.content_digest::text) as unit
    from linkage.memberships as m where m.valid_to_release is null and m.person_id in (
        select p.person_id from linkage.person_records as p
        where (p.source, p.source_record_id) in (
            (split_part(%(l)s, '/', 1), substr(%(l)s, strpos(%(l)s, '/') + 1)), (split_part(%(r)s, '/', 1), substr(%(r)s, strpos(%(r)s, '/') + 1))
        )
    )
)
""")
UNITS = MEMBERS + sql.SQL("""
select person_id, array_agg(record order by record) from members group by person_id, unit order by person_id, min(record)
""")
WEIGHED = MEMBERS + sql.SQL("""
select l.record, r.record, f.match_weight, f.threshold, f.outcome = 'accepted'
from linkage.findings as f
join members as l on (l.source, l.source_record_id) = (f.source_l, f.source_record_id_l)
join members as r on (r.source, r.source_record_id) = (f.source_r, f.source_record_id_r)
where f.valid_to_release is null and f.match_weight is not null
    and (f.outcome = 'accepted' or (l.record, r.record) in ((%(l)s, %(r)s), (%(r)s, %(l)s)))
order by f.outcome = 'accepted' desc, f.match_weight desc, l.record, r.record
""")
