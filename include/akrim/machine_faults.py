"""What the machine does not give, told in plain words: room, a file, a text, the database."""

import os
import sys

import psycopg

from akrim.errors import UserError
from akrim.full_disk import full_disk


def machine_fault(error: Exception) -> UserError | None:
    """A full disk, a file that is not to be had, a text in another encoding, and a database that went away; None for any other error."""
    if full := full_disk(error):
        return full
    if isinstance(error, OSError) and error.filename:
        return UserError(
            f"{error.strerror}.",
            str(error.filename),
            "Correct the path, or have yourself given the right to it.",
        )
    if isinstance(error, UnicodeEncodeError) and (where := _in_another_encoding()):
        return UserError(
            "It is no text in UTF-8.",
            where,
            "Write it in UTF-8; a script or a terminal has another encoding.",
        )
    if isinstance(error, psycopg.OperationalError):
        return UserError(
            f"The database has ended this: {str(error).strip().splitlines()[0]}",
            "AKRIM_DATABASE_URL",
            "See that it is up, and do it again: what was done before is kept.",
        )
    return None


def _in_another_encoding() -> str:
    """The arguments, and the names of the settings, whose bytes are no text in UTF-8."""
    given = {argument: argument for argument in sys.argv[1:]}
    given |= {name: value for name, value in os.environ.items() if name.startswith("AKRIM_")}
    return ", ".join(
        told for told, text in given.items() if any("\ud800" <= sign <= "\udfff" for sign in text)
    )
