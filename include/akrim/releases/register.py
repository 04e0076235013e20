"""The ledger's releases as they are listed: where each stands and where its files lie."""

from typing import Any

from psycopg.rows import dict_row

from akrim import warehouse
from akrim.settings import get_settings


def registered() -> list[dict[str, Any]]:
    """Every release in the ledger, the newest first; `path` is empty where no files lie."""
    warehouse.prepare()
    with warehouse.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "select release_id, period, revision, as_of::text, status, base_release_id from meta.releases"
            " order by as_of desc, revision desc"
        ).fetchall()
    for row in rows:
        path = get_settings().releases_path / row["release_id"]
        row["path"] = str(path) if path.is_dir() else ""
    return rows
