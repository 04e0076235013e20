"""Airflow's configuration, derived from ours and given to every Airflow process as environment variables.

It must be applied before Airflow is first imported. Variables that are already set win, so that a production set-up can
override each. Telemetry is off in every tool.
"""

import json
import locale
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from akrim.atomic_files import write_new
from akrim.errors import UserError
from akrim.settings import Settings, get_settings, name_account

# Before Airflow's own arguments: a service of `akrim up` ends with the process that started it.
END_WITH_PARENT = "--end-with-parent"
QUIET = {
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "False",
    "AIRFLOW__METRICS__STATSD_ON": "False",
    "AIRFLOW__METRICS__OTEL_ON": "False",
    "AIRFLOW__TRACES__OTEL_ON": "False",
    "OTEL_SDK_DISABLED": "true",
}


def home() -> Path:
    """Airflow's own folder, readable by its owner alone."""
    folder = get_settings().home / "airflow"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def walk_database() -> Path:
    return home() / "walk.sqlite"


def for_walk() -> dict[str, str]:
    """The environment for running the DAGs in this process: its own metadata database, no retries.

    A running scheduler would take over any run in its database, so this one must use another.
    """
    from sqlalchemy import URL

    return {
        **_common(get_settings()),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": URL.create(
            "sqlite", database=str(walk_database())
        ).render_as_string(),
        "AIRFLOW__CORE__DEFAULT_TASK_RETRIES": "0",
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
    }


def for_services() -> dict[str, str]:
    """The environment for a scheduler, dag-processor, api-server and triggerer; by default all on this machine."""
    port = os.environ.get("AIRFLOW__API__PORT", "8080")
    return {
        **_common(get_settings()),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata_url(),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": metadata_url(),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE": "3",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__DEFAULT_TASK_RETRIES": "2",
        "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "60",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(password_file()),
        "AIRFLOW__API_AUTH__JWT_SECRET": _token_secret(),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": port,
        "AIRFLOW__API__WORKERS": "1",  # failed logins are counted per process
        "AIRFLOW__API__ENABLE_SWAGGER_UI": "False",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        # DAGs change with the program and the contracts; to read them twice a minute took half a processor.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
    }


def metadata_url() -> str:
    """Airflow's metadata database: a PostgreSQL of yours, or a database of the embedded server."""
    from akrim import warehouse
    from akrim.warehouse import embedded

    settings = get_settings()
    if settings.airflow_database_url:
        # Airflow puts a variable's value in the place of its name, also within a password.
        return warehouse.for_sqlalchemy(settings.airflow_database_url).replace("$", "%24")
    if settings.database_url:
        raise UserError(
            "Airflow needs a metadata database of its own beside the warehouse.",
            "AKRIM_AIRFLOW_DATABASE_URL",
            "Create an empty database on your PostgreSQL and set its address.",
        )
    return warehouse.for_sqlalchemy(warehouse.embedded_url(embedded.AIRFLOW))


def apply(environment: dict[str, str]) -> None:
    """Set these variables in this process unless already set; files created from now on are private.

    Raises UserError where texts are not read as UTF-8, by which Airflow fails on its own files.
    """
    if (encoding := locale.getpreferredencoding(do_setlocale=False)).upper() != "UTF-8":
        raise UserError(
            f"Texts are read as {encoding} here, and not as UTF-8.",
            "the locale",
            "Set PYTHONUTF8=1, or LC_ALL to a locale of UTF-8, such as C.UTF-8.",
        )
    os.umask(0o077)
    name_account()
    for name, value in environment.items():
        os.environ.setdefault(name, value)


def dags_folder() -> Path:
    """The DAGs' folder; raises UserError if it has none, where Airflow would silently run nothing."""
    folder = get_settings().project_root / "dags"
    if not any(folder.glob("*.py")):
        raise UserError(
            "There is no DAG in that folder.",
            str(folder),
            "Unset AKRIM_PROJECT_ROOT, or install akrim again: its wheel holds the DAGs.",
        )
    return folder


def password_file() -> Path:
    """The file with the password of the user `admin`."""
    return _created_once("passwords.json", lambda: json.dumps({"admin": secrets.token_urlsafe(12)}))


def _token_secret() -> str:
    """The secret that the services sign their tokens with."""
    return _created_once("token.secret", lambda: secrets.token_urlsafe(64)).read_text()


def _created_once(name: str, content: Callable[[], str]) -> Path:
    """A private file, created whole by the first process that needs it."""
    path = home() / name
    if path.exists() and not path.stat().st_size:
        path.unlink()  # a full disk may have left it empty
    if not path.exists():
        with suppress(FileExistsError):
            write_new(path, content().encode())
    return path


def _common(settings: Settings) -> dict[str, str]:
    folder = home()
    return {
        **QUIET,
        "AKRIM_HOME": str(settings.home),
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags_folder()),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(settings.project_root / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(folder / "logs"),
        "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FOLDER_PERMISSIONS": "0o700",
        "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FILE_PERMISSIONS": "0o600",
        "AIRFLOW__COSMOS__CACHE_DIR": str(folder / "cosmos"),
    }
