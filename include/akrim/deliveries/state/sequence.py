"""Which accepted deliveries make up an agency's state as of a period, and in which order they are applied."""

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row


@dataclass(frozen=True)
class Accepted:
    """An accepted delivery, as far as its place in the order goes."""

    delivery_id: str
    period: str
    mode: str
    supersedes: str | None
    delivered_at: datetime

    @property
    def moment(self) -> tuple[datetime, str]:
        """Its place in time; of two that were delivered in the same instant, the id decides."""
        return self.delivered_at, self.delivery_id


def accepted_deliveries(connection: psycopg.Connection, agency: str) -> list[Accepted]:
    """Every accepted delivery of the agency that nobody withdrew, superseded ones included, in order of delivery."""
    query = """
        select delivery_id, period, mode, supersedes, delivered_at
        from meta.deliveries_in_force where agency = %s
        order by delivered_at, delivery_id
    """
    with connection.cursor(row_factory=class_row(Accepted)) as cursor:
        return cursor.execute(query, [agency]).fetchall()


def state_sequence(accepted: list[Accepted], period: str, is_append_only: bool) -> list[str]:
    """The delivery ids whose rows, applied in this order, are the state as of the period.

    The newest full delivery for the period or an earlier one, then its deltas in order of `delivered_at`;
    superseded deliveries are left out. A delta is of a later period than the full delivery, or was delivered
    after it. An append-only extract has no full delivery: all its deliveries count.
    """
    superseded = {d.supersedes for d in accepted if d.supersedes}
    standing = [d for d in accepted if d.period <= period and d.delivery_id not in superseded]
    standing.sort(key=lambda d: d.moment)
    if is_append_only:
        return [d.delivery_id for d in standing]
    fulls = [d for d in standing if d.mode == "full"]
    if not fulls:
        return []
    base = max(fulls, key=lambda d: (d.period, d.moment))
    deltas = [d for d in standing if d.mode == "delta" and (d.period, d.moment) > (base.period, base.moment)]
    return [base.delivery_id, *(d.delivery_id for d in deltas)]
