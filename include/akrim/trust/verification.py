"""Verifies a release: signed, whole, for this centre, not withdrawn or expired, not older than the last verified one.

At a centre the newest verified release is remembered beside the keys, and older ones are refused.
"""

import hashlib
import shutil
import tempfile
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from akrim.errors import UserError
from akrim.trust import keyring, sealing
from akrim.trust.documents import parse
from akrim.trust.files import MANIFEST, find_problems, read_manifest
from akrim.trust.keyring import Trust
from akrim.trust.refusal import Refused
from akrim.trust.statements import SUFFIX
from akrim.trust.unpacking import unpack

SHOWN = 20
RECEIPT_SUFFIX = ".receipt.json"


@dataclass(frozen=True)
class Verified:
    """A release that may be used; `recipient` is None for a whole release as the installation keeps it."""

    release_id: str
    recipient: str | None
    revision: int
    manifest_sha256: str
    expires: str | None


@dataclass(frozen=True)
class Check:
    """The parameters of a verification.

    Args:
        keys: the folder of keys.
        on: the day for which to verify.
        beside: other folders that may have statements.
        allow_older: accept an older release, for looking into an archive.
    """

    keys: Path
    on: date
    beside: tuple[Path, ...] = ()
    allow_older: bool = False


def verify(folder: Path, check: Check) -> Verified:
    """Verify the folder; raises Refused with the first reason not to use it."""
    if not (folder / MANIFEST).is_file():
        raise Refused(
            "no_manifest", f"There is no {MANIFEST}.", str(folder), "Name a release's folder or a centre's."
        )
    trust = keyring.read_trust(check.keys, [*check.beside, folder.parent, folder.parent.parent])
    raw = trust.check(folder / MANIFEST)
    manifest = parse(raw)
    centre = keyring.read_centre(check.keys)
    _check_recipient(folder, manifest, centre)
    _check_files(folder, trust)
    _check_status(folder, manifest, trust, check)
    found = Verified(
        release_id=manifest["release_id"],
        recipient=manifest.get("recipient"),
        revision=manifest["revision"],
        manifest_sha256=hashlib.sha256(raw).hexdigest(),
        expires=manifest.get("expires"),
    )
    if centre is not None:
        _remember(check, trust, found, manifest, folder)
        keyring.keep_statements(check.keys, trust)
    return found


def unseal(sealed: Path, out: Path, check: Check) -> tuple[Path, Verified]:
    """Open a sealed file, verify its content, and only then move it to `out` as <release_id>/<centre_id>.

    Raises Refused, with nothing written, if it may not be used.
    """
    _make_folder(out)
    _check_free_space(sealed, out)
    temporary = Path(tempfile.mkdtemp(prefix=".akrim-", dir=out))
    try:
        identities = sealing.read_identities(check.keys / sealing.IDENTITY)
        with tempfile.TemporaryFile(dir=temporary) as archive:
            sealing.unseal(sealed, identities, archive)
            archive.seek(0)
            unpack(archive, temporary / "content", str(sealed))
        folder = _only_folder(temporary / "content", sealed)
        found = verify(
            folder,
            Check(check.keys, check.on, (*check.beside, sealed.resolve().parent), check.allow_older),
        )
        target = out / found.release_id / folder.name
        _make_folder(target.parent)
        if target.exists() or target.is_symlink():
            target.rename(temporary / "replaced")
        folder.rename(target)
    finally:
        shutil.rmtree(temporary)
    return target, found


def unseal_notice(sealed: Path, check: Check) -> dict[str, Any]:
    """Open a sealed notice, keep it with the keys so that it goes on counting, and return what it says.

    Raises Refused where it is not signed as it must be, or is another centre's.
    """
    _check_free_space(sealed, Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory() as temporary, tempfile.TemporaryFile() as archive:
        sealing.unseal(sealed, sealing.read_identities(check.keys / sealing.IDENTITY), archive)
        archive.seek(0)
        unpack(archive, Path(temporary), str(sealed))
        found = sorted(Path(temporary).glob(f"*/*{SUFFIX}"))
        if len(found) != 1:
            raise Refused("extra", "The archive holds more, or other, than one notice.", str(sealed))
        trust = keyring.read_trust(check.keys, [*check.beside, sealed.resolve().parent, found[0].parent])
        content: dict[str, Any] = parse(trust.check(found[0]))
        centre = keyring.read_centre(check.keys)
        if content.get("recipient") != centre:
            raise Refused(
                "other_centre",
                f"It is {content.get('recipient')}'s; these are the keys of {centre}.",
                str(sealed),
            )
        if content.get("statement") != "correction":
            raise Refused("extra", "It is no notice of a dispute.", str(sealed))
        keyring.keep_statements(check.keys, trust)
    return content


def disputed(found: Verified, check: Check) -> list[dict[str, Any]]:
    """The disputes in a verified release that notices in this folder of keys name."""
    trust = keyring.read_trust(check.keys, list(check.beside))
    return [
        statement.content
        for statement in trust.statements
        if statement.kind == "correction"
        and found.release_id in statement.content.get("sent_in", [])
        and statement.content.get("recipient") == found.recipient
    ]


def receipt(found: Verified, on: date) -> dict[str, Any]:
    """The receipt that a centre sends back for a release that it has verified."""
    return {"receipt_version": "1.0", **asdict(found), "verified": on.isoformat()}


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


def _check_recipient(folder: Path, manifest: dict[str, Any], centre: str | None) -> None:
    recipient = manifest.get("recipient")
    if centre is not None and recipient != centre:
        whose = f"{recipient}'s" if recipient else "the whole release, no centre's"
        raise Refused("other_centre", f"It is {whose}; these are the keys of {centre}.", str(folder))


def _check_files(folder: Path, trust: Trust) -> None:
    for manifest in sorted(folder.glob(f"*/{MANIFEST}")):
        trust.check(manifest)
    problems = find_problems(folder)
    if problems:
        lines = [f"  {problem}" for problem in problems[:SHOWN]]
        more = [f"  and {len(problems) - SHOWN} more"] if len(problems) > SHOWN else []
        raise Refused(
            problems[0].code,
            "\n".join([f"{len(problems)} file(s) are not what the manifests say:", *lines, *more]),
            str(folder),
        )


def _check_status(folder: Path, manifest: dict[str, Any], trust: Trust, check: Check) -> None:
    release_id, recipient = manifest["release_id"], manifest.get("recipient")
    erased = _erased(manifest, trust)
    if erased is not None:
        raise Refused("erased", f"{release_id} was erased on {erased['date']}: {erased['reason']}", str(folder),
                      "Delete every copy of it, backups included, and what was written out of it.")  # fmt: skip
    recall = trust.statement("recall", release_id, recipient)
    if recall is not None:
        raise Refused("recalled", f"{release_id} was recalled on {recall['date']}: {recall['reason']}", str(folder),
                      "Do not use it; the next release takes its place.")  # fmt: skip
    if recipient is None or check.allow_older:
        return
    newer = trust.statement("supersession", release_id, recipient)
    if newer is not None:
        raise Refused("superseded", f"{release_id} was superseded by {newer['superseded_by']} on {newer['date']}.", str(folder),
                      "Use that one; if you mean to look into the old one, add --older.")  # fmt: skip
    if check.on > date.fromisoformat(manifest["expires"]):
        raise Refused("expired", f"{release_id} expired on {manifest['expires']}.", str(folder),
                      "Ask for a newer one; if you mean to look into the old one, add --older.")  # fmt: skip


def _erased(manifest: dict[str, Any], trust: Trust) -> dict[str, Any] | None:
    """When and why: of a centre's part by its tombstone or a notice, of a whole release where every part was erased."""
    recipient = manifest.get("recipient")
    if recipient is not None:
        return manifest.get("erased") or trust.statement("erasure", manifest["release_id"], recipient)
    parts = [centre.get("erased") for centre in manifest["centres"]]
    return manifest.get("erased") or (parts[0] if parts and all(parts) else None)


def _remember(check: Check, trust: Trust, found: Verified, manifest: dict[str, Any], folder: Path) -> None:
    """Refuse a release older than a verified one of its period or a later one, or with the number of a different one.

    Others are remembered. A newer release that was withdrawn is ignored. An earlier period may be corrected after a later
    one was published, so its newer number does not make the later period's release old.
    """
    seen = keyring.read_seen(check.keys)
    newer = [
        s
        for s in seen.values()
        if s["revision"] > found.revision
        and s["period"] >= manifest["period"]
        and trust.statement("recall", s["release_id"], found.recipient) is None
    ]
    if newer and not check.allow_older:
        last = max(newer, key=lambda s: int(s["revision"]))
        raise Refused("older", f"{found.release_id} (revision {found.revision}) is older than {last['release_id']} "
                      f"(revision {last['revision']}), which was verified before.", str(folder),
                      "Use the newer one; if you mean to look into the old one, add --older.")  # fmt: skip
    for same in (s for s in seen.values() if s["revision"] == found.revision):
        if same["manifest_sha256"] != found.manifest_sha256:
            raise Refused("altered", f"Another release than {same['release_id']} bears its revision {found.revision}.",
                          str(folder), "Do not use either; call the sender.")  # fmt: skip
    before = seen.get(manifest["period"])
    if before is None or found.revision > before["revision"]:
        named = {key: asdict(found)[key] for key in ("revision", "release_id", "manifest_sha256")}
        keyring.write_seen(check.keys, seen | {manifest["period"]: named | {"period": manifest["period"]}})
