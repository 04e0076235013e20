"""What is imported only where it is used, since every run and command would pay for it."""

import subprocess
import sys
from pathlib import Path

import pytest
from akrim.settings import PROJECT_ROOT

VALIDATING = """
import inspect, sys
import expectations
import great_expectations.expectations.core.expect_column_kl_divergence_to_be_less_than as other
inspect.getmodule(inspect.currentframe())  # looks through all modules, as dbt does
assert not {"scipy.stats._stats_py", "altair.vegalite", "pyspark"} & set(sys.modules)
print(other.stats.norm.cdf(0), other.alt.Chart.__name__)
import scipy.stats.distributions, altair.vegalite
import pyspark  # left out, and there
print(sys.modules["scipy.stats"].distributions.norm.cdf(0), sys.modules["altair"].vegalite.__name__)
"""


def _told_by(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    ).stdout


def test_validating_imports_statistics_and_charts_where_they_are_used_alone() -> None:
    assert _told_by(VALIDATING).splitlines() == ["0.5 Chart", "0.5 altair.vegalite"]


@pytest.mark.parametrize("package", ["akrim.cli", "akrim.deliveries", "akrim.releases"])
def test_what_most_commands_import_needs_neither_pandas_nor_airflow_nor_dbt(package: str) -> None:
    program = f"import sys, {package}; print(*{{'airflow', 'altair', 'dbt', 'great_expectations', 'pandas'}} & set(sys.modules))"
    assert _told_by(program).split() == []


def test_what_every_task_of_a_dag_imports_needs_nothing_that_only_some_use(home: Path) -> None:
    program = """import sys
from airflow.sdk import dag
from akrim.orchestration import assets, faults, steps
print(*{"akrim.deliveries", "akrim.formats", "akrim.linkage", "akrim.releases", "duckdb", "openpyxl", "pyarrow"} & set(sys.modules))"""
    assert _told_by(program).split() == []
