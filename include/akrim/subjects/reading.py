"""Reads all that is held about a person: what agencies delivered, how it was joined, what rules found, who was sent what.

Of others nothing is read that tells who they are: rows that are theirs are counted by their agency and kind alone. Addresses
are left out where one of the person's is protected.
"""

from typing import Any

import psycopg

from akrim import linkage
from akrim.contracts import load_contracts
from akrim.corrections import cases
from akrim.deliveries.removal import described, person_numbers, set_aside_about
from akrim.linkage import store
from akrim.subjects.sources import Row, fields_of, read_sources
from akrim.texts import LANGUAGES
from akrim.warehouse import has_table, read_rows


def read_subject(connection: psycopg.Connection, person: store.LinkedPerson, release_id: str) -> Row:
    """All sections about a person, JSON-ready.

    Args:
        release_id: the release whose indicators, lists and decisions are told.
    """
    about = {"ids": person.ids, "id": person.ids[0], "release": release_id} | _events_about(
        connection, person
    )
    is_protected = _is_protected(connection, person, release_id)
    sources = read_sources(connection, person, is_protected)
    own = {*person.records, *((row["agency"], row["extract"], row["key"]) for row in sources)}
    indicators = read_rows(connection, INDICATORS, about)
    for indicator in indicators:
        indicator["evidence"] = [_masked(item, own) for item in indicator["evidence"] or []]
    return {
        "person_ids": person.ids,
        "release_id": release_id,
        "has_protected_address": is_protected,
        "sources": sources,
        "set_aside": [
            _set_aside(row, is_protected)
            for row in set_aside_about(connection, person.records, person.before)
        ],
        "links": _links(person),
        "indicators": indicators,
        "assessments": read_rows(connection, ASSESSMENTS, about),
        "decisions": read_rows(connection, DECISIONS, about),
        "disclosures": read_rows(connection, DISCLOSURES, about),
        "corrections": read_corrections(connection, own, person),
        "erasures": read_rows(connection, ERASURES, about),
        "log": read_rows(connection, LOG, about),
    }


def _events_about(connection: psycopg.Connection, person: store.LinkedPerson) -> dict[str, list[Any]]:
    """The log's events about the person, each with the id by which it was about her."""
    taken = store.taken_for(connection, person)
    of_taken = {"releases": [release_id for release_id, _ in taken], "others": [other for _, other in taken]}
    events = connection.execute(ABOUT, {"ids": person.ids} | of_taken).fetchall()
    return {"positions": [position for position, _ in events], "persons": [id_then for _, id_then in events]}


def _is_protected(connection: psycopg.Connection, person: store.LinkedPerson, release_id: str) -> bool:
    """Whether a home of the person is protected, by any statement that holds or as the newest assessment found, not an earlier one.

    Until one was made it is not known of anybody, so that all are.
    """
    if not has_table(connection, "intermediate.protected_persons"):
        return True
    about = {
        "ids": person.ids,
        "release": release_id,
        "sources": [agency for agency, _, _ in person.records],
        "keys": [key for _, _, key in person.records],
        "numbers": person_numbers(connection, described(connection, person.records), person.before),
    }
    return bool(read_rows(connection, PROTECTED, about))


def _set_aside(row: Row, is_protected: bool) -> Row:
    """A row that was kept and not used, with its fields where these are the person's own."""
    raw = row.pop("raw")
    if raw is None:  # it may be of an agency that has no contract any more
        return row | {"fields": {}}
    extract = load_contracts()[row["agency"]].extract(row["extract"])
    content = {column.name: raw.get(column.path) for column in extract.columns}
    return row | {"fields": fields_of(extract, content, is_protected)}


def _links(person: store.LinkedPerson) -> Row:
    """Which records were joined, by which steps, in each language; of who came near only how many there were."""
    told = {language: linkage.explain(person.ids[0], language) for language in LANGUAGES}
    first = told[LANGUAGES[0]]
    steps = [
        {
            "records": list(step.records),
            "match_weight": step.match_weight,
            "words": {language: told[language].steps[place].words for language in LANGUAGES},
            "weighings": [
                {"weight": weighing.weight, "words": {
                    language: _weighing(told[language].steps[place].weighings[number]) for language in LANGUAGES
                }}
                for number, weighing in enumerate(step.weighings)
            ],
        }
        for place, step in enumerate(first.steps)
    ]  # fmt: skip
    return {
        "records": [dict(record) for record in first.records],
        "steps": steps,
        "persons_who_came_near": first.persons_near,
    }


def _weighing(weighing: Any) -> str:
    return ": ".join(filter(None, (weighing.comparison, weighing.level)))


def _masked(item: Row, own: set[tuple[str, str, str]]) -> Row:
    """A source row of the evidence; whose it is stays out where it is somebody else's."""
    key = (item.get("agency"), item.get("extract"), item.get("source_row_id"))
    kept = ("agency", "extract", *(("source_row_id",) if key in own else ()), "date", "orgnr")
    return {name: item[name] for name in kept if item.get(name) is not None}


def read_corrections(
    connection: psycopg.Connection, own: set[tuple[str, str, str]], person: store.LinkedPerson
) -> list[Row]:
    """The correction cases that are the person's: on a key that is or was another's, those opened while it was hers.

    Args:
        own: agency, extract and key of every row that is hers.
    """
    told = (
        "case_id", "kind", "state", "agency", "extract", "source_row_id", "disputed_by", "disputed_since", "reason",
        "outcome_reason",
    )  # fmt: skip
    opened: dict[str, Any] = dict(connection.execute(OPENED).fetchall())
    mine = {(source, key) for source, _, key in person.records}
    was_mine, was_others = (
        {(record.source, record.source_record_id): record.until for record in records}
        for records in (person.before, person.of_others)
    )

    def is_own(case: Row) -> bool:
        """By whose the disputing record's key was when the case was opened."""
        if case["person_source"] is None:
            return (case["agency"], case["extract"], case["source_row_id"]) in own
        record, day = (case["person_source"], case["person_source_record_id"]), opened[case["case_id"]]
        if record in was_mine and day < was_mine[record]:
            return True
        return record in mine and not (record in was_others and day < was_others[record])

    return [{name: case.get(name) for name in told} for case in cases(connection) if is_own(case)]


OPENED = "select case_id, min(recorded_at) from meta.corrections group by case_id"
# The marts have those alone who are assessed, and the assessment was made before what has been received since.
PROTECTED = """
select 1 from intermediate.protected_persons where person_id = any(%(ids)s)
union all select 1 from marts.persons where person_id = any(%(ids)s) and has_protected_address and release_id = %(release)s
union all
select 1 from meta.protections(
    array(select delivery_id from meta.deliveries where status = 'accepted'), array(select delivery_id from meta.delivery_withdrawals)
) as held
where (held.agency, held.record_id) in (select * from unnest(%(sources)s::text[], %(keys)s::text[]))
    or array[held.identifier, held.previous_identifier] && %(numbers)s::text[]
limit 1
"""
INDICATORS = """
select indicator_code as code, indicator_version as version, dimension, checked, points, value::float8 as value,
    jsonb_build_object('nb', explanation_nb, 'en', explanation_en) as words, evidence
from marts.indicator_observations where release_id = %(release)s and person_id = any(%(ids)s)
order by points desc, dimension desc, indicator_code
"""
ASSESSMENTS = """
select centre_id, rank, intention_points, capacity_points, total_points, proposed_status, status, status_since::text as status_since
from marts.assessments where release_id = %(release)s and person_id = any(%(ids)s) order by centre_id
"""
DECISIONS = """
select decision_id, centre_id, decided_release_id, decided_date::text as decided_date, status, priority_code, reason_code,
    responsible_agency, actions, capacity_change, intention_change, next_review_date::text as next_review_date
from marts.prioritisations where release_id = %(release)s and person_id = any(%(ids)s) order by decided_date, decision_id
"""
# While a record of hers was taken for another's, what went out of that one was of her, too; what the other was given to read is not told.
ABOUT = """
select position, person_id from audit.subjects where person_id = any(%(ids)s)
union
select e.position, taken.other from unnest(%(releases)s::text[], %(others)s::text[]) as taken (release_id, other)
join audit.events as e using (release_id) join audit.subjects as s on s.position = e.position and s.person_id = taken.other
where e.action in ('combination', 'disclosure') and e.recipient is distinct from 'the person'
"""
# What a centre was sent says the release, for as long as its part stands; when and by which way, the log.
DISCLOSURES = """
with sent as (
    select distinct e.position, n.named_because
    from unnest(%(positions)s::bigint[], %(persons)s::text[]) as about (position, person_id) join audit.events as e using (position)
    left join marts.named_persons as n on n.release_id = e.release_id and n.centre_id = e.recipient and n.person_id = about.person_id
    where e.action = 'disclosure'
)
select e.recipient, e.release_id, to_char(e.happened_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as happened_at,
    e.detail ->> 'means' as means,
    case when sent.named_because is not null then sent.named_because
        when e.detail ->> 'means' in ('login', 'outbox', 'mirror') and not exists (
            select from audit.events as gone
            where gone.action = 'erasure' and (gone.release_id, gone.recipient) = (e.release_id, e.recipient)
        ) then 'moved' end as named_because,
    (select min(c.recalled_at at time zone 'Europe/Oslo')::date::text from meta.release_recalls as c where c.release_id = e.release_id) as recalled
from sent join audit.events as e using (position)
-- What became of an id that was merged into hers is told with her.
where sent.named_because is not null
    or not exists (select from sent as other where other.position = e.position and other.named_because is not null)
order by e.position, 5
"""
ERASURES = """
select releases, rows_erased, to_char(erased_at at time zone 'Europe/Oslo', 'YYYY-MM-DD') as erased_at from meta.erasures
where person_id = any(%(ids)s) order by erasure_id
"""
LOG = """
select to_char(e.happened_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as happened_at, e.action, e.purpose, e.recipient, e.release_id
from audit.events_about as e where person_id = any(%(ids)s) or position = any(%(positions)s)
group by e.position, e.happened_at, e.action, e.purpose, e.recipient, e.release_id order by e.position nulls last, e.happened_at
"""
