"""One delivery: an agency's extracts for a period as files in a folder, the manifest last.

Each file is written beside its place and renamed, so that a scan never sees half a file; the folder is a delivery only
once it has its manifest.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from akrim.contracts import Extract, load_contracts
from akrim.deliveries.inbox import MANIFEST
from akrim.periods import Period
from akrim.synthetic.delivery import files
from akrim.synthetic.delivery.bad_rows import Spoiler, WrongRow, untouched
from akrim.synthetic.delivery.deltas import between
from akrim.synthetic.extracts import ExtractTable, extracts_of
from akrim.synthetic.world.randomness import Integers, Texts
from akrim.synthetic.world.timeline import cut_off, delivered_at, delivery_day
from akrim.synthetic.world.world import World

PURPOSE = "a-krim"
LEGAL_BASIS = "FOR-2022-06-17-1045 § 3"


@dataclass(frozen=True)
class DeliverySpec:
    """A delivery's agency, period, number within the period, and mode."""

    agency: str
    period: Period
    number: int = 1
    mode: str = "full"
    supersedes: str | None = None
    bad_rows: bool = True

    @property
    def delivery_id(self) -> str:
        return f"{self.agency}-{self.period}-{self.number:02}"


@dataclass
class File:
    """One extract's file, and its invalid rows for the answer key."""

    extract: str
    name: str
    rows: int
    content: bytes
    wrong: list[WrongRow] = field(default_factory=list)


@dataclass
class Records:
    """The person records of one extract: their ids, true persons, and what is wrong with their number."""

    extract: str
    ids: pa.ChunkedArray
    person: Integers
    ident_kind: Texts


@dataclass
class Delivery:
    spec: DeliverySpec
    manifest: dict[str, Any]
    files: list[File]
    records: list[Records]
    further: dict[str, bytes] = field(default_factory=dict)
    manifest_content: bytes | None = None
    is_bad: bool = False

    def __post_init__(self) -> None:
        self.change_manifest()

    def change_manifest(self, **changed: Any) -> None:
        """Change fields of the manifest and render it; a `manifest_content` of None omits the file."""
        self.manifest |= changed
        self.manifest_content = (json.dumps(self.manifest, ensure_ascii=False, indent=2) + "\n").encode()

    def change_first_file(self, **changed: Any) -> None:
        """Change fields of what the manifest says of the first file."""
        self.manifest["files"][0] |= changed
        self.change_manifest()

    def without_contents(self) -> "Delivery":
        """What the answer key asks of it once it is written."""
        return replace(self, files=[replace(file, content=b"") for file in self.files])

    def folder(self, inbox: Path) -> Path:
        return inbox / self.spec.agency / self.spec.delivery_id


def prepare(world: World, spec: DeliverySpec) -> Delivery:
    """Build the whole delivery in memory, one extract after the other."""
    earlier = (
        iter(()) if spec.mode == "full" else extracts_of(spec.agency, world, cut_off(spec.period.previous))
    )
    contract = load_contracts()[spec.agency]
    spoiler = _spoiler(world, spec) if spec.bad_rows else None
    written: list[File] = []
    records: list[Records] = []
    for extract in extracts_of(spec.agency, world, cut_off(spec.period)):
        before = next(earlier, None)
        table = between(before.table, extract.table) if before else extract.table
        written.append(_file(contract.extract(extract.name), table, spoiler))
        records += _records(extract)
    return Delivery(spec, manifest_of(spec, written), written, records)


def _spoiler(world: World, spec: DeliverySpec) -> Spoiler:
    agencies = list(load_contracts())
    return Spoiler(
        world.chance.stream(f"bad rows of {spec.delivery_id} {spec.mode}"),
        delivery_day(spec.agency, spec.period, spec.number),
        world.spare_orgnr,
        first_code=agencies.index(spec.agency) * 2,
    )


def _file(agreed: Extract, table: pa.Table, spoiler: Spoiler | None) -> File:
    table = table if agreed.formats[0].name == "parquet" else files.as_text(table)
    spoiled = spoiler.spoil(agreed, table) if spoiler else untouched(table)
    content = files.as_bytes(agreed, spoiled.table, spoiled.has_surplus_field)
    return File(agreed.name, files.file_name(agreed), spoiled.table.num_rows, content, spoiled.wrong)


def _records(extract: ExtractTable) -> list[Records]:
    if extract.true_person is None:
        return []
    described = extract.true_person >= 0
    ids = extract.table[extract.key].filter(pa.array(described))
    return [Records(extract.name, ids, extract.true_person[described], extract.ident_kind[described])]


def manifest_of(spec: DeliverySpec, written: list[File]) -> dict[str, Any]:
    return {
        "agency": spec.agency,
        "delivery_id": spec.delivery_id,
        "period": str(spec.period),
        "mode": spec.mode,
        "supersedes": spec.supersedes,
        "contract_version": load_contracts()[spec.agency].version,
        "delivered_at": delivered_at(spec.agency, spec.period, spec.number),
        "purpose": PURPOSE,
        "legal_basis": LEGAL_BASIS,
        "synthetic": True,
        "files": [file_entry(file) for file in written],
    }


def file_entry(file: File) -> dict[str, Any]:
    """The manifest's entry for a file."""
    return {
        "extract": file.extract,
        "name": file.name,
        "rows": file.rows,
        "bytes": len(file.content),
        "sha256": hashlib.sha256(file.content).hexdigest(),
    }


def write(inbox: Path, delivery: Delivery) -> Path:
    """Write the delivery's folder; an older one of that id is emptied first, its manifest before its files."""
    folder = delivery.folder(inbox)
    folder.mkdir(parents=True, exist_ok=True)
    for old in sorted(folder.iterdir(), key=lambda path: path.name != MANIFEST):
        old.unlink()
    for file in delivery.files:
        put(folder / file.name, [file.content])
    for name, content in delivery.further.items():
        put(folder / name, [content])
    if delivery.manifest_content is not None:
        put(folder / MANIFEST, [delivery.manifest_content])
    return folder


def put(path: Path, parts: Iterable[bytes]) -> None:
    """Write a file, part by part, so that it appears under its name only when complete."""
    unfinished = path.with_name(f".{path.name}.part")
    with unfinished.open("wb") as file:
        file.writelines(parts)
    unfinished.replace(path)
