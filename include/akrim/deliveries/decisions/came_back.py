"""What the centres have decided on a release so far, in figures: read from what they have sent, before any later release is made with it."""

from datetime import datetime
from typing import NamedTuple

import psycopg
from psycopg import sql

from akrim.contracts import DECISIONS_SENDER, INFORMED, decision_extracts


class CameBack(NamedTuple):
    """Of a centre: forms for the release that were read and refused, decisions on persons and on networks or enterprises, and when the last came."""

    forms: int
    refused: int
    persons: int
    groups: int
    last_at: datetime


def decisions_on(connection: psycopg.Connection, release_id: str) -> dict[str, CameBack]:
    """By centre, what has come back on that release; a centre of which nothing came is left out. What was sent again counts once."""
    forms = {
        centre: (read, refused, last)
        for centre, read, refused, last in connection.execute(
            FORMS, {"sender": DECISIONS_SENDER, "release": release_id}
        ).fetchall()
    }
    decided: list[dict[str, tuple[int, datetime]]] = []
    for extract in decision_extracts():
        if extract.name != INFORMED:
            query = sql.SQL(DECIDED).format(
                sql.Identifier(extract.key.name), sql.Identifier("landing", extract.table)
            )
            rows = connection.execute(query, {"release": release_id}).fetchall()
            decided.append({centre: (number, last) for centre, number, last in rows})
    persons, groups = decided
    found = {}
    for centre in sorted({*forms, *persons, *groups} - {None}):
        read, refused, _ = forms.get(centre, (0, 0, None))
        moments = [known[centre][-1] for known in (forms, persons, groups) if centre in known]
        on_persons, on_groups = (known[centre][0] if centre in known else 0 for known in (persons, groups))
        found[centre] = CameBack(read, refused, on_persons, on_groups, max(moments))
    return found


# A delivery that was withdrawn is as if it had not come.
FORMS = """
select d.form ->> 'centre_id', count(*) filter (where d.status = 'accepted'), count(*) filter (where d.status = 'refused'), max(d.received_at)
from meta.deliveries as d
where d.agency = %(sender)s and d.form ->> 'release_id' = %(release)s
    and (d.status = 'refused' or exists (select from meta.deliveries_in_force as f where f.delivery_id = d.delivery_id))
group by 1
"""
DECIDED = """
select l.senter, count(distinct l.{}), max(d.received_at)
from {} as l join meta.deliveries_in_force as d using (delivery_id) where l.release_id = %(release)s group by l.senter
"""
