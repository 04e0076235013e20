"""The differences from the previous release: delta.json with delta/, and moved_ids.json."""

from pathlib import Path

from akrim import warehouse
from akrim.changes import identities_between
from akrim.deltas import IdentityChanges, write_delta
from akrim.formats.files import as_json
from akrim.formats.moved_ids_json import moved_ids_of
from akrim.formats.registry import Format, Snapshot
from akrim.sharing import MARTS


def write(folder: Path, snapshot: Snapshot) -> None:
    """Write delta.json with delta/, and moved_ids.json."""
    pins, centre_id = snapshot.pins, snapshot.centre_id
    previous = pins.previous_release_id
    with warehouse.connect() as connection:
        identities = identities_between(connection, previous, pins.release_id) if previous else []
        document = moved_ids_of(connection, pins, centre_id, snapshot.before, snapshot.tables)
    (folder / "moved_ids.json").write_text(as_json(document), encoding="utf-8")
    moved = IdentityChanges(
        merged=frozenset(row["old_person_id"] for row in identities if row["change"] == "merged"),
        split=frozenset(row["person_id"] for row in identities if row["change"] == "split"),
    )
    about = {"release_id": pins.release_id, "recipient": centre_id, "previous": previous}
    keys = {mart.name: mart.key for mart in MARTS}
    write_delta(folder, about, snapshot.before, snapshot.tables, keys, moved)


FORMAT = Format("delta", write)
