"""The connected parts of a graph, as the models' macro finds them, against a walk along the ties."""

from itertools import pairwise
from pathlib import Path

import pytest
from akrim.settings import get_settings
from akrim.warehouse import connect
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import Environment

NODES = st.integers(0, 60).map(lambda number: f"{number:03}")
TIES = st.lists(st.tuples(NODES, NODES), min_size=1, max_size=80)


def parts_in_sql(ties: list[tuple[str, str]]) -> dict[str, str]:
    """Each node's part, by the smallest node in it."""
    macros = Path(get_settings().project_root) / "dbt_project" / "macros" / "networks.sql"
    component = Environment(autoescape=False).from_string(macros.read_text("utf-8")).module.component("ties")  # noqa: S701  # SQL is no HTML
    query = f"""
        with ties as (select * from unnest(%s::text[], %s::text[]) as tie (from_key, to_key)), {component}
        select node, label from component
    """
    with connect() as connection:
        connection.execute("select meta.plan_for_sets()")
        rows = connection.execute(query.encode(), [[a for a, _ in ties], [b for _, b in ties]]).fetchall()
    assert len(rows) == len(dict(rows)), "a node has one part"
    return dict(rows)


def parts_by_walk(ties: list[tuple[str, str]]) -> dict[str, str]:
    beside: dict[str, set[str]] = {}
    for one, other in ties:
        beside.setdefault(one, set()).add(other)
        beside.setdefault(other, set()).add(one)
    parts: dict[str, str] = {}
    for start in sorted(beside):
        waiting = [] if start in parts else [start]
        while waiting:
            node = waiting.pop()
            if node not in parts:
                parts[node] = start
                waiting += beside[node]
    return parts


@pytest.mark.usefixtures("warehouse")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TIES)
def test_parts_are_those_of_a_walk(ties: list[tuple[str, str]]) -> None:
    assert parts_in_sql(ties) == parts_by_walk(ties)


CHAIN = [f"{number:04}" for number in range(3000)]


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(CHAIN, id="rising"),
        pytest.param([*CHAIN[::2], *CHAIN[1::2]], id="rising twice"),
        pytest.param([node for pair in zip(CHAIN[:1500], CHAIN[:1499:-1], strict=True) for node in pair], id="from both ends"),
        pytest.param(sorted(CHAIN, key=lambda node: node[::-1]), id="by their last digits"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("warehouse")
def test_a_long_chain_is_one_part(order: list[str]) -> None:
    assert set(parts_in_sql(list(pairwise(order))).values()) == {CHAIN[0]}
