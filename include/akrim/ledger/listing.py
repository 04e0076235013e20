"""The releases as lists show them: status, files, and events; call `akrim.warehouse.prepare` first."""

from typing import Any

from psycopg.rows import dict_row

from akrim import warehouse
from akrim.settings import get_settings

RELEASES = """
select release_id, period, revision, as_of::text, status, base_release_id, previous_release_id,
    exists (select from meta.release_holds as h where h.release_id = r.release_id) and status = 'building' as is_held,
    (select count(*) from meta.sent_releases as s where s.release_id = r.release_id) as sent,
    (select count(receipt_at) from meta.sent_releases as s where s.release_id = r.release_id) as receipts
from meta.releases as r order by as_of desc, revision desc
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
}


def list_releases() -> list[dict[str, Any]]:
    """Every release in the ledger, newest first; `path` is empty where there are no files."""
    with warehouse.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(RELEASES).fetchall()
    for row in rows:
        path = get_settings().releases_path / row["release_id"]
        row["path"] = str(path) if path.is_dir() else ""
    return rows


def history(release_id: str) -> dict[str, Any] | None:
    """The release's status and events: requests, holds, approvals, recalls, failures, sending. None if there is no such release."""
    with warehouse.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(
            "select status from meta.releases where release_id = %s", [release_id]
        ).fetchone()
        if row is None:
            return None
        return row | {name: cursor.execute(query, [release_id]).fetchall() for name, query in HISTORY.items()}
