"""The synthetic Norway of the whole runs: hostile texts put into its deliveries, and its rows put into another order."""

import csv
import gzip
import hashlib
import io
import json
import random
import shutil
from collections import defaultdict
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from akrim.contracts import Extract, load_contracts

from tests.hostile import corpus

Rows = list[Any]
# Surroundings of which nothing may leave a trace in a release.
ELSEWHERE = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "7"}


def lace(inbox: Path, period: str) -> None:
    """Give leaders of bankrupt enterprises, those enterprises and their streets the corpus of hostile texts for names.

    A person bears the same text in both registers; persons are known by their valid numbers, so who is whom stays.
    """
    brreg, tax = (inbox / agency / f"{agency}-{period}-01" for agency in ("brreg", "skatteetaten"))
    texts = [case.text for case in corpus()]
    enterprises = list(map(json.loads, _lines(brreg / "enheter.jsonl.gz")))
    bankrupt = {str(row.get("organisasjonsnummer")) for row in enterprises if row.get("konkurs") is True}
    name_of = dict(zip(sorted(bankrupt), cycle(texts), strict=False))
    roles = list(map(json.loads, _lines(brreg / "roller.jsonl.gz")))
    leaders = {
        row["person"]["fodselsnummer"]
        for row in roles
        if row.get("organisasjonsnummer") in bankrupt and (row.get("person") or {}).get("fodselsnummer")
    }
    family_of = dict(zip(sorted(leaders), cycle(texts), strict=False))
    for row in enterprises:
        if row.get("organisasjonsnummer") in name_of:
            row["navn"] = name_of[row["organisasjonsnummer"]]
    for row in roles:
        person = row.get("person") or {}
        if person.get("fodselsnummer") in family_of:
            person["navn"]["etternavn"] = family_of[person["fodselsnummer"]]
    _write_lines(brreg / "enheter.jsonl.gz", enterprises)
    _write_lines(brreg / "roller.jsonl.gz", roles)
    persons = pq.read_table(tax / "personer.parquet")
    numbers = persons["ident"].to_pylist()
    for column in ("etternavn", "adresse"):
        laced = [family_of.get(n, old) for n, old in zip(numbers, persons[column].to_pylist(), strict=True)]
        place = persons.column_names.index(column)
        persons = persons.set_column(place, column, pa.array(laced, persons.schema.field(column).type))
    pq.write_table(persons, tax / "personer.parquet", compression="zstd")
    for folder in (brreg, tax):
        _declare_again(folder)


def shuffle(inbox: Path, target: Path) -> Path:
    """A copy of the inbox in which every file's rows stand in another order.

    Of rows with one key the first counts (specification, `repeated_key`), so those keep their order among themselves.
    """
    shutil.copytree(inbox, target)
    for agency, contract in load_contracts().items():
        for manifest in (target / agency).glob("*/manifest.json"):
            for file in json.loads(manifest.read_text())["files"]:
                extract = contract.extract(file["extract"])
                REORDER[extract.formats[0].name](manifest.parent / file["name"], extract)
            _declare_again(manifest.parent)
    return target


def _shuffled(rows: Rows, key: Callable[[Any], Any]) -> list[int]:
    """Places of the rows in a new order; the same for the same number of rows."""
    order = random.Random(7).sample(range(len(rows)), len(rows))
    places = defaultdict(list)
    for place, number in enumerate(order):
        places[key(rows[number])].append(place)
    for taken in places.values():
        for place, number in zip(taken, sorted(order[place] for place in taken), strict=True):
            order[place] = number
    return order


def _reorder_csv(path: Path, extract: Extract) -> None:
    form = extract.formats[0]
    raw = path.read_bytes().decode(form.encoding)
    text = raw.removeprefix("\ufeff")
    header, *rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=form.delimiter))
    at = header.index(extract.key.path)
    order = _shuffled(rows, lambda row: row[at] if len(row) > at else "")
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=form.delimiter, lineterminator="\n").writerows(
        [header, *(rows[n] for n in order)]
    )
    path.write_bytes((raw[: len(raw) - len(text)] + out.getvalue()).encode(form.encoding))


def _reorder_lines(path: Path, extract: Extract) -> None:
    rows = _lines(path)
    order = _shuffled(rows, lambda line: json.loads(line).get(extract.key.path))
    path.write_bytes(gzip.compress("".join(f"{rows[n]}\n" for n in order).encode(), mtime=0))


def _reorder_parquet(path: Path, extract: Extract) -> None:
    table = pq.read_table(path)
    order = _shuffled(table[extract.key.path].to_pylist(), lambda key: key)
    pq.write_table(table.take(order), path, compression="zstd")


REORDER = {"csv": _reorder_csv, "jsonl.gz": _reorder_lines, "parquet": _reorder_parquet}


def _lines(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode().removesuffix("\n").split("\n")


def _write_lines(path: Path, rows: Rows) -> None:
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_bytes(gzip.compress(lines.encode(), mtime=0))


def _declare_again(folder: Path) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    for file in manifest["files"]:
        content = (folder / file["name"]).read_bytes()
        file |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    path.write_text(json.dumps(manifest, ensure_ascii=False))
