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
    names = [name for name in ("source", "prioritisation") if _is_source_different(before, after, name)]
    names += [name for name, key in PINNED if before.inputs.get(key) != after.inputs.get(key)]
    settings = [pins.inputs.get("settings", {}) for pins in (before, after)]
    changed = sorted(
        key for key in {*settings[0], *settings[1]} if settings[0].get(key) != settings[1].get(key)
    )
    return names + [f"settings.{key}" for key in changed]


def is_new_source(before: Pins, after: Pins) -> bool:
    """Whether the agencies' data, or how they compare with earlier ones, or the cut-off date differ."""
    return before.as_of != after.as_of or _is_source_different(before, after, "source")


def _is_source_different(before: Pins, after: Pins, kind: str) -> bool:
    is_compared_otherwise = kind == "source" and _compared(before) != _compared(after)
    return is_compared_otherwise or _deliveries(before, kind) != _deliveries(after, kind)


def _compared(pins: Pins) -> dict[tuple[str, str], list[Any]]:
    """What decides which rules can be checked: an extract's state, how old it is, and whether a person confirmed it.

    It differs where somebody confirmed one, and where a delivery of an earlier period came late, was corrected or was withdrawn.
    No rule is checked by what centres decide, so that a centre's first form is no other source.
    """
    return {
        (agency, name): [known.get(what) for what in ("state", "as_of", "is_confirmed")]
        for agency, extracts in pins.inputs.get("extracts", {}).items()
        if agency != DECISIONS_SENDER
        for name, known in extracts.items()
    }


def _deliveries(pins: Pins, kind: str) -> dict[tuple[str, str], Any]:
    """The deliveries of the cause: centres' decisions are one of their own. An agency without deliveries counts as absent."""
    return {
        (use, agency): deliveries
        for use in ("deliveries", "protections")
        for agency, deliveries in pins.inputs.get(use, {}).items()
        if deliveries and (agency == DECISIONS_SENDER) == (kind == "prioritisation")
    }
