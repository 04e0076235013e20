"""The settings as they are given just now, and in words what is wrong with one."""

import os
import re
import tomllib
from difflib import get_close_matches
from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import SettingsError

from akrim.errors import UserError
from akrim.settings.settings import Settings

# Of the files for containers, and of the project's own tests.
OF_OTHERS = {"AKRIM_INBOX_FOLDER", "AKRIM_LOGINS_FOLDER", "AKRIM_TESTS_WRITE_GOLDEN", "AKRIM_URL"}
# How pydantic-settings tells which setting it could not get.
NAMED = re.compile(r'field "(\w+)"')
MAX_BYTES = 1024**2
CORRECT = "Correct the environment variable or akrim.toml."


def read_settings() -> Settings:
    """The settings as they are given just now; nothing is made, so that it can be asked where nothing is installed."""
    _require_file(Path("akrim.toml"))
    settings = _given()
    try:
        settings.home = settings.home.expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise UserError(f"That is no folder: {type(error).__name__}.", "AKRIM_HOME", CORRECT) from None
    for name in ("project_root", "contracts"):
        folder = getattr(settings, name)
        if name in settings.model_fields_set and folder is not None and not folder.is_dir():
            raise UserError("That folder is not there.", f"AKRIM_{name.upper()}={folder}", CORRECT)
    return settings


def _require_file(given: Path) -> None:
    """Raise UserError for what is no file of settings.

    A folder, as a container makes one of a file to mount that is not there, a pipe and a device are read as no settings.
    """
    if given.exists() and not given.is_file():
        raise UserError(
            "That is no file.", str(given), "Write the settings into a file of that name, or remove it."
        )
    if given.is_file() and given.stat().st_size > MAX_BYTES:
        raise UserError(f"It is larger than {MAX_BYTES:,} bytes.", str(given), CORRECT)


def _given() -> Settings:
    """What stands in the environment, akrim.toml and the files of secrets; UserError where it cannot be read."""
    try:
        return Settings()
    except ValidationError as error:
        raise _refused(error) from None
    except SettingsError as error:  # a variable that is to be JSON and is none, or a secret's file
        cause = error.__cause__
        if isinstance(cause, UnicodeError):
            raise _no_text(error) from None
        raise (_unread(cause) if isinstance(cause, OSError) else _no_json(error)) from None
    except UnicodeError:
        raise UserError("It is no text in UTF-8.", "akrim.toml", CORRECT) from None
    except OSError as error:
        raise _unread(error) from None
    except (ValueError, RecursionError) as error:
        why = error if isinstance(error, tomllib.TOMLDecodeError) else type(error).__name__
        raise UserError(f"It is no TOML that can be read: {why}.", "akrim.toml", CORRECT) from None


def _unread(error: OSError) -> UserError:
    return UserError(
        f"{error.strerror}.", str(error.filename or "akrim.toml"), "Let the user that runs this read it."
    )


def _refused(error: ValidationError) -> UserError:
    """The first value that is refused; of names that are none, akrim.toml's: the environment's are told by `unknown_settings`."""
    first = error.errors()[0]
    name, *within = map(str, first["loc"])
    if first["type"] == "extra_forbidden":
        return UserError(f"No setting is called so: {name}{_like(name)}.", "akrim.toml", CORRECT)
    where = ", ".join([f"AKRIM_{name.upper()}", *within])
    return UserError(first["msg"].removeprefix("Value error, "), where, CORRECT)


def _no_text(error: SettingsError) -> UserError:
    named = NAMED.search(str(error))
    where = f"the secret's file akrim_{named[1] if named else '*'}"
    return UserError("It is no text in UTF-8.", where, "Write the secret into it anew, in UTF-8.")


def _no_json(error: SettingsError) -> UserError:
    named = NAMED.search(str(error))
    kind = str(Settings.model_fields[named[1]].annotation) if named else ""
    a_value = '["one", "two"]' if "list" in kind else '"one"'
    shown = a_value if kind.startswith("list") else f'{{"name": {a_value}}}'
    where = f"AKRIM_{named[1].upper()}" if named else "AKRIM_*"
    return UserError(f"It is no JSON, in which it is given, such as '{shown}'.", where, CORRECT)


def unknown_settings() -> list[str]:
    """Variables of the environment that look like a setting and are none, such as one written wrongly, and which each may be meant for."""
    known = {f"AKRIM_{name}".upper() for name in Settings.model_fields}
    return sorted(
        name + _like(name)
        for name in os.environ
        if name.startswith("AKRIM_") and name not in known and name not in OF_OTHERS
    )


def _like(name: str) -> str:
    """The setting that a wrong name is likely meant for, as an addition to it; nothing where none is near."""
    near = get_close_matches(name.lower().removeprefix("akrim_"), Settings.model_fields, n=1)
    return f" (is AKRIM_{near[0].upper()} meant, or {near[0]} in akrim.toml?)" if near else ""
