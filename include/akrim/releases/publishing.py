"""Writes a release's folder from the marts: built beside its place, moved there by one rename, never edited afterwards.

A killed run leaves a `.building-` folder that the next one deletes; the same inputs give the same bytes.
"""

import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import sql

from akrim import ledger, warehouse
from akrim.contracts import NATIONAL
from akrim.deliveries import require_data_mode
from akrim.errors import UserError
from akrim.full_disk import full_disk
from akrim.keys import sign_release
from akrim.ledger import Pins
from akrim.releases.dcat import write_catalogue
from akrim.releases.erasing.unfinished import remove_files
from akrim.releases.hidden_homes import hide_homes, hold_homes
from akrim.releases.holding import check_limits, check_may_go, require_linked
from akrim.releases.manifests import write_release_manifest
from akrim.releases.parts import (
    ask_for_parts,
    collect_parts,
    listed,
    make_parts,
    order_for,
    recipients,
    remove_parts,
)
from akrim.releases.provenance import write_pins
from akrim.releases.snapshot import SnapshotInputs
from akrim.sending import log_disclosure
from akrim.settings import get_settings
from akrim.sharing import prepare_tables, require_approved
from akrim.sharing.national import national_columns
from akrim.trust import read_manifest

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Made:
    """Parts that tasks of their own made: each one's digest by its recipient, and by what code."""

    parts: Mapping[str, str]
    code: str


@dataclass(frozen=True)
class PublishSummary:
    """A published release: its folder, and the number of actors on each centre's list."""

    release_id: str
    path: Path
    centres: dict[str, int]


def publish(release_id: str, made: Made | None = None, *, was_out: bool = False) -> PublishSummary:
    """Write the release's folder and mark it published; a folder that is complete is left as it is.

    Args:
        release_id: a release whose marts are built and whose changes are explained.
        made: its parts, which are collected; else they are made here.
        was_out: it went out elsewhere and is built again: what has come since is not asked.

    Raises UserError where they are not, another run has linked persons since, a delivery of its own was withdrawn, a home said to be
    protected or more withheld; and ReleaseOnHold where it exceeds a plausibility limit and is not approved. Then nothing goes out,
    and what is out stays.
    """
    pins = _ready(release_id, was_out=was_out)
    path = get_settings().releases_path / release_id
    if not _is_complete(path, pins):
        _build(pins, path, made)
    centres = _actor_counts(pins, path)
    with warehouse.connect() as connection:
        hold_homes(connection)  # before any row: what is given up below has rows in which homes are hidden
        if not was_out:
            check_may_go(connection, pins)
        _require_made(release_id)  # a home may have been hidden while it was written, and be free again
        if ledger.mark_published(connection, release_id):
            for centre_id in centres:
                log_disclosure(connection, release_id, centre_id, means="login")  # it reads what it is sent
        # Of what was held or failed, and now cannot go out: no limit and no erasure would reach it.
        remove_files(connection, ledger.overtaken(connection))
    write_catalogue()
    if made:
        _remove_parts()
    return PublishSummary(release_id, path, centres)


def list_parts(release_id: str, code: str) -> list[str]:
    """Whose parts tasks of their own are to make; nobody's where the release is there already.

    Args:
        release_id, code: as `publish` and `Made` have them.

    Raises what `publish` does.
    """
    pins = _ready(release_id)
    path = get_settings().releases_path / release_id
    if _is_complete(path, pins):
        return []
    order = order_for(pins, path)
    _prepare_tables(order)
    return ask_for_parts(order, code)


def _ready(release_id: str, *, was_out: bool = False) -> Pins:
    """The pins of a release that may be published, with its serial."""
    _require_made(release_id)
    if not was_out:
        require_data_mode()
        require_approved()
        hide_homes()
    pins = ledger.load(release_id)
    is_out = ledger.is_out(release_id)
    if not is_out:
        with warehouse.connect() as connection:
            require_linked(connection, pins)
    check_limits(pins)
    ledger.assign_serial(release_id)
    pins = ledger.load(release_id)
    if not (is_out or was_out):
        with warehouse.connect() as connection:
            check_may_go(connection, pins)
    return pins


def _require_made(release_id: str) -> None:
    pins = ledger.load(release_id)
    if not pins.is_explained:
        raise UserError(
            f"{release_id} is not made to its end, or was given up since: a home in it was hidden, or a person erased.",
            "meta.releases",
            f"Run {pins.period} again: akrim run --period {pins.period}",
        )


def _figures(release_id: str, table: str, sort_columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """The release's rows in a table of figures about the whole release; none where the table does not exist."""
    with warehouse.connect() as connection:
        if not warehouse.has_table(connection, table):
            return []
        query = sql.SQL(
            "select to_jsonb(k) - 'release_id' from {} as k where release_id = %s order by {}"
        ).format(sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, sort_columns)))
        return [figures for (figures,) in connection.execute(query, [release_id]).fetchall()]


def _is_complete(path: Path, pins: Pins) -> bool:
    """Whether the folder is this release: a run with other inputs that failed may have used the same id."""
    if not path.exists():
        return False
    manifest = read_manifest(path)
    return (manifest["fingerprint"], manifest.get("revision")) == (pins.fingerprint, pins.serial)


def _build(pins: Pins, path: Path, made: Made | None) -> None:
    building = path.parent / f".building-{pins.release_id}"
    for leftover in (building, path):
        if leftover.exists():
            shutil.rmtree(leftover)
    building.mkdir(mode=0o700, parents=True)
    try:
        _write(pins, building, made)
    except Exception as error:
        # That the release failed can be recorded in the room that this gives back. Whoever fails since another run took the folder
        # over leaves it to that one.
        if full_disk(error):
            shutil.rmtree(building, ignore_errors=True)
        raise
    building.rename(path)


def _write(pins: Pins, building: Path, made: Made | None) -> None:
    order = order_for(pins, building)
    if made:
        collect_parts(order, made.code, made.parts)
    else:
        _prepare_tables(order)
        make_parts(order, recipients(order.reference))
    figures = {
        "linkage": _figures(pins.release_id, "linkage.quality", ("measure", "subgroup")),
        "disparities": _figures(pins.release_id, "oversight.disparities", ("characteristic", "subgroup")),
    }
    write_pins(building, pins)
    write_release_manifest(building, pins, order.reference, figures)
    sign_release(building, pins.audit_head)


def _prepare_tables(order: SnapshotInputs) -> None:
    """Bring the tables of what centres are sent to the columns of today, before anybody writes to them."""
    prepare_tables(order.columns | national_columns(order.columns))


def _remove_parts() -> None:
    """The release is out: what cannot be removed now is left to whoever asks for parts next, and to `retain`."""
    try:
        remove_parts()
    except (OSError, UserError) as error:
        log.warning("The parts that were exchanged are still there: %s", error)


def _actor_counts(pins: Pins, path: Path) -> dict[str, int]:
    """Each centre's number of actors."""
    counted = listed(pins)
    folders = sorted(entry.name for entry in path.iterdir() if entry.is_dir() and entry.name != NATIONAL)
    return {centre_id: counted.get(centre_id, 0) for centre_id in folders}
