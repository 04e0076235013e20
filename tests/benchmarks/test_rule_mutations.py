"""What is said to change nothing is a change of the SQL as it stands."""

import csv
import runpy

import pytest
from akrim.settings import PROJECT_ROOT

pytestmark = pytest.mark.slow

SCRIPT = PROJECT_ROOT / "benchmarks" / "rule_mutations.py"


def test_every_change_said_to_change_nothing_is_one_of_its_models() -> None:
    script = runpy.run_path(str(SCRIPT))
    told = {
        subject.name: [change.told for change in script["changes_of"](subject)]
        for subject in script["models_with_tests"]()
    }
    with SCRIPT.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        gone = [
            row
            for row in csv.DictReader(file)
            if not any(
                change.startswith(row["change"]) and row["line"] in change
                for change in told.get(row["model"], ())
            )
        ]
    assert gone == []
