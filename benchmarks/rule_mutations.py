"""Whether the rules' unit tests bite: every rule is changed in many ways, and each change must fail a test.

    python benchmarks/rule_mutations.py [--rule CODE ...] [--home HOME]

Changed are the threshold and the points of the YAML block and, one place at a time, the SQL: comparisons, `and`, joins,
counts and literal numbers. (Steps and caps are held by the register of rule versions, which no changed number passes.) The rules' tests are independent of each other, so each round changes one thing
in every rule and runs all of their tests once. Out comes each change that no test noticed; the exit code says whether
there was one. Needs a home in which a release has been made, since dbt reads column types from its tables.
"""

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from akrim import catalogue, warehouse
from akrim.catalogue import Rule
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
    (r"\bnot exists\b", "exists", "not exists to exists"),
    (r"\binner join\b", "left join", "inner join to left join"),
    (r"count\(distinct ", "count(", "count distinct to count"),
    (r"(?<=, )true\)", "false)", "true to false"),
    (r"(?<![\w.'{])(\d{1,3})(?![\w'}])", lambda found: str(int(found[1]) + 1), "number one higher"),
    (r"interval '(\d+) years'", lambda found: f"interval '{int(found[1]) + 1} years'", "a year longer"),
)


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
    rules = [rule for rule in catalogue.rules() if not given.rule or rule.code in given.rule]
    with tempfile.TemporaryDirectory() as folder:
        survived, invalid, total = mutate(rules, Path(folder))
    print(
        f"\n{total} changes to {len(rules)} rules: {total - len(survived) - invalid} noticed, {invalid} no valid SQL,"
        f" {len(survived)} unnoticed"
    )
    for change in survived:
        print(f"- {change.code}: {change.told}")
    sys.exit(bool(survived))


def mutate(rules: list[Rule], folder: Path) -> tuple[list[Change], int, int]:
    """Run every change; the unnoticed ones, how many were no valid SQL, and how many there were."""
    project = folder / "dbt_project"
    shutil.copytree(PROJECT_ROOT / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))
    survived, invalid, total = [], 0, 0
    changes = [list(changes_of(rule)) for rule in rules]
    for number, round_ in enumerate(zip_longest(*changes), start=1):
        made = [change for change in round_ if change]
        print(
            f"round {number} of {max(map(len, changes))}: {len(made)} rules changed",
            file=sys.stderr,
            flush=True,
        )
        statuses = run_tests(rules, made, project)
        total += len(made)
        for change in made:
            if "fail" in statuses[change.code]:
                continue
            if statuses[change.code] - {"pass"}:
                invalid += 1
            else:
                survived.append(change)
    return survived, invalid, total


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


def run_tests(rules: list[Rule], changes: list[Change], project: Path) -> dict[str, set[str]]:
    """Write the changes into the copy of the project, run the rules' unit tests, and say how each rule's ended."""
    blocks = {rule.code: numbers_of(rule) for rule in catalogue.rules()}
    for rule in rules:
        copy = project / rule.model_path.relative_to(PROJECT_ROOT / "dbt_project")
        shutil.copyfile(rule.model_path, copy)
    for change in changes:
        blocks[change.code] = change.block
        next(project.rglob(f"{change.code}.sql")).write_text(change.sql, encoding="utf-8")
    selected = " ".join(f"{change.code},test_type:unit" for change in changes)
    variables = {
        "release_id": "2025-T3.1", "period": "2025-T3", "as_of": "2025-12-31", "data_mode": "synthetic", "pins": {},
        "rules": blocks,
    }  # fmt: skip
    os.environ |= warehouse.dbt_environment()
    result = dbtRunner().invoke(
        ["--log-level", "none", "--log-level-file", "none", "test", "--select", *selected.split(" "),
         "--project-dir", str(project), "--profiles-dir", str(project), "--vars", json.dumps(variables)]
    )  # fmt: skip
    if result.result is None:
        raise SystemExit(f"dbt: {result.exception}")
    statuses: dict[str, set[str]] = defaultdict(set)
    for node in result.result.results:
        statuses[node.node.tested_node_unique_id.rsplit(".", 1)[-1]].add(str(node.status))
    return statuses


if __name__ == "__main__":
    main()
