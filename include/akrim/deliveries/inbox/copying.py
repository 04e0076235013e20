"""Copies deliveries from an inbox to build an old release with."""

import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path

from akrim.deliveries.inbox.files import MANIFEST, SIGNATURE, read_limited
from akrim.deliveries.inbox.manifest import DELIVERY_ID, Manifest, read_manifest
from akrim.deliveries.inbox.spool import check_name
from akrim.deliveries.outcome import Refusal


def copy_delivery(source: Path, target: Path, digest: str | None) -> list[str]:
    """Copy a delivery that is to have this manifest, and what it supersedes: manifests and the files that they name.

    Returns a sentence for each that is missing or another one.
    """
    raw = None if source.is_symlink() else read_limited(source / MANIFEST)
    if raw is None:
        return [f"{source.name}: missing"]
    if digest not in (None, hashlib.sha256(raw).hexdigest()):
        return [f"{source.name}: another manifest than the pinned one"]
    try:
        manifest = read_manifest(raw)
    except Refusal as refusal:
        return [f"{source.name}: {refusal}"]
    if (manifest.agency, manifest.delivery_id) != (source.parent.name, source.name):
        return [f"{source.name}: the manifest is another delivery's"]
    target.mkdir(mode=0o700, parents=True)
    (target / MANIFEST).write_bytes(raw)
    _copy_files(source, target, manifest)
    superseded = _superseded(manifest)
    # It has to be accepted before the one that supersedes it, though no release may have used it.
    if superseded and not (target.parent / superseded).exists():
        return copy_delivery(source.parent / superseded, target.parent / superseded, None)
    return []


def _copy_files(source: Path, target: Path, manifest: Manifest) -> None:
    """Files with unsafe names are not copied, so the delivery is refused."""
    names = [file.name for file in manifest.files]
    with suppress(Refusal):
        for name in (SIGNATURE, *names):
            check_name(source, name)
            if (source / name).is_file():
                _link_or_copy(source / name, target / name)


def superseded_id(folder: Path) -> str | None:
    """The id of the delivery that the one in this folder supersedes; None where its manifest names no valid one."""
    try:
        return _superseded(read_manifest((folder / MANIFEST).read_bytes()))
    except (OSError, Refusal):
        return None


def _superseded(manifest: Manifest) -> str | None:
    before = manifest.supersedes
    return before if before and DELIVERY_ID.fullmatch(before) else None


def _link_or_copy(source: Path, target: Path) -> None:
    """A hard link where the file system allows it: deliveries can be large."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
