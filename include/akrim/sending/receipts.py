"""Receipts: a centre's confirmation that it verified a release, or that it deleted its part of one that was erased.

They are files *.receipt.json in the inbox under `sentrene` or in the centre's outbox. A receipt of a release names the manifest's hash,
which only somebody who opened the sealed file can know; one of an erasure the hash of the notice.
"""

import logging
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from akrim import warehouse
from akrim.characters import neutral_name
from akrim.contracts import DECISIONS_SENDER, recipients
from akrim.deliveries.inbox import entries, is_folder, read_limited, storage
from akrim.errors import UserError
from akrim.periods import RELEASE_PATTERN
from akrim.sending.notices import erasure_notice, statements_folder
from akrim.settings import get_settings
from akrim.trust import Suffix, file_sha256, parse, read_manifest

log = logging.getLogger(__name__)

MAX_BYTES = 64 * 1024
FIELDS = {
    "release_id": RELEASE_PATTERN,
    "recipient": "[a-z]{1,40}",
    "manifest_sha256": "[0-9a-f]{64}",
    "verified": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
}
OF_ERASURE = {
    "release_id": RELEASE_PATTERN,
    "recipient": "[a-z]{1,40}",
    "erasure_sha256": "[0-9a-f]{64}",
    "deleted": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
}


def read_receipts() -> list[str]:
    """Record every valid receipt; returns a sentence for each invalid one."""
    return [problem for name, raw in _receipt_files() if (problem := _record(name, raw))]


def missing_receipts() -> list[dict[str, Any]]:
    """Published releases without a receipt after the number of days in the settings: release, centre, days.

    A part that was erased is none: its centre was told to delete it. Nor is one of an earlier period, where the centre has confirmed a later
    period's since: it fetches what is put there.
    """
    with warehouse.connect() as connection:
        late = warehouse.read_rows(connection, LATE, [get_settings().receipt_days])
    return [row for row in late if not _is_erased(row["release_id"], row["centre_id"])]


def unconfirmed_erasures() -> list[dict[str, Any]]:
    """Parts that were sent and then erased, and of which no centre has said in that number of days that it deleted them: release, centre, days."""
    with warehouse.connect() as connection:
        return warehouse.read_rows(connection, UNCONFIRMED, [get_settings().receipt_days])


def _is_erased(release_id: str, centre_id: str) -> bool:
    """Whether the centre's part is a tombstone; one that cannot be read is none, and no reason to end a run."""
    try:
        return "erased" in read_manifest(get_settings().releases_path / release_id / centre_id)
    except UserError:
        return False


def _receipt_files() -> Iterator[tuple[str, bytes]]:
    outbox = storage(get_settings().outbox_address)
    for folder in [
        storage(get_settings().inbox) / DECISIONS_SENDER,
        *(outbox / centre_id for centre_id in recipients()),
    ]:
        if is_folder(folder):
            for path in sorted(entries(folder), key=lambda path: path.name):
                if path.name.endswith(Suffix.RECEIPT):
                    yield path.name, read_limited(path, MAX_BYTES) or b""


def _record(name: str, raw: bytes) -> str:
    fields = parse_receipt(raw)
    if fields is None:
        return f"{neutral_name(name)} is not a receipt."
    if "erasure_sha256" in fields:
        notice = statements_folder() / erasure_notice(fields["release_id"], fields["recipient"])
        if not notice.is_file() or file_sha256(notice) != fields["erasure_sha256"]:
            return f"{neutral_name(name)} matches no notice of an erasure that was sent."
        fields |= {"name": notice.name}
    with warehouse.connect() as connection:
        row = connection.execute(CONFIRM if "name" in fields else RECEIVE, fields).fetchone()
    if row:
        return ""
    return f"{neutral_name(name)} matches nothing that was sent: another release, centre or manifest."


def parse_receipt(raw: bytes) -> dict[str, str] | None:
    """The receipt's fields, each matched with its pattern, or None if invalid. Other fields are ignored."""
    try:
        content = parse(raw)
        patterns = OF_ERASURE if "erasure_sha256" in content else FIELDS
        fields = {name: content[name] for name in patterns}
        if not all(
            isinstance(fields[name], str) and re.fullmatch(patterns[name], fields[name]) for name in patterns
        ):
            return None
        date.fromisoformat(fields["deleted" if "deleted" in patterns else "verified"])
    except (ValueError, LookupError, TypeError):
        return None
    return fields if fields["recipient"] in recipients() else None


RECEIVE = """
update meta.sent_releases set receipt_at = coalesce(receipt_at, now()), verified_date = %(verified)s
where release_id = %(release_id)s and centre_id = %(recipient)s and manifest_sha256 = %(manifest_sha256)s
returning centre_id
"""
LATE = """
select s.release_id, s.centre_id, extract(day from now() - s.sent_at)::integer as days
from meta.sent_releases as s join meta.releases as r using (release_id)
where r.status = 'published' and s.receipt_at is null and s.sent_at < now() - make_interval(days => %s)
    and not exists (
        select from meta.sent_releases as confirmed join meta.releases as later using (release_id)
        where confirmed.centre_id = s.centre_id and confirmed.receipt_at >= s.sent_at and later.as_of > r.as_of and later.status <> 'recalled'
    )
order by s.release_id, s.centre_id
"""
CONFIRM = """
update meta.sent_statements set receipt_at = coalesce(receipt_at, now()), deleted_date = %(deleted)s
where centre_id = %(recipient)s and name = %(name)s returning centre_id
"""
UNCONFIRMED = f"""
select r.release_id, s.centre_id, extract(day from now() - s.sent_at)::integer as days
from meta.sent_statements as s
join meta.sent_releases as r on r.centre_id = s.centre_id and s.name = 'erasure-' || r.release_id || '-' || r.centre_id || '{Suffix.STATEMENT}'
where s.receipt_at is null and s.sent_at < now() - make_interval(days => %s)
order by r.release_id, s.centre_id
"""  # noqa: S608  # composed of a constant alone
