"""The installation's signing keys, and the centres' public keys."""
