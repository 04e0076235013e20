"""Which settings there are, what each sets, and where its value comes from."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from akrim.secrets_backend import BackendSource
from akrim.settings.kinds import Address, ExchangeAddress, Folder, PageRole, StorageAddress, WebAddress
from akrim.texts import LANGUAGES, Language

# The first is where a container engine lays each secret that it is told of, the second a folder that is mounted whole.
SECRET_FOLDERS = (Path("/run/secrets"), Path("/run/akrim"))
# Settings that hold a password, or an address that does.
SECRET = frozenset({
    "database_url", "analyst_database_url", "auditor_database_url", "clerk_database_url", "centre_database_urls",
    "airflow_database_url", "smtp_password", "alert_webhook",
})  # fmt: skip
# Days. Beyond a few thousand years a date or a span of time cannot be computed.
A_CENTURY = 36_500
_IN_WHEEL = Path(__file__).resolve().parents[1] / "_project"
# Where dags/, dbt_project/, plugins/ and locks/ lie: the checkout's root, or inside the package as a wheel has it.
PROJECT_ROOT = _IN_WHEEL if _IN_WHEEL.is_dir() else _IN_WHEEL.parents[2]


class Settings(BaseSettings):
    """The installation's settings, with defaults that suit one machine and synthetic data."""

    model_config = SettingsConfigDict(
        env_prefix="AKRIM_",
        toml_file="akrim.toml",
        secrets_dir=[folder for folder in SECRET_FOLDERS if folder.is_dir()] or None,
        extra="forbid",
    )

    home: Folder = Field(default=Path("var"), description="where everything the installation keeps lies")
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
    queries: Folder | None = Field(
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
    contracts: Folder | None = Field(default=None, description="folder of further agencies' contracts")
    project_root: Path = Field(default=PROJECT_ROOT, description="where dags/ and dbt_project/ lie")
    linkage_model: str = Field(
        default="", description="the model that links; default: the newest that comes with the code"
    )
    linkage_backend: Literal["duckdb", "spark"] = Field(
        default="duckdb",
        description="`duckdb` or `spark`: what chooses and weighs pairs where all records are linked",
    )
    linkage_exchange: ExchangeAddress = Field(
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
    parts_exchange: ExchangeAddress = Field(
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
    alert_webhook: WebAddress = Field(
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
        default=14, ge=1, le=A_CENTURY, description="days after which a centre's missing receipt is a warning"
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
    def outbox_address(self) -> str:
        return self.outbox or str(self.home / "outbox")

    @property
    def queries_path(self) -> Path:
        return self.queries or self.home / "queries"

    @property
    def releases_path(self) -> Path:
        return self.home / "releases"
