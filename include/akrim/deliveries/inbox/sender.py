"""Whether a delivery is by the agency that it names, where the installation has a key of that agency."""

from akrim.deliveries.inbox.files import MANIFEST, SIGNATURE, read_limited
from akrim.deliveries.inbox.listing import Arrival
from akrim.deliveries.outcome import Refusal
from akrim.periods import today
from akrim.settings import get_settings
from akrim.trust import signing
from akrim.trust.keyring import sender_keys, what_is_wrong


def check_sender(arrival: Arrival, raw: bytes) -> None:
    """Raises Refusal where the agency signs its deliveries, and none of its keys that count today has signed this one.

    The day is that of reception: what a delivery says of its own time proves nothing of a key that was stolen.

    Args:
        raw: the manifest's bytes, the very ones that the delivery is received by.
    """
    known = sender_keys(get_settings().keys_path, arrival.agency)
    if not known:
        return
    beside = read_limited(arrival.path / SIGNATURE, signing.SIGNATURE_LIMIT)
    wrong = what_is_wrong(raw, beside, known, today())
    if wrong:
        raise Refusal(
            "bad_signature",
            f"{SIGNATURE}: {wrong}. {arrival.agency} signs its deliveries: {MANIFEST} must be signed as it is, by its key.",
        )
