"""Kinds of values that settings take, and how one that is none is told: addresses without a word of them, which may be a password."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr, StringConstraints

# What storages' clients, Spark and DuckDB take for patterns.
PATTERN_SIGNS = frozenset("*?[]{}\\")


def _address(value: str) -> str:
    """Only its form is looked at, and none of it repeated: it may hold a password."""
    if value and not _is_address(value):
        raise ValueError(
            "It is no address of a PostgreSQL, such as postgresql://akrim@host/akrim; in a password, @ is %40, % is %25, a space %20."
        )
    return value


def _is_address(value: str) -> bool:
    """Whether we and libpq read it alike: otherwise libpq's errors, which are printed, would hold a part of the password."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts = urlsplit(value)
        conninfo_to_dict(value)
        has_port = parts.port is None or parts.port > 0
    except (ValueError, ProgrammingError):
        return False
    return parts.scheme == "postgresql" and has_port and parts.netloc.count("@") < 2


def _named(value: Any) -> Any:
    if value == "":  # a path of no name is the working folder
        raise ValueError("It is empty: name a folder, or leave it out.")
    return value


def _webhook(value: SecretStr) -> SecretStr:
    """As with a database's address, none of it is repeated."""
    address = value.get_secret_value()
    if address and not address.startswith(("https://", "http://")):
        raise ValueError("It is no web address, such as https://chat.example.org/hooks/…")
    return value


def check_storage_address(value: str) -> str:
    """It is printed, so that it holds no password; raises ValueError with none of it."""
    if "://" in value and urlsplit(value).password is not None:
        raise ValueError("The address of a storage holds no password; its client has one from elsewhere.")
    return value


def _without_patterns(value: str) -> str:
    """What is exchanged is removed by its place, which a storage's client takes for a pattern that fits others' too."""
    if "://" in value and PATTERN_SIGNS.intersection(value.partition("://")[2].partition("/")[2]):
        raise ValueError(
            "A storage would take it for a pattern of several places: name one without * ? [ ] { } and \\."
        )
    return value


Folder = Annotated[Path, BeforeValidator(_named)]
Address = Annotated[str, AfterValidator(_address)]
StorageAddress = Annotated[str, AfterValidator(check_storage_address)]
ExchangeAddress = Annotated[StorageAddress, AfterValidator(_without_patterns)]
WebAddress = Annotated[SecretStr, AfterValidator(_webhook)]
PageRole = Annotated[
    str, StringConstraints(pattern=r"^(operator|clerk|lead_clerk|analyst|auditor|leader:[a-z]+)$")
]
