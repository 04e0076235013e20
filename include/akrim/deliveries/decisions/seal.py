"""The seal of a decision form: what shows that a form was made here, for that release and centre and those persons or groups.

Every row bears one in a locked cell, 96 hexadecimal digits of three keyed digests (HMAC-SHA-256, half of each): of the
release and the centre, the same in every row; of these with the row's decision id and whom it is about; and of all that with what
the row shows of them, so that nobody decides on one person under another's name. The key is the release's own.
"""

import hmac
import json
from collections.abc import Sequence
from typing import NamedTuple

from akrim.contracts import DECISIONS, GROUP_DECISIONS, INFORMED

SEAL_COLUMN = "segl"


class Sheet(NamedTuple):
    """The columns of a form's sheet that say whom a row is about, by an id first, and those that show it to whoever decides."""

    about: tuple[str, ...]
    shown: tuple[str, ...]


SHEETS = {
    DECISIONS: Sheet(
        ("person_id",), ("rangering", "navn", "fodselsdato", "poeng", "gjeldende_status", "foreslatt_status")
    ),
    GROUP_DECISIONS: Sheet(
        ("gruppe_id", "foretak"),
        ("rangering", "gruppe", "medlemmer", "poeng", "gjeldende_status", "foreslatt_status"),
    ),
    INFORMED: Sheet(("maalgruppe",), ("hvem",)),
}
HALF = 32


def seal_of(key: bytes, *row: str, shown: Sequence[str] | None = None) -> str:
    """The seal of one row.

    Args:
        row: release, centre, the row's id and the person id; of a group, its id and its enterprises; or who was informed.
        shown: the texts of the sheet's shown columns; without them the seal says nothing of what the row shows.
    """
    if shown is None:
        return _head(key, row) + _digest(key, *row)
    return (
        _head(key, row) + _digest(key, *row, "listed") + _digest(key, *row, "shown", *map(_one_line, shown))
    )


def is_of_form(seal: str, key: bytes, release_id: str, centre_id: str) -> bool:
    """Whether the seal's row was made for that release and centre, whomever it is about."""
    return _equal(seal[:HALF], _digest(key, release_id, centre_id))


def fits(seal: str, key: bytes, *row: str, shown: Sequence[str] = ()) -> bool:
    """Whether the seal's row was made for all of these; nothing shown where the form came back without these columns.

    A form of an earlier program bears two digests, which say nothing of what it shows.
    """
    if _equal(seal, seal_of(key, *row)):
        return True
    made = seal_of(key, *row, shown=shown)
    return _equal(seal, made) if shown else _equal(seal[: 2 * HALF], made[: 2 * HALF])


def _head(key: bytes, row: Sequence[str]) -> str:
    return _digest(key, *row[:2])


def _one_line(text: str) -> str:
    """The text as every spreadsheet program gives it back: spaces of any kind and number are one."""
    return " ".join(text.split())


def _digest(key: bytes, *parts: str) -> str:
    return hmac.digest(key, json.dumps(parts).encode(), "sha256").hex()[:HALF]


def _equal(seal: str, expected: str) -> bool:
    return hmac.compare_digest(seal.encode("utf-8", "replace"), expected.encode())
