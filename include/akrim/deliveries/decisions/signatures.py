"""Whether decisions are by the centre whose they are: keys/centres/<centre>.pub, where a centre signs its decisions.

A form is signed as it is, a delivery by its manifest. Where the installation has a key for the sender of all centres'
deliveries (keys/agencies/sentrene.pub), that one's signature answers for every row.

What a centre has signed only that centre replaces: another decision under its id, or a delivery in the place of its own, needs its
signature, too.
"""

import hashlib
from collections.abc import Iterable

from psycopg import sql

from akrim.atomic_files import is_there
from akrim.deliveries.inbox.files import MANIFEST, SIGNATURE, read_limited
from akrim.deliveries.inbox.listing import Arrival
from akrim.deliveries.inbox.manifest import Manifest
from akrim.deliveries.outcome import Refusal
from akrim.deliveries.scratch import Scratch
from akrim.deliveries.state.sequence import place_of
from akrim.settings import get_settings
from akrim.trust import Suffix, signing
from akrim.trust.keyring import KeyFile, key_in_force
from akrim.warehouse import connect

REPLACED = sql.SQL("select distinct {centre} from {landed} where delivery_id = any(%s) or {again}")
AGAIN = sql.SQL("{key} in (select {key} from {rows})")


def check_form_signed(arrival: Arrival, raw: bytes, centre_id: str) -> None:
    """Raises Refusal where the form's centre signs its decisions and did not sign this one."""
    beside = None if arrival.signature is None else read_limited(arrival.signature, signing.SIGNATURE_LIMIT)
    _check(raw, beside, [centre_id], f"{arrival.delivery_id}{Suffix.SIGNATURE}")


def check_rows_signed(arrival: Arrival, manifest: Manifest, scratch: Scratch) -> None:
    """Raises Refusal where a delivery has, or takes the place of, decisions of a centre that signs its own, and is not signed by it."""
    keys = get_settings().keys_path
    if key_in_force(keys, manifest.agency).exists() or not (keys / KeyFile.SIGNERS).is_dir():
        return
    raw = read_limited(arrival.path / MANIFEST) or b""
    if hashlib.sha256(raw).hexdigest() != manifest.sha256:
        raw = b""  # another manifest than the one that was read: nobody has signed that
    signature = read_limited(arrival.path / SIGNATURE, signing.SIGNATURE_LIMIT)
    _check(raw, signature, sorted({*scratch.centres(), *_replaced_centres(scratch)}), SIGNATURE)


def _replaced_centres(scratch: Scratch) -> set[str]:
    """The centres whose decisions no longer count once the delivery does."""
    delivered = {file.extract for file in scratch.manifest.files}
    found: set[str] = set()
    with connect() as connection:
        place = place_of(connection, scratch.contract.agency, scratch.manifest.supersedes or "")
        for extract in scratch.contract.extracts:
            again = AGAIN if extract.name in delivered else sql.SQL("false")
            for column in extract.columns_meaning("centre"):
                names = {
                    "centre": sql.Identifier(column.name), "landed": sql.Identifier("landing", extract.table),
                    "key": sql.Identifier(extract.key.name), "rows": scratch.table(extract.name),
                }  # fmt: skip
                query = REPLACED.format(again=again.format(**names), **names)
                found |= {row[0] for row in connection.execute(query, [place]).fetchall()}
    return found


def _check(content: bytes, signature: bytes | None, centre_ids: Iterable[str], name: str) -> None:
    for centre_id in centre_ids:
        path = get_settings().keys_path / KeyFile.SIGNERS / f"{centre_id}.pub"
        if is_there(path) and not signing.is_signed(content, signature, path):
            raise Refusal("bad_signature", f"{name} is missing or does not fit {centre_id}'s key.")
