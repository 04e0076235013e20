"""What a linkage leaves for the next one: its tables as Parquet files under AKRIM_HOME, so that only what changed is made anew.

In goes a finished linkage, out come the views `kept_standard`, `kept_described`, `kept_told` and `kept_memberships` of the
release that the next run starts from. A state is of one run of one database, one model and one code: whatever else is
found under its name is not looked at, and a run without a state relinks in full. Files are never changed. A run adds a
layer that names the rows it takes from those below and holds what stands in their place; once the layers above the
first outgrow a share of it, everything is written anew. A state appears under its name whole or not at all.
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
from pyarrow.parquet import read_metadata

from akrim.identifiers import ControlRule
from akrim.linkage.engine import tables
from akrim.settings import get_settings

# What is kept, and by which column a layer takes rows from those below.
KEYS = {
    "standard": "record_key",
    "described": "record_key",
    "told": "unit_key",
    "memberships": "record_key",
}
# The share of the first layer's records that those above may reach.
LARGEST_SHARE_OF_LAYERS = 0.5
UNFINISHED = ".unfinished-"


@dataclass(frozen=True)
class State:
    """Where one run's tables lie, the lowest layer first."""

    folder: Path

    @property
    def layers(self) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if path.is_dir())

    @tables(writes="kept_*")
    def lay(self, con: duckdb.DuckDBPyConnection) -> None:
        """Make the views `kept_<table>`, and `kept_tally` as it was last."""
        con.read_parquet(str(self.layers[-1] / "tally.parquet")).create_view("kept_tally")
        for table, key in KEYS.items():
            _lay_table(con, self.layers, table, key)

    @property
    def is_overgrown(self) -> bool:
        first, *further = (_records(layer) for layer in self.layers)
        return sum(further) > LARGEST_SHARE_OF_LAYERS * first


@dataclass(frozen=True)
class Names:
    """How states are named: a name differs wherever anything that the tables follow from does."""

    model: str
    rule: ControlRule
    server_version: int

    def of(self, run_token: str) -> str:
        told = "|".join(
            (run_token, self.model, self.rule, str(self.server_version), duckdb.__version__, _code_digest())
        )
        return hashlib.sha256(told.encode()).hexdigest()[:32]


@cache
def _code_digest() -> str:
    """Of the code that makes the tables, this package and what it reads person numbers with."""
    package = Path(__file__).parents[1]
    files = sorted(path for path in package.rglob("*") if path.suffix in {".py", ".sql", ".csv"})
    digest = hashlib.sha256()
    for path in (*files, package.parent / "identifiers.py"):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def find(name: str) -> State | None:
    """The state of that name, if it was kept."""
    folder = states() / name
    return State(folder) if folder.is_dir() else None


@contextmanager
def unfinished() -> Iterator[Path]:
    """A folder for a state to be written into, which is gone at the end unless `keep` has given it its name."""
    home = states()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in home.glob(f"{UNFINISHED}*"):  # of a run that was killed; the run lock keeps others away
        shutil.rmtree(left)
    folder = home / f"{UNFINISHED}{os.getpid()}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@tables(reads="kept_* layer_* taken_* tally")
def write(con: duckdb.DuckDBPyConnection, folder: Path, below: State | None) -> State:
    """Write a layer from `layer_<table>`, `taken_<table>` and `tally`, on those of the state below or, without one, as the first."""
    layers = below.layers if below else []
    for layer in layers:
        (folder / layer.name).mkdir(mode=0o700)
        for path in layer.iterdir():
            _link(path, folder / layer.name / path.name)
    own = folder / f"{len(layers):03}"
    own.mkdir(mode=0o700)
    for table in KEYS:
        _copy(con, f"layer_{table}", own / f"{table}.parquet")
        if below:
            _copy(con, f"taken_{table}", own / f"{table}.taken.parquet")
    _copy(con, "tally", own / "tally.parquet")
    state = State(folder)
    if state.is_overgrown:
        _write_anew(con, state)
    return state


def _write_anew(con: duckdb.DuckDBPyConnection, state: State) -> None:
    """All layers as one, without the rows that any of them took."""
    state.lay(con)
    layers = state.layers
    whole = state.folder / "whole"
    whole.mkdir(mode=0o700)
    for table in KEYS:
        _copy(con, f"kept_{table}", whole / f"{table}.parquet")
    _copy(con, "kept_tally", whole / "tally.parquet")
    for layer in layers:
        shutil.rmtree(layer)
    whole.rename(layers[0])


def keep(state: State, name: str, base_name: str | None) -> None:
    """Give a written state its name, and drop those that no run can start from any more."""
    home = states()
    target = home / name
    if target.exists():
        shutil.rmtree(target)
    state.folder.rename(target)
    for other in home.iterdir():
        if other.name not in (name, base_name):
            shutil.rmtree(other)


def forget_kept() -> None:
    """Remove every state, since layers hold on to rows that later ones took; the next run relinks in full."""
    shutil.rmtree(states(), ignore_errors=True)


def states() -> Path:
    """Where states lie, each under its name."""
    return get_settings().home / "linkage"


def _lay_table(con: duckdb.DuckDBPyConnection, layers: list[Path], table: str, key: str) -> None:
    """A view of the table: of each layer, the rows that none above it takes. Paths are no text of a query."""
    parts = []
    for number, layer in enumerate(layers):
        held, taken = f"held_{table}_{number}", f"taken_{table}_{number}"
        con.read_parquet(str(layer / f"{table}.parquet")).create_view(held)
        part = f"from {held}"
        if above := [str(other / f"{table}.taken.parquet") for other in layers[number + 1 :]]:
            con.read_parquet(above).create_view(taken)
            part += f" anti join {taken} using ({key})"
        parts.append(part)
    con.execute(f"create or replace temp view kept_{table} as {' union all by name '.join(parts)}")


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
