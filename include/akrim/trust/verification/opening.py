"""Opens what was sealed for a centre, and lets nothing out of it that may not be used."""

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from akrim.atomic_files import is_there
from akrim.errors import UserError
from akrim.trust.documents import Suffix, parse
from akrim.trust.files import MANIFEST, read_manifest
from akrim.trust.keyring.centre import read_centre
from akrim.trust.keyring.names import KeyFile
from akrim.trust.keyring.trust import keep_statements, read_trust
from akrim.trust.refusal import Refused, other_centres
from akrim.trust.sealing import archives
from akrim.trust.sealing.identities import read_identities
from akrim.trust.sealing.unpacking import unpack
from akrim.trust.verification.checks import Check, Verified, verify


def unseal(sealed: Path, out: Path, check: Check) -> tuple[Path, Verified]:
    """Open a sealed file, verify its content, and only then move it to `out` as <release_id>/<centre_id>.

    Raises Refused, with nothing written, if it may not be used.
    """
    new = [folder for folder in (out, *out.parents) if not folder.exists()]
    _make_folder(out)
    try:
        return _unseal_into(out, sealed, check)
    finally:
        with suppress(OSError):  # something stands in it
            for folder in new:
                folder.rmdir()


def _unseal_into(out: Path, sealed: Path, check: Check) -> tuple[Path, Verified]:
    _check_free_space(sealed, out)
    with tempfile.TemporaryDirectory(prefix=".akrim-", dir=out) as name:
        temporary = Path(name)
        identities = read_identities(check.keys / KeyFile.IDENTITY)
        with tempfile.TemporaryFile(dir=temporary) as archive:
            archives.unseal(sealed, identities, archive)
            archive.seek(0)
            unpack(archive, temporary / "content", str(sealed))
        folder = _only_folder(temporary / "content", sealed)
        found = verify(
            folder, Check(check.keys, check.on, (*check.beside, sealed.resolve().parent), check.allow_older)
        )
        target = out / found.release_id / folder.name
        _make_folder(target.parent)
        if is_there(target):
            target.rename(temporary / "replaced")
        folder.rename(target)
    return target, found


def unseal_notice(sealed: Path, check: Check) -> dict[str, Any]:
    """Open a sealed notice, keep it with the keys so that it goes on counting, and return what it says.

    Raises Refused where it is not signed as it must be, or is another centre's. What lies beside it is then kept, it is not.
    """
    _check_free_space(sealed, Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory() as temporary, tempfile.TemporaryFile() as archive:
        archives.unseal(sealed, read_identities(check.keys / KeyFile.IDENTITY), archive)
        archive.seek(0)
        unpack(archive, Path(temporary), str(sealed))
        found = sorted(Path(temporary).glob(f"*/*{Suffix.STATEMENT}"))
        if len(found) != 1:
            raise Refused("extra", "The archive holds more, or other, than one notice.", str(sealed))
        beside, centre = [*check.beside, sealed.resolve().parent], read_centre(check.keys)
        trust = read_trust(check.keys, beside)
        if centre is not None:  # before anything is refused, be it for what they say
            keep_statements(check.keys, trust)
        content: dict[str, Any] = parse(trust.check(found[0]))
        if content.get("recipient") != centre:
            raise other_centres(content.get("recipient"), centre, str(sealed))
        if content.get("statement") != "correction":
            raise Refused("extra", "It is no notice of a dispute.", str(sealed))
        keep_statements(check.keys, read_trust(check.keys, [found[0].parent]))
    return content


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise UserError(
            "A file lies where a folder is due.",
            str(folder),
            "Move it away, or name another folder: --out FOLDER.",
        ) from None


def _check_free_space(sealed: Path, folder: Path) -> None:
    """The content is never larger than the sealed file, and is here twice for a moment."""
    needed, free = 2 * sealed.stat().st_size, shutil.disk_usage(folder).free
    if needed > free:
        raise UserError(
            f"Opening it takes {needed:,} bytes; {free:,} are free.", str(folder), "Free some room there."
        )


def _only_folder(content: Path, sealed: Path) -> Path:
    """The folder <release_id>/<centre_id>; a sealed file may have nothing else."""
    folders = [path.parent for path in content.glob(f"*/*/{MANIFEST}")]
    releases = list(content.iterdir()) if content.is_dir() else []
    if len(folders) != 1 or len(releases) != 1 or list(releases[0].iterdir()) != folders:
        raise Refused(
            "extra", "The archive holds more, or other, than one centre's part of one release.", str(sealed)
        )
    manifest = read_manifest(folders[0])
    if [manifest.get("release_id"), manifest.get("recipient")] != [releases[0].name, folders[0].name]:
        raise Refused("altered", "The archive's folders are not those that its manifest names.", str(sealed))
    return folders[0]
