"""Makes the mirror what the home folder is.

A file there counts as right where the index tells the home's size and digest of it, its size is that, and it was not written after
the index; any other is read and hashed, and sent where it differs. What a release no longer has goes first. Its manifest goes before
anything else of it changes and comes last, so that a release is there only with its manifest. The index is written last of all.
Of a release that may not be told any more nothing is sent anew: what is whole there stays, what is not goes.
"""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from akrim import ledger, warehouse
from akrim.errors import UserError
from akrim.full_disk import error_text
from akrim.sending.allowed import require_allowed
from akrim.sending.disclosing import log_disclosure
from akrim.sending.mirror.content import (
    INDEX,
    Kept,
    files_beside,
    files_of_release,
    published_releases,
    read_index,
    write_index,
)
from akrim.sending.mirror.place import Lying, Place, written
from akrim.settings import get_settings
from akrim.trust import MANIFEST, SIGNATURE, read_manifest


@dataclass
class Mirrored:
    """The releases that were sent to the mirror or put right there, and what failed, with the reason."""

    releases: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def keep_mirror(in_force: list[str], *, again: bool = False) -> Mirrored:
    """Make the mirror, if the installation has one, what the home folder is; what fails is done by the next run.

    Args:
        in_force: the releases that the index names as such.
        again: read and hash every file there, whatever the index tells of it.
    """
    result = Mirrored()
    address = get_settings().releases_mirror
    if not address:
        return result
    try:
        here, releases = files_beside(), published_releases()
        for release in releases:
            try:
                here |= files_of_release(release["release_id"])
            except (OSError, UserError) as error:  # what is damaged at home stays there as it was
                result.failed[release["release_id"]] = error_text(error)
        tell = partial(write_index, releases, in_force)
        result.releases, refused = _make_same(Place(address), here, tell, again)
        # Of an earlier one there is nothing to be done.
        result.failed |= {release: why for release, why in refused.items() if release in in_force}
    except Exception as error:  # noqa: BLE001  # whatever a storage raises, nothing else waits for the mirror
        result.failed["the mirror"] = error_text(error)
    return result


def compare_mirror() -> tuple[list[str], list[str]]:
    """The published releases that are not in the mirror and may be, and the releases there that this installation has not published."""
    lying = Place(get_settings().releases_mirror).lying()
    there = {release for release, _, name in (path.partition("/") for path in lying) if name == MANIFEST}
    published = [row["release_id"] for row in published_releases()]
    missing = [release for release in published if release not in there]
    refused = _refused(missing)
    return [release for release in missing if release not in refused], sorted(there.difference(published))


def _make_same(
    place: Place, here: dict[str, Kept], tell: Callable[[dict[str, Kept]], bytes], again: bool
) -> tuple[list[str], dict[str, str]]:
    """Returns the releases that were not there as they are at home, and those of them that may not be sent, with the reason.

    Args:
        tell: gives the index of files.
    """
    lying = place.lying()
    last = place.read(INDEX) if INDEX in lying else b""
    told = {} if again else _told(last, lying)
    doubtful = [path for path, kept in here.items() if told.get(path) != kept[1:]]
    wrong = {path for path in doubtful if not _is_right(place, path, here[path], lying)}
    releases = {_release(path) for path in here} - {""}
    refused = _refused({_release(path) for path in wrong if _tells(path)})
    barred = {path for path in wrong if _release(path) in refused}
    barred |= {path for path in here if path.rpartition("/")[0] in refused}
    here = {path: kept for path, kept in here.items() if path not in barred}
    wrong -= barred
    gone = [path for path in lying if path not in here and _release(path) in releases]
    changed = {_release(path) for path in (*wrong, *gone)} - {""}
    manifests = [f"{release}/{MANIFEST}" for release in sorted(changed)]
    for path in dict.fromkeys((*manifests, *gone)):
        if path in lying:
            place.remove(path)
    _send(place, {path: kept for path, kept in here.items() if path in wrong.union(manifests)})
    index = tell(here)
    if here.keys() & doubtful or gone or last != index:
        place.send(INDEX, io.BytesIO(index))
    return sorted(changed - refused.keys()), refused


def _refused(releases: Iterable[str]) -> dict[str, str]:
    """Those that may not be told any more, with the reason."""
    refused = {}
    with warehouse.connect() as connection:
        for release_id in sorted(releases):
            try:
                require_allowed(connection, ledger.load(release_id))
            except UserError as error:
                refused[release_id] = error_text(error)
    return refused


def _tells(path: str) -> bool:
    """Whether a file is of a release and tells of anybody; manifests and signatures do not."""
    return "/" in path and path.rpartition("/")[2] not in (MANIFEST, SIGNATURE)


def _told(index: bytes, lying: Lying) -> dict[str, tuple[int, str]]:
    """The size and digest that the index tells of each file, where nothing that the storage tells speaks against it."""
    return {
        path: told
        for path, told in read_index(index).items()
        if path in lying and lying[path]["size"] == told[0] and written(lying[path]) <= written(lying[INDEX])
    }


def _is_right(place: Place, path: str, kept: Kept, lying: Lying) -> bool:
    return path in lying and lying[path]["size"] == kept.bytes and place.digest(path) == kept.sha256


def _send(place: Place, files: dict[str, Kept]) -> None:
    for path, kept in files.items():
        release_id, *part = path.split("/")
        if part[1:] == [MANIFEST] and "erased" not in read_manifest(kept.source.parent):
            with warehouse.connect() as connection:
                log_disclosure(connection, release_id, part[0], means="mirror", manifest_sha256=kept.sha256)
        with kept.source.open("rb") as source:
            place.send(path, source)


def _release(path: str) -> str:
    """The release that a file is of; nothing for what lies beside the releases."""
    return path.partition("/")[0] if "/" in path else ""
