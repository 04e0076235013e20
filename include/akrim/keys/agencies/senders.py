"""Which key an agency's deliveries have to be signed with, and until when its predecessor counts."""

from datetime import date
from pathlib import Path

import minisign

from akrim.atomic_files import write_whole
from akrim.contracts import load_contracts
from akrim.errors import UserError
from akrim.periods import today
from akrim.settings import get_settings
from akrim.trust import signing
from akrim.trust.keyring import key_in_force, sender_keys


def trust_sender(agency: str, public: Path, old_until: date | None) -> str:
    """Require this key's signature on the agency's deliveries from now on; returns the key's id.

    Args:
        old_until: the last day on which the key that was in force still counts; without one this key alone counts from now on.

    Raises UserError where there is no such agency, the file is no public key, there is no old key to keep, or nothing would change.
    """
    keys = get_settings().keys_path
    current = key_in_force(keys, _known(agency))
    key = signing.read_public_key(public)
    older = sorted(current.parent.glob(f"{agency}.until-*.pub"))
    if _is(current, key) and (old_until is not None or not older):
        raise UserError(
            f"{signing.key_id(key)} is {agency}'s key in force already.",
            str(current),
            "Leave --old-until out to have it count alone." if older else "Nothing is left to do.",
        )
    if old_until is not None:
        _keep(current, old_until)
    current.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(current, bytes(key) + b"\n")
    if old_until is None:
        for path in older:
            path.unlink()
    return signing.key_id(key)


def distrust_sender(agency: str) -> list[str]:
    """Take the agency's deliveries without a signature; returns the ids of the keys that counted."""
    keys = get_settings().keys_path
    known = sender_keys(keys, _known(agency))
    if not known:
        raise UserError(
            f"{agency} has no such key.",
            str(key_in_force(keys, agency)),
            "`akrim keys show` lists who signs.",
        )
    for key in reversed(known):  # the one in force last: without it the others alone are an error
        key.path.unlink()
    return [key.id for key in known]


def _known(agency: str) -> str:
    """The same name; raises UserError where no such agency delivers."""
    if agency not in load_contracts():
        raise UserError(
            f"There is no agency {agency!a}.", "AGENCY", f"Name one of {', '.join(load_contracts())}."
        )
    return agency


def _is(path: Path, key: minisign.PublicKey) -> bool:
    """Whether that key lies there; a damaged one is none, so that it can be replaced."""
    try:
        return bool(signing.read_public_key(path) == key)
    except UserError:
        return False


def _keep(current: Path, until: date) -> None:
    """Give the key in force a second name, under which it counts up to that day; killed here, it is in force as before."""
    if until < today():
        raise UserError(f"{until} is over.", "--old-until", "Name a day to come, or leave it out.")
    if not current.exists():
        raise UserError("There is no key that could count on.", str(current), "Leave --old-until out.")
    older = current.with_name(f"{current.stem}.until-{until}.pub")
    if older.exists():
        raise UserError("Another old key counts until that very day.", str(older), "Name another day.")
    write_whole(older, current.read_bytes())
