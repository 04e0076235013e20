"""The installation's own keys, and the public keys that something is sealed for; `keys.agencies` and `keys.centres` tell whose."""

from akrim.keys.installation import check_form_key, derived_key, form_key, give_form_keys
from akrim.keys.recipient_files import add_recipient, remove_recipient
from akrim.keys.signing import create_keys, has_releases, sign_release, signing_key

__all__ = [
    "add_recipient",
    "check_form_key",
    "create_keys",
    "derived_key",
    "form_key",
    "give_form_keys",
    "has_releases",
    "remove_recipient",
    "sign_release",
    "signing_key",
]
