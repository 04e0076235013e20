"""What a release's signature says beside its manifest: a comment that is signed with it, and not part of its files.

It states where the audit log stood, which differs between installations that make the same files from the same inputs.
"""

import re
from pathlib import Path
from typing import Any

from akrim.trust.refusal import Refused
from akrim.trust.signing.signatures import read_signature

STATED = re.compile(r", audit log (\d{1,18}):([0-9a-f]{64})$")


def release_comment(manifest: dict[str, Any], head: dict[str, Any] | None) -> str:
    """The comment for the manifest; `head` is the position and hash of the audit log's newest event, if there was one."""
    recipient = manifest.get("recipient", "the installation")
    comment = f"release {manifest['release_id']} for {recipient}, revision {manifest['revision']}"
    return f"{comment}, audit log {head['position']}:{head['sha256']}" if head else comment


def stated_head(path: Path) -> dict[str, Any] | None:
    """The position and hash that the signature beside the manifest states; verify the signature first.

    None where it states none, or where there is no signature.
    """
    try:
        signature, _ = read_signature(path)
    except Refused:
        return None
    found = STATED.search(signature.trusted_comment or "")
    return {"position": int(found[1]), "sha256": found[2]} if found else None
