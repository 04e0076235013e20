"""dbt's own unit tests (given/expect, beside the models), run on the rules as they are published."""

from pathlib import Path

import pytest
from akrim.rules.dbt import SAMPLE_RUN

from tests.assessment.project import Project, failures, rule_blocks


@pytest.mark.slow
@pytest.mark.usefixtures("world")
def test_every_rule_counts_what_its_cases_say(project: Project) -> None:
    result = project(
        "test", "--select", "test_type:unit", about=SAMPLE_RUN, variables={"rules": rule_blocks()}
    )
    assert result.exception is None, result.exception
    assert len(result.result.results) > 30
    assert not failures(result), failures(result)


@pytest.mark.slow
@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("change", [{"threshold": 3}, {"points": 1, "cap": 1}, {"step_points": 9, "cap": 99}])
def test_the_cases_notice_a_changed_number(project: Project, change: dict[str, int], tmp_path: Path) -> None:
    blocks = rule_blocks()
    blocks["serial_bankruptcy"] |= change
    result = project(
        "test", "--select", "serial_bankruptcy,test_type:unit", about=SAMPLE_RUN, variables={"rules": blocks}
    )
    assert failures(result)
