"""The age public keys that an agency's receipts are sealed for; without one, a receipt holds counts alone."""

from pathlib import Path

from akrim.keys.agencies.known import check_agency
from akrim.keys.recipient_files import add_keys, read_keys, recipients_file, remove_key


def receivers_of(agency: str) -> list[str]:
    """The agency's keys; raises UserError where its file of keys is empty or damaged."""
    path = recipients_file(check_agency(agency))
    return read_keys(path) if path.exists() else []


def add_receiver(agency: str, recipient: Path) -> int:
    """Add the keys in a file to the agency's; returns how many it has."""
    return add_keys(recipients_file(check_agency(agency)), recipient)


def remove_receiver(agency: str, key: str) -> int:
    """Remove one of the agency's keys; returns how many are left."""
    return remove_key(recipients_file(check_agency(agency)), key)
