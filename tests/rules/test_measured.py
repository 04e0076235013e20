"""The rule page takes how often a rule was right from the measurement's table."""

from pathlib import Path

from akrim.rules.catalogue import indicator_codes
from akrim.rules.measured import Measured, read_measured
from akrim.settings import PROJECT_ROOT

TABLE = """\
What comes before.

| rule | fired | right | hit wrongly | of the very thing: precision, recall |
|---|--:|--:|---|---|
| `phoenix` | 58 | 0.95 | ordinary 3 | 0.93, 0.79 (38) |
| `convicted` | 204 | 0.67 | ordinary 66 | – |
| `network_reach` | 0 | – | – | – |
"""


def test_precision_and_recall_are_there_where_the_key_has_the_thing(tmp_path: Path) -> None:
    (tmp_path / "rules.md").write_text(TABLE, encoding="utf-8")
    assert read_measured(tmp_path / "rules.md") == {
        "phoenix": Measured(58, 95, 93, 79),
        "convicted": Measured(204, 67),
        "network_reach": Measured(0, None),
    }


def test_a_project_without_measurements_has_none(tmp_path: Path) -> None:
    assert read_measured(tmp_path / "rules.md") == {}


def test_the_published_table_is_of_rules_that_there_are() -> None:
    measured = read_measured(PROJECT_ROOT / "benchmarks" / "rules.md")
    assert len(measured) > 20
    assert set(measured) <= set(indicator_codes())
