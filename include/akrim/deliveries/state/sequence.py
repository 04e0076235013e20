"""Which accepted deliveries make up an agency's state as of a period, and in which order they are applied."""

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row


@dataclass(frozen=True)
class Accepted:
    """An accepted delivery, as far as its place in the order goes; `replaces` are those in whose place it stands."""

    delivery_id: str
    manifest_sha256: str
    period: str
    mode: str
    delivered_at: datetime
    replaces: list[str]

    @property
    def moment(self) -> tuple[datetime, str]:
        """Its place in time; of two that were delivered in the same instant, the id decides."""
        return self.delivered_at, self.delivery_id


def accepted_deliveries(connection: psycopg.Connection, agency: str) -> list[Accepted]:
    """Every accepted delivery of the agency that nobody withdrew, superseded ones included, in order of delivery."""
    query = """
        select d.delivery_id, manifest_sha256, period, mode, delivered_at,
            coalesce(array_agg(r.delivery_id) filter (where r.delivery_id is not null), '{}') as replaces
        from meta.deliveries_in_force as d left join meta.replaced_deliveries as r on r.by_delivery_id = d.delivery_id
        where agency = %s
        group by d.delivery_id, manifest_sha256, period, mode, delivered_at order by delivered_at, delivery_id
    """
    with connection.cursor(row_factory=class_row(Accepted)) as cursor:
        return cursor.execute(query, [agency]).fetchall()


def place_of(connection: psycopg.Connection, agency: str, delivery_id: str) -> list[str]:
    """What a delivery that supersedes this accepted one replaces: this one and all that it had replaced itself, withdrawn ones too.

    Empty where the agency never had such a delivery accepted.
    """
    query = """
        with recursive place as (
            select delivery_id, supersedes from meta.deliveries
            where agency = %(agency)s and delivery_id = %(delivery)s and status = 'accepted'
            union
            select d.delivery_id, d.supersedes from place as p
            join meta.deliveries as d on d.delivery_id = p.supersedes where d.status = 'accepted'
        )
        select delivery_id from place
    """
    rows = connection.execute(query, {"agency": agency, "delivery": delivery_id}).fetchall()
    return [row[0] for row in rows]


def not_replaced(accepted: list[Accepted]) -> list[Accepted]:
    """Those of the deliveries in whose place none of the others stands."""
    replaced = {delivery_id for d in accepted for delivery_id in d.replaces}
    return [d for d in accepted if d.delivery_id not in replaced]


def state_sequence(accepted: list[Accepted], period: str, is_append_only: bool) -> list[str]:
    """The delivery ids whose rows, applied in this order, are the state as of the period.

    The newest full delivery for the period or an earlier one, then its deltas in order of `delivered_at`;
    superseded deliveries are left out. A delta is of a later period than the full delivery, or was delivered
    after it. An append-only extract has no full delivery: all its deliveries count.
    """
    standing = [d for d in not_replaced(accepted) if d.period <= period]
    standing.sort(key=lambda d: d.moment)
    if is_append_only:
        return [d.delivery_id for d in standing]
    fulls = [d for d in standing if d.mode == "full"]
    if not fulls:
        return []
    base = max(fulls, key=lambda d: (d.period, d.moment))
    deltas = [d for d in standing if d.mode == "delta" and (d.period, d.moment) > (base.period, base.moment)]
    return [base.delivery_id, *(d.delivery_id for d in deltas)]


def newest_sequence(connection: psycopg.Connection, agency: str, *, is_append_only: bool) -> list[str]:
    """The deliveries that make up what the agency delivers now."""
    accepted = accepted_deliveries(connection, agency)
    newest = max((delivery.period for delivery in accepted), default="")
    return state_sequence(accepted, newest, is_append_only)
