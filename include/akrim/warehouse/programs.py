"""PostgreSQL's own programs, such as pg_dump: which of them fits the server, and how it is told where that is."""

import os
import shutil

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from akrim.errors import UserError
from akrim.warehouse import embedded
from akrim.warehouse.connection import connect
from akrim.warehouse.requirements import server_version


def program(name: str) -> str:
    """The program of that name for the warehouse's server.

    It is the machine's where the server is newer than what comes with the installation, or nothing does. Raises UserError
    where the machine has none.
    """
    with connect() as connection:
        is_newer = server_version(connection) > embedded.VERSION
    if embedded.is_installed() and not is_newer:
        return str(embedded.binaries() / name)
    found = shutil.which(name)
    if found is None:
        raise UserError(
            f"The program {name} is not installed.",
            "PATH",
            "Install PostgreSQL's programs of your server's version, or a newer one.",
        )
    return found


def for_program(address: str) -> tuple[str, dict[str, str]]:
    """The address without its password, and the environment that tells it: every user of the machine sees command lines."""
    given = conninfo_to_dict(address)
    password = given.pop("password", None)
    if password is None:
        return address, dict(os.environ)
    return make_conninfo("", **given), dict(os.environ) | {"PGPASSWORD": str(password)}
