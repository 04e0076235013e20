"""The ledger's releases as they are listed: where each stands, where its files lie, and what became of it."""

from typing import Any

from psycopg.rows import dict_row

from akrim import warehouse
from akrim.settings import get_settings

LISTED = """
select release_id, period, revision, as_of::text, status, base_release_id, previous_release_id,
    exists (select from meta.release_holds as h where h.release_id = r.release_id) and status = 'building' as is_held,
    (select count(*) from meta.sent_releases as s where s.release_id = r.release_id) as sent,
    (select count(receipt_at) from meta.sent_releases as s where s.release_id = r.release_id) as receipts
from meta.releases as r order by as_of desc, revision desc
"""
# What happened to a release, a table each, with the columns to show.
STORY = {
    "holds": "select limit_code, reason, reason_nb, held_at::text from meta.release_holds where release_id = %s order by 1, 2",
    "approvals": "select by_name, reason, approved_at::text from meta.release_approvals where release_id = %s order by 3",
    "recalls": "select by_name, reason, recalled_at::text from meta.release_recalls where release_id = %s order by 3",
    "failures": "select stage, reason, issues, failed_at::text from meta.release_failures where release_id = %s order by 4",
    "sent": "select centre_id, sent_at::text, notified_at::text, receipt_at::text from meta.sent_releases"
    " where release_id = %s order by 1",
}


def registered() -> list[dict[str, Any]]:
    """Every release in the ledger, the newest first; `path` is empty where no files lie."""
    warehouse.prepare()
    with warehouse.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(LISTED).fetchall()
    for row in rows:
        path = get_settings().releases_path / row["release_id"]
        row["path"] = str(path) if path.is_dir() else ""
    return rows


def story(release_id: str) -> dict[str, Any] | None:
    """Where the release stands, and what happened to it: holds, approvals, recalls, failures, centres it was sent to.

    None where the ledger has no such release.
    """
    warehouse.prepare()
    with warehouse.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(
            "select status from meta.releases where release_id = %s", [release_id]
        ).fetchone()
        if row is None:
            return None
        return row | {name: cursor.execute(query, [release_id]).fetchall() for name, query in STORY.items()}
