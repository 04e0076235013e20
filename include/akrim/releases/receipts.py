"""Receipts: a centre's word that it has a release and verified it, read where it drops them, and which are missing.

They are files *.receipt.json in the inbox under `sentrene` or in the centre's own outbox. A receipt names the hash of the
manifest, which only somebody who opened the sealed file can know.
"""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from psycopg.rows import dict_row

from akrim import warehouse
from akrim.deliveries.inbox import read_limited, storage
from akrim.releases.recipients import centres
from akrim.settings import get_settings
from akrim.trust.verification import RECEIPT_SUFFIX

log = logging.getLogger(__name__)

LARGEST = 64 * 1024


def read_receipts() -> list[str]:
    """Enter every receipt that fits; returns a sentence for each that does not."""
    return [problem for name, raw in _found() if (problem := _enter(name, raw))]


def missing() -> list[dict[str, Any]]:
    """What was sent, is in force and has no receipt though it is over the settings' days: release, centre, days."""
    limit = datetime.now(UTC) - timedelta(days=get_settings().receipt_days)
    with warehouse.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            """select release_id, centre_id, extract(day from now() - sent_at)::integer as days
            from meta.sent_releases join meta.releases using (release_id)
            where status = 'published' and receipt_at is null and sent_at < %s
            order by release_id, centre_id""",
            [limit],
        ).fetchall()


def _found() -> Iterator[tuple[str, bytes]]:
    outbox = storage(get_settings().outbox_address)
    for folder in [
        storage(get_settings().inbox) / "sentrene",
        *(outbox / centre_id for centre_id in centres()),
    ]:
        if folder.is_dir():
            for path in sorted(folder.iterdir(), key=lambda path: path.name):
                if path.name.endswith(RECEIPT_SUFFIX):
                    yield path.name, read_limited(path, LARGEST) or b""


def _enter(name: str, raw: bytes) -> str:
    try:
        said = json.loads(raw)
        key = [str(said[part]) for part in ("release_id", "recipient", "manifest_sha256")]
        verified = date.fromisoformat(said["verified"])
    except (ValueError, LookupError, TypeError):
        return f"{name} is no receipt."
    with warehouse.connect() as connection:
        row = connection.execute(
            """update meta.sent_releases set receipt_at = coalesce(receipt_at, now()), verified_date = %s
            where release_id = %s and centre_id = %s and manifest_sha256 = %s returning centre_id""",
            [verified, *key],
        ).fetchone()
    return "" if row else f"{name} is for nothing that was sent: another release, centre or manifest."
