"""Erasure of a person: the delivered rows, her rows in the marts, and the parts of releases that name her.

The agencies must have removed what they delivered, and a release without the person must be in force. The files of each centre that
an earlier release named her to are replaced by a signed tombstone, and that centre is told to delete its copy, which no
longer verifies; other centres' parts stay. Copies that left this machine are out of reach.
"""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from akrim import audit, ledger, warehouse
from akrim.atomic_files import write_whole
from akrim.contracts import WITHOUT_CENTRE
from akrim.deliveries import erase_rows
from akrim.deliveries.removal import deliveries_with
from akrim.errors import UserError
from akrim.formats import as_json, file_entry
from akrim.keys import sign_release
from akrim.linkage import store
from akrim.releases.dcat import write_catalogue
from akrim.retention import refuse_held
from akrim.sending import announce_erasure, in_force, remove_release
from akrim.settings import get_settings
from akrim.sharing import forget_rows
from akrim.trust import MANIFEST, read_manifest

# The columns of the marts that hold a person's id. A network outlives its most central member.
OF_PERSONS = ("person_id", "decided_person_id", "old_person_id", "member_id", "from_id", "to_id")
MENTIONING = ("most_central_person_id",)


@dataclass(frozen=True)
class ErasureSummary:
    """How many delivered rows were erased, and the centres whose parts of a release were, by release."""

    rows: int
    parts: dict[str, list[str]]


def erase_person(person_id: str, by: str, reason: str) -> ErasureSummary:
    """Erase a person from the installation; safe to repeat after a failure.

    Args:
        person_id: as the releases name the person.
        by: who decides it.
        reason: why, without personal data; the centres that had the person can read it.

    Raises UserError where an agency still delivers the person, a release in force contains her, or she, a delivery or a
    release with her is held.
    """
    with warehouse.connect() as connection:
        _require_removed(connection, person_id)
        parts = _parts_naming(connection, person_id)
        releases = [row[0] for row in connection.execute(RELEASES_WITH_PERSON, [person_id]).fetchall()]
        records = store.erase_person(connection, person_id)
        if not parts and not releases and not records:
            raise UserError(
                f"There is no person {person_id}.", "linkage.person_records", "Give an id from a release."
            )
        refuse_held(connection, person_id, deliveries_with(connection, records), releases)
        rows = erase_rows(connection, records)
        _erase_from_marts(connection, person_id)
        connection.execute(
            "insert into meta.erasures (person_id, releases, rows_erased, by_name, reason) values (%s, %s, %s, %s, %s)",
            [person_id, releases, rows, by, reason],
        )
        audit.record(
            connection,
            audit.Event("erasure", by, detail={"rows": rows, "releases": len(releases)}, persons=[person_id]),
        )
    for release_id, centre_ids in parts.items():
        erase_parts(release_id, centre_ids, reason)
    shutil.rmtree(get_settings().home / "reproduced", ignore_errors=True)
    with warehouse.connect() as connection:
        # Last of all: until then a repetition finds by it what is left to do.
        connection.execute("delete from marts.named_persons where person_id = %s", [person_id])
    return ErasureSummary(rows, parts)


def erase_parts(release_id: str, centre_ids: list[str], reason: str) -> None:
    """Erase these centres' parts of a release that is no longer in force.

    Raises UserError where it was never published or is in force.
    """
    if ledger.load(release_id).serial is None:
        raise UserError(f"{release_id} was never published.", "meta.releases", "`akrim releases list`.")
    if release_id in in_force():
        raise UserError(
            f"{release_id} is in force.", release_id, "Publish a release that takes its place: akrim run"
        )
    folder = get_settings().releases_path / release_id
    erased = {"date": datetime.now(UTC).date().isoformat(), "reason": reason}
    for centre_id in centre_ids:
        if "erased" not in read_manifest(folder / centre_id):
            announce_erasure(folder, centre_id, erased)
            _replace_with_tombstone(folder / centre_id, erased)
        remove_release(centre_id, release_id)
        with warehouse.connect() as connection:
            forget_rows(connection, release_id, centre_id)
    if _list_tombstones(folder):
        ledger.set_status(release_id, "erased")
    write_catalogue()


def _parts_naming(connection: psycopg.Connection, person_id: str) -> dict[str, list[str]]:
    """The centres that each earlier release named the person to, by release."""
    named = connection.execute(PARTS_WITH_PERSON, [person_id, WITHOUT_CENTRE]).fetchall()
    return {
        release_id: [centre_id for _, centre_id in rows]
        for release_id, rows in groupby(named, key=lambda row: row[0])
    }


def _erase_from_marts(connection: psycopg.Connection, person_id: str) -> None:
    columns = connection.execute(COLUMNS_OF_PERSONS, [[*OF_PERSONS, *MENTIONING]]).fetchall()
    for table, column in columns:
        names = {"table": sql.Identifier("marts", table), "column": sql.Identifier(column)}
        text = UNMENTION if column in MENTIONING else DELETE
        connection.execute(sql.SQL(text).format(**names), [person_id])


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


def _replace_with_tombstone(folder: Path, erased: dict[str, str]) -> None:
    """Built beside the centre's folder and swapped in by renames."""
    manifest: dict[str, Any] = read_manifest(folder)
    kept = {key: manifest[key] for key in KEPT if key in manifest}
    tombstone, replaced = (folder.with_name(f".{name}-{folder.name}") for name in ("tombstone", "erasing"))
    for leftover in (tombstone, replaced):
        shutil.rmtree(leftover, ignore_errors=True)
    tombstone.mkdir(mode=0o700)
    (tombstone / MANIFEST).write_text(as_json({**kept, "erased": erased, "files": []}), encoding="utf-8")
    folder.rename(replaced)
    tombstone.rename(folder)
    shutil.rmtree(replaced)


def _list_tombstones(folder: Path) -> bool:
    """Sign the release's manifest anew with the tombstones in it; returns whether there is nothing else."""
    manifest = read_manifest(folder)
    for entry in manifest["centres"]:
        own = folder / entry["centre_id"]
        entry.update(file_entry(own / MANIFEST, folder))
        if "erased" in (tombstone := read_manifest(own)):
            entry["erased"] = tombstone["erased"]
    write_whole(folder / MANIFEST, as_json(manifest).encode())
    sign_release(folder)
    return all("erased" in entry for entry in manifest["centres"])


KEPT = (
    "manifest_version", "release_id", "period", "revision", "as_of", "previous_release_id", "data_mode", "recipient", "expires",
)  # fmt: skip
DELIVERED_BY = (
    "select distinct source from linkage.person_records where person_id = linkage.resolve(%s) order by 1"
)
RELEASES_WITH_PERSON = """
select p.release_id from marts.persons as p join meta.releases as r using (release_id)
where p.person_id = %s order by r.sequence
"""
PARTS_WITH_PERSON = """
select p.release_id, p.centre_id from marts.named_persons as p join meta.releases as r using (release_id)
where p.person_id = %s and p.centre_id <> %s and r.published_at is not null and r.status <> 'erased'
order by r.sequence, p.centre_id
"""
IN_FORCE = "select release_id from marts.persons where person_id = %s and release_id = any(%s) limit 1"
COLUMNS_OF_PERSONS = """
select c.table_name, c.column_name from information_schema.columns as c
join information_schema.tables as t using (table_schema, table_name)
where c.table_schema = 'marts' and c.column_name = any(%s) and t.table_type = 'BASE TABLE' and c.table_name <> 'named_persons'
order by 1, 2
"""
DELETE = "delete from {table} where {column} = %s"
UNMENTION = "update {table} set {column} = null where {column} = %s"
