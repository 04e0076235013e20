"""One delivery: an agency's extracts for a period as files in a folder, the manifest last.

Written beside its place and moved there file by file, so a scan never sees half a file; the folder counts only once
its manifest lies there.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from akrim.contracts import load_contracts
from akrim.periods import Period
from akrim.synthetic.delivery import files
from akrim.synthetic.delivery.bad_rows import Spoiled, Spoiler, WrongRow, untouched
from akrim.synthetic.delivery.deltas import between
from akrim.synthetic.extracts import Extract, extracts_of
from akrim.synthetic.world.randomness import Integers, Texts
from akrim.synthetic.world.timeline import cut_off, delivered_at, delivery_day, previous
from akrim.synthetic.world.world import World

PURPOSE = "a-krim"
LEGAL_BASIS = "FOR-2022-06-17-1045 § 3"
CONTRACT_VERSION = "1.0"


@dataclass(frozen=True)
class Order:
    """Which delivery: of whom, for when, the how-manieth of that period, in which mode."""

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
    """One extract's file, and what the answer key needs to know of it."""

    extract: str
    name: str
    rows: int
    content: bytes
    wrong: list[WrongRow] = field(default_factory=list)


@dataclass
class Records:
    """The person records of one extract: their ids, who they truly are, and what is wrong with their number."""

    extract: str
    ids: Texts
    person: Integers
    ident_kind: Texts


@dataclass
class Delivery:
    order: Order
    manifest: dict[str, Any]
    files: list[File]
    records: list[Records]
    further: dict[str, bytes] = field(default_factory=dict)
    manifest_content: bytes | None = None
    is_bad: bool = False

    def __post_init__(self) -> None:
        self.say()

    def say(self, **changed: Any) -> None:
        """Change what the manifest says; None for its content then means that there is to be none."""
        self.manifest |= changed
        self.manifest_content = (json.dumps(self.manifest, ensure_ascii=False, indent=2) + "\n").encode()

    def say_of_file(self, place: int, **changed: Any) -> None:
        self.manifest["files"][place] |= changed
        self.say()

    def folder(self, inbox: Path) -> Path:
        return inbox / self.order.agency / self.order.delivery_id


def prepare(world: World, order: Order) -> Delivery:
    """Everything of the delivery, in memory."""
    contract = load_contracts()[order.agency]
    as_of = cut_off(order.period)
    current = extracts_of(order.agency, world, as_of)
    earlier = (
        extracts_of(order.agency, world, cut_off(previous(order.period))) if order.mode == "delta" else []
    )
    spoiler = _spoiler(world, order)
    written = []
    for position, extract in enumerate(current):
        agreed = contract.extract(extract.name)
        table = between(earlier[position].table, extract.table).table if earlier else extract.table
        table = table if agreed.formats[0].name == "parquet" else files.as_text(table)
        spoiled = spoiler.spoil(agreed, table) if order.bad_rows else untouched(table)
        content = files.as_bytes(agreed, spoiled.table, spoiled.has_surplus_field)
        written.append(_file(extract, files.file_name(agreed), spoiled, content))
    return Delivery(order, manifest_of(order, written), written, [r for e in current for r in _records(e)])


def _spoiler(world: World, order: Order) -> Spoiler:
    agencies = list(load_contracts())
    return Spoiler(
        world.chance.stream(f"bad rows of {order.delivery_id} {order.mode}"),
        delivery_day(order.agency, order.period, order.number),
        world.spare_orgnr,
        first_code=agencies.index(order.agency) * 2,
    )


def _file(extract: Extract, name: str, spoiled: Spoiled, content: bytes) -> File:
    return File(extract.name, name, spoiled.table.num_rows, content, spoiled.wrong)


def _records(extract: Extract) -> list[Records]:
    if extract.true_person is None:
        return []
    described = extract.true_person >= 0
    ids = extract.table[extract.key].to_numpy()
    return [
        Records(extract.name, ids[described], extract.true_person[described], extract.ident_kind[described])
    ]


def manifest_of(order: Order, written: list[File]) -> dict[str, Any]:
    return {
        "agency": order.agency,
        "delivery_id": order.delivery_id,
        "period": str(order.period),
        "mode": order.mode,
        "supersedes": order.supersedes,
        "contract_version": CONTRACT_VERSION,
        "delivered_at": delivered_at(order.agency, order.period, order.number),
        "purpose": PURPOSE,
        "legal_basis": LEGAL_BASIS,
        "synthetic": True,
        "files": [described(file) for file in written],
    }


def described(file: File) -> dict[str, Any]:
    """What the manifest says of a file."""
    return {
        "extract": file.extract,
        "name": file.name,
        "rows": file.rows,
        "bytes": len(file.content),
        "sha256": hashlib.sha256(file.content).hexdigest(),
    }


def write(inbox: Path, delivery: Delivery) -> Path:
    """The delivery's folder; an older one of that id is emptied first, its manifest before its files."""
    folder = delivery.folder(inbox)
    folder.mkdir(parents=True, exist_ok=True)
    for old in sorted(folder.iterdir(), key=lambda path: path.name != "manifest.json"):
        old.unlink()
    for file in delivery.files:
        put(folder / file.name, file.content)
    for name, content in delivery.further.items():
        put(folder / name, content)
    if delivery.manifest_content is not None:
        put(folder / "manifest.json", delivery.manifest_content)
    return folder


def put(path: Path, content: bytes) -> None:
    """The whole file at once under its name."""
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_bytes(content)
    unfinished.replace(path)
