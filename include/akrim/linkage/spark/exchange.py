"""Where DuckDB and Spark exchange Parquet: a folder that both see, or an object storage. It is personal data, and goes afterwards."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from akrim.deliveries.inbox import answering, storage
from akrim.errors import UserError
from akrim.linkage.engine import SPILL, spill_folder
from akrim.settings import PATTERN_SIGNS, get_settings


@dataclass(frozen=True)
class Exchange:
    """A table is a folder of Parquet files; `place` is where Spark finds it, if not in the same folder as DuckDB."""

    folder: Path
    place: Any = None

    def address(self, table: str) -> str:
        """A table's address in Spark's words, whose client of S3 goes by another scheme; its key is from Spark's configuration."""
        if self.place is None:
            return str(self.folder / table)
        scheme = {"s3": "s3a"}.get(self.place.protocol, self.place.protocol)
        return f"{scheme}://{self.place.path}/{table}"

    def hand_over(self, table: str) -> None:
        """Let Spark have a table that DuckDB wrote."""
        if self.place is not None:
            with answering(self.place):
                self.place.fs.makedirs(f"{self.place.path}/{table}", exist_ok=True)
                for file in sorted((self.folder / table).iterdir()):
                    self.place.fs.put_file(str(file), f"{self.place.path}/{table}/{file.name}")
            shutil.rmtree(self.folder / table)

    def take_back(self, table: str) -> str:
        """Let DuckDB have a table that Spark wrote: what it is to read."""
        if self.place is not None:
            (self.folder / table).mkdir()
            with answering(self.place):
                for name in self.place.fs.glob(f"{self.place.path}/{table}/*.parquet"):
                    self.place.fs.get_file(name, str(self.folder / table / Path(name).name))
        return str(self.folder / table / "*.parquet")


def require_plain(folder: Path, more: str = "") -> Path:
    """The folder; raises UserError where Spark and DuckDB would take its name for a pattern of several, or for a list by one of `more`."""
    if odd := sorted(set(str(folder)) & {*PATTERN_SIGNS, *more}):
        raise UserError(
            f"Spark and DuckDB take {' '.join(odd)} in a folder's name for more than one folder.",
            str(folder),
            "Name another folder as TMPDIR, and as AKRIM_LINKAGE_EXCHANGE where that is set.",
        )
    return folder


@contextmanager
def open_exchange() -> Iterator[Exchange]:
    """A new place within AKRIM_LINKAGE_EXCHANGE, by default within the folder for temporary files, removed at the end.

    Raises UserError where that folder is not there, StorageFailed where a storage does not answer.
    """
    address = get_settings().linkage_exchange
    if "://" not in address:
        if address and not Path(address).is_dir():
            raise UserError(
                "That folder is not there.", f"AKRIM_LINKAGE_EXCHANGE={address}", "Make it, or name another."
            )
        with spill_folder(address) as folder:
            yield Exchange(require_plain(folder))
        return
    with spill_folder() as folder:
        require_plain(folder)
        place = storage(address) / f"{SPILL}{uuid.uuid4().hex}"
        try:
            yield Exchange(folder, place)
        finally:
            with answering(place):
                if place.fs.exists(place.path):
                    place.fs.rm(place.path, recursive=True)
