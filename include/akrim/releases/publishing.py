"""From the marts to releases/<release_id>/<centre>/: built aside, moved into place by one rename, never edited.

In goes a release whose marts are built, out comes its folder and the ledger's word that it is out. A run that is
killed leaves a building folder that the next one clears away; the same inputs give the same bytes.
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
from akrim.deliveries.decisions.seal import form_key
from akrim.errors import UserError
from akrim.formats import read_vocabulary
from akrim.keys.signing import sign_release
from akrim.ledger import Pins
from akrim.linkage import Figure, read_quality
from akrim.releases import plausibility
from akrim.releases.manifests import write_release_manifest
from akrim.releases.provenance import write_pins
from akrim.releases.series import write_series
from akrim.releases.snapshot import Order, build_snapshot
from akrim.report import Reference, read_reference
from akrim.settings import get_settings
from akrim.sharing import shared_columns
from akrim.trust.files import read_manifest

# Persons whose kommune no centre covers stand in the marts under this name and in no folder.
WITHOUT_CENTRE = "uten_senter"
PROCESSES = 2


@dataclass(frozen=True)
class PublishSummary:
    """What was published: where it lies, and how many actors each centre's list has."""

    release_id: str
    path: Path
    centres: dict[str, int]


def publish(release_id: str) -> PublishSummary:
    """Write the release's folder and mark it published; a release that lies there complete is left as it is.

    Args:
        release_id: a release whose marts are built and whose changes are explained.

    Raises UserError where they are not, and Held where it passes a plausibility limit and nobody has let it go.
    """
    plausibility.hold(ledger.load(release_id))
    ledger.number(release_id)
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
    centres = _actors(pins, path)
    ledger.mark(release_id, "published")
    write_series()
    return PublishSummary(release_id, path, centres)


def _kept(release_id: str, table: str, order: tuple[str, ...]) -> list[dict[str, Any]]:
    """The release's rows of a table about the release as a whole, without its id; none where nothing was measured."""
    with warehouse.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute("select to_regclass(%s) is not null as laid", [table]).fetchone()
        if not (found and found["laid"]):
            return []
        query = sql.SQL(
            "select to_jsonb(k) - 'release_id' as kept from {} as k where release_id = %s order by {}"
        ).format(sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, order)))
        rows = cursor.execute(query, [release_id]).fetchall()
    return [row["kept"] for row in rows]


def _is_complete(path: Path, pins: Pins) -> bool:
    """Whether the folder is this very release: an id may have been left by a run with other inputs that never ended."""
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
    order = Order(pins, reference, read_vocabulary(), shared_columns(), building, key, _quality(pins))
    _build_centres(order, _recipients(reference))
    about = {
        "linkage": _kept(pins.release_id, "linkage.quality", ("measure", "subgroup")),
        "disparities": _kept(pins.release_id, "oversight.disparities", ("characteristic", "subgroup")),
    }
    write_pins(building, pins)
    write_release_manifest(building, pins, reference, about)
    sign_release(building)
    building.rename(path)


def _quality(pins: Pins) -> tuple[Figure, ...]:
    """How right the release's linkage is; nothing where it was linked elsewhere."""
    try:
        return read_quality(pins.release_id).figures
    except UserError:
        return ()


def _build_centres(order: Order, centre_ids: list[str]) -> None:
    # Spawned, not forked: Arrow's and the database driver's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    processes = min(PROCESSES, len(centre_ids))
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_end_with_parent) as pool:
        list(pool.map(_build_centre, [order] * len(centre_ids), centre_ids))


def _end_with_parent() -> None:
    """Let the process end when a killed parent no longer waits for it: nothing may go on writing behind a rerun."""

    def watch() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _build_centre(order: Order, centre_id: str) -> None:
    try:
        build_snapshot(order, centre_id)
    except Exception as error:
        # A driver's own exceptions do not survive the way between processes and would hide what went wrong.
        raise RuntimeError(f"The files of {centre_id} could not be made: {error}") from error


def _recipients(reference: Reference) -> list[str]:
    return [centre_id for centre_id in reference.centres if centre_id != WITHOUT_CENTRE]


def _actors(pins: Pins, path: Path) -> dict[str, int]:
    """Each centre's number of actors."""
    with warehouse.connect() as connection:
        listed = dict(
            connection.execute(
                "select centre_id, count(*) from marts.assessments where release_id = %s group by centre_id",
                [pins.release_id],
            ).fetchall()
        )
    folders = sorted(entry.name for entry in path.iterdir() if entry.is_dir())
    return {centre_id: listed.get(centre_id, 0) for centre_id in folders}
