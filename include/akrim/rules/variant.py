"""The rules with some numbers or files changed, compiled beside the rules as they are.

Changes are made in a copy; the project's own files are only read.
"""

import csv
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from akrim.errors import UserError
from akrim.own_yaml import read_own
from akrim.rules.dbt import compile_models

FOLDERS = ("models", "macros", "seeds")
NUMBER = r"[0-9]{1,9}"  # more is none of the database's
NUMBERS = ("threshold", "points", "step_size", "step_points", "cap", "look_back")


class CompiledRules(NamedTuple):
    """The SQL of every model and the CSV text of every seed, by relation."""

    models: dict[str, str]
    seeds: dict[str, str]


def compile_rules(project: Path, about: Mapping[str, str]) -> CompiledRules:
    """What the project makes of a run; `about` is its release_id, period and as_of. Asks no database."""
    nodes = compile_models(project, about)
    return CompiledRules(
        {f"{n.schema}.{n.name}": n.compiled_code.replace(f'"{n.database}".', "") for n in nodes},
        {
            f"seeds.{file.stem}": file.read_text(encoding="utf-8")
            for file in (project / "seeds").glob("*.csv")
        },
    )


def compile_variant(
    project: Path, about: Mapping[str, str], settings: Iterable[str], files: Iterable[Path]
) -> CompiledRules:
    """What the project would make of a run with these changes.

    Args:
        settings: `RULE.NUMBER=VALUE`, or `SEED.ROW.COLUMN=VALUE` where the row is named by its first column.
        files: each takes the place of the project's file of the same name.

    Raises UserError where there is nothing of that name, or where the result does not compile.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "dbt_project"
        shutil.copytree(project, copy, ignore=shutil.ignore_patterns("target", "logs", "dbt_packages"))
        for file in files:
            _replace(copy, file)
        for setting in settings:
            _set(copy, setting)
        return compile_rules(copy, about)


def _replace(copy: Path, file: Path) -> None:
    if not file.is_file():
        raise UserError("There is no such file.", str(file), "Give a changed copy of a file of dbt_project.")
    same = [path for folder in FOLDERS for path in (copy / folder).rglob("*") if path.name == file.name]
    if len(same) != 1:
        raise UserError(
            f"dbt_project has {len(same)} files named {file.name}.",
            str(file),
            "Give a changed copy of a model, a macro, a seed or a YAML block under the name that it has.",
        )
    shutil.copyfile(file, same[0])


def _set(copy: Path, setting: str) -> None:
    target, _, value = setting.partition("=")
    parts = target.split(".")
    if not re.fullmatch(NUMBER, value) or len(parts) not in (2, 3):
        raise UserError(
            "That sets no whole number from 0 to 999999999.",
            setting,
            "Write RULE.NUMBER=VALUE, such as serial_bankruptcy.points=12.",
        )
    match parts:
        case [code, number]:
            _set_in_rule(copy, code, number, int(value))
        case [seed, row, column]:
            _set_in_seed(copy, seed, row, column, value)


def _set_in_rule(copy: Path, code: str, number: str, value: int) -> None:
    for file in sorted((copy / "models" / "indicators").rglob("_*.yml")):
        document = read_own(file)
        for block in document.get("models", []):
            if block["name"] == code:
                _check(number, list(NUMBERS), code)
                block["config"]["meta"][number] = value
                text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
                file.write_text(text, encoding="utf-8")
                return
    raise UserError(f"There is no rule {code}.", "--set", "docs/rules.md names them all.")


def _set_in_seed(copy: Path, seed: str, row: str, column: str, value: str) -> None:
    _check(seed, [file.stem for file in (copy / "seeds").glob("*.csv")], "seeds")
    file = copy / "seeds" / f"{seed}.csv"
    with file.open(encoding="utf-8", newline="") as opened:
        rows: list[dict[str, Any]] = list(csv.DictReader(opened))
    columns = list(rows[0])
    _check(column, columns, seed)
    chosen = [one for one in rows if one[columns[0]] == row]
    if len(chosen) != 1:
        raise UserError(
            f"{seed} has {len(chosen)} rows named {row}.",
            "--set",
            f"Change one row alone by its name, several by a changed {seed}.csv and --file.",
        )
    chosen[0][column] = value
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _check(name: str, known: list[str], where: str) -> None:
    if name not in known:
        raise UserError(f"{where} has no {name}.", "--set", f"One of: {', '.join(sorted(known))}.")
