"""Every setting, read once from the environment (AKRIM_*), from a secret's file, from akrim.toml in the working folder, or, where
it is a secret, from the secrets backend that Airflow is configured with.

The environment wins over a file under /run/secrets or /run/akrim, which is named like the variable in lower case, and both over
akrim.toml; the backend has what none of them has. Nothing else in the project reads an environment variable of ours.
"""

import errno
import os
import re
import shlex
import stat
import sys
import tomllib
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from akrim.errors import UserError
from akrim.secrets_backend import BackendSource
from akrim.texts import LANGUAGES, Language

# The first is where a container engine lays each secret that it is told of, the second a folder that is mounted whole.
SECRETS = (Path("/run/secrets"), Path("/run/akrim"))
# Settings that hold a password, or an address that does.
SECRET = frozenset({
    "database_url", "analyst_database_url", "auditor_database_url", "clerk_database_url", "centre_database_urls",
    "airflow_database_url", "smtp_password", "alert_webhook",
})  # fmt: skip
OTHERS = stat.S_IRWXG | stat.S_IRWXO
# Of the files for containers, and of the project's own tests.
OF_OTHERS = {"AKRIM_INBOX_FOLDER", "AKRIM_LOGINS_FOLDER", "AKRIM_TESTS_WRITE_GOLDEN", "AKRIM_URL"}
# Days. Beyond a few thousand years a date or a span of time cannot be computed.
A_CENTURY = 36_500
CORRECT = "Correct the environment variable or akrim.toml."
# By one of these a home folder that has been in use is known.
MARKS = frozenset({"airflow", "keys", "linkage", "outbox", "postgres", "releases", "spool"})
_IN_WHEEL = Path(__file__).resolve().parent / "_project"
# Where dags/, dbt_project/, plugins/ and locks/ lie: the checkout's root, or inside the package as a wheel has it.
PROJECT_ROOT = _IN_WHEEL if _IN_WHEEL.is_dir() else _IN_WHEEL.parents[2]


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


def _webhook(value: SecretStr) -> SecretStr:
    """As with a database's address, none of it is repeated."""
    address = value.get_secret_value()
    if address and not address.startswith(("https://", "http://")):
        raise ValueError("It is no web address, such as https://chat.example.org/hooks/…")
    return value


Address = Annotated[str, AfterValidator(_address)]
PageRole = Annotated[
    str, StringConstraints(pattern=r"^(operator|clerk|lead_clerk|analyst|auditor|leader:[a-z]+)$")
]


def check_storage_address(value: str) -> str:
    """It is printed, so that it holds no password; raises ValueError with none of it."""
    if "://" in value and urlsplit(value).password is not None:
        raise ValueError("The address of a storage holds no password; its client has one from elsewhere.")
    return value


StorageAddress = Annotated[str, AfterValidator(check_storage_address)]


class Settings(BaseSettings):
    """The installation's settings, with defaults that suit one machine and synthetic data."""

    model_config = SettingsConfigDict(
        env_prefix="AKRIM_",
        toml_file="akrim.toml",
        secrets_dir=[folder for folder in SECRETS if folder.is_dir()] or None,
        extra="forbid",
    )

    home: Path = Field(default=Path("var"), description="where everything the installation keeps lies")
    database_url: Address | None = Field(default=None, description="a PostgreSQL of yours; default: embedded")
    analyst_database_url: Address | None = Field(
        default=None, description="the same warehouse for analysts, by their own role; default: embedded"
    )
    auditor_database_url: Address | None = Field(
        default=None, description="the same for auditors, by their own role; default: embedded"
    )
    clerk_database_url: Address | None = Field(
        default=None, description="the same for clerks who review links, by their own role; default: embedded"
    )
    centre_database_urls: dict[str, Address] = Field(
        default_factory=dict, description="the same for centres, each by its own role; default: embedded"
    )
    airflow_database_url: Address | None = Field(default=None, description="Airflow's metadata database")
    inbox: StorageAddress = Field(
        default="inbox", description="folder or ObjectStorage address of the deliveries"
    )
    outbox: StorageAddress = Field(
        default="", description="where sealed releases go; default: outbox/ under the home"
    )
    releases_mirror: StorageAddress = Field(
        default="", description="folder or address where every published release is kept too; default: none"
    )
    queries: Path | None = Field(
        default=None,
        description="folder of saved queries, `akrim sql --saved`; default: queries/ under the home",
    )
    data_mode: Literal["synthetic", "production"] = Field(
        default="synthetic",
        description="`synthetic` or `production`: whether the deliveries are of real people",
    )
    purpose: str = Field(
        default="assessment of work-related crime",
        description="what the audit log states as an event's purpose, where a command is given none",
    )
    language: Language = Field(
        default="nb", description="the reports' language: " + " or ".join(f"`{name}`" for name in LANGUAGES)
    )
    exports: str = Field(
        default="",
        pattern=r"^([a-z0-9_]+(,[a-z0-9_]+)*)?$",
        description="further forms of the data by name; a name that is none is refused with those there are",
    )
    page_roles: dict[str, list[PageRole]] = Field(
        default_factory=dict,
        description="who may open which pages inside Airflow, by the name that they sign in with; default: nobody",
    )
    recommended_measures: bool = Field(
        default=False, description="whether profiles end with measures that the rules suggest"
    )
    contact_url: str = Field(
        default="https://example.org/a-krim", description="whom the catalogue's readers may ask"
    )
    contracts: Path | None = Field(default=None, description="folder of further agencies' contracts")
    project_root: Path = Field(default=PROJECT_ROOT, description="where dags/ and dbt_project/ lie")
    linkage_model: str = Field(
        default="", description="the model that links; default: the newest that comes with the code"
    )
    linkage_backend: Literal["duckdb", "spark"] = Field(
        default="duckdb",
        description="`duckdb` or `spark`: what chooses and weighs pairs where all records are linked",
    )
    linkage_exchange: StorageAddress = Field(
        default="",
        description="folder or address where Spark and DuckDB exchange Parquet; default: the folder for temporary files",
    )
    spark_master: str = Field(
        default="local[*]",
        pattern=r"^(local(\[(\*|\d+)\])?|yarn|spark://[\w.:,-]+|k8s://(https?://)?[\w.:-]+)$",
        description="the cluster that Spark links on, such as `yarn`; default: this machine",
    )
    processes: int = Field(
        default_factory=lambda: min(2, len(os.sched_getaffinity(0))),
        ge=1,
        description="processes that make a release's parts, each with a gigabyte or so; default: 2, or 1 on one core",
    )
    parts_exchange: StorageAddress = Field(
        default="",
        description="folder or address where workers exchange a release's parts, each made by a task of its own; default: one task makes all",
    )
    days_to_wait: int = Field(
        default=30,
        ge=0,
        le=A_CENTURY,
        description="days after as_of when an assessment no longer waits for every agency",
    )
    sharing: Path | None = Field(
        default=None,
        description="the installation's own sharing matrix; default: the program's working assumption",
    )
    limits: Path | None = Field(
        default=None, description="plausibility limits of yours, as releases/limits.yml"
    )
    approval: Literal["plausibility", "always"] = Field(
        default="plausibility",
        description="which releases wait for a person: `plausibility`, implausible ones alone, or `always`, every one",
    )
    retention: Path | None = Field(
        default=None,
        description="how long each category of data is kept; production works by such a file alone",
    )
    notify: dict[str, list[str]] = Field(
        default_factory=dict, description="each centre's mail addresses that are told of a release"
    )
    smtp_host: str = Field(default="", description="the mail server; without one nobody is told by mail")
    smtp_port: int = Field(default=587, ge=1, le=65535, description="the mail server's port")
    smtp_starttls: bool = Field(default=True, description="whether the mail server's connection is encrypted")
    smtp_user: str = Field(default="", description="the mail server's user; without one there is no login")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="that user's password")
    smtp_from: str = Field(default="akrim@localhost", description="the sender of those mails")
    alert_mail: list[str] = Field(
        default_factory=list,
        description="whom to mail what waits for whoever runs the pipeline, such as a hold",
    )
    alert_webhook: Annotated[SecretStr, AfterValidator(_webhook)] = Field(
        default=SecretStr(""), description="an address that the same is posted to as JSON, `text` first"
    )
    runbook: str = Field(
        default="docs/runbook.md", description="where people find the runbook, which each alert links to"
    )
    deadline_hours: float = Field(
        default=24,
        gt=0,
        le=24 * A_CENTURY,
        description="how long an assessment or a release may take before that is an alert",
    )
    receipt_days: int = Field(
        default=14,
        ge=1,
        le=A_CENTURY,
        description="days after which a centre's missing receipt is a warning",
    )
    scan_minutes: int = Field(
        default=5, ge=1, le=59, description="minutes between a scheduler's scans of the inbox"
    )
    quiet_minutes: int = Field(
        default=30,
        ge=0,
        le=24 * 60 * A_CENTURY,
        description="how long a folder without a manifest counts as still being filled",
    )

    commit: str = Field(
        default="",
        pattern=r"^([0-9a-f]{40})?$",
        description="the commit that the image was built from, as it says",
    )
    image_digest: str = Field(
        default="",
        pattern=r"^(sha256:[0-9a-f]{64})?$",
        description="the digest of the image that runs; the signatures of releases state both, where they are known",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # the signature is pydantic-settings'
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (
            init_settings,
            env_settings,
            file_secret_settings,
            TomlConfigSettingsSource(settings_cls),
            BackendSource(settings_cls, SECRET),
        )

    @property
    def keys_path(self) -> Path:
        return self.home / "keys"

    @property
    def needs_four_eyes(self) -> bool:
        """Whether nobody may let go what they asked for; with synthetic data one may try things out alone."""
        return self.data_mode == "production" or self.approval == "always"

    @property
    def outbox_address(self) -> str:
        return self.outbox or str(self.home / "outbox")

    @property
    def queries_path(self) -> Path:
        return self.queries or self.home / "queries"

    @property
    def releases_path(self) -> Path:
        return self.home / "releases"


@lru_cache
def get_settings() -> Settings:
    """The settings of this process; the home folder is made when it is missing, and is its owner's alone from then on.

    Raises UserError where it is open to others and may not be closed: it is another user's, or holds other things.
    """
    settings = read_settings()
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise UserError(
            "That is no folder.", str(settings.home), "Name another as AKRIM_HOME, or remove it."
        ) from None
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        raise UserError(
            f"The home folder cannot be made: {error.strerror}.",
            str(settings.home),
            "Name another as AKRIM_HOME.",
        ) from None
    _close_to_others(settings.home)
    return settings


def _close_to_others(home: Path) -> None:
    """Take from others what they may do in the home folder, once, and say so."""
    found = home.stat()
    if not found.st_mode & OTHERS:
        return
    # Whoever names /tmp or the like as AKRIM_HOME must not have it closed to everybody else.
    held = {path.name for path in home.iterdir()}
    is_akrims = not held or bool(held & MARKS)
    if found.st_uid != os.geteuid() or not is_akrims:
        whose = "holds other things" if found.st_uid == os.geteuid() else "is another user's"
        raise UserError(
            f"The home folder is open to other users of this machine, and {whose}.",
            str(home),
            f"If it is meant for akrim alone: chmod 700 {shlex.quote(str(home))}",
        )
    home.chmod(stat.S_IMODE(found.st_mode) & ~OTHERS)
    sys.stderr.write(f"{home} was open to other users of this machine; it is now yours alone.\n")


def read_settings() -> Settings:
    """The settings as they are given just now; nothing is made, so that it can be asked where nothing is installed."""
    _require_file(Path("akrim.toml"))
    try:
        settings = Settings()
    except ValidationError as error:
        raise _refused(error) from None
    except SettingsError as error:  # a variable that is to be JSON and is none
        raise _no_json(error) from None
    except UnicodeError:
        raise UserError("It is no text in UTF-8.", "akrim.toml", CORRECT) from None
    except (OSError, ValueError, RecursionError) as error:
        why = error if isinstance(error, tomllib.TOMLDecodeError) else type(error).__name__
        raise UserError(f"It is no TOML that can be read: {why}.", "akrim.toml", CORRECT) from None
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
    """A folder in the settings' place, as a container makes one of a file to mount that is not there, is read as no settings."""
    if given.is_dir():
        raise UserError(
            "That is no file.", str(given), "Write the settings into a file of that name, or remove it."
        )


def _refused(error: ValidationError) -> UserError:
    """The first value that is refused; of names that are none, akrim.toml's: the environment's are told by `unknown_settings`."""
    first = error.errors()[0]
    name, *within = map(str, first["loc"])
    if first["type"] == "extra_forbidden":
        return UserError(f"No setting is called so: {name}{_like(name)}.", "akrim.toml", CORRECT)
    where = ", ".join([f"AKRIM_{name.upper()}", *within])
    return UserError(first["msg"].removeprefix("Value error, "), where, CORRECT)


def _no_json(error: SettingsError) -> UserError:
    named = re.search(r'field "(\w+)"', str(error))
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
