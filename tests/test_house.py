"""The house as docs/adr/0013 and CONTRIBUTING.md have it: files and rooms of a size, no circle, and a wall around each package."""

import ast
import tomllib
from collections.abc import Collection, Iterator
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
AKRIM = ROOT / "include/akrim"
CODE = [
    path
    for folder in ("include", "dags", "expectations", "plugins", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
LINES_OF_A_FILE, LINES_OF_A_FUNCTION, LINES_OF_A_MODEL, MODULES_OF_A_FOLDER = 300, 40, 120, 15
# Revisions of the schema are a series that only grows.
SERIES = AKRIM / "warehouse/migrations/versions"


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_file_is_longer_than_one_thing_takes() -> None:
    assert [str(path.relative_to(ROOT)) for path in CODE if _lines(path) > LINES_OF_A_FILE] == []


def test_no_function_is_longer_than_a_screen() -> None:
    """But for those of commands, which have a line or more for each option."""
    longer = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in AKRIM.rglob("*.py")
        if "commands" not in path.parts and path.parent != SERIES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno >= LINES_OF_A_FUNCTION
    ]
    assert longer == []


def test_no_model_is_longer_than_one_thought_takes() -> None:
    models = (ROOT / "dbt_project/models").rglob("*.sql")
    assert [path.stem for path in models if _lines(path) > LINES_OF_A_MODEL] == []


def test_no_folder_has_more_modules_than_can_be_overlooked() -> None:
    folders = {path.parent for path in AKRIM.rglob("*.py")} - {SERIES}
    modules = {
        folder: [path for path in folder.glob("*.py") if path.stem != "__init__"] for folder in folders
    }
    crowded = {
        folder.name: len(found) for folder, found in modules.items() if len(found) > MODULES_OF_A_FOLDER
    }
    assert crowded == {}


def test_every_package_has_a_wall() -> None:
    """A contract of import-linter, which a new package would want of somebody who remembers."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    held = {name for contract in contracts for name in contract.get("protected_modules", ())}
    packages = {path.parent.name for path in AKRIM.glob("*/__init__.py")}
    assert {f"akrim.{package}.**" for package in packages} <= held


def test_no_modules_import_each_other() -> None:
    """As they are read, and not only where a function is called: TopologicalSorter names the circle."""
    modules = {_name(path): path for path in AKRIM.rglob("*.py")}
    TopologicalSorter({name: set(_imported(path, modules)) for name, path in modules.items()}).prepare()


def _name(path: Path) -> str:
    return ".".join(path.relative_to(AKRIM.parent).with_suffix("").parts).removesuffix(".__init__")


def _imported(path: Path, modules: Collection[str]) -> Iterator[str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module in modules:
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name if name in modules else node.module for name in names)
