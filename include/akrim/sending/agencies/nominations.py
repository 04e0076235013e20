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
# what the release that it decided on had put before it, of whom it decided on: neither whom the nomination has moved to since nor who
# was merged into its subject. A status from before is not told: else a nomination, whose date is its sender's word, would ask
# whether somebody has one.
ANSWERS = """
with release as (
    select release_id from marts.releases where is_newest
), decisions as (
    select decision_id, centre_id, person_id, decided_person_id, status, decided_date, decided_release_id
    from marts.prioritisations where release_id = (select release_id from release)
    union all
    select decision_id, centre_id, null, null, status, decided_date, decided_release_id
    from marts.group_decisions where release_id = (select release_id from release)
), put as (
    select nomination_id, centre_id, person_id, orgnr, status, decided_date
    from marts.nominations
    where release_id = (select release_id from release) and agency = %(agency)s and centre_id <> %(nobody)s
), answered as (
    select distinct on (put.nomination_id, put.centre_id) put.nomination_id, put.centre_id,
        case when put.orgnr is null then d.status else put.status end as status, d.decided_date
    from put
    join decisions as d on d.centre_id = put.centre_id and (
        d.person_id = put.person_id or put.orgnr is not null and d.decided_date = put.decided_date
    )
    join marts.nominations as n
        on (n.release_id, n.centre_id, n.agency, n.nomination_id) = (d.decided_release_id, put.centre_id, %(agency)s, put.nomination_id)
        and (n.person_id = d.decided_person_id or n.orgnr = put.orgnr)
    where n.nominated_date <= d.decided_date
    order by put.nomination_id, put.centre_id, d.decided_date desc, d.decision_id desc
), told as (
    select distinct on (nomination_id) nomination_id, answered.decided_date,
        case when answered.status is null then 'waiting' when answered.status = 'avskrevet' then 'dismissed' else 'status_given' end as answer
    from put left join answered using (nomination_id, centre_id)
    order by nomination_id, answered.status is null, answered.status = 'avskrevet', answered.decided_date desc
), delivered as (
    select distinct nominasjon_id as nomination_id from landing.{table} where delivery_id = %(delivery)s
)
select nomination_id, (select release_id from release) as release_id,
    case when told.answer is null then 'no' else 'yes' end as put_before_a_centre, coalesce(told.answer, '') as answer,
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
