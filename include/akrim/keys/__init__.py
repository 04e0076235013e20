"""The installation's signing keys; `keys.centres` has the centres' public keys."""

from akrim.keys.signing import create_keys, sign_release, signing_key

__all__ = ["create_keys", "sign_release", "signing_key"]
