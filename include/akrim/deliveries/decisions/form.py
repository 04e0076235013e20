"""A release's decision form that came back as it is: the pipeline writes the manifest that a delivery needs.

Nothing that a form says of itself is taken for granted: the release is one that was out, the centre one of the
contract's, the form sealed here for both and, where the centre signs its decisions, signed by it. Only then do they
stand in the delivery's id, which has a closed pattern of its own.
"""

import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from akrim.contracts import (
    DECISIONS,
    DECISIONS_SENDER,
    Extract,
    centres,
    decision_extracts,
    decisions_contract,
)
from akrim.deliveries.decisions.cell_messages import NO_DECISION, FormCell
from akrim.deliveries.decisions.seal import SEAL_COLUMN, SHEETS, fits, is_of_form
from akrim.deliveries.decisions.signatures import check_form_signed
from akrim.deliveries.inbox.files import read_limited
from akrim.deliveries.inbox.listing import FORM_SUFFIX, Arrival
from akrim.deliveries.inbox.manifest import SANE_YEARS, Manifest, read_manifest
from akrim.deliveries.inbox.spool import check_own, spool_folder
from akrim.deliveries.outcome import FormOrigin, Refusal
from akrim.deliveries.readers import read_records
from akrim.deliveries.readers.spreadsheet import has_sheet
from akrim.deliveries.readers.workbook import FormRow, read_form_origin, read_form_rows, rows_without_decision
from akrim.deliveries.register import find_accepted
from akrim.keys import form_key
from akrim.periods import NORWAY, RELEASE_PATTERN
from akrim.settings import get_settings
from akrim.warehouse import connect

MAX_FORM_BYTES = 64 * 1024**2
# A decision on a release that is being made, failed or was erased is a decision on nothing.
WERE_OUT = """
select release_id from meta.releases where release_id = any(%s) and status in ('published', 'superseded', 'recalled') order by 1
"""


def form_manifest(arrival: Arrival) -> Manifest:
    """The manifest of a returned form; its id comes from the release, the centre and the file's hash.

    Raises Refusal where the file is not the decision form of a release that was out, for a centre of the contract. One that was accepted
    may lie in the inbox longer than its release is kept, or than its centre signs with that key.
    """
    raw = _read(arrival)
    digest = hashlib.sha256(raw).hexdigest()
    with spool_folder("form") as folder:
        copy = folder / DECISIONS
        copy.write_bytes(raw)
        try:
            release_id, centre_id = _origin(copy, arrival.delivery_id, digest)
            unsealed_cells(arrival, copy)
            delivery_id = _delivery_id(release_id, centre_id, digest)
            if not find_accepted(delivery_id):
                check_form_signed(arrival, raw, centre_id)
            files = [_declared(copy, extract, delivery_id) for extract in _sheets(copy)]
        except Refusal as refusal:
            refusal.form = _whose(copy, arrival.delivery_id)
            raise
    content: dict[str, Any] = {
        "agency": DECISIONS_SENDER,
        "delivery_id": delivery_id,
        "period": release_id.partition(".")[0],
        "mode": "delta",
        "supersedes": None,
        "contract_version": decisions_contract().version,
        "delivered_at": _arrived_at(arrival),
        "purpose": "a-krim",
        "legal_basis": "",
        "synthetic": get_settings().data_mode == "synthetic",
        # A further sheet in which nothing was filled in is none.
        "files": [
            {**file, "bytes": len(raw), "sha256": digest}
            for file in files
            if file["rows"] or file["extract"] == DECISIONS
        ],
    }
    return read_manifest(json.dumps(content).encode(), is_ours=True)


def _sheets(copy: Path) -> list[Extract]:
    """The extracts that the form has a sheet of: forms of before have one of persons alone, or lack one of the others."""
    return [
        extract
        for extract in decision_extracts()
        if extract.name == DECISIONS or has_sheet(copy, extract.name)
    ]


def _declared(copy: Path, extract: Extract, delivery_id: str) -> dict[str, Any]:
    # Not the sender's name for it, which may be anything.
    name = f"{delivery_id}{'' if extract.name == DECISIONS else f'-{extract.name}'}{FORM_SUFFIX}"
    rows = sum(batch.num_rows for batch in read_records(copy, name, extract, is_delta=True))
    return {"extract": extract.name, "name": name, "rows": rows}


def _whose(copy: Path, file_name: str) -> FormOrigin | None:
    """Whose form a refused one is: the centre that its seals were made for, or else the only one that its cells name.

    None where not even that can be read.
    """
    try:
        rows = [row for sheet in _rows(copy, file_name) for row in sheet]
    except Refusal:
        return None
    releases = _out({row.origin[0] for row in rows})
    for release_id in releases:
        key = form_key(release_id)
        for centre_id in centres():
            if any(is_of_form(row.seal, key, release_id, centre_id) for row in rows):
                return FormOrigin(centre_id, release_id)
    named = {row.origin[1] for row in rows} & set(centres())
    return FormOrigin(named.pop(), releases[0] if len(releases) == 1 else None) if len(named) == 1 else None


def undecided_rows(arrival: Arrival, copy: Path) -> list[FormCell]:
    """The rows that hold text but no decision, so that nobody takes them for read."""
    return [
        FormCell(extract.name, None, str(number), "", NO_DECISION)
        for extract in _sheets(copy)
        for number in rows_without_decision(copy, arrival.delivery_id, extract)
    ]


def unsealed_cells(arrival: Arrival, copy: Path) -> list[str]:
    """The cells of whom rows are about that were not made for them, or show another, in a form made for its release and centre.

    Raises Refusal where not even one row of the first sheet that has any was: the form is another's, or no form of ours.
    """
    release_id, centre_id = read_form_origin(copy, arrival.delivery_id)
    key = form_key(release_id)
    sheets = _rows(copy, arrival.delivery_id)
    first = next((rows for rows in sheets if rows), [])
    if not any(is_of_form(row.seal, key, release_id, centre_id) for row in first):
        raise Refusal(
            "unreadable_file",
            f"{arrival.delivery_id} was not made here for {centre_id} and {release_id}: its seal is missing or does not "
            "fit. The locked cells must stay as they are; fill in the form that came with the release.",
        )
    return [
        row.cell
        for rows in sheets
        for row in rows
        if row.origin != (release_id, centre_id)
        or not fits(row.seal, key, release_id, centre_id, row.row_id, *row.about, shown=row.shown)
    ]


def _rows(copy: Path, file_name: str) -> list[list[FormRow]]:
    """The rows that name whom they are about, by sheet."""
    return [
        read_form_rows(copy, file_name, extract, about, SEAL_COLUMN, shown)
        for extract in _sheets(copy)
        for about, shown in [SHEETS[extract.name]]
    ]


def _out(named: set[str]) -> list[str]:
    """Those of the texts that name a release that was ever out."""
    proper = [text for text in named if re.fullmatch(RELEASE_PATTERN, text)]
    with connect() as connection:
        return [row[0] for row in connection.execute(WERE_OUT, [proper]).fetchall()]


def _delivery_id(release_id: str, centre_id: str, digest: str) -> str:
    return f"{DECISIONS_SENDER}-{release_id}-{centre_id}-{digest[:12]}"


def _origin(copy: Path, file_name: str, digest: str) -> tuple[str, str]:
    """The release and the centre that the form names; what it says instead is not repeated, it may be anything."""
    release_id, centre_id = read_form_origin(copy, file_name)
    is_out = bool(_out({release_id}) or find_accepted(_delivery_id(release_id, centre_id, digest)))
    for name, is_known, what in (
        ("release_id", is_out, "release that was ever out"),
        ("senter", centre_id in centres(), "centre of the contract"),
    ):
        if not is_known:
            raise Refusal(
                "unreadable_file",
                f"{file_name} is no release's decision form: its {name} names no {what}. The locked cells must "
                "stay as they are; fill in the form that came with the release.",
            )
    return release_id, centre_id


def _arrived_at(arrival: Arrival) -> str:
    """When the form came, in Norwegian time: when its file last changed; now where that is later, or a time that no manifest may say."""
    now = datetime.now(UTC)
    came = min(arrival.last_change, now) if arrival.last_change.year in SANE_YEARS else now
    return came.astimezone(NORWAY).isoformat(timespec="microseconds")


def _read(arrival: Arrival) -> bytes:
    if not arrival.path.name.endswith(FORM_SUFFIX):
        raise Refusal(
            "unreadable_file",
            f"{arrival.delivery_id} is not read: a decision form's name ends in {FORM_SUFFIX}. Save it as that, and drop it in again.",
        )
    check_own(arrival)
    raw = read_limited(arrival.path, MAX_FORM_BYTES)
    if not raw:
        raise Refusal(
            "unreadable_file",
            f"{arrival.delivery_id} is empty, larger than any decision form, or may not be read.",
        )
    return raw
