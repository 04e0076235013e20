"""The public keys that an agency signs its deliveries with: one in force, and older ones that count up to a day.

agencies/<agency>.pub                    in force
agencies/<agency>.until-YYYY-MM-DD.pub   its predecessor, which counts up to and including that day
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import minisign

from akrim.atomic_files import is_there
from akrim.trust.keyring.names import KeyFile
from akrim.trust.refusal import Refused
from akrim.trust.signing.pairs import key_id, read_public_key
from akrim.trust.signing.signatures import is_valid, parse_signature

OLDER = re.compile(r"(?P<agency>[a-z]{1,40})\.until-(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})\.pub")


@dataclass(frozen=True)
class SenderKey:
    """One key of an agency; `until` is the last day on which it counts, None for the one in force."""

    path: Path
    public: minisign.PublicKey
    until: date | None = None

    @property
    def id(self) -> str:
        return key_id(self.public)


def sender_keys(keys: Path, agency: str) -> list[SenderKey]:
    """The agency's keys, the one in force first, older ones by their last day, the last first; none where it does not sign.

    Raises Refused, a UserError, where one of the files is no public key, or names no day.
    """
    current = key_in_force(keys, agency)
    older = sorted(_older(keys / KeyFile.SENDERS, agency), key=lambda key: str(key.until), reverse=True)
    if not is_there(current):
        if older:
            raise Refused(
                "no_keys", f"{agency}'s key in force is missing, and older ones are there.", str(current),
                f"Put it back, or take it in again: akrim keys trust {agency} FILE",
            )  # fmt: skip
        return []
    return [SenderKey(current, read_public_key(current)), *older]


def _older(folder: Path, agency: str) -> Iterator[SenderKey]:
    for path in folder.glob(f"{agency}.until-*"):
        found = OLDER.fullmatch(path.name)
        try:
            day = date.fromisoformat(found["day"] if found else "")
        except ValueError:
            raise Refused(
                "no_keys", "The name of this key does not say until which day it counts.", str(path),
                f"Name it {agency}.until-YYYY-MM-DD.pub, or remove it.",
            ) from None  # fmt: skip
        yield SenderKey(path, read_public_key(path), day)


def key_in_force(keys: Path, agency: str) -> Path:
    """Where the agency's key in force lies."""
    return keys / KeyFile.SENDERS / f"{agency}.pub"


def what_is_wrong(content: bytes, signature: bytes | None, known: list[SenderKey], on: date) -> str:
    """Why these bytes do not count as signed by one of the keys on that day; empty where they do."""
    if signature is None:
        return "it is missing"
    parsed = parse_signature(signature)
    if parsed is None:
        return "it is no signature"
    found, by = parsed
    key = next((key for key in known if key.id == by), None)
    if key is None:
        return f"it is by the key {by}, not by {known[0].id}, the one in force"
    if key.until is not None and key.until < on:
        return f"it is by the key {by}, which counted until {key.until}; {known[0].id} is in force"
    if not is_valid(key.public, content, found):
        return "the manifest is not the one that was signed"
    return ""
