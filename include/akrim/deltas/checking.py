"""Checks that a centre's folder equals the previous folder plus the delta; needs only both folders."""

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
    """A sentence for each mismatch; empty if previous + delta = this one.

    Args:
        folder, base: the same centre's folders of a release and of the release before it.
    """
    if not (folder / DOCUMENT).is_file():
        return [
            f"there is no {DOCUMENT}: each centre's part of a release has its own, and nothing else has one"
        ]
    try:
        document = json.loads((folder / DOCUMENT).read_bytes())
        return list(_problems(folder, base, document))
    except (OSError, AttributeError, LookupError, TypeError, ValueError, pa.ArrowException) as error:
        return [f"{DOCUMENT}: cannot be followed: {type(error).__name__}: {error}"]


def _problems(folder: Path, base: Path, document: dict[str, Any]) -> Iterator[str]:
    manifest = json.loads((base / "manifest.json").read_bytes())
    if (manifest["release_id"], manifest.get("recipient")) != (document["previous"], document["recipient"]):
        yield (
            f"{DOCUMENT}: is against {document['recipient']}'s {document['previous']}, "
            f"not {manifest.get('recipient')}'s {manifest['release_id']}"
        )
        return
    if erased := manifest.get("erased"):
        yield f"{manifest['release_id']} was erased there on {erased['date']}, so that no delta can start from it"
        return
    for name, entry in document["tables"].items():
        yield from (f"{name}: {problem}" for problem in _table_problems(folder, base, name, entry))
    for when in ("state_before", "state_after"):
        if as_hex(sum(int(entry[when], 16) for entry in document["tables"].values())) != document[when]:
            yield f"{DOCUMENT}: {when} is not the sum of the tables'"


def _table_problems(folder: Path, base: Path, name: str, entry: dict[str, Any]) -> Iterator[str]:
    after = pq.read_table(folder / "data" / f"{name}.parquet")
    path = base / "data" / f"{name}.parquet"
    before = pq.read_table(path) if path.exists() else after.slice(0, 0)
    if as_hex(table_state(name, before)) != entry["state_before"]:
        yield "the previous release holds other rows than the delta starts from"
    delta = pq.read_table(folder / FOLDER / f"{name}.parquet")
    schema = delta.drop_columns([CHANGE]).schema
    result = applied(aligned(before, schema), delta, entry["key"])
    if as_hex(table_state(name, result)) != entry["state_after"]:
        yield "previous + delta gives other rows than this release holds"
    if as_hex(table_state(name, after)) != entry["state_after"]:
        yield "this release holds other rows than delta.json says"
