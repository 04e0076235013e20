"""Erasure of a person: the delivered rows, and every release that contains the person.

The agencies must have removed what they delivered, and a release without the person must be in force. The files of every
earlier release with the person are replaced by a signed tombstone, its marts' rows and sealed files are deleted, and each
centre is told to delete its copy, which no longer verifies. Copies that left this machine are out of reach.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from akrim import ledger, linkage, warehouse
from akrim.contracts import centres
from akrim.deliveries.erasing import erase_rows
from akrim.errors import UserError
from akrim.formats import as_json
from akrim.keys.signing import sign_release
from akrim.releases.dcat import write_catalogue
from akrim.sending import notices, outbox
from akrim.sending.send import in_force
from akrim.settings import get_settings
from akrim.sharing import forget_release
from akrim.trust.files import MANIFEST, read_manifest

# Ids alone, so that an id once sent to a centre still resolves.
KEPT_MARTS = ("named_persons",)


@dataclass(frozen=True)
class ErasureSummary:
    """How many delivered rows were erased, and which releases."""

    rows: int
    releases: list[str]


def erase_person(person_id: str, by: str, reason: str) -> ErasureSummary:
    """Erase a person from the installation.

    Args:
        person_id: as the releases name the person.
        by: who decides it.
        reason: why, without personal data; the centres that had the person can read it.

    Raises UserError where an agency still delivers the person, or a release in force contains her.
    """
    with warehouse.connect() as connection:
        _require_removed(connection, person_id)
        releases = [row[0] for row in connection.execute(RELEASES_WITH_PERSON, [person_id]).fetchall()]
        records = linkage.erase_person(connection, person_id)
        if not releases and not records:
            raise UserError(
                f"There is no person {person_id}.", "linkage.person_records", "Give an id from a release."
            )
        rows = erase_rows(connection, records)
        connection.execute(
            "insert into meta.erasures (person_id, releases, rows_erased, by_name, reason) values (%s, %s, %s, %s, %s)",
            [person_id, releases, rows, by, reason],
        )
    for release_id in releases:
        erase_release(release_id, reason)
    return ErasureSummary(rows, releases)


def erase_release(release_id: str, reason: str) -> None:
    """Erase a release that is no longer in force; safe to repeat after a failure.

    Raises UserError where it was never published or is in force.
    """
    if ledger.load(release_id).serial is None:
        raise UserError(f"{release_id} was never published.", "meta.releases", "`akrim releases list`.")
    if release_id in in_force():
        raise UserError(
            f"{release_id} is in force.", release_id, "Publish a release that takes its place: akrim run"
        )
    folder = get_settings().releases_path / release_id
    if "erased" not in read_manifest(folder):
        notices.write_for_each_centre(
            folder, {"statement": "erasure", "reason": reason, "date": notices.today()}
        )
        _replace_with_tombstone(folder, reason)
    for centre_id in centres():
        outbox.remove(centre_id, outbox.sealed_name(release_id))
    with warehouse.connect() as connection:
        tables = [row[0] for row in connection.execute(TABLES_BY_RELEASE, [list(KEPT_MARTS)]).fetchall()]
        for name in tables:
            delete = sql.SQL("delete from {} where release_id = %s").format(sql.Identifier("marts", name))
            connection.execute(delete, [release_id])
        forget_release(connection, release_id)
    ledger.set_status(release_id, "erased")
    write_catalogue()


def _require_removed(connection: psycopg.Connection, person_id: str) -> None:
    agencies = [row[0] for row in connection.execute(DELIVERED_BY, [person_id]).fetchall()]
    if agencies:
        raise UserError(
            f"{person_id} is still in what {', '.join(agencies)} delivered.",
            "linkage.person_records",
            "The agency erases at its end and delivers the removal; then `akrim run`, then this.",
        )
    containing = connection.execute(IN_FORCE, [person_id, in_force()]).fetchall()
    if containing:
        raise UserError(
            f"{person_id} is in {containing[0][0]}, which is in force.",
            containing[0][0],
            "Make a release without the person first: akrim run",
        )


def _replace_with_tombstone(folder: Path, reason: str) -> None:
    """Built beside the release and swapped in by renames."""
    manifest: dict[str, Any] = read_manifest(folder)
    kept = {key: manifest[key] for key in KEPT if key in manifest}
    tombstone, replaced = (folder.with_name(f".{name}-{folder.name}") for name in ("tombstone", "erasing"))
    for leftover in (tombstone, replaced):
        shutil.rmtree(leftover, ignore_errors=True)
    tombstone.mkdir(mode=0o700)
    erased = {"date": notices.today(), "reason": reason}
    (tombstone / MANIFEST).write_text(as_json({**kept, "erased": erased, "centres": []}), encoding="utf-8")
    sign_release(tombstone)
    folder.rename(replaced)
    tombstone.rename(folder)
    shutil.rmtree(replaced)


KEPT = ("manifest_version", "release_id", "period", "revision", "as_of", "previous_release_id", "data_mode")
DELIVERED_BY = (
    "select distinct source from linkage.person_records where person_id = linkage.resolve(%s) order by 1"
)
RELEASES_WITH_PERSON = """
select distinct p.release_id, r.sequence from marts.named_persons p join meta.releases r using (release_id)
where p.person_id = %s and r.published_at is not null and r.status <> 'erased' order by r.sequence
"""
IN_FORCE = "select release_id from marts.named_persons where person_id = %s and release_id = any(%s) limit 1"
TABLES_BY_RELEASE = """
select c.table_name from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
where c.table_schema = 'marts' and c.column_name = 'release_id' and t.table_type = 'BASE TABLE'
    and c.table_name <> all(%s) order by 1
"""
