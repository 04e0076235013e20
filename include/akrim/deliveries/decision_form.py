"""A release's decision form that came back as it is: the pipeline writes the manifest that a delivery needs."""

import hashlib
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from akrim.contracts import load_contracts
from akrim.deliveries.inbox import Arrival, spool_folder
from akrim.deliveries.manifest import Manifest, read_manifest
from akrim.deliveries.outcome import Refusal
from akrim.deliveries.readers import read_records
from akrim.deliveries.readers.workbook import notes_only, read_form_origin
from akrim.settings import get_settings

AGENCY = "sentrene"
EXTRACT = "beslutninger"
LARGEST_FORM = 64 * 1024**2


def form_manifest(arrival: Arrival) -> Manifest:
    """The manifest of a returned form; its id comes from the release, the centre and the file's hash.

    Raises Refusal where the file is not a release's decision form.
    """
    raw = _read(arrival)
    extract = load_contracts()[AGENCY].extract(EXTRACT)
    with spool_folder("form") as folder:
        copy = folder / EXTRACT
        copy.write_bytes(raw)
        release_id, centre = read_form_origin(copy, arrival.delivery_id)
        rows = sum(
            batch.num_rows for batch in read_records(copy, arrival.delivery_id, extract, is_delta=True)
        )
    digest = hashlib.sha256(raw).hexdigest()
    period = release_id.partition(".")[0]
    content: dict[str, Any] = {
        "agency": AGENCY,
        "delivery_id": f"{AGENCY}-{release_id}-{centre}-{digest[:12]}",
        "period": period,
        "mode": "delta",
        "supersedes": None,
        "contract_version": load_contracts()[AGENCY].version,
        "delivered_at": arrival.last_change.astimezone(ZoneInfo("Europe/Oslo")).isoformat(
            timespec="microseconds"
        ),
        "purpose": "a-krim",
        "legal_basis": "",
        "synthetic": get_settings().data_mode == "synthetic",
        "files": [
            {
                "extract": EXTRACT,
                "name": arrival.path.name,
                "rows": rows,
                "bytes": len(raw),
                "sha256": digest,
            }
        ],
    }
    return read_manifest(json.dumps(content).encode(), is_ours=True)


def notes_on_form(arrival: Arrival, copy: Path) -> list[str]:
    """A sentence for each row that holds text but no decision, so that nobody takes it for read."""
    extract = load_contracts()[AGENCY].extract(EXTRACT)
    return [
        f"Rad {number} har tekst, men ingen beslutning, og er ikke lest. "
        f"/ Row {number} holds text but no decision, and was not read."
        for number in notes_only(copy, arrival.delivery_id, extract)
    ]


def _read(arrival: Arrival) -> bytes:
    with arrival.path.open("rb") as file:
        raw: bytes = file.read(LARGEST_FORM + 1)
    if len(raw) > LARGEST_FORM:
        raise Refusal(
            "unreadable_file", f"{Path(arrival.delivery_id).name} is larger than any decision form."
        )
    return raw
