"""What is said to change nothing is a change of the SQL as it stands."""

import csv
import runpy

import pytest
from akrim.rules import load_rules
from akrim.settings import PROJECT_ROOT

pytestmark = pytest.mark.slow

SCRIPT = PROJECT_ROOT / "benchmarks" / "rule_mutations.py"


def test_every_change_said_to_change_nothing_is_one_of_its_rules() -> None:
    changes_of = runpy.run_path(str(SCRIPT))["changes_of"]
    told = {rule.code: [change.told for change in changes_of(rule)] for rule in load_rules()}
    with SCRIPT.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        gone = [
            row
            for row in csv.DictReader(file)
            if not any(
                change.startswith(row["change"]) and row["line"] in change
                for change in told.get(row["rule"], ())
            )
        ]
    assert gone == []
