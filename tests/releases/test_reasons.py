"""What somebody decides for good, or tells every centre, has a name and a reason."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest
from akrim import releases
from akrim.corrections.register import Dispute, close_case, open_case
from akrim.errors import UserError
from akrim.releases.erasing.erasure import erase_person

DECISIONS: dict[str, Callable[..., Any]] = {
    "approve": partial(releases.approve, "2026-T1.1"),
    "hold": partial(releases.hold, "2026-T1.1"),
    "recall": partial(releases.recall, "2026-T1.1"),
    "erase": partial(erase_person, "PWLZH2L6IA73S"),
    "open": lambda by, reason: open_case(
        Dispute("fact", "nav", "saker", "1"), "person", date(2026, 5, 12), reason, by
    ),
    "close": lambda by, reason: close_case("K-2026-001", "rejected", reason, by),
}


@pytest.mark.parametrize("decide", DECISIONS.values(), ids=DECISIONS)
@pytest.mark.parametrize(
    ("by", "reason"),
    [
        ("", "because"), (" ", "because"), ("Kari Vakt", " "), ("Kari Vakt", "\u200b"), ("\u2060\u00ad", "because"),
        ("\u3164", "because"),
    ],
)  # fmt: skip
def test_a_decision_without_a_name_or_a_reason_is_refused(
    decide: Callable[..., Any], by: str, reason: str, home: object
) -> None:
    with pytest.raises(UserError, match="needs a name and a reason"):
        decide(by, reason)
