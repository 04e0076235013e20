"""What meta.deliveries already knows of a folder in the inbox, and which deliveries a person takes out of force."""

from dataclasses import replace
from typing import Any

import psycopg
from psycopg.rows import dict_row

from akrim import audit
from akrim.characters import neutral_name
from akrim.contracts import load_contracts
from akrim.deliveries.inbox.listing import Arrival
from akrim.deliveries.inbox.manifest import FIELDS, FILE_FIELDS, Manifest
from akrim.deliveries.inbox.spool import MASKED as STARS
from akrim.deliveries.outcome import DeliveryOutcome
from akrim.deliveries.state.comparing import compare_from
from akrim.texts.errors import SaidError, require_reason
from akrim.warehouse import connect, without_person_numbers

# Refused for this alone, a delivery is tried again on every run: its predecessor may have come.
TRIED_AGAIN = "unknown_predecessor"
# Fields of a manifest in which a sender may write anything.
WORDS = ("agency", "mode", "supersedes", "contract_version", "purpose", "legal_basis")
WORDS_OF_FILE = ("extract", "name")
# In characters: no contract's name is as long, and what is recorded by its name stands in an index.
LONGEST_EXTRACT = 100
MASKED = """
select meta.without_person_numbers(word) from unnest(%s::text[]) with ordinality as words (word, place) order by place
"""


def folder_name(arrival: Arrival) -> str:
    """The delivery's place in the inbox."""
    return f"{arrival.agency}/{arrival.delivery_id}"


def standing_outcome(connection: psycopg.Connection, arrival: Arrival) -> DeliveryOutcome | None:
    """What was decided on the folder as it lies there now, or None where it is to be looked at (again).

    A folder that is no longer what was accepted of it stays so, whatever contracts say later.
    """
    query = """
        select d.delivery_id, d.agency, d.status, d.reason, d.detail, d.notes,
            coalesce(jsonb_object_agg(f.extract, f.rows_quarantined) filter (where f.rows_quarantined > 0), '{}') as set_aside
        from meta.deliveries as d left join meta.delivery_files as f using (delivery_id, manifest_sha256)
        where d.folder = %(folder)s and (
            d.folder_fingerprint = %(fingerprint)s
            or d.reason = 'delivery_id_reused' and split_part(d.folder_fingerprint, ' ', 1) = split_part(%(fingerprint)s, ' ', 1)
        )
        group by d.delivery_id, d.manifest_sha256
        order by d.received_at desc, d.delivery_id desc limit 1
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        about = {"folder": folder_name(arrival), "fingerprint": arrival.fingerprint}
        row = cursor.execute(query, about).fetchone()
    if row is None or row["reason"] == TRIED_AGAIN:
        return None
    return DeliveryOutcome(
        delivery_id=row["delivery_id"],
        agency=row["agency"],
        status="already_loaded" if row["status"] == "accepted" else "refused",
        code=row["reason"],
        detail=row["detail"],
        quarantined=row["set_aside"],
        notes=row["notes"],
        is_new=False,
    )


def as_kept(connection: psycopg.Connection, content: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a manifest: the agreed fields alone, and no person number in what a sender wrote.

    `synthetic` is the one field whose type its reading leaves open, since one that is neither true nor false has a code of its own.
    """
    agreed = {name: content[name] for name in FIELDS}
    if isinstance(content.get("synthetic"), bool):
        agreed["synthetic"] = content["synthetic"]
    files = [{name: file[name] for name in FILE_FIELDS} for file in agreed["files"]]
    words = [agreed[name] for name in WORDS] + [file[name] for file in files for name in WORDS_OF_FILE]
    masked = iter([row[0] for row in connection.execute(MASKED, [words]).fetchall()])
    told = {name: next(masked) for name in WORDS}
    listed = [file | {name: next(masked) for name in WORDS_OF_FILE} for file in files]
    return agreed | told | {"files": listed}


def as_told(manifest: Manifest) -> Manifest:
    """The manifest with no person number in what its sender wrote: it is recorded, logged and sent back, whatever it says.

    Of two extracts or files that are alike without their numbers or their ends, the place keeps them apart.
    """
    with connect() as connection:
        kept = as_kept(connection, manifest.content)
    files = [
        replace(
            file,
            extract=_apart(file.extract, told["extract"][:LONGEST_EXTRACT], place),
            name=_apart(file.name, told["name"], place),
        )
        for place, (file, told) in enumerate(zip(manifest.files, kept["files"], strict=True), start=1)
    ]
    words = {name: kept[name] for name in ("agency", "mode", "supersedes", "contract_version")}
    return replace(manifest, **words, files=tuple(files), content=kept)


def _apart(word: str, told: str, place: int) -> str:
    """The word, with its place where it is told otherwise than it was sent, or was sent as another may be told."""
    return told if told == word and STARS not in word else f"{told} ({place})"


def find_accepted(delivery_id: str) -> dict[str, Any] | None:
    """The manifest of the accepted delivery with that id, as it is kept."""
    query = "select manifest from meta.deliveries where delivery_id = %s and status = 'accepted'"
    with connect() as connection:
        row = connection.execute(query, [delivery_id]).fetchone()
        return as_kept(connection, row[0]) if row else None


def lies_as_accepted(connection: psycopg.Connection, arrival: Arrival, delivery_id: str) -> bool:
    """Whether nothing in the folder was touched since the accepted delivery was last seen there."""
    query = (
        "select 1 from meta.deliveries where delivery_id = %s and status = 'accepted' and folder = %s"
        " and split_part(folder_fingerprint, ' ', 1) = split_part(%s, ' ', 1)"
    )
    row = connection.execute(query, [delivery_id, folder_name(arrival), arrival.fingerprint]).fetchone()
    return row is not None


def see_again(connection: psycopg.Connection, arrival: Arrival, delivery_id: str) -> None:
    """Remember that the folder, though touched, still holds the accepted delivery."""
    connection.execute(
        "update meta.deliveries set folder_fingerprint = %s where delivery_id = %s and status = 'accepted' and folder = %s",
        [arrival.fingerprint, delivery_id, folder_name(arrival)],
    )


def withdraw(delivery_id: str, by_name: str, reason: str) -> str:
    """Take an accepted delivery out of force; returns its period. The next assessment is made without it.

    Nothing of it is deleted: releases made from it can still be told and built again. The same files are not taken in
    again, so a correction needs a new id.

    Raises UserError where no such delivery was accepted, it was withdrawn already, or no reason is given.
    """
    require_reason(by_name, reason)
    with connect() as connection:
        known = connection.execute(
            "select d.period, w.withdrawn_at, d.agency from meta.deliveries as d left join meta.delivery_withdrawals as w using (delivery_id)"
            " where delivery_id = %s and status = 'accepted'",
            [delivery_id],
        ).fetchone()
        if known is None:
            raise SaidError("delivery_not_accepted", "meta.deliveries", delivery=neutral_name(delivery_id))
        if known[1] is not None:
            raise SaidError(
                "delivery_withdrawn", "meta.delivery_withdrawals", delivery=neutral_name(delivery_id)
            )
        connection.execute(
            "insert into meta.delivery_withdrawals (delivery_id, by_name, reason) values (%s, %s, %s)",
            [delivery_id, by_name, without_person_numbers(connection, reason)],
        )
        if known[2] in load_contracts():
            compare_from(connection, load_contracts()[known[2]], delivery_id)
        told = {"withdrawn": True}
        audit.record(
            connection,
            audit.Event("alteration", by_name, agency=known[2], delivery_id=delivery_id, detail=told),
        )
    return str(known[0])
