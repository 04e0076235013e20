"""The inputs that differ between two releases."""

from typing import Any

from akrim.contracts import DECISIONS_SENDER
from akrim.ledger import Pins

PINNED = (
    ("linkage", "model"),
    ("link_decision", "link_decisions"),
    ("rule", "rules"),
    ("correction", "corrections"),
    ("sharing", "withheld"),
    ("code", "code"),
)


def differing_inputs(before: Pins | None, after: Pins) -> list[str]:
    """The kinds of input that differ, `source` first, settings as `settings.<name>`; none for a first release."""
    if before is None:
        return []
    names = [
        name for name in ("source", "prioritisation") if _deliveries(before, name) != _deliveries(after, name)
    ]
    names += [name for name, key in PINNED if before.inputs.get(key) != after.inputs.get(key)]
    settings = [pins.inputs.get("settings", {}) for pins in (before, after)]
    changed = sorted(
        key for key in {*settings[0], *settings[1]} if settings[0].get(key) != settings[1].get(key)
    )
    return names + [f"settings.{key}" for key in changed]


def is_new_source(before: Pins, after: Pins) -> bool:
    """Whether the agencies' data or the cut-off date differ."""
    return before.as_of != after.as_of or _deliveries(before, "source") != _deliveries(after, "source")


def _deliveries(pins: Pins, kind: str) -> dict[tuple[str, str], Any]:
    """The deliveries of the cause: centres' decisions are one of their own. An agency without deliveries counts as absent."""
    return {
        (use, agency): deliveries
        for use in ("deliveries", "protections")
        for agency, deliveries in pins.inputs.get(use, {}).items()
        if deliveries and (agency == DECISIONS_SENDER) == (kind == "prioritisation")
    }
