"""Writes a release's folder from the marts: built beside its place, moved there by one rename, never edited afterwards.

A killed run leaves a `.building-` folder that the next one deletes; the same inputs give the same bytes.
"""

import multiprocessing
import os
import shutil
import threading
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import sql
from psycopg.rows import dict_row

from akrim import ledger, warehouse
from akrim.contracts import NATIONAL, WITHOUT_CENTRE
from akrim.deliveries.decisions import form_key
from akrim.errors import UserError
from akrim.formats import read_vocabulary
from akrim.keys import sign_release
from akrim.ledger import Pins
from akrim.linkage.quality import Figure, read_quality
from akrim.releases.dcat import write_catalogue
from akrim.releases.manifests import write_release_manifest
from akrim.releases.plausibility import check_limits, check_not_held
from akrim.releases.provenance import write_pins
from akrim.releases.snapshot import SnapshotInputs, build_national, build_snapshot
from akrim.report import Reference, read_reference
from akrim.sending import log_disclosure
from akrim.settings import get_settings
from akrim.sharing import national_columns, prepare_tables, shared_columns
from akrim.trust import read_manifest

# Up to so many persons on the centres' lists this process makes all parts in the time in which two others begin.
FEW_LISTED = 30
# Above so many, what rendering a part took is more than making processes anew for the others.
MANY_LISTED = 1_000
# What each process that makes a part needs: imported once, by the server that they are forked from.
PRELOADED = [__name__, "adbc_driver_manager.dbapi"]


@dataclass(frozen=True)
class PublishSummary:
    """A published release: its folder, and the number of actors on each centre's list."""

    release_id: str
    path: Path
    centres: dict[str, int]


def publish(release_id: str) -> PublishSummary:
    """Write the release's folder and mark it published; a folder that is complete is left as it is.

    Args:
        release_id: a release whose marts are built and whose changes are explained.

    Raises UserError where they are not, and ReleaseOnHold where it exceeds a plausibility limit and is not approved.
    """
    check_limits(ledger.load(release_id))
    ledger.assign_serial(release_id)
    pins = ledger.load(release_id)
    if not pins.is_explained:
        raise UserError(
            f"The changes of {release_id} have no causes yet.",
            "meta.releases",
            "Run its assessment to the end.",
        )
    path = get_settings().releases_path / release_id
    if not _is_complete(path, pins):
        _build(pins, path)
    centres = _actor_counts(pins, path)
    with warehouse.connect() as connection:
        check_not_held(connection, pins)
        if ledger.mark_published(connection, release_id):
            for centre_id in centres:
                log_disclosure(connection, release_id, centre_id, means="login")  # it reads what it is sent
    write_catalogue()
    return PublishSummary(release_id, path, centres)


def _figures(release_id: str, table: str, sort_columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """The release's rows in a table of figures about the whole release; none where the table does not exist."""
    with warehouse.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute("select to_regclass(%s) is not null as is_there", [table]).fetchone()
        if not (found and found["is_there"]):
            return []
        query = sql.SQL(
            "select to_jsonb(k) - 'release_id' as figures from {} as k where release_id = %s order by {}"
        ).format(sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, sort_columns)))
        rows = cursor.execute(query, [release_id]).fetchall()
    return [row["figures"] for row in rows]


def _is_complete(path: Path, pins: Pins) -> bool:
    """Whether the folder is this release: a run with other inputs that failed may have used the same id."""
    if not path.exists():
        return False
    manifest = read_manifest(path)
    return (manifest["fingerprint"], manifest.get("revision")) == (pins.fingerprint, pins.serial)


def _build(pins: Pins, path: Path) -> None:
    building = path.parent / f".building-{pins.release_id}"
    for leftover in (building, path):
        if leftover.exists():
            shutil.rmtree(leftover)
    building.mkdir(mode=0o700, parents=True)
    reference = read_reference(pins.as_of, pins.inputs["settings"]["language"])
    key = form_key(pins.release_id)
    inputs = SnapshotInputs(
        pins, reference, read_vocabulary(), shared_columns(), building, key, _quality(pins)
    )
    prepare_tables(inputs.columns | national_columns(inputs.columns))
    _build_parts(inputs, [NATIONAL, *_centres(reference)])
    figures = {
        "linkage": _figures(pins.release_id, "linkage.quality", ("measure", "subgroup")),
        "disparities": _figures(pins.release_id, "oversight.disparities", ("characteristic", "subgroup")),
    }
    write_pins(building, pins)
    write_release_manifest(building, pins, reference, figures)
    sign_release(building, pins.audit_head)
    building.rename(path)


def _quality(pins: Pins) -> tuple[Figure, ...]:
    """The measured quality of the release's linkage; none where it was not measured here."""
    try:
        return read_quality(pins.release_id).figures
    except UserError:
        return ()


def _build_parts(inputs: SnapshotInputs, recipients: list[str]) -> None:
    processes = min(get_settings().processes, len(recipients))
    listed = sum(_listed(inputs.pins).values())
    if processes == 1 or listed <= FEW_LISTED:
        for recipient in recipients:
            _build_part(inputs, recipient)
        return
    # Not forked from here: Arrow's and the database driver's threads do not survive a fork. The server that is forked
    # from has imported this once, and has the environment of its first use.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    environment = dict(os.environ)
    # A process for each part gives back what rendering took, where one that went on would keep it.
    parts_of_each = 1 if listed > MANY_LISTED else None
    with ProcessPoolExecutor(
        processes, context, _begin_as_child, (environment,), max_tasks_per_child=parts_of_each
    ) as pool:
        list(pool.map(_build_part, [inputs] * len(recipients), recipients))


def _begin_as_child(environment: dict[str, str]) -> None:
    """Take the parent's environment, and exit when it is killed, so that nothing goes on writing during a rerun."""
    os.environ.clear()
    os.environ.update(environment)
    get_settings.cache_clear()

    def watch() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _build_part(inputs: SnapshotInputs, recipient: str) -> None:
    try:
        if recipient == NATIONAL:
            build_national(inputs)
        else:
            build_snapshot(inputs, recipient)
    except Exception as error:
        # A driver's own exceptions cannot be pickled and would hide the cause.
        raise RuntimeError(f"The files of {recipient} could not be made: {error}") from error


def _centres(reference: Reference) -> list[str]:
    """The centres; the marts' bucket for persons in a kommune without one gets no folder."""
    return [centre_id for centre_id in reference.centres if centre_id != WITHOUT_CENTRE]


def _actor_counts(pins: Pins, path: Path) -> dict[str, int]:
    """Each centre's number of actors."""
    listed = _listed(pins)
    folders = sorted(entry.name for entry in path.iterdir() if entry.is_dir() and entry.name != NATIONAL)
    return {centre_id: listed.get(centre_id, 0) for centre_id in folders}


def _listed(pins: Pins) -> dict[str, int]:
    """How many persons are on the list of each centre that lists any."""
    query = "select centre_id, count(*) from marts.assessments where release_id = %s group by centre_id"
    with warehouse.connect() as connection:
        return dict(connection.execute(query, [pins.release_id]).fetchall())
