"""Removes what is past its limit and rested on by nothing, unit by unit, each with its event in the audit log.

Each unit is removed in a transaction of its own: killed at any point, the next time does what is left. The caller holds the
lock of assessments; nothing is received meanwhile.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import psycopg

from akrim import audit, corrections, warehouse
from akrim.contracts import load_contracts
from akrim.deliveries import removal as deliveries
from akrim.deliveries import require_data_mode
from akrim.expiry.surveying import CategoryState, state_of
from akrim.expiry.units import Keeping, Unit
from akrim.linkage import store
from akrim.releases import hold_homes
from akrim.releases import removal as releases
from akrim.retention import DELIVERED, Held, forget_ended_holds, require_limits

BY = "akrim retention"
OF_FILES = ("working_files", "logs")
# Removes a unit's rows; returns how many went, and how many stay because they are held.
Remove = Callable[[psycopg.Connection, Any, Held], tuple[int, int]]


@dataclass(frozen=True)
class Removal:
    """A unit that was removed: its category and name, the rows that went, and those that stay because they are held."""

    category: str
    name: str
    rows: int
    held: int = 0


def apply_limits(on: date, by: str = BY) -> list[Removal]:
    """Remove all that is past its limit on that day, and parts that tell of somebody erased; returns what went, in order.

    Raises UserError where a category has no limit, or what is in force is of the other world than the settings say; then nothing is removed.
    """
    limits = require_limits()
    require_data_mode()
    removed = _of_parts(releases.erase_pending())
    with deliveries.agency_lock(*load_contracts()):
        for limit in limits.values():
            # Anew for each: what an earlier category's removal rested on may be gone.
            with warehouse.connect() as connection:
                state = state_of(Keeping(connection), limit, on)
            removed += _remove(state, by)
    return removed


def rehearse_limits(on: date) -> list[Removal]:
    """What `apply_limits` would return: rows are removed in a transaction that is undone, and files are left alone.

    What goes can be all that something else rested on, or partly held: only removing tells. Raises UserError as that does.
    """
    limits = require_limits()
    require_data_mode()
    with deliveries.agency_lock(*load_contracts()), warehouse.connect() as connection:
        # Before any table: whoever hides homes reads those that are emptied here and kept until the end.
        hold_homes(connection)
        removed = _of_parts(releases.pending_parts(connection))
        for limit in limits.values():
            removed += _rehearse(connection, state_of(Keeping(connection), limit, on))
        connection.rollback()
    return removed


def _of_parts(parts: releases.Parts) -> list[Removal]:
    """Parts that tell of somebody erased."""
    return [
        Removal("release_files", f"{release_id} {centre_id}", 1)
        for release_id, centre_ids in parts.items()
        for centre_id in centre_ids
    ]


def _rehearse(connection: psycopg.Connection, state: CategoryState) -> list[Removal]:
    category = state.limit.category
    if category in OF_FILES:
        return _of_files(state)
    # A cut of the log would keep everybody from logging until it is undone, and nothing rests on either.
    if category in {"release_files", "audit_log"}:
        return [Removal(category, unit.name, unit.rows) for unit in state.due]
    removed = (_remove_unit(connection, category, unit) for unit in state.due)
    return [removal for removal in removed if removal.rows]


def _remove(state: CategoryState, by: str) -> list[Removal]:
    category = state.limit.category
    if category == "release_files":
        return list(_remove_parts([unit.of for unit in state.due], by))
    if category in OF_FILES:
        return _remove_files(state, by)
    removed = (_remove_rows(state, unit, by) for unit in state.due)
    return [removal for removal in removed if removal.rows]


def _remove_parts(parts: list[releases.Part], by: str) -> Iterator[Removal]:
    """All that is due of a release at once: its manifest is signed anew only once."""
    for release_id, due in groupby(parts, key=lambda part: part.release_id):
        for centre_id, persons in releases.forget_parts(release_id, [p.centre_id for p in due], by).items():
            yield Removal("release_files", f"{release_id} {centre_id}", persons)


def _remove_rows(state: CategoryState, unit: Unit, by: str) -> Removal:
    category = state.limit.category
    with warehouse.connect() as connection:
        removal = _remove_unit(connection, category, unit)
        if not removal.rows:  # all of it is held: nothing was done, and nothing is logged
            return removal
        if category == "linkage":
            store.clear_cache()
        detail = {"retention": category, "rows": removal.rows, "held": removal.held, "keep": state.limit.keep}
        if case_id := getattr(unit.of, "case_id", None):
            detail["case_id"] = case_id
        if isinstance(unit.of, audit.Beginning):
            detail["cut"] = {"day": str(unit.day), "position": unit.of.position, "sha256": unit.of.sha256}
        event = audit.Event(
            "erasure",
            by,
            detail=detail,
            agency=getattr(unit.of, "agency", None),
            delivery_id=getattr(unit.of, "delivery_id", None),
            release_id=getattr(unit.of, "release_id", None),
        )
        audit.record(connection, event)
    return removal


def _remove_unit(connection: psycopg.Connection, category: str, unit: Unit) -> Removal:
    remove = REMOVE[DELIVERED if category.startswith(DELIVERED) else category]
    return Removal(category, unit.name, *remove(connection, unit.of, Keeping(connection).held))


def _remove_files(state: CategoryState, by: str) -> list[Removal]:
    """Logged first: what is left where that breaks off goes the next time, and what had gone would be in no log."""
    removed = _of_files(state)
    for removal in removed:
        detail = {"retention": removal.category, "files": removal.rows, "keep": state.limit.keep}
        with warehouse.connect() as connection:
            audit.record(connection, audit.Event("erasure", by, detail=detail))
    for unit in state.due:
        if unit.of.is_dir() and not unit.of.is_symlink():
            shutil.rmtree(unit.of)
        else:
            unit.of.unlink(missing_ok=True)
    return removed


def _of_files(state: CategoryState) -> list[Removal]:
    """All of a category's files at once."""
    name = f"until {state.cut_off}"
    return [Removal(state.limit.category, name, len(state.due))] if state.due else []


def _forget_links(connection: psycopg.Connection, unit: store.EndedLinks, held: Held) -> tuple[int, int]:
    delivered = Keeping(connection).delivered(unit.release_id)
    gone = store.forget_ended(connection, unit.release_id, held.persons, held.records, delivered)
    return gone, unit.rows - gone


def _forget_release(
    connection: psycopg.Connection, unit: releases.ReleaseRows, held: Held
) -> tuple[int, int]:
    standing = [
        part.centre_id for part in releases.standing_parts(connection) if part.release_id == unit.release_id
    ]
    return releases.forget_rows(connection, unit.release_id, held.persons, standing)


def _cut_log(connection: psycopg.Connection, beginning: audit.Beginning, _: Held) -> tuple[int, int]:
    forget_ended_holds(connection, beginning.day)
    return audit.cut(connection, beginning), 0


REMOVE: dict[str, Remove] = {
    DELIVERED: lambda connection, unit, held: deliveries.drop_rows(connection, unit, held.records),
    "quarantined_rows": lambda connection, unit, held: deliveries.forget_set_aside(
        connection, unit, held.records
    ),
    "validation_results": lambda connection, unit, _: (deliveries.forget_results(connection, unit), 0),
    "linkage": _forget_links,
    "release_rows": _forget_release,
    "audit_log": _cut_log,
    "link_verdicts": lambda connection, unit, _: (store.forget_verdicts(connection, unit), 0),
    "protection_statements": lambda connection, unit, _: (deliveries.forget_statements(connection, unit), 0),
    "correction_cases": lambda connection, unit, _: (corrections.forget_case(connection, unit.case_id), 0),
}
