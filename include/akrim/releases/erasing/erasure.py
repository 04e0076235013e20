"""Erasure of a person: the delivered rows, her rows in the marts, and the parts of releases that name her.

The agencies must have removed what they delivered, and a release without the person must be in force. The files of each centre that
an earlier release named her to are replaced by a signed tombstone, and that centre is told to delete its copy, which no
longer verifies; other centres' parts stay. Copies that left this machine are out of reach.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from akrim import audit, ledger, warehouse
from akrim.atomic_files import write_whole
from akrim.contracts import load_contracts
from akrim.corrections import erase_disputes, hold_cases
from akrim.deliveries import erase_rows, require_data_mode, sole_proprietorships
from akrim.deliveries.removal import agency_lock, deliveries_with, still_delivering
from akrim.errors import UserError
from akrim.formats import as_json, file_entry
from akrim.keys import sign_release
from akrim.linkage import store
from akrim.linkage.review import hold_verdicts
from akrim.periods import today
from akrim.releases.dcat import write_catalogue
from akrim.releases.erasing.erased_rows import erase_from_marts
from akrim.releases.erasing.unfinished import give_up, remove_copies
from akrim.releases.hidden_homes import hold_homes
from akrim.releases.provenance.pins import PINS
from akrim.releases.told_parts import Parts, parts_telling
from akrim.retention import forget_holds, refuse_held
from akrim.sending import announce_erasure, in_force, remove_release
from akrim.settings import get_settings
from akrim.sharing import forget_rows
from akrim.texts.errors import require_reason
from akrim.trust import MANIFEST, read_manifest


@dataclass(frozen=True)
class ErasureSummary:
    """How many delivered rows were erased, and the centres whose parts of a release were, by release.

    `pending` are parts of releases in force that tell what became of the person's id, and go once another one is in force.
    """

    rows: int
    parts: Parts
    pending: Parts


def erase_person(person_id: str, by: str, reason: str) -> ErasureSummary:
    """Erase a person from the installation; safe to repeat after a failure.

    Args:
        person_id: as the releases name the person; an id that was merged into hers is hers.
        by: who decides it.
        reason: why, without personal data; the centres that had the person can read it.

    Raises UserError where an agency still delivers the person, a release in force contains her, or she, a delivery or a
    release with her, somebody whom a part that tells of her names, or who had a role in her sole proprietorship is held, where
    no reason is given, or what is in force is of the other world than the settings say.
    """
    require_reason(by, reason)
    require_data_mode()
    # Nothing of her is read again meanwhile.
    with agency_lock(*load_contracts()), warehouse.connect() as connection:
        _hold_decisions(connection)
        person, releases, parts, taken = _erasable(connection, person_id)
        reason = warehouse.without_person_numbers(connection, reason)
        store.erase_person(connection, person)
        erased = erase_rows(connection, person.records, person.ids, person.before, person.of_others)
        erase_disputes(connection, person.records, erased.keys, person.before, person.of_others)
        erase_from_marts(connection, person.ids, erased, taken)
        forget_holds(connection, person.ids)
        give_up(connection)
        connection.execute(ERASED, [person_id, releases, erased.rows, by, reason])
        for release_id, centre_ids in parts.items():
            connection.execute(TO_ERASE, [release_id, reason, centre_ids])
        told = {"rows": erased.rows, "releases": len(releases)}
        audit.record(connection, audit.Event("erasure", by, detail=told, persons=[person_id]))
        remove_copies()  # before it is recorded: whom no part names no repetition finds
    gone = erase_pending()
    pending = {release_id: parts[release_id] for release_id in parts if release_id not in gone}
    return ErasureSummary(erased.rows, {r: parts[r] for r in parts if r in gone}, pending)


def _hold_decisions(connection: psycopg.Connection) -> None:
    """Nothing is decided on her until the transaction ends that would come after it, and no home hidden."""
    hold_cases(connection)
    hold_verdicts(connection)
    hold_homes(connection)


def erase_pending() -> Parts:
    """Erase the parts that tell of somebody erased, of the releases that are not in force; returns them, by release."""
    with warehouse.connect() as connection:
        rows = _pending(connection)
    for release_id, reason, centre_ids in rows:
        erase_parts(release_id, centre_ids, reason)
        with warehouse.connect() as connection:
            connection.execute(
                "delete from meta.parts_to_erase where release_id = %s and centre_id = any(%s)",
                [release_id, centre_ids],
            )
    with warehouse.connect() as connection:
        if warehouse.has_table(connection, "marts.named_persons"):
            # Last of all: until then a repetition finds by it what an erasure left that was killed.
            connection.execute(FORGET_NAMED)
    return {release_id: centre_ids for release_id, _, centre_ids in rows}


def pending_parts(connection: psycopg.Connection) -> Parts:
    """The parts that `erase_pending` would erase now, by release."""
    return {release_id: centre_ids for release_id, _, centre_ids in _pending(connection)}


def _pending(connection: psycopg.Connection) -> list[tuple[str, str, list[str]]]:
    return connection.execute(PENDING, [in_force()]).fetchall()


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
    erased = {"date": today().isoformat(), "reason": reason}
    for centre_id in centre_ids:
        if "erased" not in read_manifest(folder / centre_id):
            announce_erasure(folder, centre_id, erased)
            _lay_tombstone(folder / centre_id, erased)
        _remove_other_files(folder / centre_id)
        remove_release(centre_id, release_id)
        with warehouse.connect() as connection:
            hold_homes(connection)
            forget_rows(connection, [release_id], [centre_id])
    if _list_tombstones(folder):
        with warehouse.connect() as connection:
            ledger.set_status(connection, release_id, "erased")
    write_catalogue()


def _erasable(
    connection: psycopg.Connection, person_id: str
) -> tuple[store.LinkedPerson, list[str], Parts, list[tuple[str, str]]]:
    """The person, the releases with her, the parts that tell of her, and for whom she was taken in which release.

    Raises UserError as `erase_person` says.
    """
    if not warehouse.has_table(connection, "marts.persons"):
        raise _nobody(person_id)  # nothing has been assessed yet
    store.undo_given_up(connection)
    person = store.linked_person(connection, person_id)
    taken = store.taken_for(connection, person)
    _require_removed(connection, person, taken)
    enterprises = sole_proprietorships(connection, person.records)
    parts = parts_telling(connection, person.ids, person.records, enterprises, taken)
    with_her = connection.execute(RELEASES_WITH_PERSON, [person.ids, [of for of, _ in taken]]).fetchall()
    releases = [row[0] for row in with_her]
    is_named = connection.execute(IS_NAMED, [person.ids]).fetchone()
    if not (parts or releases or person.records or person.before or is_named):
        raise _nobody(person_id)
    refuse_held(
        connection,
        person_id,
        [
            *deliveries_with(connection, person.records),
            *(d for before in person.before for d in before.delivery_ids),
        ],
        [*releases, *parts],
        [
            *_named_in(connection, parts),
            *_with_roles_in(connection, enterprises),
            *(other for _, other in taken),
        ],
    )
    return person, releases, parts, taken


def _nobody(person_id: str) -> UserError:
    return UserError(
        f"There is no person {person_id}.", "linkage.person_records", "Give an id from a release."
    )


def _require_removed(
    connection: psycopg.Connection, person: store.LinkedPerson, taken: list[tuple[str, str]]
) -> None:
    """Neither linked as delivered, nor delivered again since the last assessment, nor in a release in force."""
    person_ids, person_id = person.ids, person.ids[0]
    linked = [row[0] for row in connection.execute(DELIVERED_BY, [person_ids]).fetchall()]
    if agencies := sorted({*linked, *still_delivering(connection, person.records)}):
        raise UserError(
            f"{person_id} is still in what {', '.join(agencies)} delivered.",
            "linkage.person_records" if linked else "landing",
            "The agency erases at its end and delivers the removal; then `akrim run`, then this.",
        )
    containing = [row[0] for row in connection.execute(IN_FORCE, [person_ids, in_force()]).fetchall()]
    containing += sorted({release_id for release_id, _ in taken}.intersection(in_force()))
    if containing:
        raise UserError(
            f"{person_id} is in {containing[0]}, which is in force.",
            containing[0],
            "Make a release without the person first: akrim run",
        )


def _named_in(connection: psycopg.Connection, parts: Parts) -> list[str]:
    """Everybody whom these parts name: a part goes as a whole."""
    keys = [(release_id, centre_id) for release_id, centre_ids in parts.items() for centre_id in centre_ids]
    values = [[release_id for release_id, _ in keys], [centre_id for _, centre_id in keys]]
    return [row[0] for row in connection.execute(NAMED_IN, values).fetchall()]


def _with_roles_in(connection: psycopg.Connection, enterprises: list[str]) -> list[str]:
    """Everybody whose role in one of these goes with it."""
    return [row[0] for row in connection.execute(WITH_ROLES, [enterprises]).fetchall()] if enterprises else []


def _lay_tombstone(folder: Path, erased: dict[str, str]) -> None:
    """In the place of the part's manifest, so that it lists no file any more."""
    manifest: dict[str, Any] = read_manifest(folder)
    kept = {key: manifest[key] for key in KEPT if key in manifest}
    write_whole(folder / MANIFEST, as_json({**kept, "erased": erased, "files": []}).encode())


def _remove_other_files(folder: Path) -> None:
    """All but the tombstone, each time anew: an erasure may have been killed in the middle of it."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != MANIFEST:
            path.unlink()


def _list_tombstones(folder: Path) -> bool:
    """Sign the release's manifest anew with the tombstones in it; returns whether there is nothing else.

    What it could be built again from goes with the first of them: with tombstones in it, no build is compared with it.
    """
    manifest = read_manifest(folder)
    manifest["files"] = [entry for entry in manifest.get("files", []) if entry["path"] != PINS]
    for entry in manifest["centres"]:
        own = folder / entry["centre_id"]
        entry.update(file_entry(own / MANIFEST, folder))
        if "erased" in (tombstone := read_manifest(own)):
            entry["erased"] = tombstone["erased"]
    write_whole(folder / MANIFEST, as_json(manifest).encode())
    sign_release(folder)
    (folder / PINS).unlink(missing_ok=True)
    return all("erased" in entry for entry in manifest["centres"])


KEPT = (
    "manifest_version", "release_id", "period", "revision", "as_of", "previous_release_id", "data_mode", "recipient", "expires",
)  # fmt: skip
DELIVERED_BY = "select distinct source from linkage.person_records where person_id = any(%s) order by 1"
RELEASES_WITH_PERSON = """
select distinct p.release_id, r.sequence from marts.persons as p join meta.releases as r using (release_id)
where p.person_id = any(%s) or p.release_id = any(%s) order by r.sequence
"""
IN_FORCE = "select release_id from marts.persons where person_id = any(%s) and release_id = any(%s) limit 1"
# After all that came before it, also where the clock was ahead then: no delivery before it is read again, nor a release made again.
ERASED = """
insert into meta.erasures (person_id, releases, rows_erased, by_name, reason, erased_at) values (%s, %s, %s, %s, %s, greatest(
    now(),
    (select max(received_at) + interval '1 microsecond' from meta.deliveries),
    (select max(reserved_at) + interval '1 microsecond' from meta.releases)
))
"""
# All that is left where an erasure was killed that had taken every part of a release.
IS_NAMED = "select 1 from marts.named_persons where person_id = any(%s) limit 1"
NAMED_IN = """
select distinct n.person_id from marts.named_persons as n
join unnest(%s::text[], %s::text[]) as part (release_id, centre_id) using (release_id, centre_id)
"""
WITH_ROLES = """
select distinct h.person_id from linkage.person_record_history as h
join landing.brreg_roller as r on r.rolle_id = h.source_record_id
where (h.source, h.extract) = ('brreg', 'roller') and r.organisasjonsnummer = any(%s)
"""
TO_ERASE = """
insert into meta.parts_to_erase (release_id, reason, centre_id) select %s, %s, unnest(%s::text[]) on conflict do nothing
"""
FORGET_NAMED = "delete from marts.named_persons where person_id in (select person_id from linkage.erased_ids)"
PENDING = """
select release_id, min(reason), array_agg(centre_id order by centre_id) from meta.parts_to_erase
where release_id <> all(%s) group by release_id order by release_id
"""
