"""Erasure: what is held about a person, and the releases that hold it, are taken away for good; that it was done stays.

A person can be erased once the agencies have removed what they had delivered and a release without the person is in force.
Then every earlier release with the person goes: its files make room for a signed tombstone, its marts for nothing, its
sealed files leave the outboxes, and each centre is told to delete its copy, which is refused from then on. What was
handed out cannot be taken back from here; the notice asks for it.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from akrim import ledger, linkage, warehouse
from akrim.deliveries.erasing import erase_rows
from akrim.errors import UserError
from akrim.formats import as_json
from akrim.keys.recipients import centres
from akrim.keys.signing import sign_release
from akrim.releases.series import write_series
from akrim.sending import notices, outbox
from akrim.sending.send import in_force
from akrim.settings import get_settings
from akrim.trust.files import MANIFEST, read_manifest

# Only ids, by which what a centre was once sent goes on resolving.
KEPT_MARTS = ("release_persons",)


@dataclass(frozen=True)
class Erased:
    """What an erasure took: delivered rows, and the releases whose files are gone."""

    rows: int
    releases: list[str]


def erase_person(person_id: str, by: str, reason: str) -> Erased:
    """Erase a person from what is held here.

    Args:
        person_id: as the releases name the person.
        by: who decides it.
        reason: why, without personal data; every centre that had the person reads it.

    Raises UserError where an agency still delivers the person, or a release in force still holds her.
    """
    with warehouse.connect() as connection:
        _demand_gone(connection, person_id)
        releases = [row[0] for row in connection.execute(HOLDING, [person_id]).fetchall()]
        records = linkage.erase_person(connection, person_id)
        if not releases and not records:
            raise UserError(
                f"There is no person {person_id}.", "linkage.person_records", "Give an id of a release."
            )
        rows = erase_rows(connection, records)
        connection.execute(
            "insert into meta.erasures (person_id, releases, rows_erased, by_name, reason) values (%s, %s, %s, %s, %s)",
            [person_id, releases, rows, by, reason],
        )
    for release_id in releases:
        erase_release(release_id, reason)
    return Erased(rows, releases)


def erase_release(release_id: str, reason: str) -> None:
    """Erase a release that is no longer in force; done again after a failure it ends in the same.

    Raises UserError where it was never out or is in force.
    """
    if ledger.load(release_id).serial is None:
        raise UserError(f"{release_id} was never published.", "meta.releases", "`akrim releases list`.")
    if release_id in in_force():
        raise UserError(
            f"{release_id} is in force.", release_id, "Publish a release that takes its place: akrim run"
        )
    folder = get_settings().releases_path / release_id
    if "erased" not in read_manifest(folder):
        notices.write_for_everyone(
            folder, {"statement": "erasure", "reason": reason, "date": notices.today()}
        )
        _put_tombstone(folder, reason)
    for centre_id in centres():
        outbox.withdraw(centre_id, outbox.sealed_name(release_id))
    with warehouse.connect() as connection:
        tables = [row[0] for row in connection.execute(MARTS, [list(KEPT_MARTS)]).fetchall()]
        for name in tables:
            delete = sql.SQL("delete from {} where release_id = %s").format(sql.Identifier("marts", name))
            connection.execute(delete, [release_id])
    ledger.mark(release_id, "erased")
    write_series()


def _demand_gone(connection: psycopg.Connection, person_id: str) -> None:
    standing = [row[0] for row in connection.execute(STANDING, [person_id]).fetchall()]
    if standing:
        raise UserError(
            f"{person_id} still stands in what {', '.join(standing)} delivered.",
            "linkage.person_records",
            "The agency erases at its end and delivers the removal; then `akrim run`, then this.",
        )
    held = connection.execute(HELD_IN, [person_id, in_force()]).fetchall()
    if held:
        raise UserError(
            f"{person_id} is in {held[0][0]}, which is in force.",
            held[0][0],
            "Make a release without the person first: akrim run",
        )


def _put_tombstone(folder: Path, reason: str) -> None:
    """Build it aside, and change places with the files; a crash in between leaves one or the other."""
    manifest: dict[str, Any] = read_manifest(folder)
    said = {key: manifest[key] for key in SAID if key in manifest}
    aside, gone = (folder.with_name(f".{name}-{folder.name}") for name in ("tombstone", "erasing"))
    for leftover in (aside, gone):
        shutil.rmtree(leftover, ignore_errors=True)
    aside.mkdir(mode=0o700)
    erased = {"date": notices.today(), "reason": reason}
    (aside / MANIFEST).write_text(as_json({**said, "erased": erased, "centres": []}), encoding="utf-8")
    sign_release(aside)
    folder.rename(gone)
    aside.rename(folder)
    shutil.rmtree(gone)


SAID = ("manifest_version", "release_id", "period", "revision", "as_of", "previous_release_id", "data_mode")
STANDING = (
    "select distinct source from linkage.person_records where person_id = linkage.resolve(%s) order by 1"
)
HOLDING = """
select distinct p.release_id, r.sequence from marts.release_persons p join meta.releases r using (release_id)
where p.person_id = %s and r.published_at is not null and r.status <> 'erased' order by r.sequence
"""
HELD_IN = "select release_id from marts.release_persons where person_id = %s and release_id = any(%s) limit 1"
MARTS = """
select c.table_name from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
where c.table_schema = 'marts' and c.column_name = 'release_id' and t.table_type = 'BASE TABLE'
    and c.table_name <> all(%s) order by 1
"""
