"""What an installation keeps, in units that are removed as a whole, each with what keeps it; by category.

The unit of delivered rows is one extract of a delivery, of links what a release's run ended, of a release all its rows and
each centre's part, of files a file.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import psycopg

from akrim import audit, corrections, retention
from akrim.contracts import extracts_by_name, load_contracts
from akrim.deliveries import removal as deliveries
from akrim.deliveries.removal import Record
from akrim.deliveries.state import accepted_deliveries, state_sequence
from akrim.linkage import store
from akrim.releases import removal as releases
from akrim.retention import DELIVERED, Limit
from akrim.settings import get_settings

HELD = "is held"
PROTECTIONS = "protection_statements"


@dataclass(frozen=True)
class Unit:
    """One unit: what it is called, from when it is counted, its rows, why it stays in any case, and its owner's row of it."""

    name: str
    day: date
    rows: int
    kept_because: str = ""
    of: Any = None


@dataclass(frozen=True)
class Keeping:
    """The connection, and what something rests on or is held: read once, when first asked for."""

    connection: psycopg.Connection

    @cached_property
    def held(self) -> retention.Held:
        return retention.held(self.connection)

    @cached_property
    def releases(self) -> dict[str, str]:
        """Why each release stays."""
        return dict.fromkeys(self.held.releases, HELD) | releases.rested_on(self.connection)

    @cached_property
    def deliveries(self) -> dict[str, str]:
        """Why each delivery stays."""
        pinned = self.connection.execute(PINNED, [list(self.releases)]).fetchall()
        needed = {delivery_id: f"{release} rests on it" for delivery_id, release in pinned}
        return (
            dict.fromkeys(self.held.deliveries, HELD) | needed | dict.fromkeys(self._state(), "in the state")
        )

    def delivered(self, release_id: str) -> set[Record]:
        """The records whose last link this release's run ended, or that it found to be somebody else's, and of which a row is kept as delivered."""
        return self._last_links.get(release_id, set())

    @cached_property
    def _last_links(self) -> dict[str, set[Record]]:
        last = store.last_links(self.connection)
        kept = deliveries.still_delivered(self.connection, [record for _, record in last])
        by_release: dict[str, set[Record]] = defaultdict(set)
        for release_id, record in last:
            if record in kept:
                by_release[release_id].add(record)
        for release_id, before in store.given_away(self.connection):
            if any(deliveries.rows_before(self.connection, [before]).values()):
                by_release[release_id].add(before[:3])
        return by_release

    def _state(self) -> Iterator[str]:
        """The deliveries of which the next assessment is made, of whichever period it can be: a revision's, too, of a release that stays."""
        newest = self.connection.execute(NEWEST_PERIOD).fetchone()
        revised = {period for (period,) in self.connection.execute(REVISED, [list(self.releases)]).fetchall()}
        for agency, contract in load_contracts().items():
            accepted = accepted_deliveries(self.connection, agency)
            since = (newest[0] if newest else None) or ""
            periods = {d.period for d in accepted if d.period >= since} | {since, *revised}
            for period in periods:
                yield from state_sequence(accepted, period, contract.is_append_only)


def units_of(keeping: Keeping, limit: Limit, until: date) -> list[Unit]:
    """The units of a category; none where the data do not tell from when it is counted.

    Args:
        until: the last day that is past the limit. What is not past it stays; whether it also would otherwise is not asked where that costs much.
    """
    if limit.category.startswith(DELIVERED):
        return list(_delivered(keeping, limit))
    if limit.category == PROTECTIONS:
        return list(_protections(keeping, until))
    return list(UNITS[limit.category](keeping, limit)) if limit.category in UNITS else []


def _delivered(keeping: Keeping, limit: Limit) -> Iterator[Unit]:
    known = extracts_by_name()
    for found in deliveries.listing.delivered(keeping.connection):
        # An agency whose contract is no longer here keeps its rows: nobody knows of which category they are.
        extract = known.get((found.agency, found.extract))
        if extract and f"{DELIVERED}{extract.category}" == limit.category:
            kept = keeping.deliveries.get(found.delivery_id, "")
            name, day = f"{found.delivery_id} {found.extract}", getattr(found, limit.counted_from)
            yield Unit(name, day, found.rows, kept, found)


def _of_deliveries(
    listed: Callable[[psycopg.Connection], list[deliveries.listing.Delivered]], keeping: Keeping, limit: Limit
) -> Iterator[Unit]:
    for found in listed(keeping.connection):
        kept = HELD if found.delivery_id in keeping.held.deliveries else ""
        yield Unit(found.delivery_id, getattr(found, limit.counted_from), found.rows, kept, found)


def _protections(keeping: Keeping, until: date) -> Iterator[Unit]:
    """By the day on which a record was last spoken of, since all that is said of it goes together."""
    found: dict[tuple[date, str], list[deliveries.Protected]] = defaultdict(list)
    for one in deliveries.protected_records(keeping.connection, until):
        is_held = one.record in keeping.held.records or keeping.held.deliveries.intersection(one.deliveries)
        found[one.day, HELD if is_held else one.needed].append(one)
    for (day, kept), of_day in found.items():
        yield Unit(str(day), day, sum(one.rows for one in of_day), kept, [one.record for one in of_day])


def _verdicts(keeping: Keeping, _: Limit) -> Iterator[Unit]:
    """By day. A verdict can have an effect for as long as something is kept of both its records."""
    verdicts = store.kept_verdicts(keeping.connection)
    in_open_cases = corrections.verdicts_of_open_cases(keeping.connection)
    held = {(agency, key) for agency, _, key in keeping.held.records}
    gone = _no_longer_delivered(keeping.connection, {record for v in verdicts for record in v.unlinked})
    found: dict[tuple[date, str], list[int]] = defaultdict(list)
    for verdict in verdicts:
        kept = "" if gone.intersection(verdict.unlinked) else "both its records are kept"
        if verdict.decision_id in in_open_cases:
            kept = "its case is open"
        if held.intersection(verdict.records):
            kept = HELD
        found[verdict.decided_at, kept].append(verdict.decision_id)
    for (day, kept), of_day in found.items():
        yield Unit(str(day), day, len(of_day), kept, of_day)


def _no_longer_delivered(
    connection: psycopg.Connection, records: set[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Those of the records (agency, key) that no extract of the agency has in any delivery; an agency that left is not known."""
    contracts = load_contracts()
    asked = [
        (agency, extract.name, key)
        for agency, key in records
        if agency in contracts
        for extract in contracts[agency].extracts
    ]
    kept = {(agency, key) for agency, _, key in deliveries.still_delivered(connection, asked)}
    return {(agency, key) for agency, key in records if agency in contracts} - kept


def _links(keeping: Keeping, limit: Limit) -> Iterator[Unit]:
    """A link is needed to tell what a release says for as long as one from before its end, or of it, has its rows.

    A record's last one is needed for as long as a row of it is kept: by it an erasure, an export and a hold find whose it is.
    """
    standing = {r.release_id for r in releases.release_rows(keeping.connection) if not r.is_removed}
    for found in store.ended_links(keeping.connection):
        needing = next((release for release in found.told_by if release in standing), None)
        kept = f"{needing} rests on it" if needing else ""
        day = getattr(found, limit.counted_from)
        of_kept_rows = 0 if kept else len(keeping.delivered(found.release_id))
        if of_kept_rows:
            yield Unit(found.release_id, day, of_kept_rows, "a row of its record is kept", found)
        if rows := found.rows - of_kept_rows:
            yield Unit(found.release_id, day, rows, kept, found._replace(rows=rows))


def _release_rows(keeping: Keeping, limit: Limit) -> Iterator[Unit]:
    for found in releases.release_rows(keeping.connection):
        kept = keeping.releases.get(found.release_id, "")
        yield Unit(found.release_id, getattr(found, limit.counted_from), found.rows, kept, found)


def _release_files(keeping: Keeping, limit: Limit) -> Iterator[Unit]:
    for found in releases.standing_parts(keeping.connection):
        kept = keeping.releases.get(found.release_id, "")
        if not kept and keeping.held.persons.intersection(found.persons):
            kept = "names somebody who is held"
        name = f"{found.release_id} {found.centre_id}"
        yield Unit(name, getattr(found, limit.counted_from), len(found.persons), kept, found)


def _correction_cases(keeping: Keeping, _: Limit) -> Iterator[Unit]:
    held = {(agency, key) for agency, _, key in keeping.held.records}
    for found in corrections.case_rows(keeping.connection):
        kept = HELD if found.records & held else found.needed
        yield Unit(found.case_id, found.recorded_at, found.rows, kept, found)


def _audit_log(keeping: Keeping, _: Limit) -> Iterator[Unit]:
    """Day by day; a chain has no gaps, so that what comes after an event about a held person stays too."""
    kept = ""
    for found in audit.beginnings(keeping.connection):
        kept = kept or (HELD if keeping.held.persons.intersection(found.persons) else "")
        yield Unit(str(found.day), found.day, found.rows, kept, found)


def _working_files(_: Keeping, __: Limit) -> Iterator[Unit]:
    """Copies of deliveries, receipts and notices that a killed run left, releases built again, and half-written ones."""
    home = get_settings().home
    places = [
        *home.glob("scratch-*"),
        *(home / "spool").glob("*"),
        *(home / "reproduced").glob("*"),
        *(home / "releases").glob(".*"),
    ]
    return _files(places, home)


def _logs(_: Keeping, __: Limit) -> Iterator[Unit]:
    home = get_settings().home
    for folder in (home / "logs", home / "airflow" / "logs"):
        files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
        yield from _files(files, home)


def _files(paths: list[Path], home: Path) -> Iterator[Unit]:
    """Those that are still there: others write and remove theirs meanwhile."""
    for path in sorted(paths):
        with suppress(FileNotFoundError):
            written = datetime.fromtimestamp(path.lstat().st_mtime, UTC).date()
            yield Unit(path.relative_to(home).as_posix(), written, 1, "", path)


UNITS: dict[str, Callable[[Keeping, Limit], Iterator[Unit]]] = {
    "quarantined_rows": partial(_of_deliveries, deliveries.listing.set_aside),
    "validation_results": partial(_of_deliveries, deliveries.listing.results),
    "linkage": _links,
    "release_rows": _release_rows,
    "release_files": _release_files,
    "working_files": _working_files,
    "logs": _logs,
    "audit_log": _audit_log,
    "correction_cases": _correction_cases,
    "link_verdicts": _verdicts,
}
PINNED = "select distinct on (delivery_id) delivery_id, release_id from meta.release_deliveries where release_id = any(%s) order by 1, 2 desc"
REVISED = (
    "select period from meta.releases where status in ('published', 'recalled') and release_id = any(%s)"
)
NEWEST_PERIOD = "select max(period) from meta.releases where published_at is not null and status <> 'erased'"
