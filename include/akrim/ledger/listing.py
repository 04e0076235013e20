"""The releases as lists show them: status, files, and events; call `akrim.warehouse.prepare` first."""

from pathlib import Path
from typing import Any

from akrim import warehouse
from akrim.settings import get_settings
from akrim.texts.errors import SaidError

RELEASES = """
select release_id, period, revision, as_of::text, case when status = 'building' and is_held then 'held' else status end as state, status,
    base_release_id, previous_release_id, is_held and status = 'building' as is_held, sent, receipts, count(*) over () as total
from meta.releases as r
cross join lateral (select exists (select from meta.release_holds as h where h.release_id = r.release_id) as is_held) as held
cross join lateral (select count(*) as sent, count(receipt_at) as receipts from meta.sent_releases as s where s.release_id = r.release_id) as given
where %(release)s::text is null or release_id = %(release)s
order by {order} as_of desc, revision desc limit %(limit)s offset %(offset)s
"""
WENT_OUT = ("published", "superseded", "recalled")
# What lists of releases are sorted by.
SORTED_BY = {"release_id": "release_id", "as_of": "r.as_of", "status": "state", "receipts": "receipts"}
# What somebody let go may have been held, or made of other inputs, since.
STATUS = """
select status, exists (select from meta.approvals_in_force as a where (a.release_id, a.fingerprint) = (r.release_id, r.fingerprint)),
    exists (select from meta.overtaken_releases as o where o.release_id = r.release_id)
from meta.releases as r where release_id = %s
"""
# The events of a release, one query a table.
HISTORY = {
    "requests": "select by_name, asked_at::text from meta.release_requests join meta.releases using (release_id, fingerprint)"
    " where release_id = %s order by 2",
    "holds": "select limit_code, reason, reason_nb, held_at::text from meta.release_holds where release_id = %s order by 1, 2",
    "approvals": "select by_name, reason, approved_at::text from meta.release_approvals where release_id = %s order by 3",
    "recalls": "select by_name, reason, recalled_at::text from meta.release_recalls where release_id = %s order by 3",
    "failures": "select stage, reason, issues, failed_at::text from meta.release_failures where release_id = %s order by 4",
    "sent": "select centre_id, sent_at::text, notified_at::text, receipt_at::text from meta.sent_releases"
    " where release_id = %s order by 1",
    "erasures": "select s.centre_id, s.sent_at::text, s.receipt_at::text, s.deleted_date::text from meta.sent_statements as s"
    " where s.name = 'erasure-' || %s || '-' || s.centre_id || '.statement.json' order by 1",
}


def list_releases(
    sort: str = "", limit: int | None = None, offset: int = 0, release_id: str | None = None
) -> list[dict[str, Any]]:
    """Every release in the ledger, newest first, or a part of the list; `path` is empty where there are no files, `total` how many there are in all.

    Args:
        sort: one of SORTED_BY, downwards after a minus; anything else leaves the newest first.
        release_id: that one alone.
    """
    column, way = SORTED_BY.get(sort.removeprefix("-")), "desc" if sort.startswith("-") else "asc"
    query = RELEASES.format(order=f"{column} {way}," if column else "")
    asked = {"release": release_id, "limit": limit, "offset": offset}
    with warehouse.connect() as connection:
        rows = warehouse.read_rows(connection, query.encode(), asked)
    for row in rows:
        path = get_settings().releases_path / row["release_id"]
        row["path"] = str(path) if path.is_dir() else ""
    return rows


def releases_with_files(beside: str) -> list[str]:
    """The ids of all other releases whose files are here, newest first."""
    with warehouse.connect() as connection:
        rows = connection.execute(
            "select release_id from meta.releases where release_id <> %s order by as_of desc, revision desc",
            [beside],
        ).fetchall()
    here = {path.name for path in get_settings().releases_path.glob("*") if path.is_dir()}
    return [release_id for (release_id,) in rows if release_id in here]


def require_files(release_id: str) -> Path:
    """The folder of a release that is out; raises SaidError where it is not in this home."""
    path = get_settings().releases_path / release_id
    if not path.is_dir():
        raise SaidError("release_files_lost", str(path), release=release_id)
    return path


def lost_releases() -> list[str]:
    """The ids of the releases that went out and whose files are not in this home, newest first."""
    return [row["release_id"] for row in list_releases() if row["status"] in WENT_OUT and not row["path"]]


def history(release_id: str) -> dict[str, Any] | None:
    """The release's status, whether it stands let go or can go out no more as it is, and its events; None if there is no such release."""
    with warehouse.connect() as connection:
        row = connection.execute(STATUS, [release_id]).fetchone()
        if row is None:
            return None
        events = {
            name: warehouse.read_rows(connection, query, [release_id]) for name, query in HISTORY.items()
        }
    return {"status": row[0], "is_let_go": row[1], "is_overtaken": row[2]} | events
