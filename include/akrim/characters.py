"""Which characters a reader cannot see, or that act on what shows them; and texts, cells and names from outside made harmless."""

import hashlib
import unicodedata
from numbers import Number
from typing import Any

# Invisible or reordering: control, format (bidirectional marks, zero width), surrogate, private use, unassigned,
# line and paragraph separators.
HIDDEN_CATEGORIES = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
LINE_BREAKS = "\n"
# Letters, marks and a sign by their category, but shown as nothing: fillers, selectors of another shape, the empty pattern of Braille.
SHOWN_AS_NOTHING = frozenset(
    map(
        chr,
        (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x2800, 0x3164, *range(0xFE00, 0xFE10), 0xFFA0, *range(0xE0100, 0xE01F0)),
    )
)  # fmt: skip
# What shows as nothing, however often it is repeated: spaces of every width, and signs of none.
BLANKS = "".join(
    map(
        chr,
        (*range(9, 14), 32, 0x85, 0xA0, 0xAD, 0x1680, *range(0x2000, 0x2010), *range(0x2028, 0x2030), *range(0x205F, 0x2070), 0x3000, 0xFEFF),
    )
) + "".join(sorted(SHOWN_AS_NOTHING))  # fmt: skip
# With these a spreadsheet takes a cell of a CSV file for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# With these xlsxwriter takes no text for a formula, a link or a number.
TEXT_AS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}

# What a file's or folder's name may hold beside letters and digits, to be repeated as it is.
PLAIN_IN_NAMES = frozenset(" ._-(),")
LONGEST_NAME = 120


def neutral_name(name: str) -> str:
    """A name from outside that is safe to print, log and store: unlike signs become `_`, and a digest keeps it apart.

    A name of letters, digits and a few plain signs stays as it is.
    """
    shown = "".join(c if c.isalnum() or c in PLAIN_IN_NAMES else "_" for c in name[:LONGEST_NAME])
    if shown == name and name.isprintable():
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    stem, dot, ending = shown.rpartition(".")
    return f"{stem}~{digest}.{ending}" if dot and ending.isalnum() else f"{shown}~{digest}"


def plain(cell: Any) -> Any:
    """A cell of a CSV file that no spreadsheet or terminal interprets: a formula's text gets an apostrophe before it.

    Numbers and empty cells are unchanged.
    """
    if cell is None or isinstance(cell, Number):
        return cell
    text = str(cell)
    shown = visible(text)
    return f"'{shown}" if text.startswith(FORMULA_STARTS) or shown.startswith(FORMULA_STARTS) else shown


def one_line(text: str | None) -> str:
    """The text as `visible` has it, with white space as single spaces; empty for none. Nothing of it is cut."""
    return visible(" ".join(text.split())) if text else ""


def visible(text: str) -> str:
    """The text with control, hidden and reordering characters replaced by �."""
    if text.isprintable() and SHOWN_AS_NOTHING.isdisjoint(text):
        return text
    return "".join("\ufffd" if _is_hidden(c) and c not in LINE_BREAKS else c for c in text)


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in HIDDEN_CATEGORIES or character in SHOWN_AS_NOTHING
