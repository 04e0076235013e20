"""Verifies a release: signed, whole, for this centre, not recalled or expired, not older than the last verified one.

At a centre the newest verified release is remembered beside the keys, and older ones are refused; so is every notice that was seen,
also where the release is refused for it.
"""

import hashlib
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from akrim.trust.documents import parse
from akrim.trust.files import MANIFEST, find_problems
from akrim.trust.keyring.centre import REMEMBERED, read_centre, read_seen, write_seen
from akrim.trust.keyring.trust import Trust, keep_statements, read_trust
from akrim.trust.refusal import Refused, other_centres

SHOWN = 20


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
    trust = read_trust(check.keys, [*check.beside, folder.parent, folder.parent.parent])
    centre = read_centre(check.keys)
    if centre is not None:  # before anything is refused, be it for what they say
        keep_statements(check.keys, trust)
    raw = trust.check(folder / MANIFEST)
    manifest = parse(raw)
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
    return found


def disputed(found: Verified, check: Check) -> list[dict[str, Any]]:
    """The disputes in a verified release that notices in this folder of keys name."""
    trust = read_trust(check.keys, list(check.beside))
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


def _check_recipient(folder: Path, manifest: dict[str, Any], centre: str | None) -> None:
    recipient = manifest.get("recipient")
    if centre is not None and recipient != centre:
        raise other_centres(recipient, centre, str(folder))


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
        by = newer["superseded_by"]
        use = (
            "That one was recalled since: wait for the next"
            if trust.statement("recall", by, recipient)
            else "Use that one"
        )
        raise Refused("superseded", f"{release_id} was superseded by {by} on {newer['date']}.", str(folder),
                      f"{use}; if you mean to look into the old one, add --older.")  # fmt: skip
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

    Others are remembered. A newer release that was recalled is ignored. An earlier period may be corrected after a later
    one was published, so its newer number does not make the later period's release old.
    """
    seen = read_seen(check.keys)
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
        told = asdict(found) | {"period": manifest["period"]}
        write_seen(check.keys, seen | {told["period"]: {name: told[name] for name in REMEMBERED}})
