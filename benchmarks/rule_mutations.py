"""Whether unit tests bite: every rule, and every other model that has unit tests, is changed in many ways, and each change must fail a test.

    python benchmarks/rule_mutations.py [--of MODEL ...] [--home HOME]

Changed are a rule's threshold and points in the YAML block and, one place at a time, a model's SQL: comparisons, `and`, `or`,
conditions left out, joins, counts, extremes and literal numbers. (Steps and caps are held by the register of rule versions,
which no changed number passes.)
Each change becomes a model of its own with copies of its tests, in a copy of the project, so that dbt reads and
runs all of them at once. Changes that change nothing stand in rule_mutations.csv with the reason. Out come
a table by rule and each change that no test noticed; the exit code says whether there was one. Needs a home in which a
release has been made, since dbt reads column types from its tables.
"""

import argparse
import csv
import json
import os
import re
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from akrim import warehouse
from akrim.rules import catalogue
from akrim.rules.catalogue import Rule
from akrim.rules.dbt import SAMPLE_RUN, run_environment
from akrim.settings import PROJECT_ROOT, get_settings
from dbt.cli.main import dbtRunner

# What is looked for, what it becomes, and what to call it.
OPERATORS = (
    (r" <= ", " < ", "<= to <"),
    (r" >= ", " > ", ">= to >"),
    (r" < ", " <= ", "< to <="),
    (r" > ", " >= ", "> to >="),
    (r"(?<=[a-z_)']) = (?=[a-z_'(])", " <> ", "= to <>"),
    (r" <> ", " = ", "<> to ="),
    (r"\band\b(?! \{\{)", "or", "and to or"),
    (r"\bor\b(?! \{\{)", "and", "or to and"),
    (r"(?m)^ +and [^\n]+$", "", "condition left out"),
    (r"\bnot exists\b", "exists", "not exists to exists"),
    (r"(?<!not )\bexists\b", "not exists", "exists to not exists"),
    (r"\binner join\b", "left join", "inner join to left join"),
    (r"\bleft join\b", "inner join", "left join to inner join"),
    (r"\bmin\(", "max(", "min to max"),
    (r"\bmax\(", "min(", "max to min"),
    (r"count\(distinct ", "count(", "count distinct to count"),
    (r"\bmay_add_points\b", "true", "may add points to true"),
    (r"\bis_conviction\b", "true", "is a conviction to true"),
    (r"(?<=, )true\)", "false)", "true to false"),
    (r"(?<=, )false\)", "true)", "false to true"),
    (
        r"(?<![\w.'{])(?<!select )(\d{1,3})(?![\w'}])",
        lambda found: str(int(found[1]) + 1),
        "number one higher",
    ),
    (r"interval '(\d+) years'", lambda found: f"interval '{int(found[1]) + 1} years'", "a year longer"),
)

# What a comment or a statement of Jinja's stands between.
NOT_SQL = (("{#", "#}"), ("{%", "%}"))

# Changes after which the model still says the same: the model, the change, part of its line, and why.
EQUIVALENT = Path(__file__).with_suffix(".csv")


class Subject(NamedTuple):
    """A model that has unit tests; of a rule also its numbers."""

    name: str
    path: Path
    tests: list[dict[str, Any]]
    rule: Rule | None


class Change(NamedTuple):
    """One change to one model: the text of its SQL, a rule's numbers, and what was done."""

    model: str
    told: str
    sql: str
    block: dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--of", action="append", help="only this model; may be repeated")
    parser.add_argument("--home", type=Path, help="default: AKRIM_HOME")
    given = parser.parse_args()
    if given.home:
        os.environ["AKRIM_HOME"] = str(given.home)
        get_settings.cache_clear()
    subjects = [subject for subject in models_with_tests() if not given.of or subject.name in given.of]
    with tempfile.TemporaryDirectory() as folder:
        fates = mutate(subjects, Path(folder))
    columns = ("noticed", "equivalent", "no valid SQL", "unnoticed")
    print(f"{'':28}{'changes':>14}" + "".join(f"{column:>14}" for column in columns))
    for name in [*dict.fromkeys(change.model for change, _ in fates), "all"]:
        own = Counter(fate for change, fate in fates if name in {change.model, "all"})
        print(f"{name:28}{own.total():>14}" + "".join(f"{own[column]:>14}" for column in columns))
    unnoticed = [change for change, fate in fates if fate == "unnoticed"]
    for change in unnoticed:
        print(f"- {change.model}: {change.told}")
    sys.exit(bool(unnoticed))


def models_with_tests() -> list[Subject]:
    """Every model with unit tests of its own, rules first."""
    tests = defaultdict(list)
    for path in sorted((PROJECT_ROOT / "dbt_project" / "models").rglob("_*unit_tests.yml")):
        for test in yaml.safe_load(path.read_text(encoding="utf-8"))["unit_tests"]:
            tests[test["model"]].append(test)
    paths = {path.stem: path for path in (PROJECT_ROOT / "dbt_project" / "models").rglob("*.sql")}
    rules = {rule.code: rule for rule in catalogue.load_rules()}
    return [
        Subject(name, paths[name], tests[name], rules.get(name))
        for name in [*rules, *sorted(tests.keys() - rules)]
    ]


def mutate(subjects: list[Subject], folder: Path) -> list[tuple[Change, str]]:
    """Every change to the models with what became of it: noticed, equivalent, no valid SQL or unnoticed."""
    project = folder / "dbt_project"
    shutil.copytree(PROJECT_ROOT / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))
    blocks = {rule.code: numbers_of(rule) for rule in catalogue.load_rules()}
    changes = {}
    for subject in subjects:
        own = {f"{subject.name}__{number}": change for number, change in enumerate(changes_of(subject))}
        changes |= own
        blocks |= {name: change.block for name, change in own.items() if change.block}
        add_models(subject, own, project)
    print(f"{len(changes)} changes to {len(subjects)} models", file=sys.stderr, flush=True)
    statuses = run_tests([*changes, *(subject.name for subject in subjects)], blocks, project)
    for subject in subjects:
        if statuses[subject.name] != {"pass"}:
            raise SystemExit(f"{subject.name}: its tests do not pass unchanged")
    with EQUIVALENT.open(encoding="utf-8", newline="") as file:
        equivalent = list(csv.DictReader(file))
    return [(change, fate_of(change, statuses[name], equivalent)) for name, change in changes.items()]


def add_models(subject: Subject, changes: dict[str, Change], project: Path) -> None:
    """Write each change as a model, with the unit tests under its name, into the copy of the project."""
    area = project / subject.path.parent.relative_to(PROJECT_ROOT / "dbt_project")
    copies = []
    for name, change in changes.items():
        (area / f"{name}.sql").write_text(
            change.sql.replace(f"'{subject.name}'", f"'{name}'"), encoding="utf-8"
        )
        copies += [
            test | {"name": f"{name}_{number}", "model": name} for number, test in enumerate(subject.tests)
        ]
    text = yaml.safe_dump({"version": 2, "unit_tests": copies}, allow_unicode=True)
    (area / f"_{subject.name}_changed.yml").write_text(text, encoding="utf-8")


def fate_of(change: Change, statuses: set[str], equivalent: list[dict[str, str]]) -> str:
    if "fail" in statuses:
        return "noticed"
    if statuses - {"pass"}:
        return "no valid SQL"
    for row in equivalent:
        if (
            change.model == row["model"]
            and change.told.startswith(row["change"])
            and row["line"] in change.told
        ):
            return "equivalent"
    return "unnoticed"


def changes_of(subject: Subject) -> Iterator[Change]:
    sql, block = subject.path.read_text(encoding="utf-8"), {}
    if subject.rule:
        rule, block = subject.rule, numbers_of(subject.rule)
        yield Change(subject.name, "threshold +1", sql, block | {"threshold": rule.threshold + 1})
        more = {"points": rule.points + 1, "cap": rule.cap + 1}
        yield Change(subject.name, "points and cap +1", sql, block | more)
    for pattern, becomes, told in OPERATORS:
        for found in re.finditer(pattern, sql):
            if any(
                sql.rfind(begin, 0, found.start()) > sql.rfind(end, 0, found.start())
                for begin, end in NOT_SQL
            ):
                continue
            line_number = sql.count("\n", 0, found.start()) + 1
            line = sql.splitlines()[line_number - 1]
            if line.lstrip().startswith("--"):
                continue
            replaced = becomes if isinstance(becomes, str) else becomes(found)
            changed = sql[: found.start()] + replaced + sql[found.end() :]
            yield Change(subject.name, f"{told}, line {line_number}: {line.strip()}", changed, block)


def numbers_of(rule: Rule) -> dict[str, Any]:
    return {**asdict(rule), "area": rule.area, "valid_from": str(rule.valid_from)}


def run_tests(models: list[str], blocks: dict[str, dict[str, Any]], project: Path) -> dict[str, set[str]]:
    """Run the models' unit tests, and say how each model's ended."""
    os.environ |= warehouse.dbt_environment() | run_environment(SAMPLE_RUN)
    result = dbtRunner().invoke(
        ["--log-level", "none", "--log-level-file", "none", "test", "--select",
         *(f"{model},test_type:unit" for model in models),
         "--project-dir", str(project), "--profiles-dir", str(project), "--vars", json.dumps({"rules": blocks})]
    )  # fmt: skip
    if result.result is None:
        raise SystemExit(f"dbt: {result.exception}")
    statuses: dict[str, set[str]] = defaultdict(set)
    # unit_test.akrim.<model>.<test>
    for node in result.result.results:
        statuses[node.node.unique_id.split(".")[2]].add(str(node.status))
    return statuses


if __name__ == "__main__":
    main()
