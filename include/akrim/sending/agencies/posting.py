"""Puts each receipt into the agency's part of the outbox: sealed for its keys, or without rows where it has none.

<outbox>/<agency>/<delivery's id>-<manifest>/receipt.tar.age, or receipt.json with its signature and receipt.txt. Each run
works out what is due, so what failed or was interrupted is done by the next.
"""

import logging
import tempfile
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psycopg

from akrim import audit, warehouse
from akrim.characters import neutral_name
from akrim.contracts import load_contracts
from akrim.deliveries import require_data_mode
from akrim.full_disk import error_text
from akrim.keys import signing_key
from akrim.keys.agencies import receivers_of
from akrim.scratch_folders import scratch_folder
from akrim.sending import outbox
from akrim.sending.agencies.content import RECEIPT, TEXT, write_receipt
from akrim.sending.agencies.due import Answered, answered
from akrim.settings import get_settings
from akrim.texts.errors import SaidError
from akrim.trust import Suffix, file_sha256, sealing, signing

log = logging.getLogger(__name__)

SCRATCH = "scratch-receipt-"
SEALED = "receipt.tar.age"
# The receipt itself last: beside it lies its signature.
OPEN = (TEXT, f"{RECEIPT}{Suffix.SIGNATURE}", RECEIPT)


@dataclass
class ReceiptsSent:
    """The receipts sent now, by place in the outbox, and those that failed, with the reason."""

    sent: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def send_receipts(
    agencies: Collection[str] = (),
    delivery_id: str | None = None,
    *,
    again: bool = False,
    nominations_alone: bool = False,
) -> ReceiptsSent:
    """Send the receipts that are due; one that fails stops no other.

    Args:
        agencies: only theirs; by default every agency's.
        delivery_id: only of this delivery.
        again: also those that were sent before and say the same.
        nominations_alone: only those that tell what the centres have answered to nominations.

    Raises UserError where what is in force is of the other world than the settings say.
    """
    require_data_mode()
    result = ReceiptsSent()
    for delivery in answered(agencies or load_contracts(), delivery_id):
        if nominations_alone and delivery.nominations is None:
            continue
        try:
            if _send(delivery, again=again):
                result.sent.append(_place(delivery))
        except Exception as error:  # noqa: BLE001  # whatever a storage raises, the next receipt is another matter
            log.warning("the receipt of %s failed: %s", delivery.name, type(error).__name__)
            result.failed[delivery.name] = error_text(error)
    return result


def sent_receipts(delivery_id: str) -> list[dict[str, Any]]:
    """Where the receipts of a delivery lie, one for each manifest that came under its id, and when they were sent."""
    return [
        {"delivery_id": d.delivery_id, "status": d.status, "sent_at": d.sent_at, "place": _place(d)}
        for d in answered(load_contracts(), delivery_id)
    ]


def sealed_receipt(delivery_id: str, manifest_sha256: str, by_name: str) -> tuple[str, IO[bytes]]:
    """A receipt as it would be sent, with the rows that were set aside, sealed for the agency alone: the file's name, and the open file.

    For somebody who hands it over in another way than by the outbox; that he has it is logged as a disclosure to the agency.

    Raises SaidError where no such delivery came, or the agency has given no key to seal for.
    """
    delivery = next(
        (d for d in answered(load_contracts(), delivery_id) if d.manifest_sha256 == manifest_sha256), None
    )
    if delivery is None:
        raise SaidError("no_such_delivery", "meta.deliveries", delivery=neutral_name(delivery_id))
    recipients = receivers_of(delivery.agency)
    if not recipients:
        raise SaidError("agency_without_key", agency=delivery.agency)
    sealed = tempfile.TemporaryFile(dir=get_settings().home)  # noqa: SIM115  # the caller's to close
    with scratch_folder(SCRATCH, str(get_settings().home)) as folder:
        content = write_receipt(folder, delivery, signing_key(), with_rows=True)
        digest = file_sha256(folder / RECEIPT)
        outbox.seal(folder, delivery.name, sealing.FIRST_DAY, recipients, sealed)
    with warehouse.connect() as connection:
        _log(connection, delivery, digest, _counts(content), by_name)
    sealed.seek(0)
    return f"{delivery.name}-{SEALED}", sealed


def _place(delivery: Answered) -> str:
    return f"{get_settings().outbox_address.rstrip('/')}/{_folder(delivery)}"


def _folder(delivery: Answered) -> str:
    return f"{delivery.agency}/{delivery.name}"


def _send(delivery: Answered, *, again: bool) -> bool:
    """Send the receipt unless it was sent and says the same; returns whether it was."""
    key = signing_key()
    recipients = receivers_of(delivery.agency)
    state = delivery.state(signing.key_id(key.get_public_key()), *recipients)
    if not again and delivery.state_sha256 == state:
        return False
    with scratch_folder(SCRATCH, str(get_settings().home)) as folder:
        content = write_receipt(folder, delivery, key, with_rows=bool(recipients))
        digest = file_sha256(folder / RECEIPT)
        if recipients:
            _put_sealed(folder, delivery, recipients)
        else:
            _put_open(folder, delivery)
    _record(delivery, state, digest, _counts(content))
    return True


def _counts(content: dict[str, Any]) -> dict[str, int]:
    return {name: content[name]["rows"] for name in ("rows", "nominations") if content[name]}


def _put_sealed(folder: Path, delivery: Answered, recipients: list[str]) -> None:
    with tempfile.TemporaryFile() as sealed:
        outbox.seal(folder, delivery.name, sealing.FIRST_DAY, recipients, sealed)
        outbox.put(_folder(delivery), SEALED, sealed)
    for name in reversed(OPEN):
        outbox.remove(_folder(delivery), name)


def _put_open(folder: Path, delivery: Answered) -> None:
    """Where a sealed one lay before, it goes: nobody is known any more who may open it."""
    outbox.remove(_folder(delivery), SEALED)
    for name in OPEN:
        with (folder / name).open("rb") as file:
            outbox.put(_folder(delivery), name, file)


def _record(delivery: Answered, state: str, digest: str, counts: dict[str, int]) -> None:
    with warehouse.connect() as connection:
        connection.execute(
            """insert into meta.sent_receipts (delivery_id, manifest_sha256, state_sha256, receipt_sha256)
            values (%s, %s, %s, %s)
            on conflict (delivery_id, manifest_sha256) do update set state_sha256 = excluded.state_sha256,
                receipt_sha256 = excluded.receipt_sha256, sent_at = now()""",
            [delivery.delivery_id, delivery.manifest_sha256, state, digest],
        )
        _log(connection, delivery, digest, counts)


def _log(
    connection: psycopg.Connection, delivery: Answered, digest: str, counts: dict[str, int], by_name: str = ""
) -> None:
    if not any(counts.values()):  # a receipt without rows is nobody's data
        return
    agency, told = delivery.agency, {"means": "receipt", "receipt_sha256": digest, **counts}
    event = audit.Event(
        "disclosure", by_name, recipient=agency, agency=agency, delivery_id=delivery.delivery_id, detail=told
    )
    audit.record(connection, event)
