"""Each recipient's outbox: its part of each release, sealed for its keys, and statements. A recipient is a centre, or national.

An outbox can be at any address that the inbox can. A file appears there complete or not at all, nothing is sent twice, and
a failure for one centre does not stop the others.
"""

import hashlib
import logging
import tempfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO

from tenacity import Retrying, before_sleep_log, retry_if_exception, stop_after_attempt, wait_exponential

from akrim import ledger, warehouse
from akrim.contracts import NATIONAL, centres, recipients
from akrim.deliveries.inbox import answering, is_file, storage
from akrim.errors import Unreachable, UserError
from akrim.full_disk import error_text
from akrim.keys.centres import recipients_for
from akrim.ledger import Pins
from akrim.sending.allowed import require_allowed
from akrim.sending.disclosing import log_disclosure
from akrim.sending.writing import partial_name, write
from akrim.settings import get_settings
from akrim.trust import MANIFEST, SIGNATURE, read_manifest, sealing

log = logging.getLogger(__name__)

ATTEMPTS = 4
SENT = """
select content_sha256, recipients_sha256, manifest_sha256 from meta.sent_releases where release_id = %s and centre_id = %s
"""


@dataclass
class ReleaseSending:
    """The result of sending one release: centres sent to now, without keys, and failed with the reason."""

    sent: list[str] = field(default_factory=list)
    without_keys: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def send_release(release_id: str, *, again: bool = False) -> ReleaseSending:
    """Put every centre's part into its outbox, except where it was sent already for the same keys, or may not be told any more.

    Args:
        again: send it to all centres again.
    """
    pins = ledger.load(release_id)
    result = ReleaseSending()
    try:
        ledger.require_files(release_id)
    except UserError as error:
        result.failed[release_id] = str(error)
        return result
    for centre_id in _recipients(release_id):
        try:
            keys = list(recipients_for(centre_id).keys)
            if not keys:
                result.without_keys.append(centre_id)
            elif _send(pins, centre_id, keys, again):
                result.sent.append(centre_id)
        except Exception as error:  # noqa: BLE001  # whatever a storage raises, the next centre is another matter
            result.failed[centre_id] = error_text(error)
    return result


def put(centre_id: str, name: str, source: IO[bytes]) -> None:
    """Write a file into the centre's outbox under a temporary name, then rename it; retried where the storage fails."""
    for attempt in Retrying(
        retry=retry_if_exception(_may_come_back),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential(multiplier=0.2, max=10),
        before_sleep=before_sleep_log(log, logging.DEBUG),
        reraise=True,
    ):
        with attempt:
            source.seek(0)
            address = get_settings().outbox_address
            write(storage(address) / centre_id, name, source, address)


def seal(folder: Path, name: str, day: date, recipients: list[str], target: IO[bytes]) -> None:
    """Write the folder's files, under `name`/ and with times of that day, as one archive that these keys alone open."""
    with tempfile.TemporaryFile(dir=get_settings().home) as plain:
        sealing.pack(folder, name, day, plain)
        plain.seek(0)
        sealing.seal(plain, target, recipients)


def remove(centre_id: str, name: str) -> None:
    """Delete a file from the centre's outbox, if it is there, and what a killed process had written of it."""
    folder = storage(get_settings().outbox_address) / centre_id
    for path in (folder / name, folder / partial_name(name)):
        if is_file(path):
            with answering(path):
                path.unlink()


def remove_release(centre_id: str, release_id: str) -> None:
    """Delete the centre's sealed part of a release from its outbox, if it is there."""
    remove(centre_id, sealed_name(release_id))


def sealed_name(release_id: str) -> str:
    return f"{release_id}.tar.age"


def _recipients(release_id: str) -> tuple[str, ...]:
    """Everybody; releases of older versions have no national part."""
    has_national = (get_settings().releases_path / release_id / NATIONAL).is_dir()
    return recipients() if has_national else centres()


def _send(pins: Pins, centre_id: str, recipients: list[str], again: bool) -> bool:
    """Whether it was sent now; of a part that was erased or recalled the notice tells, however late that came."""
    folder = get_settings().releases_path / pins.release_id / centre_id
    if "erased" in read_manifest(folder):
        return False
    state = _state(folder, recipients)
    if not again and _is_sent(pins.release_id, centre_id, state):
        return False
    if not ledger.is_published(pins.release_id):
        return False
    with warehouse.connect() as connection:
        require_allowed(connection, pins)
    with tempfile.TemporaryFile() as sealed:
        seal(folder, f"{pins.release_id}/{centre_id}", pins.as_of, recipients, sealed)
        put(centre_id, sealed_name(pins.release_id), sealed)
    _record(pins.release_id, centre_id, state)
    return True


def _state(folder: Path, recipients: list[str]) -> dict[str, str]:
    manifest, signature = (_sha256((folder / name).read_bytes()) for name in (MANIFEST, SIGNATURE))
    return {
        "content_sha256": _sha256((manifest + signature).encode()),
        "recipients_sha256": _sha256("\n".join(sorted(recipients)).encode()),
        "manifest_sha256": manifest,
    }


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _is_sent(release_id: str, centre_id: str, state: dict[str, str]) -> bool:
    with warehouse.connect() as connection:
        sent = warehouse.read_rows(connection, SENT, [release_id, centre_id])
    return sent == [state]


def _record(release_id: str, centre_id: str, state: dict[str, str]) -> None:
    with warehouse.connect() as connection:
        connection.execute(
            """insert into meta.sent_releases
                (release_id, centre_id, content_sha256, recipients_sha256, manifest_sha256)
            values (%s, %s, %s, %s, %s)
            on conflict (release_id, centre_id) do update set content_sha256 = excluded.content_sha256,
                recipients_sha256 = excluded.recipients_sha256, manifest_sha256 = excluded.manifest_sha256,
                sent_at = now(), notified_at = null""",
            [release_id, centre_id, *state.values()],
        )
        log_disclosure(
            connection, release_id, centre_id, means="outbox", manifest_sha256=state["manifest_sha256"]
        )


def _may_come_back(error: BaseException) -> bool:
    return isinstance(error, Unreachable) or not isinstance(error, UserError)
