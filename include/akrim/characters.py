"""Which characters a reader cannot see, or that act on what shows them."""

# Invisible or reordering: control, format (bidirectional marks, zero width), surrogate, private use, unassigned,
# line and paragraph separators.
HIDDEN_CATEGORIES = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
