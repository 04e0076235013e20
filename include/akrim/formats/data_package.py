"""The data files: one Parquet file per mart, described by datapackage.json (Data Package v2).

The same rows give the same bytes: rows are sorted, and no timestamp is written.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from akrim.deltas import as_records
from akrim.formats.files import as_json, file_entry
from akrim.formats.registry import Format, Snapshot
from akrim.formats.schemas import Schemas
from akrim.ledger import Pins
from akrim.sharing import MARTS, Mart, Tables

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
LICENCE_NOTE = (
    "Confidential. For the recipient's work against work-related crime alone; no person numbers, and no address of "
    "persons with a protected address."
)


def write(folder: Path, snapshot: Snapshot) -> None:
    """Write data/<mart>.parquet and datapackage.json."""
    schemas = Schemas(snapshot.vocabulary, snapshot.words)
    write_package(folder, snapshot.pins, snapshot.head["centre"], MARTS, snapshot.tables, schemas)


FORMAT = Format("data_package", write)


def write_package(
    folder: Path, pins: Pins, title: str, marts: Iterable[Mart], tables: Tables, schemas: Schemas
) -> None:
    """Write these tables of a recipient's part, whose folder bears its name."""
    (folder / "data").mkdir()
    resources = []
    for mart in marts:
        path = folder / "data" / f"{mart.name}.parquet"
        table = as_records(tables[mart.name])
        pq.write_table(table, path, compression="zstd", store_schema=False)
        resources.append(_resource(mart, table.schema, path, schemas))
    document = {
        "$schema": PROFILE,
        "name": f"akrim-{folder.name}-{pins.release_id}".lower(),
        "title": f"{title}, {pins.release_id}",
        "version": pins.release_id,
        "created": f"{pins.as_of.isoformat()}T00:00:00Z",
        "description": LICENCE_NOTE,
        "resources": resources,
    }
    (folder / "datapackage.json").write_text(as_json(document), encoding="utf-8")


def _resource(mart: Mart, schema: pa.Schema, path: Path, schemas: Schemas) -> dict[str, Any]:
    facts = file_entry(path, path.parents[1])
    return {
        "name": mart.name,
        "type": "table",
        "path": facts["path"],
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": facts["bytes"],
        "hash": f"sha256:{facts['sha256']}",
        "description": schemas.vocabulary.table(mart.name),
        "schema": schemas.of(mart, schema),
    }
