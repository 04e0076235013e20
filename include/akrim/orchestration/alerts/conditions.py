"""What stands just now that somebody should know of: deliveries that are not assessed, agencies that are late, releases that wait."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from akrim import sending, warehouse
from akrim.characters import neutral_name
from akrim.contracts import DECISIONS_SENDER
from akrim.deliveries.inbox import lying_of, unreadable_folders
from akrim.errors import UserError
from akrim.orchestration.alerts.alert import Alert
from akrim.orchestration.alerts.outdated import outdated
from akrim.orchestration.readiness import awaited_period, missing_agencies, overdue_period
from akrim.periods import Period
from akrim.settings import get_settings

# Forms come from many centres under one agency's name: whose it is says the form, where it could be read. Of one that nobody can tell that of,
# no centre's form is known to take the place, but for another of the same name.
UNSETTLED = """
    select d.delivery_id, coalesce(d.form ->> 'centre_id', d.agency) as agency, d.period, d.status, d.reason,
        left(d.manifest_sha256, 12) as manifest, f.delivery_id is not null as is_in_force
    from meta.deliveries as d left join meta.deliveries_in_force as f using (delivery_id, manifest_sha256)
    where d.status = 'accepted' or not exists (
        select from meta.deliveries as later
        where later.agency = d.agency and later.status = 'accepted' and later.received_at > d.received_at
            and coalesce(later.form ->> 'centre_id' = d.form ->> 'centre_id', later.form is null or later.folder = d.folder)
    ) order by d.received_at, d.delivery_id
"""
HELD = """
    select release_id, left(fingerprint, 12) as inputs, held_since < now() - %(hours)s * interval '1 hour' as is_undecided
    from meta.releases_awaiting_approval order by release_id
"""
# Made to its end, and begun or let go longer ago than a run may take: where `publish` was paused Airflow dropped what called for it.
UNPUBLISHED = """
    select release_id, period from meta.releases as r
    where status = 'building' and is_explained and greatest(
        reserved_at, (select max(approved_at) from meta.release_approvals as a where a.release_id = r.release_id)
    ) < now() - %(hours)s * interval '1 hour'
    and not exists (select from meta.releases_awaiting_approval as w where w.release_id = r.release_id)
    and release_id not in (select o.release_id from meta.overtaken_releases as o)
    order by release_id
"""
# Given up, broken off, or made and then overtaken by another period's or a withdrawal, held or not: whatever is out of others, nothing makes it
# again. Of what was made none is under way.
UNFINISHED = """
    select release_id, period, left(fingerprint, 12) as inputs from meta.releases as r
    where status = 'building' and (is_explained or reserved_at < now() - %(hours)s * interval '1 hour') and period <> %(period)s
    and (not is_explained or (
        release_id in (select o.release_id from meta.overtaken_releases as o)
        and not exists (
            select from meta.releases as o where o.published_at is not null and o.sequence > r.sequence and o.period = r.period
        )
    ))
    order by release_id
"""
# An agency all of whose facts are too old; of another those extracts of which that is so, since rules that need one are not checked either.
STALE = """
    with newest as (select * from marts.delivery_ages where release_id = (select release_id from marts.releases where is_newest))
    select agency, newest_fact_date::text as as_of from newest where is_stale
    union all
    select agency || '.' || e.extract, e.as_of::text from newest join meta.release_extracts as e using (release_id, agency)
    where not is_stale and e.extract = any(stale_extracts) order by agency
"""


def current_conditions(today: date, since: timedelta = timedelta()) -> list[Alert]:
    """Everything that waits for a person; what an agency is late with, from the middle of the wait for it on.

    Args:
        since: how long ago deliveries must have changed for a release to be told of as outdated.
    """
    early, refused = unsettled(today)
    unfinished = _read(UNFINISHED, hours=_hours(), period=str(overdue_period(today)))
    # Told of as unpublished, or so it will be soon after the one before it would be told of as outdated.
    made = {row["period"] for row in _read(UNPUBLISHED, hours=_hours(since))}
    return [
        *_each("early", early, "delivery_id", "agency", "period"),
        *_each("refused", refused, "delivery_id", "agency", "reason", "manifest"),
        *shut_folders(),
        *_missing(today),
        *_each("stale", _stale(), "agency", "as_of"),
        *_held(),
        *_each("unpublished", _read(UNPUBLISHED, hours=_hours()), "release_id", "period"),
        *_each("unfinished", unfinished, "release_id", "period", "inputs"),
        *outdated(since, made),
        *_each("no_receipt", sending.missing_receipts(), "release_id", "centre_id"),
        *_each("not_deleted", sending.unconfirmed_erasures(), "release_id", "centre_id"),
    ]


def unsettled(today: date) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Deliveries in force of a period that is not over, and refused ones of an agency or a centre from which nothing was accepted since.

    A refused form that does not say whose it is waits until it was taken out of the inbox, too.
    """
    rows = _read(UNSETTLED)
    refused = [row for row in rows if row["status"] == "refused"]
    of_nobody = {row["delivery_id"] for row in refused if row["agency"] == DECISIONS_SENDER}
    gone = of_nobody - _lying(of_nobody)
    return (
        [row for row in rows if row["is_in_force"] and Period.parse(row["period"]).as_of >= today],
        [row for row in refused if row["delivery_id"] not in gone],
    )


def _lying(forms: set[str]) -> set[str]:
    """Those of refused forms that nobody took out of the inbox yet; all of them where there is none to look into."""
    try:
        return lying_of(get_settings().inbox, DECISIONS_SENDER) if forms else forms
    except UserError:
        return forms


def shut_folders() -> list[Alert]:
    """Folders of the inbox that may not be read. Where there is no inbox, the task that scans it and `doctor` say so."""
    try:
        return [
            Alert("unreadable", {"folder": folder}) for folder in unreadable_folders(get_settings().inbox)
        ]
    except UserError:
        return []


def _missing(today: date) -> list[Alert]:
    period, wait = awaited_period(today), get_settings().days_to_wait
    if period is None or today <= period.as_of + timedelta(days=wait // 2):
        return []
    until = period.as_of + timedelta(days=wait)
    kind = "missing" if today <= until else "never_came"
    return [
        Alert(kind, {"agency": agency, "period": str(period), "until": str(until)})
        for agency in missing_agencies(period)
    ]


def _held() -> list[Alert]:
    """Releases that wait for somebody to let them go, and those again that have waited longer than a run may take."""
    hours = _hours()
    found = [(_named(row, "release_id", "inputs"), row["is_undecided"]) for row in _read(HELD, hours=hours)]
    return [
        *(Alert("held", named) for named, _ in found),
        *(Alert("undecided", named | {"hours": hours}) for named, is_undecided in found if is_undecided),
    ]


def _hours(less: timedelta = timedelta()) -> str:
    return f"{get_settings().deadline_hours - less / timedelta(hours=1):g}"


def _stale() -> list[dict[str, Any]]:
    with warehouse.connect() as connection:
        is_assessed = warehouse.has_table(connection, "marts.delivery_ages")
    return _read(STALE) if is_assessed else []


def _each(kind: str, rows: Iterable[dict[str, Any]], *names: str) -> list[Alert]:
    return [Alert(kind, _named(row, *names)) for row in rows]


def _named(row: dict[str, Any], *names: str) -> dict[str, str]:
    """What an alert tells of a row; what comes from outside may hold anything."""
    return {name: neutral_name(str(row[name])) for name in names}


def _read(query: str, **values: str) -> list[dict[str, Any]]:
    with warehouse.connect() as connection:
        return warehouse.read_rows(connection, query.encode(), values or None)
