"""Whether the rules' unit tests bite: every rule is changed in many ways, and each change must fail a test.

    python benchmarks/rule_mutations.py [--rule CODE ...] [--home HOME]

Changed are the threshold and the points of the YAML block and, one place at a time, the SQL: comparisons, `and`, `or`,
conditions left out, joins, counts, extremes and literal numbers. (Steps and caps are held by the register of rule versions, which no changed number passes.)
Each change becomes a model of its own with copies of its rule's tests, in a copy of the project, so that dbt reads and
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
    (r"(?<![\w.'{])(\d{1,3})(?![\w'}])", lambda found: str(int(found[1]) + 1), "number one higher"),
    (r"interval '(\d+) years'", lambda found: f"interval '{int(found[1]) + 1} years'", "a year longer"),
)

# Changes after which the rule still says the same of every person: the rule, the change, part of its line, and why.
EQUIVALENT = Path(__file__).with_suffix(".csv")


class Change(NamedTuple):
    """One change to one rule: the text of its SQL, its numbers, and what was done."""

    code: str
    told: str
    sql: str
    block: dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rule", action="append", help="only this rule; may be repeated")
    parser.add_argument("--home", type=Path, help="default: AKRIM_HOME")
    given = parser.parse_args()
    if given.home:
        os.environ["AKRIM_HOME"] = str(given.home)
        get_settings.cache_clear()
    rules = [rule for rule in catalogue.load_rules() if not given.rule or rule.code in given.rule]
    with tempfile.TemporaryDirectory() as folder:
        fates = mutate(rules, Path(folder))
    columns = ("noticed", "equivalent", "no valid SQL", "unnoticed")
    print(f"{'':28}{'changes':>14}" + "".join(f"{column:>14}" for column in columns))
    for code in [*dict.fromkeys(change.code for change, _ in fates), "all"]:
        own = Counter(fate for change, fate in fates if code in {change.code, "all"})
        print(f"{code:28}{own.total():>14}" + "".join(f"{own[column]:>14}" for column in columns))
    unnoticed = [change for change, fate in fates if fate == "unnoticed"]
    for change in unnoticed:
        print(f"- {change.code}: {change.told}")
    sys.exit(bool(unnoticed))


def mutate(rules: list[Rule], folder: Path) -> list[tuple[Change, str]]:
    """Every change to the rules with what became of it: noticed, equivalent, no valid SQL or unnoticed."""
    project = folder / "dbt_project"
    shutil.copytree(PROJECT_ROOT / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))
    blocks = {rule.code: numbers_of(rule) for rule in catalogue.load_rules()}
    changes = {}
    for rule in rules:
        own = {f"{rule.code}__{number}": change for number, change in enumerate(changes_of(rule))}
        changes |= own
        blocks |= {name: change.block for name, change in own.items()}
        add_models(rule, own, project)
    print(f"{len(changes)} changes to {len(rules)} rules", file=sys.stderr, flush=True)
    statuses = run_tests([*changes, *(rule.code for rule in rules)], blocks, project)
    for rule in rules:
        if statuses[rule.code] != {"pass"}:
            raise SystemExit(f"{rule.code}: its tests do not pass unchanged")
    with EQUIVALENT.open(encoding="utf-8", newline="") as file:
        equivalent = list(csv.DictReader(file))
    return [(change, fate_of(change, statuses[name], equivalent)) for name, change in changes.items()]


def add_models(rule: Rule, changes: dict[str, Change], project: Path) -> None:
    """Write each change as a model, with the rule's unit tests under its name, into the copy of the project."""
    area = project / rule.model_path.parent.relative_to(PROJECT_ROOT / "dbt_project")
    tests = yaml.safe_load((area / f"_{rule.area}_unit_tests.yml").read_text(encoding="utf-8"))["unit_tests"]
    tests = [test for test in tests if test["model"] == rule.code]
    copies = []
    for name, change in changes.items():
        (area / f"{name}.sql").write_text(change.sql.replace(f"'{rule.code}'", f"'{name}'"), encoding="utf-8")
        copies += [test | {"name": f"{name}_{number}", "model": name} for number, test in enumerate(tests)]
    text = yaml.safe_dump({"version": 2, "unit_tests": copies}, allow_unicode=True)
    (area / f"_{rule.code}_changed.yml").write_text(text, encoding="utf-8")


def fate_of(change: Change, statuses: set[str], equivalent: list[dict[str, str]]) -> str:
    if "fail" in statuses:
        return "noticed"
    if statuses - {"pass"}:
        return "no valid SQL"
    for row in equivalent:
        if (
            change.code == row["rule"]
            and change.told.startswith(row["change"])
            and row["line"] in change.told
        ):
            return "equivalent"
    return "unnoticed"


def changes_of(rule: Rule) -> Iterator[Change]:
    sql = rule.model_path.read_text(encoding="utf-8")
    block = numbers_of(rule)
    yield Change(rule.code, "threshold +1", sql, block | {"threshold": rule.threshold + 1})
    yield Change(
        rule.code, "points and cap +1", sql, block | {"points": rule.points + 1, "cap": rule.cap + 1}
    )
    for pattern, becomes, told in OPERATORS:
        for found in re.finditer(pattern, sql):
            if sql.rfind("{#", 0, found.start()) > sql.rfind("#}", 0, found.start()):
                continue
            line_number = sql.count("\n", 0, found.start()) + 1
            line = sql.splitlines()[line_number - 1]
            if line.lstrip().startswith("--"):
                continue
            replaced = becomes if isinstance(becomes, str) else becomes(found)
            changed = sql[: found.start()] + replaced + sql[found.end() :]
            yield Change(rule.code, f"{told}, line {line_number}: {line.strip()}", changed, block)


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
