"""The inbox: which deliveries lie there.

Nothing in it is ever changed. Whatever else lies there (pipes, devices, links to nowhere) is left out or refused by itself.
"""

import hashlib
import json
import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from akrim.characters import neutral_name
from akrim.contracts import DECISIONS_SENDER, load_contracts
from akrim.deliveries.inbox.files import MANIFEST, SIGNATURE, answering, entries, is_folder, storage
from akrim.deliveries.inbox.manifest import Manifest
from akrim.settings import get_settings
from akrim.texts.errors import SaidError
from akrim.trust import Suffix

FORM_SUFFIX = ".xlsx"
# What a spreadsheet may have saved a form as instead, which its sender takes for a decision sent.
SPREADSHEETS = {FORM_SUFFIX, ".xlsm", ".xlsb", ".xls", ".ods"}
# A storage may state any number as a time of change; none is taken for later than this.
LAST_CHANGE = datetime(2199, 12, 31, tzinfo=UTC)
MAX_NAMES_NOTED = 100
# How the note begins that names such a file, whose name may be anything: a person's too.
UNDECLARED = "not declared, not read: "
# As a person number is written, with control digits that fit or not.
ELEVEN_DIGITS = re.compile(r"(?<!\d)\d{6}[ .-]?\d{5}(?!\d)")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Arrival:
    """A folder (or a returned decision form) seen in the inbox: whose it is and the state it was seen in.

    `agency` and `delivery_id` are the folders' names, neutralised and without what can be a person number, since they are recorded,
    logged and told; `path` alone leads to the files. `fingerprint` is two words: of what lies there, and of what it is judged by.
    """

    agency: str
    delivery_id: str
    path: Any
    fingerprint: str
    last_change: datetime
    is_form: bool = False
    signature: Any = None  # the form's signature beside it, where there is one

    def is_quiet(self) -> bool:
        """Nothing has changed in it for as long as the settings ask."""
        return datetime.now(UTC) - self.last_change > timedelta(minutes=get_settings().quiet_minutes)


def list_inbox(inbox: str) -> list[Arrival]:
    """Every delivery folder and decision form in the inbox, unknown agencies' too, in a fixed order."""
    return [arrival for agency in _agencies(inbox) for arrival in list_agency(agency)]


def unreadable_folders(inbox: str) -> list[str]:
    """Folders of the inbox, neutralised names, that may not be listed: an agency's, or a delivery's in one. Whatever lies there never arrives."""
    return [name for folder in _agencies(inbox) for name in _shut_in(folder)]


def lying_of(inbox: str, agency: str) -> set[str]:
    """The ids by which what lies there of that agency is recorded."""
    folders = [folder for folder in _agencies(inbox) if folder.name == agency]
    return {arrival.delivery_id for folder in folders for arrival in list_agency(folder)}


def _shut_in(agency: Any) -> Iterator[str]:
    """The agency's folder where it is shut, else its deliveries that are; in a storage, whose rights are its own, deliveries are not asked."""
    if not _may_be_listed(agency):
        yield told_name(agency.name)
    elif isinstance(agency, Path):
        for path in sorted(agency.glob("[!.]*/")):
            if not _may_be_listed(path):
                yield f"{told_name(agency.name)}/{told_name(path.name)}"


def _agencies(inbox: str) -> list[Any]:
    return [path for path in _entries(open_inbox(inbox)) if not path.name.startswith(".") and is_folder(path)]


def _may_be_listed(folder: Any) -> bool:
    try:
        entries(folder)
    except FileNotFoundError:
        return True  # moved away meanwhile
    except OSError:
        return False
    return True


def list_agency(folder: Any) -> list[Arrival]:
    """One agency's delivery folders, and the decision forms among the centres' own.

    What cannot even be looked at is left out by itself, and what was moved away meanwhile is seen by the next scan.
    """
    arrivals = []
    lying = {path.name: path for path in _entries(folder)}
    for path in lying.values():
        try:
            arrival = _seen(folder.name, path, lying)
        except FileNotFoundError:
            continue
        except OSError as error:
            log.warning("left out %s: %s", told_name(path.name), type(error).__name__)
            continue
        if arrival is not None:
            arrivals.append(arrival)
    return arrivals


def _seen(agency: str, path: Any, lying: dict[str, Any]) -> Arrival | None:
    """The arrival that this entry of an agency's folder is; None where it is none.

    Whatever bears a spreadsheet's name is a form, so that it is refused where people see it: opened is only a plain file.
    """
    if is_folder(path):
        return None if path.name.startswith(".") else _arrival(agency, path, _entries(path))
    if agency != DECISIONS_SENDER or path.suffix.lower() not in SPREADSHEETS or path.name[0] in "~.":
        return None
    signature = lying.get(f"{path.name}{Suffix.SIGNATURE}")
    arrival = _arrival(agency, path, [entry for entry in (path, signature) if entry is not None])
    return replace(arrival, is_form=True, signature=signature)


def _entries(folder: Any) -> list[Any]:
    """What lies in a folder, by name; nothing where it may not be listed, FileNotFoundError where it is gone."""
    try:
        return sorted(entries(folder), key=lambda path: path.name)
    except FileNotFoundError:
        raise
    except OSError as error:
        log.warning("cannot list %s: %s", told_name(folder.name), type(error).__name__)
        return []


def open_inbox(inbox: str) -> Any:
    """The inbox as a path object; raises SaidError where there is none, or a storage lets nobody in."""
    root = storage(inbox)
    if isinstance(root, Path):
        is_there = root.is_dir()
    else:
        try:
            is_there = entries(root, inbox) is not None
        except PermissionError:
            raise SaidError("storage_shut", inbox) from None
        except OSError:
            is_there = False
    if not is_there:
        raise SaidError("inbox_not_there", inbox)
    return root


def undeclared(arrival: Arrival, manifest: Manifest) -> list[str]:
    """Names in the folder that the manifest does not mention; they are never read."""
    if arrival.is_form:
        return []
    declared = {file.name for file in manifest.files} | {MANIFEST, SIGNATURE}
    names = sorted(neutral_name(path.name) for path in _entries(arrival.path) if path.name not in declared)
    rest = len(names) - MAX_NAMES_NOTED
    return [*names[:MAX_NAMES_NOTED], *([f"and {rest} more"] if rest > 0 else [])]


def _arrival(agency: str, path: Any, entries: list[Any]) -> Arrival:
    seen = []
    newest = 0.0
    for entry in entries:
        size, changed = _state(entry)
        newest = max(newest, changed)
        seen.append([entry.name, size, changed])
    rules = [
        get_settings().data_mode,
        {
            a: " ".join((c.version, *(f"{e.version} {e.accepted_until}" for e in c.earlier_versions)))
            for a, c in load_contracts().items()
        },
    ]
    lies = _digest(seen)
    last_change = datetime.fromtimestamp(min(newest, LAST_CHANGE.timestamp()), UTC)
    fingerprint = f"{lies} {_digest(rules)}"
    return Arrival(told_name(agency), told_name(path.name, lies), path, fingerprint, last_change)


def _digest(content: list[Any]) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def told_name(name: str, apart_by: str = "") -> str:
    """A name from outside as it may be recorded and shown, without eleven digits in a row.

    Args:
        apart_by: what tells two names apart that had such digits, without revealing them.
    """
    without = ELEVEN_DIGITS.sub("(eleven digits)", name)
    shown = neutral_name(without)
    return f"{shown}~{apart_by[:8]}" if apart_by and without != name else shown


def _state(entry: Any) -> tuple[int, float]:
    """An entry's size and time of change, a link's own; -1 and 0 where it cannot be asked or read, which a later scan may."""
    if isinstance(entry, Path) and not os.access(entry, os.R_OK, effective_ids=True):
        return -1, 0.0  # that it may be read then changes neither
    try:
        with answering(entry):
            state = entry.lstat() if isinstance(entry, Path) else entry.stat()
    except OSError:
        return -1, 0.0
    return int(state.st_size), float(getattr(state, "st_mtime", 0) or 0)
