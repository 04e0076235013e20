"""`akrim doctor`: checks the installation and says what is missing."""

from collections.abc import Callable

import typer

from akrim.commands.doctor import database, deciding_files, encryption, installation, logins
from akrim.commands.doctor.caution import Absent, Caution
from akrim.commands.output import Screen
from akrim.errors import UserError, told_without_data
from akrim.machine_faults import machine_fault
from akrim.settings import without_making_home


@without_making_home()
def doctor() -> None:
    """Look at the installation and say what is well and what is not, with the next step.

    The exit code is 1 when something is wrong. Nothing is changed but that an embedded database is started.

    Example: akrim doctor
    """
    console = Screen(soft_wrap=True)
    is_well = True
    defects: list[Exception] = []
    skipped: set[str] = set()
    for name, check in CHECKS.items():
        if name in skipped:
            continue
        try:
            told = check()
            mark, colour = ("mind", "yellow") if isinstance(told, Caution) else ("well", "green")
            console.item(mark, f"{name}: {told}", colour)
            if isinstance(told, Absent):
                skipped.update(WHERE_ABSENT.get(name, RESTING.get(name, ())))
        except Exception as error:  # noqa: BLE001  # the other checks are made whatever ends one; a defect is raised after them
            problem = error if isinstance(error, UserError) else machine_fault(error)
            is_well = False
            if problem is None:
                defects.append(error)
            skipped.update(RESTING.get(name, ()))
            console.item("wrong", f"{name}: {problem or told_without_data(error)}", "bold red")
    if defects:
        raise defects[0]
    if not is_well:
        raise typer.Exit(1)


CHECKS: dict[str, Callable[[], str]] = {
    "settings": installation.settings,
    "akrim.toml": installation.settings_file,
    "home": installation.home,
    "room": installation.room,
    "what settings name": installation.named_by_settings,
    "who may change that": deciding_files.deciding_files,
    "how long data are kept": installation.limits,
    "database": database.database,
    "tables": database.tables,
    "roles": logins.roles,
    "addresses": logins.addresses,
    "encryption": encryption.encryption,
    "rights": logins.rights,
    "people's logins": logins.own_settings,
    "audit log": database.audit_log,
    "releases": database.releases,
    "retention": database.retention,
    "contracts": installation.contracts,
    "sharing": installation.sharing,
    "linkage model": installation.model,
    "linkage": installation.linkage_backend,
    "inbox": installation.inbox,
    "keys": installation.keys,
    "alerts": installation.alerts,
    "Airflow's logins": installation.airflow_logins,
    "whose data": database.whose_data,
    "deliveries": database.deliveries,
    "room for what arrived": database.room_for_arrived,
    "receipts": database.receipts,
    "mirror": database.mirror,
    "mode": installation.mode,
}
ON_TABLES = (
    "audit log",
    "releases",
    "retention",
    "deliveries",
    "room for what arrived",
    "receipts",
    "mirror",
    "whose data",
)
# What can be looked at only where the first is there and in order.
RESTING = {
    "settings": tuple(CHECKS),
    "home": tuple(CHECKS),
    "database": ("tables", "roles", "addresses", "rights", "people's logins", *ON_TABLES),
    "roles": ("addresses", "rights", "people's logins"),
    "how long data are kept": ("retention",),
    "inbox": ("room for what arrived",),
    "tables": ON_TABLES,
}
# Of what is not there yet, where that is less: what is decided and set before there is a home folder lies elsewhere.
WHERE_ABSENT = {"home": ("room", "database", *RESTING["database"])}
