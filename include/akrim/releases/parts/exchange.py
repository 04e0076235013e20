"""Where workers lay the parts that they made: a folder that all see, or an object storage. They are as confidential as the release.

<release_id>-<basis>/asked            somebody asked for parts of that basis
<release_id>-<basis>/<recipient>.tar  a part, which appears whole or not at all
"""

import hashlib
import io
import re
import shutil
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from akrim.deliveries.inbox import entries, read_limited, storage
from akrim.errors import UserError
from akrim.periods import RELEASE_PATTERN
from akrim.sending import reaching, write
from akrim.settings import get_settings
from akrim.trust.sealing import pack, unpack

ASKED = "asked"
OURS = re.compile(rf"{RELEASE_PATTERN}-[0-9a-f]{{16}}")


@dataclass(frozen=True)
class Exchange:
    """A folder below AKRIM_PARTS_EXCHANGE; raises what `akrim.sending.reaching` tells of a storage that fails."""

    address: str
    root: Any
    name: str = ""

    @classmethod
    def of_settings(cls, name: str = "") -> "Exchange":
        """Raises UserError where the setting names none."""
        address = get_settings().parts_exchange
        if not address:
            raise UserError(
                "Parts are exchanged, and here is not said where.",
                "AKRIM_PARTS_EXCHANGE",
                "Give every service the same settings.",
            )
        return cls(address, storage(address), name)

    def __str__(self) -> str:
        return f"{self.address.rstrip('/')}/{self.name}"

    def ask(self) -> None:
        write(self.root / self.name, ASKED, io.BytesIO(self.name.encode()), self.address)

    def is_asked(self) -> bool:
        with reaching(self.root, self.address):
            return bool(read_limited(self.root / self.name / ASKED))

    def give(self, part: Path, day: date) -> str:
        """Lay a part there as an archive with files of that day, in place of one that is; returns its digest, the same each time."""
        with tempfile.TemporaryFile() as archive:
            pack(part, part.name, day, archive)
            digest = _digest(archive)
            write(self.root / self.name, _archive(part.name), archive, self.address)
        return digest

    def take(self, recipient: str, digest: str, folder: Path) -> bool:
        """Fetch the part with that digest into its folder below this one; returns whether it is there."""
        path = self.root / self.name / _archive(recipient)
        with tempfile.TemporaryFile() as archive:
            with reaching(self.root, self.address):
                try:
                    with path.open("rb") as source:
                        shutil.copyfileobj(source, archive)
                except FileNotFoundError:
                    return False
            if _digest(archive) != digest:
                return False
            unpack(archive, folder, str(self))
        return True

    def remove_leftovers(self) -> None:
        """Remove every release's parts, and nothing else that may lie at the address."""
        with reaching(self.root, self.address):
            try:
                found = [entry for entry in entries(self.root, self.address) if OURS.fullmatch(entry.name)]
            except FileNotFoundError:  # nothing was ever laid there
                return
            for folder in found:
                if isinstance(folder, Path):
                    shutil.rmtree(folder)
                else:
                    folder.fs.rm(folder.path, recursive=True)


def _archive(recipient: str) -> str:
    return f"{recipient}.tar"


def _digest(archive: Any) -> str:
    """Of the whole file, which is then read from its beginning."""
    archive.seek(0)
    digest = hashlib.file_digest(archive, "sha256").hexdigest()
    archive.seek(0)
    return digest
