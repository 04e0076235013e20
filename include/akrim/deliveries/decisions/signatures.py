"""Whether decisions are by the centre whose they are: keys/centres/<centre>.pub, where a centre signs its decisions.

A form is signed as it is, a delivery by its manifest. Where the installation has a key for the sender of all centres'
deliveries (keys/agencies/sentrene.pub), that one's signature answers for every row.
"""

import hashlib
from collections.abc import Iterable

from akrim.deliveries.inbox.files import MANIFEST, SIGNATURE, read_limited
from akrim.deliveries.inbox.listing import Arrival
from akrim.deliveries.inbox.manifest import Manifest
from akrim.deliveries.outcome import Refusal
from akrim.deliveries.scratch import Scratch
from akrim.settings import get_settings
from akrim.trust import Suffix, signing
from akrim.trust.keyring import KeyFile, key_in_force


def check_form_signed(arrival: Arrival, raw: bytes, centre_id: str) -> None:
    """Raises Refusal where the form's centre signs its decisions and did not sign this one."""
    beside = None if arrival.signature is None else read_limited(arrival.signature, signing.SIGNATURE_LIMIT)
    _check(raw, beside, [centre_id], f"{arrival.delivery_id}{Suffix.SIGNATURE}")


def check_rows_signed(arrival: Arrival, manifest: Manifest, scratch: Scratch) -> None:
    """Raises Refusal where a delivery has decisions of a centre that signs its own, and is not signed by it."""
    keys = get_settings().keys_path
    if key_in_force(keys, manifest.agency).exists() or not (keys / KeyFile.SIGNERS).is_dir():
        return
    raw = read_limited(arrival.path / MANIFEST) or b""
    if hashlib.sha256(raw).hexdigest() != manifest.sha256:
        raw = b""  # another manifest than the one that was read: nobody has signed that
    signature = read_limited(arrival.path / SIGNATURE, signing.SIGNATURE_LIMIT)
    _check(raw, signature, scratch.centres(), SIGNATURE)


def _check(content: bytes, signature: bytes | None, centre_ids: Iterable[str], name: str) -> None:
    for centre_id in centre_ids:
        path = get_settings().keys_path / KeyFile.SIGNERS / f"{centre_id}.pub"
        if not path.exists():
            continue
        if not signing.is_signed(content, signature, path):
            raise Refusal("bad_signature", f"{name} is missing or does not fit {centre_id}'s key.")
