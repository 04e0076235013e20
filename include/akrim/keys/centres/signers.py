"""The public keys that centres sign decisions with, keys/centres/<centre>.pub; without one, no signature is required."""

from pathlib import Path

from akrim.atomic_files import is_there, write_whole
from akrim.contracts import centres, load_contracts
from akrim.errors import UserError
from akrim.settings import get_settings
from akrim.trust import signing
from akrim.trust.keyring import KeyFile


def trust_signer(centre_id: str, public: Path) -> str:
    """Require this key's signature on the centre's decisions from now on, replacing an earlier key.

    Returns the key's id. Raises UserError where there is no such centre, or the file is no public key.
    """
    path = _path(centre_id)
    key = signing.read_public_key(public)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(path, bytes(key) + b"\n")
    return signing.key_id(key)


def distrust_signer(centre_id: str) -> None:
    """Require no signature on the centre's decisions; raises UserError where none was required."""
    path = _path(centre_id)
    if not path.exists():
        raise UserError(f"{centre_id} has no such key.", str(path), "`akrim keys show` lists who signs.")
    path.unlink()


def signer_of(centre_id: str) -> str:
    """The id of the key that the centre signs with; empty where it does not sign. Raises UserError where its file is damaged or lost."""
    path = _path(centre_id)
    return signing.key_id(signing.read_public_key(path)) if is_there(path) else ""


def _path(centre_id: str) -> Path:
    if centre_id not in centres():
        raise UserError(
            f"There is no centre or agency {centre_id!r}.",
            "the name",
            f"Name one of {', '.join((*centres(), *load_contracts()))}.",
        )
    return get_settings().keys_path / KeyFile.SIGNERS / f"{centre_id}.pub"
