"""What is measured for whoever watches the installation: gauges of Airflow's own metrics, by agency and centre, nothing of a person.

They go out where Airflow's metrics are on: by OpenTelemetry, or by StatsD where its client is installed.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from akrim import warehouse


class Gauge(NamedTuple):
    """One figure: its name, its value in the unit that the name ends with, and whose it is."""

    name: str
    value: float
    of: dict[str, str]


def measure(today: date) -> list[Gauge]:
    """The figures as they are now; what nothing is known of yet is left out."""
    about = {"today": today}
    with warehouse.connect() as connection:
        asked = ALWAYS | (OF_MARTS if warehouse.has_table(connection, "marts.delivery_ages") else {})
        found = {name: connection.execute(query, about).fetchall() for name, query in asked.items()}
    return [
        Gauge(f"akrim.{name}", float(value), {kind: whose} if kind else {})
        for name, rows in found.items()
        for kind, whose, value in rows
        if value is not None
    ]


def send(gauges: Iterable[Gauge]) -> None:
    """Hand the figures to Airflow's metrics; nothing is sent where these are off."""
    from airflow.sdk.observability import stats

    for gauge in gauges:
        tags: dict[str, Any] = dict(gauge.of)
        stats.gauge(gauge.name, gauge.value, tags=tags)


# Each gives kind and name of whose figure it is, and the figure.
ALWAYS = {
    "release.age_days": """
        select null, null, %(today)s - max(as_of) from meta.releases where status = 'published'
        union all
        select 'centre', s.centre_id, %(today)s - max(r.as_of) from meta.sent_releases as s
        join meta.releases as r using (release_id) where r.status in ('published', 'superseded') group by s.centre_id
    """,
    "releases.held": "select null, null, count(*) from meta.releases_awaiting_approval",
    # Of each agency's newest delivery in force.
    "deliveries.set_aside_share": """
        select 'agency', agency, sum(f.rows_quarantined)::float / nullif(sum(f.rows_declared), 0)
        from (
            select distinct on (agency) agency, delivery_id, manifest_sha256 from meta.deliveries_in_force
            order by agency, period desc, delivered_at desc, delivery_id desc
        ) as newest join meta.delivery_files as f using (delivery_id, manifest_sha256) group by agency
    """,
    "links.drift": """
        select null, null, drift from linkage.drift where measure = 'match_weight_since_base' and item = 'all' and release_id = (
            select release_id from marts.releases where is_newest
        )
    """,
}
OF_MARTS = {
    "deliveries.age_days": """
        select 'agency', agency, %(today)s - newest_fact_date from marts.delivery_ages where release_id = (
            select release_id from marts.releases where is_newest
        )
    """,
}
