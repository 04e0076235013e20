"""The parts of a release, one for each centre and the national one: made by processes of one task, or by tasks of their own."""

from akrim.releases.parts.apart import ask_for_parts, collect_parts, make_apart, remove_parts
from akrim.releases.parts.making import listed, make_parts, order_for, recipients

__all__ = [
    "ask_for_parts",
    "collect_parts",
    "listed",
    "make_apart",
    "make_parts",
    "order_for",
    "recipients",
    "remove_parts",
]
