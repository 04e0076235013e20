"""Whom a decision may be about: the persons, networks and enterprises of the release and centre that its row names.

Beside a delivery's rows lies `handed_out`, with those that the rows can mean, so that Great Expectations asks no other
stage's tables.
"""

import psycopg
from psycopg import sql

from akrim.contracts import Extract

SUBJECTS = sql.SQL("select release_id, centre_id, {column} as subject_id from {mart}")
# Of what has no centre of its own: what the persons on a centre's list are tied to.
OF_LISTED = sql.SQL(
    "select release_id, centre_id, {column} as subject_id from marts.assessments join {mart} using (release_id, person_id)"
)
# What is in a network on a centre's list; and what is led by an enterprise in which somebody on it has a role or a straw man, and so on.
OF_NETWORKS = sql.SQL(
    "select release_id, centre_id, {column} as subject_id from marts.network_assessments join {mart} using (release_id, network_id)"
    " where member_kind = 'enterprise'"
)
OF_HOLDINGS = sql.SQL("""
select release_id, centre_id, subject_id from (
    with recursive led as (
        (
            select release_id, centre_id, orgnr as subject_id from marts.assessments join marts.roles using (release_id, person_id)
            union
            select release_id, centre_id, orgnr from marts.assessments join marts.straw_man_ties using (release_id, person_id)
        )
        union
        select release_id, centre_id, {column} from led join {mart} using (release_id)
        where from_kind = 'enterprise' and from_id = subject_id and tie = 'leading_role'
    )
    select * from led
) as held""")
# What is withheld from a centre it learns by no accepted decision either: those are made from roles, and nominations are an agency's.
UNLESS_WITHHELD = sql.SQL("""
select given.* from ({given}) as given where not exists (
    select from marts.withheld_data as w
    where (w.release_id, w.withheld_from, w.category) = (given.release_id, given.centre_id, 'role')
)""")
NOMINATED = sql.SQL("""
select n.release_id, n.centre_id, n.{column} as subject_id from {mart} as n where not exists (
    select from marts.withheld_data as w
    where (w.release_id, w.withheld_from, w.agency, w.category) = (n.release_id, n.centre_id, n.agency, 'nomination')
)""")
OF_ROLES = (OF_LISTED, OF_NETWORKS, OF_HOLDINGS)
# By what a decision names: the marts that name whom a centre was given, their column for the id, and the query.
HANDED_OUT = {
    "person": (("release_persons", "person_id", SUBJECTS),),
    "group": (
        ("network_assessments", "network_id", SUBJECTS),
        ("enterprise_assessments", "orgnr", SUBJECTS),
        ("nominations", "orgnr", NOMINATED),
        ("roles", "orgnr", OF_LISTED),
        ("straw_man_ties", "orgnr", OF_LISTED),
        ("network_members", "member_id", OF_NETWORKS),
        ("network_ties", "to_id", OF_HOLDINGS),
    ),
}
# Who was in the release and centre of each row; and for whom a form made the decision's id, whoever the row names.
FILL = sql.SQL("""
insert into handed_out (release_id, centre_id, subject_id, decision_id)
select p.release_id, p.centre_id, p.subject_id, {decision_id}
from {rows} as r join ({subjects}) as p
    on (p.release_id, p.centre_id, p.subject_id) = (r.{release}, r.{centre}, r.{subject})
union
select p.release_id, p.centre_id, p.subject_id, {decision_id}
from ({subjects}) as p join {rows} as r on {decision_id} = r.{key}
where p.release_id in (select {release} from {rows})
""")


def decision_id(release_id: str, centre_id: str, subject_id: str) -> str:
    """The id that a decision gets in the form: one per release, centre and person or group."""
    return f"{centre_id}-{release_id}-{subject_id}"


# The same in SQL.
DECISION_ID = sql.SQL("p.centre_id || '-' || p.release_id || '-' || p.subject_id")


def lay_handed_out(connection: psycopg.Connection, extract: Extract) -> None:
    """Make and fill the table in the scratch schema, which is the search path, where the extract's rows are decisions."""
    columns: dict[str, sql.Identifier] = {
        column.meaning: sql.Identifier(column.name) for column in extract.columns if column.meaning
    }
    kind = next((kind for kind in HANDED_OUT if kind in columns), None)
    if kind is None or not {"release", "centre"} <= columns.keys():
        return
    connection.execute("drop table if exists handed_out")
    connection.execute(
        "create unlogged table handed_out (release_id text, centre_id text, subject_id text, decision_id text)"
    )
    subjects = _subjects(connection, kind)
    if subjects:
        connection.execute(
            FILL.format(
                decision_id=DECISION_ID, rows=sql.Identifier(extract.name), key=sql.Identifier(extract.key.name),
                subjects=sql.SQL(" union all ").join(subjects),
                release=columns["release"], centre=columns["centre"], subject=columns[kind],
            )
        )  # fmt: skip
    connection.execute("analyze handed_out")


def _subjects(connection: psycopg.Connection, kind: str) -> list[sql.Composed]:
    """A query for each of these marts; none before anything was assessed."""
    made = connection.execute("select tablename from pg_tables where schemaname = 'marts'").fetchall()
    return [
        UNLESS_WITHHELD.format(given=subjects) if query in OF_ROLES else subjects
        for mart, column, query in HANDED_OUT[kind]
        if (mart,) in made
        for subjects in [query.format(mart=sql.Identifier("marts", mart), column=sql.Identifier(column))]
    ]
