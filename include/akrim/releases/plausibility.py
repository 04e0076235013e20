"""Which plausibility limits a release exceeds, each as a sentence.

A first release has no lists to compare with: it exceeds only those on extracts, which may be empty, shrunken or swollen, and on
rows that are set aside.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg

from akrim import ledger, warehouse
from akrim.deliveries import NOT_COUNTED
from akrim.ledger import Pins
from akrim.releases import extract_sizes
from akrim.releases.limits import Actors, Linkage, Quarantine, read_limits
from akrim.rules import stale_after_days
from akrim.settings import get_settings
from akrim.texts import Language, texts
from akrim.texts.written import exact_figures

LIST_SIZES = """
select centre_id as list, count(distinct person_id) filter (where release_id = %(before)s) as before,
    count(distinct person_id) filter (where release_id = %(release)s) as now
from marts.assessments where release_id in (%(before)s, %(release)s)
group by grouping sets ((), (centre_id)) order by centre_id nulls first
"""
AGES = """
select agency, now.days_old from marts.delivery_ages as now join marts.delivery_ages as before using (agency)
where now.release_id = %(release)s and before.release_id = %(before)s
    and agency = any(%(growing_old)s) and now.days_old > %(days)s and before.days_old <= %(days)s order by agency
"""
QUARANTINED = """
select d.agency, sum(f.rows_declared)::bigint as declared, sum(coalesce(q.rows, 0))::bigint as aside
from meta.delivery_files as f join meta.deliveries as d using (delivery_id, manifest_sha256)
left join (select delivery_id, manifest_sha256, extract, count(*) as rows from quarantine.rows
    where reason <> all(%(not_counted)s) group by 1, 2, 3) as q using (delivery_id, manifest_sha256, extract)
where d.status = 'accepted' and d.delivery_id = any(%(new)s) group by d.agency order by d.agency
"""
RECORDS_PER_PERSON = """
select avg(record_count) filter (where release_id = %(before)s)::float as before,
    avg(record_count) filter (where release_id = %(release)s)::float as now
from marts.persons where release_id in (%(before)s, %(release)s)
"""
DRIFT = """
select drift as now from linkage.drift
where measure = 'match_weight_since_base' and item = 'all' and release_id = %(release)s
"""


@dataclass(frozen=True)
class Reason:
    """One exceeded limit: a sentence of the texts, and what fills it; no personal data."""

    limit: str
    values: dict[str, Any]

    def told(self, language: Language) -> str:
        sentences = texts(language, "messages")["holds"]
        written = {
            name: exact_figures(value, language) if isinstance(value, (int, float, Decimal)) else value
            for name, value in self.values.items()
        }
        return str(sentences[self.limit].format(**{"list": sentences["all_centres"]} | written))


def exceeded_limits(pins: Pins) -> list[Reason]:
    """Every limit that the release exceeds."""
    limits = read_limits(get_settings().limits)
    with warehouse.connect() as connection:
        reasons = [Reason(u.limit, u._asdict()) for u in extract_sizes.unsound_extracts(connection, pins)]
        # Not the base: where an earlier period is assessed again, that is the newest release of all.
        before, _ = extract_sizes.release_before(connection, pins)
        reasons += _quarantine_reasons(connection, pins, before, limits.quarantine)
        if before is not None:
            between = {"release": pins.release_id, "before": before}
            reasons += _list_reasons(connection, between, limits.actors)
            reasons += _age_reasons(connection, between, limits.agency_age_days)
            reasons += _linkage_reasons(connection, between, limits.linkage)
    return reasons


def _list_reasons(connection: psycopg.Connection, between: dict[str, Any], limits: Actors) -> list[Reason]:
    reasons = []
    for row in warehouse.read_rows(connection, LIST_SIZES, between):
        before, now = row["before"], row["now"]
        values = {key: value for key, value in row.items() if value is not None}
        if max(before, now) < limits.smallest_list:
            continue
        if now < limits.fewest_share * before:
            reasons.append(Reason("actors_fewer", values))
        elif before and now > limits.most_share * before:
            reasons.append(Reason("actors_more", values))
    return reasons


def _age_reasons(connection: psycopg.Connection, between: dict[str, Any], days: int) -> list[Reason]:
    limit = {"days": days}
    # Who may send when it has something is never late: centres that decide nothing anew hold no release.
    asked = between | limit | {"growing_old": list(stale_after_days())}
    return [Reason("agency_age", limit | row) for row in warehouse.read_rows(connection, AGES, asked)]


def _quarantine_reasons(
    connection: psycopg.Connection, pins: Pins, before: str | None, limits: Quarantine
) -> list[Reason]:
    known = ledger.load(before).delivery_ids if before else []
    new = [delivery_id for delivery_id in pins.delivery_ids if delivery_id not in known]
    rows = warehouse.read_rows(connection, QUARANTINED, {"new": new, "not_counted": NOT_COUNTED})
    return [
        Reason("quarantine_share", row | {"percent": 100 * limits.largest_share})
        for row in rows
        if row["aside"] >= limits.fewest_rows and row["aside"] > limits.largest_share * row["declared"]
    ]


def _linkage_reasons(
    connection: psycopg.Connection, between: dict[str, Any], limits: Linkage
) -> list[Reason]:
    reasons = []
    for row in warehouse.read_rows(connection, RECORDS_PER_PERSON, between):
        before, now = row["before"], row["now"]
        if before and now and abs(now / before - 1) > limits.records_per_person_change:
            reasons.append(Reason("records_per_person", row))
    bound = limits.stability_index
    return reasons + [
        Reason("linkage_drift", row | {"bound": bound})
        for row in warehouse.read_rows(connection, DRIFT, between)
        if row["now"] is not None and row["now"] > bound
    ]
