"""Deliveries for tests: valid by default, written to the letter, and easily spoilt in one place."""

import copy
import csv
import gzip
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

BASE = yaml.safe_load((Path(__file__).parent / "base_rows.yaml").read_text(encoding="utf-8"))
DELIMITERS = {"arbeidstilsynet": ","}
ENCODINGS = {"arbeidstilsynet": "utf-8-sig", "politiet": "iso-8859-1"}
OPTIONAL = {"nominasjoner"}
PARQUET = {"skatteetaten": {"personer", "arbeidsforhold"}}
DELIVERED = {
    "2025-T3": "2026-01-05T06:00:00+01:00",
    "2026-T1": "2026-05-05T06:00:00+02:00",
    "2026-T2": "2026-09-05T06:00:00+02:00",
}


def person_number(
    number: int, series: int = 80, birth: date = date(1980, 3, 12), is_d_number: bool = False
) -> str:
    """The number-th person number of a birth date in a test series; written without the code under test."""
    found = -1
    day = birth.day + 40 * is_d_number
    for individual in range(500):
        nine = [int(c) for c in f"{day:02d}{birth.month + series:02d}{birth:%y}{individual:03d}"]
        first = -sum(w * d for w, d in zip((3, 7, 6, 1, 8, 9, 4, 5, 2), nine, strict=True)) % 11
        second = -sum(w * d for w, d in zip((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), [*nine, first], strict=True)) % 11
        if first < 10 and second < 10:
            found += 1
            if found == number:
                return "".join(map(str, [*nine, first, second]))
    raise ValueError(number)


def organisation_number(number: int) -> str:
    """The number-th organisation number that begins with 2."""
    return next(islice(organisation_numbers(), number, None))


def organisation_numbers() -> Iterator[str]:
    """Every organisation number that begins with 2, in order."""
    for candidate in range(21000000, 22000000):
        digits = [int(c) for c in str(candidate)]
        control = -sum(w * d for w, d in zip((3, 2, 7, 6, 5, 4, 3, 2), digits, strict=True)) % 11
        if control < 10:
            yield f"{candidate}{control}"


FILLERS = {
    "{ident}": person_number(0),
    "{real}": person_number(0, series=0),
    "{typo}": person_number(1)[:-1] + str((int(person_number(1)[-1]) + 1) % 10),
    "{nav_series}": person_number(0, series=40),
    "{health_series}": person_number(0, series=65),
    "{orgnr}": organisation_number(0),
    "{badorgnr}": organisation_number(1)[:-1] + str((int(organisation_number(1)[-1]) + 1) % 10),
}


def fill(value: Any, key: str = "") -> Any:
    """Replace the placeholders of the case tables, at any depth."""
    if isinstance(value, dict):
        return {name: fill(inner, key) for name, inner in value.items()}
    if isinstance(value, list):
        return [fill(inner, key) for inner in value]
    if isinstance(value, str):
        for placeholder, text in (FILLERS | {"{key}": key}).items():
            value = value.replace(placeholder, text)
    return value


def key_name(extract: str, agency: str) -> str:
    return next(iter(BASE[agency][extract]))


def base_row(agency: str, extract: str, number: int) -> dict[str, Any]:
    """The number-th valid row of an extract; its key is the extract's name and the number."""
    row = fill(copy.deepcopy(BASE[agency][extract]), f"{extract.upper()}{number}")
    if extract == "enheter":
        row["organisasjonsnummer"] = organisation_number(number)
    return row


@dataclass
class Delivery:
    """One delivery to be written: rows by extract, and whatever is to be different from a sound one."""

    agency: str
    period: str = "2025-T3"
    number: int = 1
    mode: str = "full"
    supersedes: str | None = None
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)
    raw: dict[str, bytes] = field(default_factory=dict)
    spoil: Callable[[Path, dict[str, Any]], None] | None = None

    @property
    def delivery_id(self) -> str:
        return f"{self.agency}-{self.period}-{self.number:02d}"

    def write(self, inbox: Path) -> Path:
        """Write the folder, the manifest last; returns the folder."""
        folder = inbox / self.agency / self.delivery_id
        folder.mkdir(parents=True)
        files = []
        for extract, rows in self.rows.items():
            name, content = self.content(extract, rows)
            content = self.raw.get(extract, content)
            (folder / name).write_bytes(content)
            digest = hashlib.sha256(content).hexdigest()
            files.append(
                {"extract": extract, "name": name, "rows": len(rows), "bytes": len(content), "sha256": digest}
            )
        manifest = {
            "agency": self.agency,
            "delivery_id": self.delivery_id,
            "period": self.period,
            "mode": self.mode,
            "supersedes": self.supersedes,
            "contract_version": "1.0",
            "delivered_at": DELIVERED.get(self.period),
            "purpose": "a-krim",
            "legal_basis": "FOR-2022-06-17-1045 § 3",
            "synthetic": True,
            "files": files,
        } | self.manifest
        (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
        if self.spoil is not None:
            self.spoil(folder, manifest)
        return folder

    def content(self, extract: str, rows: list[dict[str, Any]]) -> tuple[str, bytes]:
        if self.agency == "brreg":
            lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            return f"{extract}.jsonl.gz", gzip.compress(lines.encode(), mtime=0)
        names = list(BASE[self.agency][extract]) + (
            ["_slettet"] if self.mode == "delta" and self.agency != "sentrene" else []
        )
        if extract in PARQUET.get(self.agency, ()):
            table = pa.table(
                {name: pa.array([row.get(name) or None for row in rows], pa.string()) for name in names}
            )
            sink = io.BytesIO()
            pq.write_table(table, sink)
            return f"{extract}.parquet", sink.getvalue()
        return f"{extract}.csv", delimited(self.agency, names, rows)


def delimited(agency: str, names: list[str], rows: Iterable[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=DELIMITERS.get(agency, ";"), lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    return text.getvalue().encode(ENCODINGS.get(agency, "utf-8"))


def full_delivery(agency: str, count: int = 3, **more: Any) -> Delivery:
    """A sound full delivery with so many rows in each extract that it must have."""
    rows = {
        extract: [base_row(agency, extract, n) for n in range(1, count + 1)]
        for extract in BASE[agency]
        if extract not in OPTIONAL
    }
    return Delivery(agency, rows=rows, mode="delta" if agency == "sentrene" else "full", **more)


def delta_delivery(agency: str, rows: dict[str, list[dict[str, Any]]], **more: Any) -> Delivery:
    """A delta with these rows; `_slettet` is N where a row does not say."""
    marked = {extract: [{"_slettet": "N"} | row for row in listed] for extract, listed in rows.items()}
    return Delivery(agency, rows=marked, mode="delta", **{"number": 2, **more})
