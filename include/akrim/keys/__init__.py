"""The installation's signing keys; `keys.centres` has the centres' public keys."""

from akrim.keys.signing import OFFLINE, SECRET, create_keys, sign_release, signing_key

__all__ = ["OFFLINE", "SECRET", "create_keys", "sign_release", "signing_key"]
