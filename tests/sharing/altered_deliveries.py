"""The agencies' deliveries of a period anew, with other values in what the sharing matrix can withhold, and nothing else changed.

Who is affected moves on by some rows, and every seventh row is missing. Persons' own records and the register stay as they
were: who is who is linkage's to decide, for everybody alike.
"""

import csv
import hashlib
import io
import json
import shutil
from pathlib import Path
from typing import Any

from akrim.contracts import load_contracts

Rows = list[dict[str, Any]]
# By agency and extract: the fields that move on together. Of a row whose key other rows refer to none is left out.
MOVED = {
    ("nav", "saker"): ("nav_id", "arbeidsgiver_orgnr"),
    ("nav", "lonnsgaranti"): ("nav_id", "orgnr"),
    ("skatteetaten", "kontroller"): ("orgnr", "part_id"),
    ("skatteetaten", "restanser"): ("orgnr", "part_id"),
    ("skatteetaten", "oppdragsforhold"): ("leverandor_orgnr",),
    ("politiet", "saker"): ("anmeldt_dato", "anmelder", "anmelder_ref", "avgjorelse", "avgjorelse_dato"),
    ("politiet", "involverte"): ("person_lopenr", "rolle"),
}
REFERRED_TO = {("politiet", "saker")}
ON, EVERY = 5, 7


def redeliver(inbox: Path, period: str) -> list[str]:
    """Write each agency's second delivery of the period, in place of the first; returns their ids."""
    agencies = dict.fromkeys(agency for agency, _ in MOVED)
    return [_redeliver(inbox / agency, agency, period) for agency in agencies]


def _redeliver(folder: Path, agency: str, period: str) -> str:
    old, new = (f"{agency}-{period}-{number:02d}" for number in (1, 2))
    manifest = json.loads((folder / old / "manifest.json").read_text("utf-8"))
    shutil.copytree(folder / old, folder / new, ignore=shutil.ignore_patterns("manifest.json"))
    for file in manifest["files"]:
        if (agency, file["extract"]) in MOVED:
            content, file["rows"] = _altered(folder / new / file["name"], agency, file["extract"])
            (folder / new / file["name"]).write_bytes(content)
            file |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    manifest |= {"delivery_id": new, "supersedes": old}
    (folder / new / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return new


def _altered(path: Path, agency: str, extract: str) -> tuple[bytes, int]:
    form = load_contracts()[agency].extract(extract).formats[0]
    read = csv.DictReader(io.StringIO(path.read_bytes().decode(form.encoding)), delimiter=form.delimiter)
    # A row with too many or too few fields is set aside anyway.
    rows = _moved([row for row in read if None not in row and None not in row.values()], agency, extract)
    text = io.StringIO()
    writer = csv.DictWriter(text, read.fieldnames or (), delimiter=form.delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(form.encoding), len(rows)


def _moved(rows: Rows, agency: str, extract: str) -> Rows:
    fields = MOVED[agency, extract]
    moved = [
        row | {name: other[name] for name in fields}
        for row, other in zip(rows, rows[ON:] + rows[:ON], strict=True)
    ]
    is_kept = (agency, extract) in REFERRED_TO
    return [row for number, row in enumerate(moved) if is_kept or number % EVERY]
