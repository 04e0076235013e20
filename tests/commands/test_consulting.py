"""How a person is named to a command."""

import pytest
from akrim.commands.audit.consulting import person_id


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("pwlzh2l6ia73s", "PWLZH2L6IA73S"),
        ("PWLZH2L6IA73S", "PWLZH2L6IA73S"),
        ("politiet/p1", "politiet/p1"),
        ("pwlzh2l6ia73", "pwlzh2l6ia73"),
        ("", ""),
    ],
)
def test_an_id_in_small_letters_is_read_and_nothing_else_altered(typed: str, meant: str) -> None:
    assert person_id(typed) == meant
