"""What a release's signature says beside its manifest: a comment that is signed with it, and not part of its files.

It states which commit and image made the release, where they are known, and where the audit log stood: what differs between
installations that make the same files from the same inputs.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from akrim.trust.refusal import Refused
from akrim.trust.signing.signatures import read_signature

STATED = re.compile(r", audit log (\d{1,18}):([0-9a-f]{64})$")
BUILD = {
    "commit": re.compile(r", commit ([0-9a-f]{40})(?=,|$)"),
    "image": re.compile(r", image (sha256:[0-9a-f]{64})(?=,|$)"),
}


def release_comment(manifest: dict[str, Any], head: dict[str, Any] | None, build: Mapping[str, str]) -> str:
    """The comment for the manifest.

    Args:
        head: the position and hash of the audit log's newest event, if there was one.
        build: the `commit` and `image` that made the release, as far as they are known.
    """
    recipient = manifest.get("recipient", "the installation")
    parts = [f"release {manifest['release_id']} for {recipient}", f"revision {manifest['revision']}"]
    parts += [f"{name} {build[name]}" for name in BUILD if build.get(name)]
    parts += [f"audit log {head['position']}:{head['sha256']}"] if head else []
    return ", ".join(parts)


def stated_head(path: Path) -> dict[str, Any] | None:
    """The position and hash that the signature beside the manifest states; verify the signature first.

    None where it states none, or where there is no signature.
    """
    found = STATED.search(_comment(path) or "")
    return {"position": int(found[1]), "sha256": found[2]} if found else None


def stated_build(path: Path) -> dict[str, str] | None:
    """The `commit` and `image` that the signature beside the manifest states; verify the signature first.

    None where there is no signature.
    """
    comment = _comment(path)
    if comment is None:
        return None
    return {name: found[1] for name, pattern in BUILD.items() if (found := pattern.search(comment))}


def _comment(path: Path) -> str | None:
    try:
        signature, _ = read_signature(path)
    except Refused:
        return None
    return signature.trusted_comment or ""
