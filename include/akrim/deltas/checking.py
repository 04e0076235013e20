"""Whether a centre's folder is the previous folder plus the delta: needs both folders and nothing else."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from akrim.deltas.difference import CHANGE, aligned, applied
from akrim.deltas.state import as_hex, table_state
from akrim.deltas.writing import DOCUMENT, FOLDER


def check(folder: Path, base: Path) -> list[str]:
    """A sentence for everything that does not agree; an empty list when previous + delta = this one.

    Args:
        folder, base: the same centre's folders of a release and of the release before it.
    """
    try:
        document = json.loads((folder / DOCUMENT).read_bytes())
        return list(_problems(folder, base, document))
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        return [f"{DOCUMENT}: cannot be followed: {type(error).__name__}: {error}"]


def _problems(folder: Path, base: Path, document: dict[str, Any]) -> Iterator[str]:
    about = json.loads((base / "manifest.json").read_bytes())
    if (about["release_id"], about.get("recipient")) != (document["previous"], document["recipient"]):
        yield (
            f"{DOCUMENT}: is against {document['recipient']}'s {document['previous']}, "
            f"not {about.get('recipient')}'s {about['release_id']}"
        )
        return
    for name, told in document["tables"].items():
        yield from (f"{name}: {problem}" for problem in _of_table(folder, base, name, told))
    for when in ("state_before", "state_after"):
        if as_hex(sum(int(told[when], 16) for told in document["tables"].values())) != document[when]:
            yield f"{DOCUMENT}: {when} is not the sum of the tables'"


def _of_table(folder: Path, base: Path, name: str, told: dict[str, Any]) -> Iterator[str]:
    after = _read(folder / "data" / f"{name}.parquet")
    path = base / "data" / f"{name}.parquet"
    before = _read(path) if path.exists() else after.slice(0, 0)
    if as_hex(table_state(name, before)) != told["state_before"]:
        yield "the previous release holds other rows than the delta starts from"
    delta = _read(folder / FOLDER / f"{name}.parquet")
    schema = delta.drop_columns([CHANGE]).schema
    made = applied(aligned(before, schema), delta, told["key"])
    if as_hex(table_state(name, made)) != told["state_after"]:
        yield "previous + delta gives other rows than this release holds"
    if as_hex(table_state(name, after)) != told["state_after"]:
        yield "this release holds other rows than delta.json says"


def _read(path: Path) -> pa.Table:
    return pq.read_table(path)
