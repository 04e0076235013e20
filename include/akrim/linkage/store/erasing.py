"""Erases a person from all that linkage stores: memberships, findings, verdicts, first records, and the cache."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from akrim.linkage.store.cache import clear_cache
from akrim.linkage.store.verdicts import forget_verdicts


class RecordBefore(NamedTuple):
    """A record that was somebody else's, in these deliveries, of which a release was made before `until`."""

    source: str
    extract: str
    source_record_id: str
    delivery_ids: list[str]
    until: datetime


class LinkedPerson(NamedTuple):
    """Every id that is the person's alone, the present one first, and every record (source, extract, id) that is, or was last, under one.

    A record that has since been split off to somebody else is that person's. Of one whose key its agency has given to somebody else
    since, `before` has the deliveries in which it was hers, and when the first release was pinned in which it was not; of one that was
    given to this person, `of_others` has the same of whoever had it before.
    """

    ids: list[str]
    records: list[tuple[str, str, str]]
    before: Sequence[RecordBefore] = ()
    of_others: Sequence[RecordBefore] = ()


def linked_person(connection: psycopg.Connection, person_id: str) -> LinkedPerson:
    """The person of this id; an id that was split off from others' is not theirs alone, and so is left out."""
    ids = _ids(connection, person_id)
    records = connection.execute(RECORDS, {"ids": ids}).fetchall()
    about = {
        "ids": ids,
        "sources": [source for source, _, _ in records],
        "keys": [key for *_, key in records],
    }
    before, of_others = (
        [RecordBefore(*row[:5]) for row in connection.execute(query, about).fetchall()]
        for query in (BEFORE, OF_OTHERS)
    )
    return LinkedPerson(ids, records, before, of_others)


def given_away(connection: psycopg.Connection[Any]) -> list[tuple[str, RecordBefore]]:
    """Every record whose key an agency has given to somebody else, with the release whose run found this."""
    return [(row[5], RecordBefore(*row[:5])) for row in connection.execute(EVERY).fetchall()]


def taken_for(connection: psycopg.Connection, person: LinkedPerson) -> list[tuple[str, str]]:
    """The releases in which a record of the person's was taken for somebody else's, each with that one's id.

    A record that was somebody else's before told of nobody else then, and so counts for none.
    """
    before = {record[:3] for record in person.of_others}
    own = [record for record in person.records if record not in before]
    keys = {
        "ids": person.ids,
        "sources": [source for source, _, _ in own],
        "record_ids": [record_id for _, _, record_id in own],
    }
    return connection.execute(TAKEN_FOR, keys).fetchall()


def erased_on(connection: psycopg.Connection[Any], person_id: str) -> str | None:
    """The day on which the person of this id was erased, by whichever of her ids; None where nobody of it was."""
    ((day,),) = connection.execute(
        "select max(erased_at at time zone 'Europe/Oslo')::date::text from meta.erasures where person_id = any(%s)",
        [_ids(connection, person_id)],
    ).fetchall()
    return None if day is None else str(day)


def erase_person(connection: psycopg.Connection, person: LinkedPerson) -> None:
    """Erase a person in the caller's transaction; the whole cache is removed at once, as its files cannot be edited."""
    if person.records or person.before:
        clear_cache()
    keys = {
        "ids": person.ids,
        "present": person.ids[0],
        "sources": [source for source, _, _ in person.records],
        "record_ids": [record_id for _, _, record_id in person.records],
        "before_sources": [before.source for before in person.before],
        "before_ids": [before.source_record_id for before in person.before],
        "until": [before.until for before in person.before],
    }
    # Of two records one is no more: neither linkage nor the digest that releases are pinned to needs what was decided on them.
    decided = connection.execute(DECIDED, keys).fetchall()
    forget_verdicts(connection, [row[0] for row in decided])
    for statement in ERASE:
        connection.execute(statement, keys)


def _ids(connection: psycopg.Connection[Any], person_id: str) -> list[str]:
    return [row[0] for row in connection.execute(IDS, {"id": person_id}).fetchall()]


# What was merged into another's and parted from it again is not that other's.
IDS = """
with recursive ids as (
    select linkage.holder(%(id)s) as person_id
    union select h.old_person_id from ids join linkage.person_id_history as h on h.person_id = ids.person_id
)
select person_id from ids where linkage.holder(person_id) = linkage.holder(%(id)s) order by person_id <> linkage.holder(%(id)s), 1
"""
RECORDS = """
with known as (select distinct source, source_record_id from linkage.memberships where person_id = any(%(ids)s)),
last as (
    select distinct on (m.source, m.source_record_id) m.source, m.extract, m.source_record_id, m.person_id
    from known join linkage.memberships m using (source, source_record_id)
    left join linkage.runs r on r.release_id = m.valid_to_release
    order by m.source, m.source_record_id, m.valid_to_release is null desc, r.run_number desc nulls last
)
select source, extract, source_record_id from last where person_id = any(%(ids)s) order by 1, 2, 3
"""
TAKEN_FOR = """
select distinct r.release_id, h.person_id
from unnest(%(sources)s::text[], %(record_ids)s::text[]) as own (source, source_record_id)
join linkage.person_record_history as h using (source, source_record_id)
join linkage.runs as r on h.from_run <= r.run_number and coalesce(h.to_run > r.run_number, true)
where h.person_id <> all(%(ids)s) order by 1, 2
"""
# From the run that first found the key a person's, to the one that found it somebody else's, which deliveries had it as hers.
GIVEN = sql.SQL("""
with given as (
    select g.*, n.run_number as to_run, ended.reserved_at,
        lag(n.run_number, 1, 0::bigint) over (partition by g.source, g.source_record_id order by n.run_number) as from_run
    from linkage.given_away as g join linkage.runs as n using (release_id) join meta.releases as ended using (release_id)
)
select g.source, g.extract, g.source_record_id, array_agg(distinct d.delivery_id order by d.delivery_id), g.reserved_at, g.release_id
from given as g join linkage.runs as r on r.run_number >= g.from_run and r.run_number < g.to_run
join meta.release_deliveries as d on d.release_id = r.release_id and d.agency = g.source
where {whose} group by g.source, g.extract, g.source_record_id, g.reserved_at, g.release_id order by 1, 2, 3, 5
""")
EVERY = GIVEN.format(whose=sql.SQL("g.person_id <> ''"))
BEFORE = GIVEN.format(whose=sql.SQL("g.person_id = any(%(ids)s)"))
OF_OTHERS = GIVEN.format(
    whose=sql.SQL(
        "g.person_id <> all(%(ids)s) and (g.source, g.source_record_id) in"
        " (select source, source_record_id from unnest(%(sources)s::text[], %(keys)s::text[]) as hers (source, source_record_id))"
    )
)
GONE = sql.SQL("unnest(%(sources)s::text[], %(record_ids)s::text[]) as gone (source, source_record_id)")
# Of a record that is another's by now, what was found and decided while it was hers.
WERE_HERS = sql.SQL(
    "unnest(%(before_sources)s::text[], %(before_ids)s::text[], %(until)s::timestamptz[]) as was (source, id, until)"
)
DECIDED = sql.SQL("""
select distinct d.decision_id from linkage.link_decisions as d join {gone}
    on (gone.source, gone.source_record_id) in ((d.source_l, d.source_record_id_l), (d.source_r, d.source_record_id_r))
union
select d.decision_id from linkage.link_decisions as d join {was}
    on (was.source, was.id) in ((d.source_l, d.source_record_id_l), (d.source_r, d.source_record_id_r)) and d.decided_at < was.until
""").format(gone=GONE, was=WERE_HERS)
ERASE = (
    # Whose an id was is known by no record any more: it leads to hers, and not to whom it was once merged into.
    sql.SQL(
        "update linkage.person_id_history set person_id = %(present)s"
        " where old_person_id = any(%(ids)s) and change = 'merged' and person_id <> all(%(ids)s::text[])"
    ),
    sql.SQL(
        "delete from linkage.findings as f using {gone}"
        " where (f.source_l, f.source_record_id_l) = (gone.source, gone.source_record_id)"
        " or (f.source_r, f.source_record_id_r) = (gone.source, gone.source_record_id)"
    ).format(gone=GONE),
    sql.SQL(
        "delete from linkage.findings as f using {was} join meta.releases as r on r.reserved_at <= was.until"
        " where f.valid_to_release = r.release_id"
        " and (was.source, was.id) in ((f.source_l, f.source_record_id_l), (f.source_r, f.source_record_id_r))"
    ).format(was=WERE_HERS),
    # The ids stay, so that none is given out twice; which record each began with does not.
    sql.SQL("update linkage.persons set first_record_key = '' where person_id = any(%(ids)s)"),
    sql.SQL(
        "update linkage.persons as p set first_record_key = '' from {gone}"
        " where p.first_record_key = gone.source || '/' || gone.source_record_id"
    ).format(gone=GONE),
    sql.SQL(
        "delete from linkage.review_sample_records as s using {gone} where (gone.source, gone.source_record_id)"
        " in ((s.source, s.source_record_id), (s.anchor_source, s.anchor_source_record_id))"
    ).format(gone=GONE),
    sql.SQL(
        "delete from linkage.review_sample_records as s using linkage.review_samples as d, {was}"
        " where d.sample_id = s.sample_id and d.drawn_at < was.until"
        " and (was.source, was.id) in ((s.source, s.source_record_id), (s.anchor_source, s.anchor_source_record_id))"
    ).format(was=WERE_HERS),
    sql.SQL(
        "delete from linkage.memberships as m using {gone}"
        " where (m.source, m.source_record_id) = (gone.source, gone.source_record_id) and not exists ("
        " select from linkage.given_away as g"
        " where (g.source, g.source_record_id, g.person_id) = (m.source, m.source_record_id, m.person_id))"
    ).format(gone=GONE),
    sql.SQL("delete from linkage.memberships where person_id = any(%(ids)s)"),
    sql.SQL("delete from linkage.given_away where person_id = any(%(ids)s)"),
    sql.SQL("delete from linkage.hidden_persons where person_id = any(%(ids)s)"),
)
