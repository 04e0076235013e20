"""Whom a decision may be about: the persons of the release and centre that its row names.

Beside a delivery's rows lies `handed_out`, with those of the persons that the rows can mean, so that Great Expectations
asks no other stage's tables.
"""

import psycopg
from psycopg import sql

from akrim.contracts import Extract

MARTS = "marts.release_persons"
# Who was in the release and centre of each row; and for whom a form made the decision's id, whoever the row names.
FILL = sql.SQL("""
insert into handed_out (release_id, centre_id, person_id, decision_id)
select p.release_id, p.centre_id, p.person_id, {decision_id}
from {rows} as r join marts.release_persons as p
    on (p.release_id, p.centre_id, p.person_id) = (r.{release}, r.{centre}, r.{person})
union
select p.release_id, p.centre_id, p.person_id, {decision_id}
from marts.release_persons as p join {rows} as r on {decision_id} = r.{key}
where p.release_id in (select {release} from {rows})
""")


def decision_id(release_id: str, centre_id: str, person_id: str) -> str:
    """The id that a decision gets in the form: one per release, centre and person."""
    return f"{centre_id}-{release_id}-{person_id}"


# The same in SQL.
DECISION_ID = sql.SQL("p.centre_id || '-' || p.release_id || '-' || p.person_id")


def lay_handed_out(connection: psycopg.Connection, extract: Extract) -> None:
    """Make and fill the table in the scratch schema, which is the search path, where the extract's rows name persons.

    Before anything was assessed no release has any persons.
    """
    columns: dict[str, sql.Identifier] = {
        column.meaning: sql.Identifier(column.name)
        for column in extract.columns
        if column.meaning in ("release", "centre", "person")
    }
    if len(columns) < 3:
        return
    connection.execute(
        "create unlogged table handed_out (release_id text, centre_id text, person_id text, decision_id text)"
    )
    found = connection.execute("select to_regclass(%s) is not null", [MARTS]).fetchone()
    if found and found[0]:
        connection.execute(
            FILL.format(
                decision_id=DECISION_ID, rows=sql.Identifier(extract.name),
                key=sql.Identifier(extract.key.name), **columns,
            )
        )  # fmt: skip
    connection.execute("analyze handed_out")
