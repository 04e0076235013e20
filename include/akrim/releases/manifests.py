"""Manifests: what a release and a centre's folder hold, so that anybody can see whether it is still that.

A centre's manifest covers that centre's files alone and names nothing of the others, so that it can be verified
by itself. The release's manifest covers the centres' manifests and names what the release was made from.
A manifest's `revision` is the release's serial: it only rises, so that whoever was sent a newer one can tell.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

from akrim.formats import as_json, file_facts
from akrim.ledger import Pins
from akrim.report import Reference

MANIFEST = "manifest.json"
VERSION = "1.0"
# Two tertials and the time that making a release takes: whoever still holds only this one has missed two.
VALID_DAYS = 400


def write_centre_manifest(folder: Path, pins: Pins) -> None:
    """Name every file of the centre's folder with its size and hash."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    document = {
        **_about(pins),
        "recipient": folder.name,
        "expires": (pins.as_of + timedelta(days=VALID_DAYS)).isoformat(),
        "files": [file_facts(path, folder) for path in files],
    }
    (folder / MANIFEST).write_text(as_json(document), encoding="utf-8")


def write_release_manifest(
    folder: Path, pins: Pins, reference: Reference, measured: dict[str, list[dict[str, Any]]]
) -> None:
    """Name the centres' manifests with their hashes, all that the release was made from, and what was measured of it as a whole.

    Args:
        measured: how well it was linked, and disparities; for those who oversee the work, in no centre's folder.
    """
    manifests = sorted(folder.glob(f"*/{MANIFEST}"))
    document = {
        **_about(pins),
        "fingerprint": pins.fingerprint,
        "settings": pins.inputs["settings"],
        "versions": {key: pins.inputs[key] for key in ("code", "model", "rules", "link_decisions")},
        "rules": {rule.code: rule.version for rule in reference.rules},
        "inputs": pins.inputs["deliveries"],
        **measured,
        "files": [file_facts(path, folder) for path in sorted(folder.iterdir()) if path.is_file()],
        "centres": [{"centre_id": path.parent.name, **file_facts(path, folder)} for path in manifests],
    }
    (folder / MANIFEST).write_text(as_json(document), encoding="utf-8")


def _about(pins: Pins) -> dict[str, Any]:
    return {
        "manifest_version": VERSION,
        "release_id": pins.release_id,
        "period": str(pins.period),
        "revision": pins.serial,
        "as_of": pins.as_of.isoformat(),
        "previous_release_id": pins.previous_release_id,
        "data_mode": pins.inputs["settings"]["data_mode"],
    }
