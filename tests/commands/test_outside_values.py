"""Every value that comes from outside is listed in docs/outside-values.md, and none of them acts on anything."""

import ast
import re
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import typer
from akrim.cli import app
from akrim.deliveries.inbox.manifest import FIELDS, FILE_FIELDS
from akrim.errors import UserError
from akrim.settings import PROJECT_ROOT, Settings, get_settings
from typer.testing import CliRunner

from tests.conftest import configure, create_database, drop_database
from tests.hostile import hidden

LISTED = set(re.findall(r"`([\w.]+)`", (PROJECT_ROOT / "docs" / "outside-values.md").read_text("utf-8")))
HOSTILE = [
    "x'; create table public.harmed (x int); --",
    'x"; drop schema marts cascade; --',
    "$(touch harmed) `touch harmed` ; touch harmed | tee harmed",
    "../../../harmed",
    "{{ 7357 * 7357 }}{% raw %}%(x)s {x} ${x} [bold red]x[/bold red] [/]",
    "x\x1b[31m\u202eharmed\u2066",
]
# What each command needs besides the value that is tried.
SOUND = {
    "period": "2025-T3", "delivery": "nav-2025-T3-01", "release": "2025-T3.1", "earlier": "2025-T3.1", "later": "2026-T1.1",
    "person_id": "p-1", "person": "p-1", "fact": "nav/saker/S1", "case_id": "1", "outcome": "upheld", "centre_id": "oslo",
    "by": "Kari", "reason": "because", "author": "Kari", "since": "2026-01-01", "day": "2026-01-01", "query": "select 1",
    "one": "nav/N1", "other": "politiet/P1", "verdict": "same", "kind": "person",
    "held_id": "p-1",
}  # fmt: skip
# The golden releases were written without dbt: what only dbt makes is not there to be asked.
ENDINGS = (SystemExit, UserError, psycopg.errors.UndefinedFunction)
# Where the operator says that a file be written.
OPERATORS_PATHS = {"out", "receipt"}
# These start services, train a model or make a whole world; what they are given is tried where it is read.
NOT_STARTED = {"up", "receive", "run", "doctor", "synth", "train", "evaluate", "reproduce", "verify_linkage"}


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))
    if not getattr(command, "commands", None) or getattr(command, "invoke_without_command", False):
        yield path, command


COMMANDS = list(commands(typer.main.get_command(app)))
TEXTS = [
    (path, parameter.name)
    for path, command in COMMANDS
    if not NOT_STARTED & set(path)
    for parameter in command.params
    if not getattr(parameter, "is_flag", False) and parameter.name != "help"
]


def test_every_argument_is_listed() -> None:
    names = {parameter.name for _, command in COMMANDS for parameter in command.params} - {"help"}
    assert names - LISTED == set()


def test_every_setting_is_listed() -> None:
    assert Settings.model_fields.keys() - LISTED == set()


def test_every_field_of_a_manifest_is_listed() -> None:
    assert {*FIELDS, *FILE_FIELDS} - LISTED == set()


def test_every_parameter_of_a_dag_is_listed() -> None:
    names = set()
    for path in (PROJECT_ROOT / "dags").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "params" and isinstance(node.value, ast.Dict):
                names |= {key.value for key in node.value.keys if isinstance(key, ast.Constant)}
    assert names == {"period", "release_id", "day"}
    assert names - LISTED == set()


@pytest.fixture(scope="module")
def copied(
    server: str, golden_name: str, published: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """The address of a copy of the golden database, and a copy of its home, so that what commands do there concerns no other test."""
    copy = f"outside_{uuid.uuid4().hex[:8]}"
    create_database(server, copy, golden_name)
    home = shutil.copytree(published.parent, tmp_path_factory.mktemp("outside") / "home")
    yield server.format(copy), home
    drop_database(server, copy)


@pytest.fixture
def installation(copied: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The golden releases as an installation of their own, in a folder where nothing else lies."""
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b" / "c")
    address, home = copied
    configure(monkeypatch, AKRIM_HOME=str(home), AKRIM_DATABASE_URL=address)
    yield address
    get_settings.cache_clear()


def relations(address: str) -> list[Any]:
    with psycopg.connect(address) as connection:
        return connection.execute(
            "select n.nspname, c.relname, c.relkind from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname !~ '^pg_' order by 1, 2, 3"
        ).fetchall()


def arguments(path: tuple[str, ...], tried: str, value: str) -> list[str]:
    command = next(command for known, command in COMMANDS if known == path)
    options, positional = [], []
    for parameter in command.params:
        given = (
            value if parameter.name == tried else SOUND.get(parameter.name) if parameter.required else None
        )
        if given is None:
            continue
        if parameter.param_type_name == "argument":
            positional.append(given)
        else:
            options.append(f"{parameter.opts[0]}={given}")
    return [*path, *options, "--", *positional] if positional else [*path, *options]


@pytest.mark.slow
@pytest.mark.parametrize(("path", "name"), TEXTS, ids=[f"{' '.join(path)} {name}" for path, name in TEXTS])
def test_an_argument_acts_on_nothing(
    installation: str, tmp_path: Path, path: tuple[str, ...], name: str
) -> None:
    before = relations(installation)
    for value in HOSTILE:
        ran = CliRunner().invoke(app, arguments(path, name, value))
        assert ran.exception is None or isinstance(ran.exception, ENDINGS), (value, ran.exception)
        assert hidden(ran.output) == set()
        assert str(7357 * 7357) not in ran.output
    assert relations(installation) == before
    if name not in OPERATORS_PATHS:
        assert [found for found in tmp_path.rglob("*") if "harmed" in found.name] == []
