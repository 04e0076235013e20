"""Second readings: the pairs that wait for a second clerk, and how far two clerks who read the same pairs agree."""

from dataclasses import dataclass
from typing import Any

from psycopg import sql

from akrim.linkage.quality.estimators import Estimate, kappa, share
from akrim.linkage.review.decisions import SAYS
from akrim.linkage.store.postgres import open_store
from akrim.warehouse import read_rows


def pairs_to_read_again(reader: str, limit: int, *, unmask: bool = False) -> list[dict[str, Any]]:
    """Pairs that another clerk decided on and nobody has read a second time; without verdict, weight or cause."""
    with open_store() as connection:
        return read_rows(connection, UNREAD, {"reader": reader, "limit": limit, "unmask": unmask})


@dataclass(frozen=True)
class Agreement:
    """How far first and second readings agree; κ corrects for agreement by chance."""

    pairs: int
    agreed: Estimate | None
    kappa: float | None
    readings: dict[str, int]


def agreement() -> Agreement:
    """Compare every verdict that was read twice with its second reading, also where their difference was settled since."""
    with open_store() as connection:
        rows = connection.execute(
            "select first_verdict, second_verdict from linkage.read_twice order by decision_id"
        ).fetchall()
    pairs = [(str(first), str(second)) for first, second in rows]
    counted = {
        f"{first}, then {second}": pairs.count((first, second)) for first, second in sorted(set(pairs))
    }
    agreed = sum(first == second for first, second in pairs)
    return Agreement(len(pairs), share(agreed, len(pairs)) if pairs else None, kappa(pairs), counted)


UNREAD = sql.SQL("""
select q.source_l, q.source_record_id_l, q.source_r, q.source_record_id_r,
    {says}
from linkage.standing_verdicts q
where q.author <> %(reader)s and q.decision_id not in (select decision_id from linkage.second_readings)
order by md5(q.decision_id::text), q.decision_id limit %(limit)s
""").format(says=SAYS)
