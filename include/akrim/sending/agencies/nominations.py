"""What the centres have answered to an agency's own nominations: by its own references, neither who answered nor with which status."""

import csv
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from akrim.contracts import WITHOUT_CENTRE, load_contracts
from akrim.periods import today
from akrim.sharing import load_matrix
from akrim.trust import file_sha256
from akrim.warehouse import has_table, read_rows

EXTRACT = "nominasjoner"
FILE = "nominations.csv"
Answers = list[dict[str, Any]]

# Those of the delivery, and those of earlier ones that stand. Of several centres' answers the one that did most counts. A team answers
# what the release that it decided on had put before it. A status from before is not told: else a nomination, whose date is its
# sender's word, would ask whether somebody has one.
ANSWERS = """
with release as (
    select release_id from marts.releases where is_newest
), decisions as (
    select centre_id, person_id, decided_date, decided_release_id from marts.prioritisations where release_id = (select release_id from release)
    union all
    select centre_id, null, decided_date, decided_release_id from marts.group_decisions where release_id = (select release_id from release)
), put as (
    select nomination_id, centre_id, coalesce(person_id, orgnr) as subject_id, person_id, answer, decided_date
    from marts.nominations
    where release_id = (select release_id from release) and agency = %(agency)s and centre_id <> %(nobody)s
), shown as materialized (
    -- Before it is asked whom they stand for: that takes milliseconds for each, and few are answered.
    select put.nomination_id, put.centre_id, put.subject_id, n.person_id, n.orgnr
    from put
    join decisions as d on (d.centre_id, d.decided_date) = (put.centre_id, put.decided_date) and (put.person_id is null or put.person_id = d.person_id)
    join marts.nominations as n
        on (n.release_id, n.centre_id, n.agency, n.nomination_id) = (d.decided_release_id, put.centre_id, %(agency)s, put.nomination_id)
), answered as materialized (
    select nomination_id, answer, decided_date, (nomination_id, centre_id) in (
        select nomination_id, centre_id from shown where coalesce(linkage.holder(person_id), orgnr) = subject_id
    ) as is_answer
    from put
), told as (
    select distinct on (nomination_id) nomination_id, case when is_answer then answer else 'open' end as answer,
        case when is_answer then decided_date end as decided_date
    from answered
    order by nomination_id, is_answer desc,
        array_position(array['prioritised', 'decided', 'dismissed', 'followed', 'open', 'unanswered'], answer),
        decided_date desc
), delivered as (
    select distinct nominasjon_id as nomination_id from landing.{table} where delivery_id = %(delivery)s
)
select nomination_id, (select release_id from release) as release_id,
    case when told.answer is null then 'no' else 'yes' end as put_before_a_centre,
    case
        when told.answer in ('prioritised', 'decided') then 'status_given'
        when told.answer = 'dismissed' then 'dismissed'
        when told.answer is not null then 'waiting'
        else ''
    end as answer,
    coalesce(told.decided_date::text, '') as answered_on
from delivered full join told using (nomination_id)
order by nomination_id
"""


def answers_to(connection: psycopg.Connection, agency: str, delivery_id: str) -> Answers | None:
    """A row for each nomination; None where the sharing matrix lets no agency be told, or nothing has been assessed yet."""
    if not load_matrix().answers_nominators(today()):
        return None
    if not has_table(connection, "marts.nominations"):
        return None
    table = load_contracts()[agency].extract(EXTRACT).table
    values = {"agency": agency, "delivery": delivery_id, "nobody": WITHOUT_CENTRE}
    return read_rows(connection, sql.SQL(ANSWERS).format(table=sql.Identifier(table)), values)


def write_answers(answers: Answers, path: Path) -> dict[str, Any]:
    """Write the file; returns what the receipt says of it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(
            file, ["nomination_id", "release_id", "put_before_a_centre", "answer", "answered_on"]
        )
        rows.writeheader()
        rows.writerows(answers)
    return {"file": FILE, "rows": len(answers), "sha256": file_sha256(path)}
