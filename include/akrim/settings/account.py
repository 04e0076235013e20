"""The account that a process runs by: what it does is logged under its name, and Airflow runs no task without one."""

import getpass
import os


def name_account() -> None:
    """Give an account that the system has no name for, such as a container of any number has, the one `uid-<number>`."""
    try:
        getpass.getuser()
    except (KeyError, OSError):  # the second since Python 3.13
        os.environ["LOGNAME"] = f"uid-{os.getuid()}"
