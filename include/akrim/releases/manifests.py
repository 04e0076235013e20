"""Writes the manifests: the files of a release and of each centre's folder, with sizes and hashes.

A centre's manifest lists that centre's files alone, so that it can be verified by itself. The release's manifest lists the
centres' manifests and the release's inputs. `revision` in a manifest is the release's serial: it only rises, so that a
recipient can tell an older release.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

from akrim.formats import as_json, file_entry
from akrim.ledger import Pins
from akrim.report import Reference
from akrim.trust import MANIFEST

VERSION = "1.0"
# Two tertials and the time to make a release: a centre that has only this one has missed two.
VALID_DAYS = 400


def write_centre_manifest(folder: Path, pins: Pins) -> None:
    """List every file of the centre's folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    document = {
        **_common_fields(pins),
        "recipient": folder.name,
        "expires": (pins.as_of + timedelta(days=VALID_DAYS)).isoformat(),
        "files": [file_entry(path, folder) for path in files],
    }
    (folder / MANIFEST).write_text(as_json(document), encoding="utf-8")


def write_release_manifest(
    folder: Path, pins: Pins, reference: Reference, measured: dict[str, list[dict[str, Any]]]
) -> None:
    """List the centres' manifests, the release's inputs, and the figures measured for the release as a whole.

    Args:
        measured: linkage quality and disparities, for oversight; no centre gets them.
    """
    manifests = sorted(folder.glob(f"*/{MANIFEST}"))
    document = {
        **_common_fields(pins),
        "fingerprint": pins.fingerprint,
        "settings": pins.inputs["settings"],
        "versions": {key: pins.inputs[key] for key in ("code", "model", "rules", "link_decisions")},
        "rules": {rule.code: rule.version for rule in reference.rules},
        "inputs": pins.inputs["deliveries"],
        **measured,
        "files": [file_entry(path, folder) for path in sorted(folder.iterdir()) if path.is_file()],
        "centres": [{"centre_id": path.parent.name, **file_entry(path, folder)} for path in manifests],
    }
    (folder / MANIFEST).write_text(as_json(document), encoding="utf-8")


def _common_fields(pins: Pins) -> dict[str, Any]:
    return {
        "manifest_version": VERSION,
        "release_id": pins.release_id,
        "period": str(pins.period),
        "revision": pins.serial,
        "as_of": pins.as_of.isoformat(),
        "previous_release_id": pins.previous_release_id,
        "data_mode": pins.inputs["settings"]["data_mode"],
    }
