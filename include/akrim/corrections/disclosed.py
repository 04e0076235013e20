"""The correction cases that concern a centre.

A case concerns a centre that was sent the fact: a release gave it a person whose evidence, roles, police cases, bankruptcies, nominations or records
rest on it, and the sharing matrix kept neither that row nor the rule from it. Other cases are not disclosed to it.
"""

from typing import Any

import psycopg

from akrim.contracts import extracts_by_name
from akrim.ledger import Pins
from akrim.warehouse import read_rows

DISCLOSED = (
    "case_id", "kind", "state", "agency", "extract", "source_row_id", "kept_apart_from", "disputed_by",
    "disputed_since", "reason", "outcome_reason",
)  # fmt: skip


def disputes_for(connection: psycopg.Connection, pins: Pins, centre_id: str) -> list[dict[str, Any]]:
    """The cases pinned by a release that concern the centre, with persons and the earlier releases that had the fact."""
    cases = pins.inputs.get("corrections") or []
    earlier = [row[0] for row in connection.execute(EARLIER, [pins.release_id]).fetchall()] if cases else []
    return disputes_in(connection, cases, earlier, centre_id)


def disputes_in(
    connection: psycopg.Connection, cases: list[dict[str, Any]], releases: list[str], centre_id: str
) -> list[dict[str, Any]]:
    """The cases that concern what the centre was sent in these releases, with persons and releases; none of an agency without a contract any more."""
    known = extracts_by_name()
    cases = [case for case in cases if (case["agency"], case["extract"]) in known]
    if not cases or not releases:
        return []
    parameters = {
        "centre": centre_id,
        "releases": releases,
        "agencies": [case["agency"] for case in cases],
        "extracts": [case["extract"] for case in cases],
        "rows": [case["source_row_id"] for case in cases],
        "categories": [known[case["agency"], case["extract"]].category for case in cases],
        "cases": [case["case_id"] for case in cases],
        "sources": [case.get("person_source") for case in cases],
        "records": [case.get("person_source_record_id") for case in cases],
    }
    unknown = {row["agency"] for row in read_rows(connection, UNKNOWN, parameters)}
    by_case = {row["case_id"]: row for row in read_rows(connection, SENT_IN, parameters)}
    notices = []
    for case in cases:
        found = by_case.get(case["case_id"])
        if found:
            apart = [other for other in case["kept_apart_from"] if other.partition("/")[0] not in unknown]
            sent_to_centre = {"person_ids": found["person_ids"], "sent_in": found["sent_in"]}
            notices.append(
                {key: case[key] for key in DISCLOSED} | {"kept_apart_from": apart} | sent_to_centre
            )
    return notices


EARLIER = """
select older.release_id from meta.releases older join meta.releases this on this.release_id = %s
where older.published_at is not null and older.sequence < this.sequence order by older.sequence
"""
# The agencies of which the centre may not know that they know somebody.
UNKNOWN = """
select distinct agency from meta.withheld
where recipient = %(centre)s and release_id = any(%(releases)s::text[]) and category in ('known', 'presence', 'role')
"""
SENT_IN = """
with asked as (
    -- Whose the record is, or was last: an agency may have removed it since, or given its key to somebody else.
    select a.*, coalesce(moved.person_id, (
        select linkage.holder(h.person_id) from linkage.person_record_history h
        where h.source = a.source and h.source_record_id = a.source_record_id order by h.from_run desc limit 1
    )) as disputed_by, (select n.run_number from linkage.runs as n where n.release_id = moved.release_id) as moved_by
    from unnest(
        %(agencies)s::text[], %(extracts)s::text[], %(categories)s::text[], %(rows)s::text[], %(cases)s::text[],
        %(sources)s::text[], %(records)s::text[]
    ) as a (agency, extract, category, source_row_id, case_id, source, source_record_id)
    left join meta.moved_disputes as moved using (case_id)
),
out as (select unnest(%(releases)s::text[]) as release_id),
-- `also`: whom else the centre is told the row of, beside those whom it lists or has decided on.
evidence as (
    select a.case_id, o.release_id, o.person_id, '{}'::text[] as also
    from marts.indicator_observations o join out using (release_id)
    cross join lateral jsonb_array_elements(coalesce(o.evidence, '[]'::jsonb)) as item
    join asked a on a.agency = item ->> 'agency' and a.extract = item ->> 'extract'
        and a.source_row_id = item ->> 'source_row_id'
    where o.checked = 'fired' and not exists (
        select from marts.withheld_rules as w
        where (w.release_id, w.withheld_from, w.indicator_code) = (o.release_id, %(centre)s, o.indicator_code)
    )
),
roles as (
    select a.case_id, r.release_id, r.person_id, '{counterpart}'::text[]
    from marts.roles r join out using (release_id)
    join asked a on a.agency = 'brreg' and a.extract = 'roller' and a.source_row_id = r.role_id
),
records as (
    select a.case_id, out.release_id, m.person_id, '{counterpart,nominated}'::text[]
    from out cross join lateral linkage.person_records_at(out.release_id) m
    join asked a on a.agency = m.source and a.extract = m.extract and a.source_row_id = m.source_record_id
),
-- A centre is sent cases that no rule counts, too: a suspicion, one that is too old or that ended in his favour.
police_cases as (
    select a.case_id, c.release_id, c.person_id, '{}'::text[]
    from marts.offence_cases c join out using (release_id)
    join asked a on a.agency = 'politiet' and (
        a.extract = 'saker' and a.source_row_id = c.case_number
        or a.extract = 'involverte' and exists (
            select from landing.politiet_involverte i where (i.involvert_id, i.saksnummer) = (a.source_row_id, c.case_number)
        )
    )
),
bankruptcies as (
    select a.case_id, b.release_id, b.person_id, '{}'::text[]
    from marts.bankruptcy_involvements b join out using (release_id)
    join asked a on a.agency = 'brreg' and a.extract = 'enheter' and a.source_row_id = b.orgnr
    where not meta.is_withheld(b.release_id, %(centre)s, 'brreg', 'role')
),
nominated as (
    select a.case_id, n.release_id, n.person_id, '{nominated}'::text[]
    from marts.nominations n join out using (release_id)
    join asked a on a.agency = n.agency and a.extract = 'nominasjoner' and a.source_row_id = n.nomination_id
    where n.centre_id = %(centre)s and n.person_id is not null
),
rested as (
    select * from evidence union select * from roles union select * from records
    union select * from police_cases union select * from bankruptcies union select * from nominated
)
select r.case_id, array_agg(distinct r.person_id order by r.person_id) as person_ids,
    array_agg(distinct r.release_id order by r.release_id) as sent_in
from rested r join asked a using (case_id) join marts.named_persons p
    on p.release_id = r.release_id and p.person_id = r.person_id and p.centre_id = %(centre)s
        -- Of a counterpart the centre has the name and the tie alone, of a nominated person the name and the nomination.
        and (p.named_because not in ('counterpart', 'nominated') or p.named_because = any(r.also))
-- A case that names nobody is about all of them, unless it is on a record that was another's then; of somebody who was erased, about
-- nobody. Who has been parted from somebody since was told of under the id of both.
where (
        a.source is null and a.moved_by is null or linkage.holder(r.person_id) = a.disputed_by
        or exists (
            select from linkage.person_records_at(r.release_id) as linked join linkage.runs as n on n.release_id = r.release_id
            where (linked.source, linked.source_record_id, linked.person_id) = (a.source, a.source_record_id, r.person_id)
                and coalesce(n.run_number < a.moved_by, true)
        )
    )
    -- A release that was made with the open case has left the fact out, or keeps the record apart, and tells of it itself.
    and not exists (
        select from meta.releases as telling where telling.release_id = r.release_id
            and telling.pins -> 'corrections' @> jsonb_build_array(jsonb_build_object('case_id', r.case_id, 'state', 'open'))
    )
    and not meta.is_withheld(r.release_id, %(centre)s, a.agency, a.category)
group by r.case_id
"""
