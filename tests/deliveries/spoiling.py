"""Ways to spoil a delivery before it is written: its manifest, a file's entry there, or a file's content."""

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.deliveries.building import Delivery

Spoiler = Callable[[Delivery], None]


def manifest(**fields: Any) -> Spoiler:
    return lambda delivery: delivery.manifest.update(fields)


def without(field: str) -> Spoiler:
    def spoil(folder: Path, content: dict[str, Any]) -> None:
        del content[field]
        (folder / "manifest.json").write_text(json.dumps(content))

    return lambda delivery: setattr(delivery, "spoil", spoil)


def rewritten(content: bytes) -> Spoiler:
    return lambda d: setattr(d, "spoil", lambda folder, _: (folder / "manifest.json").write_bytes(content))


def file_entry(**fields: Any) -> Spoiler:
    """Change the first file's entry in the manifest."""

    def spoil(folder: Path, content: dict[str, Any]) -> None:
        content["files"][0] |= fields
        (folder / "manifest.json").write_text(json.dumps(content))

    return lambda delivery: setattr(delivery, "spoil", spoil)


def named_twice(field: str) -> Spoiler:
    def spoil(folder: Path, content: dict[str, Any]) -> None:
        content["files"][1][field] = content["files"][0][field]
        (folder / "manifest.json").write_text(json.dumps(content))

    return lambda delivery: setattr(delivery, "spoil", spoil)


def file_added(**fields: Any) -> Spoiler:
    """Name one more file, and put it there."""

    def spoil(folder: Path, content: dict[str, Any]) -> None:
        (folder / fields["name"]).write_bytes(b"a;b")
        digest = hashlib.sha256(b"a;b").hexdigest()
        content["files"].append({"rows": 0, "bytes": 3, "sha256": digest} | fields)
        (folder / "manifest.json").write_text(json.dumps(content))

    return lambda delivery: setattr(delivery, "spoil", spoil)


def named(delivery_id: str) -> Spoiler:
    """Give the folder and its manifest that id."""

    def spoil(folder: Path, content: dict[str, Any]) -> None:
        (folder / "manifest.json").write_text(json.dumps(content | {"delivery_id": delivery_id}))
        folder.rename(folder.parent / delivery_id)

    return lambda delivery: setattr(delivery, "spoil", spoil)


def raw(extract: str, change: Callable[[bytes], bytes]) -> Spoiler:
    def spoil(delivery: Delivery) -> None:
        delivery.raw[extract] = change(delivery.content(extract, delivery.rows[extract])[1])

    return spoil


def removed(name: str) -> Spoiler:
    return lambda delivery: setattr(delivery, "spoil", lambda folder, _: (folder / name).unlink())


def together(*spoilers: Spoiler) -> Spoiler:
    """Spoil the delivery in each of these ways."""

    def spoil(delivery: Delivery) -> None:
        written = []
        for spoiler in spoilers:
            delivery.spoil = None
            spoiler(delivery)
            written += [delivery.spoil] if delivery.spoil else []

        def spoil_folder(folder: Path, content: dict[str, Any]) -> None:
            for change in written:
                change(folder, content)

        delivery.spoil = spoil_folder

    return spoil


def linked(folder: Path, _: dict[str, Any]) -> None:
    (folder / "saker.csv").rename(folder.parent / "elsewhere.csv")
    (folder / "saker.csv").symlink_to(folder.parent / "elsewhere.csv")


def linked_manifest(folder: Path, _: dict[str, Any]) -> None:
    (folder / "manifest.json").rename(folder.parent / "elsewhere.json")
    (folder / "manifest.json").symlink_to(folder.parent / "elsewhere.json")


def json_lines(change: Callable[[str], str]) -> Callable[[bytes], bytes]:
    return lambda content: gzip.compress(change(gzip.decompress(content).decode()).encode(), mtime=0)


def parquet_with(**columns: pa.Array) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        table = pq.read_table(pa.BufferReader(content))
        for name, values in columns.items():
            place = table.schema.get_field_index(name)
            table = table.append_column(name, values) if place < 0 else table.set_column(place, name, values)
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink)
        return sink.getvalue().to_pybytes()

    return change
