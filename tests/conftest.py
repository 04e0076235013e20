"""One embedded PostgreSQL for the test session, and a fresh, prepared database and home folder for each test."""

import atexit
import gc
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from akrim import warehouse as warehouse_module
from akrim.deliveries import prepare_landing
from akrim.orchestration.locks import unlock_assessment
from akrim.settings import get_settings
from akrim.warehouse import embedded, idle
from hypothesis import settings
from psycopg import sql

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# How long an example takes tells of the machine's load, and of nothing that a test is about.
settings.register_profile("akrim", deadline=None)
settings.load_profile("akrim")
TEMPLATE = "template_akrim"
READERS = [
    sql.Identifier(role) for role in (embedded.ANALYST, embedded.AUDITOR, embedded.CLERK, embedded.CENTRES)
]
OTHERS = "select count(*) from pg_stat_activity where datname = %s"
# Files that are no disk's, and how much of them there must be room for.
MEMORY, ROOM = Path("/dev/shm"), 4 * 1024**3  # noqa: S108  # a folder in it is made anew, or the test fails
# What tests of several packages or files stand on: an agency more, the installed wheel, a linked population, a mail server and a webhook,
# two releases that limits compare, the golden world, published once, and a bucket.
pytest_plugins = [
    "tests.deliveries.new_agency",
    "tests.installed",
    "tests.letters",
    "tests.linkage.linked",
    "tests.releases.compared_marts",
    "tests.releases.fixtures",
    "tests.storages.bucket",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files whose tests take minutes, known by their time limit, come first: else one worker ends long alone."""
    longest = {item.path for item in items if item.get_closest_marker("timeout")}
    items.sort(key=lambda item: item.path not in longest)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it for garbage again and again was a part of every test."""
    gc.freeze()
    gc.set_threshold(100_000, 10, 10)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Every test begins as a login does: what an earlier one in this process said of new files' modes is not kept."""
    os.umask(0o022)


def as_user(address: str, user: str) -> str:
    """The same database, for another role of the server."""
    return address.replace(f"{embedded.PIPELINE}@", f"{user}@", 1)


def create_database(server: str, name: str, template: str = "template1") -> None:
    """A database of the pipeline's role, with the rights of the real one: laid in a new one, and copied with a template."""
    names = sql.Identifier(name), sql.Identifier(template), sql.Identifier(embedded.PIPELINE)
    with superuser(server, "postgres") as connection:
        _leave(connection, template)
        connection.execute(
            sql.SQL("create database {} template {} owner {} strategy file_copy").format(*names)
        )
        if template != "template1":  # what stands in a database is copied, what is said of it is not
            connection.execute(sql.SQL("revoke all on database {} from public").format(names[0]))
            connection.execute(
                sql.SQL("grant connect on database {} to {}").format(names[0], sql.SQL(", ").join(READERS))
            )
            return
    with superuser(server, name) as connection:
        connection.execute(resources.files("akrim.warehouse").joinpath("rights.sql").read_bytes())


def drop_database(server: str, name: str) -> None:
    with superuser(server, "postgres") as connection:
        _leave(connection, name)
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _leave(connection: psycopg.Connection, name: str) -> None:
    """Have nobody of this process in a database that is copied or dropped: the server would wait a tenth of a second for each."""
    idle.close_all()
    for _ in range(50):
        if connection.execute(OTHERS, [name]).fetchone() == (0,):
            return
        time.sleep(0.002)


def superuser(server: str, database: str) -> psycopg.Connection:
    """A connection of the server's superuser, which waits for no transaction's end."""
    return psycopg.connect(as_user(server, embedded.SUPERUSER).format(database), autocommit=True)


def _in_memory(folder: Path) -> Path:
    """A folder of this process's own in memory, else the given one: a disk takes longer to copy a database than most tests to run."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        return folder
    for left in MEMORY.glob("akrim-tests-*"):
        if not Path(f"/proc/{left.name.rpartition('-')[2]}").exists():
            shutil.rmtree(left, ignore_errors=True)
    own = MEMORY / f"akrim-tests-{os.getpid()}"
    own.mkdir(mode=0o700)
    atexit.register(shutil.rmtree, own, ignore_errors=True)
    return own


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the session's server, up to the database's name, with the template database prepared."""
    home = tmp_path_factory.mktemp("server")
    home.chmod(0o700)
    socket = embedded.ensure_running(_in_memory(home) / "postgres")
    address = embedded.address(socket, "{}")
    with superuser(address, "postgres") as connection:  # nobody needs these databases after a crash
        connection.execute("alter system set fsync = off")
        connection.execute("alter system set max_wal_size = '128MB'")  # it may be in memory
        # The least there may be: what outgrows it in a country's second period outgrows it here in a village's.
        connection.execute("alter system set temp_buffers = '800kB'")
        connection.execute("select pg_reload_conf()")
    create_database(address, TEMPLATE)
    before = {name: os.environ.get(name) for name in ("AKRIM_HOME", "AKRIM_DATABASE_URL")}
    os.environ |= {"AKRIM_HOME": str(home), "AKRIM_DATABASE_URL": address.format(TEMPLATE)}
    get_settings.cache_clear()
    warehouse_module.prepare()
    prepare_landing()
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
    get_settings.cache_clear()
    return address


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home folder of the test's own, with the default settings."""
    for name in [name for name in os.environ if name.startswith("AKRIM_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "home"
    monkeypatch.setenv("AKRIM_HOME", str(folder))
    # The suite has a test on each core.
    monkeypatch.setenv("AKRIM_PROCESSES", "1")
    monkeypatch.chdir(tmp_path)
    get_settings.cache_clear()
    yield folder
    get_settings.cache_clear()


def configure(patch: pytest.MonkeyPatch, **variables: str) -> None:
    """Give settings by these variables, whatever was read before."""
    for name, value in variables.items():
        patch.setenv(name, value)
    get_settings.cache_clear()


@contextmanager
def database(server: str, patch: pytest.MonkeyPatch, template: str = TEMPLATE) -> Iterator[str]:
    """A database made from a template, which the settings point at. Yields its address."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    create_database(server, name, template)
    address = server.format(name)
    configure(patch, AKRIM_DATABASE_URL=address)
    for login, role in (
        ("ANALYST", embedded.ANALYST),
        ("AUDITOR", embedded.AUDITOR),
        ("CLERK", embedded.CLERK),
    ):
        patch.setenv(f"AKRIM_{login}_DATABASE_URL", as_user(address, role))
    try:
        yield address
    finally:
        # A task holds it to the end of its process, which here is the next test's too.
        unlock_assessment()
        drop_database(server, name)


@contextmanager
def installation_on(server: str, template: str, home: Path) -> Iterator[str]:
    """A copy of a database with a home folder, which the settings point at, for more than one test. Yields its address."""
    with pytest.MonkeyPatch.context() as patch, database(server, patch, template) as address:
        configure(patch, AKRIM_HOME=str(home))
        yield address
    get_settings.cache_clear()


@pytest.fixture
def warehouse(server: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A fresh database, prepared for every contract; the settings point at it. Yields its address."""
    with database(server, monkeypatch) as address:
        yield address


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Airflow's environment, put in place before it is first imported: it reads its configuration once."""
    from akrim.orchestration.airflow import configuration

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AKRIM_HOME", str(tmp_path_factory.mktemp("airflow")))
        get_settings.cache_clear()
        for name, value in configuration.for_walk().items():
            patch.setenv(name, os.environ.get(name, value))
        yield
    get_settings.cache_clear()


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium, started as a reader would have it, but for the sandbox that root cannot have."""
    from playwright.sync_api import sync_playwright  # only tests of pages need it

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        found = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        yield found
        found.close()
