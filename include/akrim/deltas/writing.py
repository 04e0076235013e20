"""Writes delta.json and delta/<mart>.parquet into a centre's folder from the previous tables and the present ones."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from akrim.deltas.difference import CHANGE, KINDS, IdentityChanges, aligned, difference, unique_key
from akrim.deltas.records import as_records, as_texts
from akrim.deltas.state import ENCODING, as_hex, table_state

DOCUMENT, FOLDER = "delta.json", "delta"


def write_delta(
    folder: Path,
    about: Mapping[str, Any],
    before: Mapping[str, pa.Table],
    after: Mapping[str, pa.Table],
    keys: Mapping[str, tuple[str, ...]],
    moved: IdentityChanges,
) -> None:
    """Write the delta of each table.

    Args:
        folder: the centre's folder.
        about: the document's first fields: release_id, recipient, previous.
        before: the previous release's tables as sent to the centre, without those that it did not have.
    """
    (folder / FOLDER).mkdir()
    tables = {
        name: _write_table(
            folder / FOLDER / f"{name}.parquet",
            name,
            before.get(name, table.slice(0, 0)),
            table,
            keys[name],
            moved,
        )
        for name, table in after.items()
    }
    states = {
        when: as_hex(sum(int(entry[when], 16) for entry in tables.values()))
        for when in ("state_before", "state_after")
    }
    document = {**about, "encoding": ENCODING, **states, "tables": tables}
    (folder / DOCUMENT).write_text(json.dumps(document, indent=2, ensure_ascii=True) + "\n", encoding="utf-8")


def _write_table(
    path: Path, name: str, before: pa.Table, after: pa.Table, key: tuple[str, ...], moved: IdentityChanges
) -> dict[str, Any]:
    # As texts, which are compared, sorted and hashed as they are; the file alone holds records.
    before, after = as_texts(before), as_texts(after)
    same_columns = aligned(before, after.schema)
    unique = unique_key(list(key), same_columns, after)
    delta = difference(same_columns, after, unique, moved)
    pq.write_table(as_records(delta), path, compression="zstd", store_schema=False)
    counted = Counter(delta[CHANGE].to_pylist())
    return {
        "key": unique,
        "rows_before": before.num_rows,
        "rows_after": after.num_rows,
        **{kind: counted[kind] for kind in KINDS},
        "state_before": as_hex(table_state(name, before)),
        "state_after": as_hex(table_state(name, after)),
    }
