"""The warehouse's addresses as other programs get them."""

import os

import pytest
from akrim import warehouse


@pytest.mark.parametrize(
    ("address", "shown", "password"),
    [
        ("postgresql://akrim:p%40ss@host/akrim", "postgresql://akrim@host/akrim", "p@ss"),
        ("postgresql://akrim:a:b@host:5433/akrim?sslmode=require", "postgresql://akrim@host:5433/akrim?sslmode=require", "a:b"),
        ("postgresql://akrim@localhost/akrim?host=/tmp/x", "postgresql://akrim@localhost/akrim?host=/tmp/x", None),
    ],
)  # fmt: skip
def test_a_password_is_on_no_command_line(address: str, shown: str, password: str | None) -> None:
    without, environment = warehouse.for_program(address)
    assert without == shown
    assert environment.get("PGPASSWORD") == (password or os.environ.get("PGPASSWORD"))
