"""Limits of volume are proposed from how far an extract moved and was right, and from nothing else."""

from typing import Any

import psycopg
import pytest
from akrim.errors import UserError
from akrim.insight import list_limits

# By period: rows, the usual ones before, the word for it, and whether a person confirmed that.
HISTORY = [
    ("2023-T1", 1000, None, "first", False),
    ("2023-T2", 900, 1000, "changed", False),
    ("2023-T3", 1080, 900, "changed", False),
    ("2024-T1", 300, 1080, "shrunken", False),
    ("2024-T2", 1080, 1080, "unchanged", False),
    ("2024-T3", 1620, 1080, "swollen", True),
]


def lay(connection: psycopg.Connection, extract: str, times: int) -> None:
    for period, rows, usual, state, is_confirmed in HISTORY:
        about = [f"nav-{period}-01", extract, rows // times, usual and usual // times, state, f"{rows}"]
        connection.execute(
            "insert into meta.delivery_files (delivery_id, manifest_sha256, extract, rows_standing, rows_usual, state, content_digest)"
            " values (%s, '0', %s, %s, %s, %s, %s)",
            about,
        )
        if is_confirmed:
            connection.execute(
                "insert into meta.extract_confirmations (delivery_id, extract, state, content_digest, by_name, reason)"
                " values (%s, %s, %s, %s, 'Kari Vakt', 'asked')",
                [about[0], extract, state, f"{rows}"],
            )


def told(found: list[dict[str, Any]], extract: str) -> tuple[Any, ...]:
    (row,) = (row for row in found if row["extract"] == extract)
    return tuple(
        row[name] for name in ("compared", "least", "most", "proposed_fewestShare", "proposed_mostShare")
    )


def test_as_far_again_as_the_farthest_move_that_was_right(warehouse: str) -> None:
    with psycopg.connect(warehouse) as connection:
        for period, *_ in HISTORY:
            connection.execute(
                "insert into meta.deliveries (delivery_id, manifest_sha256, agency, period, mode, status, folder, folder_fingerprint)"
                " values (%s, '0', 'nav', %s, 'full', 'accepted', '', '')",
                [f"nav-{period}-01", period],
            )
        lay(connection, "saker", 1)
        lay(connection, "personer", 20)  # so few rows that no limit counts
    found = list_limits("nav")
    assert told(found, "saker") == (4, 0.9, 1.5, 0.81, 2.25)
    assert told(found, "personer") == (0, 1.0, 1.0, None, None)
    assert {row["agency"] for row in list_limits()} == {
        "arbeidstilsynet", "brreg", "nav", "politiet", "skatteetaten",
    }  # fmt: skip
    for unknown in ("nobody", ""):
        with pytest.raises(UserError, match="There is no agency"):
            list_limits(unknown)
