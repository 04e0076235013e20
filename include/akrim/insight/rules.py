"""By which numbers each release was assessed, and whom its rules pointed at, in figures."""

from typing import Any

from akrim import warehouse

Row = dict[str, Any]
RULES = """
select release_id, is_newest, indicator_code, indicator_version, threshold::float as threshold, points, step_size::float as step_size,
    step_points, cap, look_back_years
from marts.rules join marts.releases using (release_id) order by place desc
"""
FIRED = """
select indicator_code, count(*) as persons from marts.indicator_observations
where release_id = (select release_id from marts.releases where is_newest) and checked = 'fired' group by indicator_code
"""


def list_rules_of_releases() -> list[Row]:
    """Each rule's version and numbers in each release, newest release first, read as an analyst; empty before the first."""
    return _read(RULES)


def count_pointed_at() -> dict[str, int]:
    """How many persons each rule pointed at in the newest release, by the rule's code; none where it pointed at nobody."""
    return {row["indicator_code"]: row["persons"] for row in _read(FIRED)}


def _read(query: str) -> list[Row]:
    with warehouse.connect(warehouse.analyst_url()) as connection:
        is_laid = warehouse.has_table(connection, "marts.rules")
        return warehouse.read_rows(connection, query.encode()) if is_laid else []
