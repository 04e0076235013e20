"""A centre's word that it has deleted its part of a release which was erased: a receipt of the signed notice."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from akrim.errors import UserError
from akrim.trust.keyring.centre import read_centre
from akrim.trust.keyring.names import KeyFile
from akrim.trust.keyring.statements import Statement
from akrim.trust.keyring.trust import Trust, keep_statements, read_trust
from akrim.trust.refusal import Refused
from akrim.trust.verification.checks import Check


def confirm_deletion(release_id: str, check: Check, copies: Sequence[Path]) -> dict[str, Any]:
    """The receipt that a centre sends back once nothing of its part is left.

    Args:
        copies: folders in which releases were fetched or opened, beside those of notices; a copy that lies there still is told.

    Raises Refused where no signed notice says that this centre's part was erased, UserError where a copy is found or the keys are no centre's.
    """
    centre = read_centre(check.keys)
    if centre is None:
        raise UserError(
            "These are not a centre's keys.",
            str(check.keys / KeyFile.CENTRE),
            "Name the centre's folder of keys: --keys FOLDER.",
        )
    trust = read_trust(check.keys, list(check.beside))
    notice = _notice(trust, release_id, centre, check)
    if found := [str(path) for path in _copies(release_id, centre, [*copies, *check.beside])]:
        raise UserError(
            f"A copy of {release_id} is still there.",
            ", ".join(found),
            "Delete it, and backups and what was written out of it too; then confirm it.",
        )
    keep_statements(check.keys, trust)
    return {
        "receipt_version": "1.0",
        "release_id": release_id,
        "recipient": centre,
        "erasure_sha256": hashlib.sha256(notice.raw).hexdigest(),
        "deleted": check.on.isoformat(),
    }


def _notice(trust: Trust, release_id: str, centre: str, check: Check) -> Statement:
    """The signed notice of the erasure of this centre's part."""
    wanted = ("erasure", release_id, centre)
    for statement in trust.statements:
        about = statement.content
        if (statement.kind, about.get("release_id"), about.get("recipient")) == wanted:
            return statement
    raise Refused(
        "no_notice",
        f"No signed notice says that {centre}'s part of {release_id} was erased.",
        ", ".join(map(str, check.beside)) or str(check.keys),
        "Fetch the outbox, and name the folder with its notices: --notices FOLDER.",
    )


def _copies(release_id: str, centre: str, folders: Sequence[Path]) -> list[Path]:
    """Where a part lies as it is opened, or as it is fetched, however deep in these folders."""
    return [
        place
        for folder in dict.fromkeys(folders)
        for place in (folder, *folder.rglob("*"))
        if place.name == f"{release_id}.tar.age" or place.resolve().parts[-2:] == (release_id, centre)
    ]
