"""The registry of formats: each module of this package that defines FORMAT writes some files of a centre's folder.

A format is given a Snapshot; it reads no other format's files.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from akrim.errors import UserError
from akrim.formats.dictionary import Vocabulary
from akrim.ledger import Pins
from akrim.report import Words
from akrim.sharing import Tables


@dataclass(frozen=True)
class Snapshot:
    """One centre's part of a release: the input of every format.

    Attributes:
        tables: the rows that the centre may see, by mart.
        before: those of the previous release as sent to the centre.
        head: the report's head: centre, release_id, as_of, handling, synthetic.
        ranking: the ranked list, an entry for each person.
        groups: the lists of networks and of enterprises, an entry for each.
        changes: the content of changes.json.
        holding_steps: through how many enterprises one after another something is led (definition `holding_steps`).
        form_key: seals the rows of the release's decision forms.
    """

    pins: Pins
    centre_id: str
    tables: Tables
    before: Tables
    head: dict[str, str]
    ranking: Sequence[dict[str, Any]]
    groups: Sequence[dict[str, Any]]
    changes: dict[str, Any]
    vocabulary: Vocabulary
    words: Words
    holding_steps: int
    form_key: bytes


@dataclass(frozen=True)
class Format:
    """An output format of a release.

    Attributes:
        name: as the setting `exports` names it.
        write: writes the format's files into the centre's folder.
        on_request: whether it is written only where the setting asks for it.
    """

    name: str
    write: Callable[[Path, Snapshot], None]
    on_request: bool = False


def formats() -> tuple[Format, ...]:
    """Every format, by its module's name."""
    package = importlib.import_module(__package__ or "")
    modules = sorted(found.name for found in pkgutil.iter_modules(package.__path__))
    found = (getattr(importlib.import_module(f"{__package__}.{name}"), "FORMAT", None) for name in modules)
    return tuple(form for form in found if isinstance(form, Format))


def check_exports(names: Iterable[str]) -> None:
    """Raise UserError where a name is not a format written on request."""
    known = sorted(form.name for form in formats() if form.on_request)
    for name in names:
        if name not in known:
            raise UserError(
                f"There is no export format `{name}`.", "AKRIM_EXPORTS", f"Choose among: {', '.join(known)}."
            )


def write_files(folder: Path, snapshot: Snapshot) -> None:
    """Write the formats that every release has, and those that its settings ask for."""
    requested = snapshot.pins.inputs["settings"].get("exports", [])
    check_exports(requested)
    for form in formats():
        if not form.on_request or form.name in requested:
            form.write(folder, snapshot)
