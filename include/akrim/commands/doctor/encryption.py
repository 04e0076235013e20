"""A check of the addresses of databases: whether what goes to another machine, and comes from there, is encrypted."""

import ipaddress

from akrim.commands.doctor.caution import Caution
from akrim.settings import get_settings

# The others leave it to the server, and to whoever is between, whether anything is encrypted.
ENCRYPTING = frozenset({"require", "verify-ca", "verify-full"})


def encryption() -> str:
    """Whether each address of a database on another machine asks for encryption; what is on this machine needs none."""
    from akrim import warehouse

    settings = get_settings()
    given = {
        "AKRIM_DATABASE_URL": settings.database_url,
        "AKRIM_AIRFLOW_DATABASE_URL": settings.airflow_database_url,
    } | {where: address for (where, _), address in warehouse.people_addresses().items()}
    without = [where for where, address in given.items() if address and _may_go_open(address)]
    if not without:
        return "asked for wherever a database is on another machine"
    told = (
        f"not asked for in {', '.join(without)}: end each with ?sslmode=verify-full, as docs/database.md says,"
        " unless nothing but the database and akrim is on that network"
    )
    return told if settings.data_mode == "synthetic" else Caution(told)


def _may_go_open(address: str) -> bool:
    """Whether a connection by that address may leave this machine without encryption, as libpq reads it and its own variables."""
    from psycopg.conninfo import conninfo_to_dict
    from psycopg.pq import Conninfo

    given = {
        option.keyword.decode(): option.val.decode() for option in Conninfo.get_defaults() if option.val
    } | conninfo_to_dict(address)
    hosts = str(given.get("hostaddr") or given.get("host") or "").split(",")
    return given.get("sslmode") not in ENCRYPTING and not all(map(_is_here, hosts))


def _is_here(host: str) -> bool:
    # Without a name, or one of these signs, it is a socket's.
    if host in ("", "localhost") or host.startswith(("/", "@")):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
