"""The age public keys that an agency's receipts are sealed for; without one, a receipt holds counts alone."""

from akrim.keys.recipient_files import read_keys, recipients_file


def receivers_of(agency: str) -> list[str]:
    """The agency's keys; raises UserError where its file of keys is empty or damaged."""
    path = recipients_file(agency)
    return read_keys(path) if path.exists() else []
