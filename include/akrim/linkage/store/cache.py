"""The linkage cache: a run's tables as Parquet files under AKRIM_HOME, so that the next run computes only what changed.

A cache belongs to one run, database, model and version of the code; a run that finds none under its name relinks in
full. Its files never change. Each run adds a layer that lists the rows it removes from the layers below and holds
their replacements; once the upper layers grow too large, all are merged into one. A cache gets its name only when it
is complete.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
from pyarrow.parquet import read_metadata

from akrim.identifiers import ControlRule
from akrim.linkage.engine import tables
from akrim.settings import get_settings

# The cached tables, and the column by which a layer removes rows from those below.
KEYS = {
    "standard": "record_key",
    "described": "record_key",
    "descriptions": "unit_key",
    "memberships": "record_key",
}
TALLY = "tally.parquet"
# How many records the upper layers may have, as a share of the first layer's.
MAX_SHARE_OF_UPPER_LAYERS = 0.5
UNFINISHED = ".unfinished-"


@dataclass(frozen=True)
class Cache:
    """The folder of one run's tables; layers are numbered from the bottom."""

    folder: Path

    @property
    def layers(self) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if path.is_dir())

    @property
    def is_readable(self) -> bool:
        """Whether each layer has its files, the top one the tally, and each file its end."""
        own, removed = ([f"{table}{end}.parquet" for table in KEYS] for end in ("", ".removed"))
        numbers = range(max(len(self.layers), 1))
        needed = [f"{number:03}/{name}" for number in numbers for name in own + (removed if number else [])]
        try:
            for path in (*needed, f"{numbers[-1]:03}/{TALLY}"):
                read_metadata(self.folder / path)
        except (OSError, pa.ArrowInvalid):
            return False
        return True

    @tables(writes="cached_*")
    def create_views(self, con: duckdb.DuckDBPyConnection) -> None:
        """Create the views `cached_<table>`, and `cached_tally` from the top layer."""
        con.read_parquet(str(self.layers[-1] / TALLY)).create_view("cached_tally")
        for table, key in KEYS.items():
            _create_cached_view(con, self.layers, table, key)

    @property
    def needs_merging(self) -> bool:
        first, *further = (_records(layer) for layer in self.layers)
        return sum(further) > MAX_SHARE_OF_UPPER_LAYERS * first


@dataclass(frozen=True)
class Names:
    """Names of caches: a digest of everything that the tables depend on."""

    model: str
    rule: ControlRule
    server_version: int

    def of(self, run_token: str) -> str:
        parts = "|".join(
            (run_token, self.model, self.rule, str(self.server_version), duckdb.__version__, _code_digest())
        )
        return hashlib.sha256(parts.encode()).hexdigest()[:32]


@cache
def _code_digest() -> str:
    """A digest of the code that builds the tables: this package and identifiers.py."""
    package = Path(__file__).parents[1]
    files = sorted(path for path in package.rglob("*") if path.suffix in {".py", ".sql", ".csv"})
    digest = hashlib.sha256()
    for path in (*files, package.parent / "identifiers.py"):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def find(name: str) -> Cache | None:
    """The cache of that name; None where there is none, or where files of it were lost or cut short since."""
    found = Cache(caches() / name)
    return found if found.folder.is_dir() and found.is_readable else None


@contextmanager
def new_folder() -> Iterator[Path]:
    """A folder to write a cache into; removed at the end unless `publish` has renamed it."""
    home = caches()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for abandoned in home.glob(f"{UNFINISHED}*"):  # of a killed run: the run lock admits one at a time
        shutil.rmtree(abandoned)
    folder = home / f"{UNFINISHED}{os.getpid()}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@tables(reads="cached_* layer_* removed_* tally")
def write(con: duckdb.DuckDBPyConnection, folder: Path, below: Cache | None) -> Cache:
    """Write a layer from `layer_<table>`, `removed_<table>` and `tally` on top of an earlier cache's, or as the first."""
    layers = below.layers if below else []
    for layer in layers:
        (folder / layer.name).mkdir(mode=0o700)
        for path in layer.iterdir():
            if path.name != TALLY:  # of the top layer alone, so that one without its top is known
                _link(path, folder / layer.name / path.name)
    own = folder / f"{len(layers):03}"
    own.mkdir(mode=0o700)
    for table in KEYS:
        _copy(con, f"layer_{table}", own / f"{table}.parquet")
        if below:
            _copy(con, f"removed_{table}", own / f"{table}.removed.parquet")
    _copy(con, "tally", own / TALLY)
    written = Cache(folder)
    if written.needs_merging:
        _merge_layers(con, written)
    return written


def _merge_layers(con: duckdb.DuckDBPyConnection, written: Cache) -> None:
    """Replace all layers by one, without the removed rows."""
    written.create_views(con)
    layers = written.layers
    whole = written.folder / "whole"
    whole.mkdir(mode=0o700)
    for table in KEYS:
        _copy(con, f"cached_{table}", whole / f"{table}.parquet")
    _copy(con, "cached_tally", whole / TALLY)
    for layer in layers:
        shutil.rmtree(layer)
    whole.rename(layers[0])


def publish(written: Cache, name: str, base_name: str | None) -> None:
    """Give a complete cache its name, and remove those that no run can start from any more."""
    home = caches()
    target = home / name
    if target.exists():
        shutil.rmtree(target)
    written.folder.rename(target)
    for other in home.iterdir():
        if other.name not in (name, base_name):
            shutil.rmtree(other)


def clear_cache() -> None:
    """Remove every cache, removed rows included, which lower layers still hold; the next run relinks in full."""
    shutil.rmtree(caches(), ignore_errors=True)


def caches() -> Path:
    """The folder of all caches, each in a folder of its name."""
    return get_settings().home / "linkage"


def _create_cached_view(con: duckdb.DuckDBPyConnection, layers: list[Path], table: str, key: str) -> None:
    """A view of the rows of each layer that no layer above it removes; paths are never part of a query's text."""
    parts = []
    for number, layer in enumerate(layers):
        rows, removed = f"rows_{table}_{number}", f"removed_{table}_{number}"
        con.read_parquet(str(layer / f"{table}.parquet")).create_view(rows)
        part = f"from {rows}"
        if above := [str(other / f"{table}.removed.parquet") for other in layers[number + 1 :]]:
            con.read_parquet(above).create_view(removed)
            part += f" anti join {removed} using ({key})"
        parts.append(part)
    con.execute(f"create or replace temp view cached_{table} as {' union all by name '.join(parts)}")


def _copy(con: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    con.execute(f"copy {table} to ? (format parquet, compression lz4)", [str(path)])
    path.chmod(0o600)


def _link(path: Path, target: Path) -> None:
    try:
        target.hardlink_to(path)
    except OSError:  # a file system without hard links
        shutil.copy2(path, target)


def _records(layer: Path) -> int:
    return int(read_metadata(layer / "standard.parquet").num_rows)
