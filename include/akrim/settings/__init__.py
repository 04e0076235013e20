"""Every setting, read once from the environment (AKRIM_*), from a secret's file, from akrim.toml in the working folder, or, where
it is a secret, from the secrets backend that Airflow is configured with.

The environment wins over a file under /run/secrets or /run/akrim, which is named like the variable in lower case, and both over
akrim.toml; the backend has what none of them has. Nothing else in the project reads an environment variable of ours.
"""

from akrim.settings.account import name_account
from akrim.settings.home import get_settings, without_making_home
from akrim.settings.kinds import PATTERN_SIGNS, check_storage_address
from akrim.settings.reading import read_settings, unknown_settings
from akrim.settings.settings import PROJECT_ROOT, SECRET, Settings

__all__ = [
    "PATTERN_SIGNS",
    "PROJECT_ROOT",
    "SECRET",
    "Settings",
    "check_storage_address",
    "get_settings",
    "name_account",
    "read_settings",
    "unknown_settings",
    "without_making_home",
]
