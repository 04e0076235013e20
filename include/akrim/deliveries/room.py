"""How much disk it takes to receive and assess what has arrived, told before anything is begun."""

import shutil
from typing import NamedTuple

from akrim.deliveries.inbox.files import MANIFEST, read_limited
from akrim.deliveries.inbox.listing import list_inbox
from akrim.deliveries.inbox.manifest import read_manifest
from akrim.deliveries.outcome import Refusal
from akrim.deliveries.register import standing_outcome
from akrim.settings import get_settings
from akrim.warehouse import connect

# For each declared row: what the database and the linkage keep, and at the fullest moment the write-ahead log and what is spilled
# beside them. Measured at a million and at five million persons (docs/sizing.md), where it is the same; a little added.
BYTES_A_ROW = 3_000
GIB = 1024**3


class Room(NamedTuple):
    """Declared rows that wait, and bytes of disk: what they need, and what is free where the home folder is."""

    rows: int
    needed: int
    free: int

    def __str__(self) -> str:
        needed, free = (
            f"{size / GIB:.1f} GiB" if size >= GIB / 10 else "under 0.1 GiB"
            for size in (self.needed, self.free)
        )
        return f"{self.rows:,} rows have arrived; {needed} of disk needed, {free} free"


def room_for_arrived(inbox: str) -> Room:
    """What is needed for the deliveries in the inbox that nothing was decided on, by what their manifests declare.

    One that is looked at again, since a contract has another version, and was accepted before, needs nothing.

    Raises UserError where the inbox is not there, or a storage lets nobody in.
    """
    with connect() as connection:
        waiting = [
            arrival
            for arrival in list_inbox(inbox)
            if not arrival.is_form and standing_outcome(connection, arrival) is None
        ]
        accepted = connection.execute(
            "select delivery_id from meta.deliveries where status = 'accepted'"
        ).fetchall()
    rows = 0
    for arrival in waiting:
        try:
            manifest = read_manifest(read_limited(arrival.path / MANIFEST) or b"")
        except Refusal:
            continue
        if (manifest.delivery_id,) not in accepted:
            rows += sum(file.rows for file in manifest.files)
    return Room(rows, rows * BYTES_A_ROW, shutil.disk_usage(get_settings().home).free)
