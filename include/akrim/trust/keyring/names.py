"""The names in a folder of keys, at a centre or at the installation."""

from enum import StrEnum


class KeyFile(StrEnum):
    """One file or folder of keys; a secret half is named `.key`, a public one `.pub`."""

    # What releases and notices are signed with.
    SIGNING = "signing.pub"
    SIGNING_SECRET = "signing.key"  # noqa: S105  # the name of a file
    # The offline key, pinned from the start, that alone can name a new signing key; its secret half belongs offline.
    SUCCESSOR = "successor.pub"
    SUCCESSOR_SECRET = "successor.key"  # noqa: S105  # the name of a file
    # At a centre: its id, its secret age keys, newest first, since the old ones still open old files, and the public one.
    CENTRE = "centre.txt"
    IDENTITY = "identity.txt"
    RECIPIENT = "recipient.txt"
    # At a centre: what it signs its decisions with.
    DECISIONS = "decisions.pub"
    DECISIONS_SECRET = "decisions.key"  # noqa: S105  # the name of a file
    # At the installation: the public keys of the centres that sign their decisions.
    SIGNERS = "centres"
    # At the installation: the public keys of the agencies that sign their deliveries.
    SENDERS = "agencies"
    # Withdrawals and successions seen earlier, kept so that they stay in force.
    STATEMENTS = "statements"
    # At a centre: the newest release of each period that was verified.
    SEEN = "seen.json"
