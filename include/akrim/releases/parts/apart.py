"""Parts that tasks of their own make, on whatever machine, and one that seals and signs the release collects.

A part counts where it was made of the very inputs, by the very code, of which it was asked for and is collected: the exchange
has a folder for each such basis, so that a part of another basis is not found. A part's digest comes by another way than the
part, so that whoever may write to the exchange cannot slip in another.
"""

import hashlib
import hmac
from collections.abc import Mapping

from akrim import ledger, warehouse
from akrim.errors import UserError
from akrim.releases.parts.exchange import Exchange
from akrim.releases.parts.making import make_parts, order_for, recipients
from akrim.releases.snapshot import SnapshotInputs
from akrim.scratch_folders import scratch_folder
from akrim.settings import get_settings

SCRATCH = "akrim-parts-"
AGAIN = "Run `publish` for it again from its first task, `list_parts`."


def ask_for_parts(order: SnapshotInputs, code: str) -> list[str]:
    """Make room for the parts of a release, for `make_apart`; returns the recipients. What was left of others is removed.

    Args:
        code: names the program; whoever makes a part must have the same.
    """
    exchange = _exchange(order, code)
    exchange.remove_leftovers()
    exchange.ask()
    return recipients(order.reference)


def make_apart(release_id: str, recipient: str, code: str) -> str:
    """Make one part in a scratch folder and lay it into the exchange; returns its digest, the same however often.

    Raises UserError where nobody asked for it there on the same basis.
    """
    with scratch_folder(SCRATCH) as folder:
        order = order_for(ledger.load(release_id), folder)
        exchange = _exchange(order, code)
        if not exchange.is_asked():
            raise UserError(
                f"Nobody asked for parts of {release_id} that are made of this.",
                str(exchange),
                "Something was erased or published since, or this worker has other code, another keys/forms.key, another"
                f" sharing matrix, or another exchange than the one that asked. {AGAIN}",
            )
        make_parts(order, [recipient])
        return exchange.give(folder / recipient, order.pins.as_of)


def collect_parts(order: SnapshotInputs, code: str, made: Mapping[str, str]) -> None:
    """Fetch the parts into the order's folder.

    Args:
        made: by recipient, the digest of the part.

    Raises UserError where one is missing, is not what was made, or was made of something else.
    """
    exchange = _exchange(order, code)
    if made.keys() != set(recipients(order.reference)):
        raise UserError("Other parts were made than the release has.", str(exchange), AGAIN)
    for recipient, digest in made.items():
        if not exchange.take(recipient, digest, order.folder):
            raise UserError(
                f"The part of {recipient} is missing, or not as it was made.", str(exchange), AGAIN
            )


def remove_parts() -> None:
    """Remove every part that lies in the exchange, if the installation has one, of whatever release."""
    if get_settings().parts_exchange:
        Exchange.of_settings().remove_leftovers()


def _exchange(order: SnapshotInputs, code: str) -> Exchange:
    return Exchange.of_settings(f"{order.pins.release_id}-{_basis(order, code)[:16]}")


def _basis(order: SnapshotInputs, code: str) -> str:
    """What all parts of a release must be made of alike, as a digest: it tells nothing of the key."""
    with warehouse.connect() as connection:
        erased = connection.execute("select count(*) from meta.erasures").fetchall()
    key = hmac.digest(order.form_key, b"parts", "sha256").hex()
    basis = (order.pins.fingerprint, order.pins.serial, erased, code, key, sorted(order.columns.items()))
    return hashlib.sha256(repr(basis).encode()).hexdigest()
