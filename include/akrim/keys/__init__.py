"""Signing keys of the installation, and the keys of those for whom releases are sealed."""
