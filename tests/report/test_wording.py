"""Wording: hidden characters, numbers and dates by language."""

from datetime import date

import pytest
from akrim.report.wording import Words, clean


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("Kari  Nordmann\n", "Kari Nordmann"),
        ("Åse Ødegård", "Åse Ødegård"),
        ("abc\u202efdp.exe", "abc\ufffdfdp.exe"),
        ("a\u200bb\u0000c\u2066d", "a\ufffdb\ufffdc\ufffdd"),
        ("\u3164\u2800", "\ufffd\ufffd"),
        ("Kari\ufe0f\U000e0101\u034f", "Kari\ufffd\ufffd\ufffd"),
        (None, ""),
        ("x" * 9999, "x" * 44 + "…"),
        ("xyz " * 999, "xyz " * 125),
    ],
)
def test_hidden_characters_are_shown_and_length_is_bounded(sent: str | None, seen: str) -> None:
    assert clean(sent) == seen


def test_numbers_and_dates_follow_the_language() -> None:
    norwegian, english = Words("nb"), Words("en")
    assert (norwegian.number(12345), english.number(12345)) == ("12\u00a0345", "12,345")
    assert (norwegian.day(date(2026, 4, 30)), english.day(date(2026, 4, 30))) == ("30.04.2026", "30 Apr 2026")
    assert norwegian.long_day(date(2026, 4, 30)) == "30. april 2026"
