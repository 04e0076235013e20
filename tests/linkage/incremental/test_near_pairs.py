"""Which pairs of what is new or affected are weighed, by rules and weights made up for the purpose."""

from collections.abc import Iterator
from typing import NamedTuple

import duckdb
import pytest
from akrim.linkage.incremental import near_pairs
from akrim.linkage.incremental.near_pairs import build_blocking_keys, find_neighbours, weigh_near_pairs
from akrim.linkage.model.blocking_rules import MAY_BE_ONE_PERSON
from akrim.linkage.model.file import LinkageModel

RULES = [
    f"{rule} and {MAY_BE_ONE_PERSON}" for rule in ("l.name_sound = r.name_sound", "l.postcode = r.postcode")
]
MODEL = LinkageModel(
    "m", {}, {"blocking_rules_to_generate_predictions": [{"blocking_rule": rule} for rule in RULES]}, {}, ()
)
COLUMNS = (
    "first_key varchar, unit_key varchar, name_sound varchar, postcode varchar, national_number varchar,"
    " d_number varchar, phone_number varchar"
)


class Described(NamedTuple):
    """A description; two of one phone come near the threshold, by the weight that takes Splink's place. Without a unit, it is
    one of its own."""

    name: str | None = "nls"
    postcode: str | None = None
    unit: str | None = None
    number: str | None = None
    d_number: str | None = None
    phone: str | None = "1"


class Case(NamedTuple):
    """What stands, is replaced and comes; which of what stands is affected; the pairs that are weighed; and those near."""

    stands: dict[str, Described]
    comes: dict[str, Described]
    weighed: list[str]
    near: list[str]
    replaced: dict[str, Described] = {}  # noqa: RUF012  # a default that nobody changes
    affected: str = ""


SAME, OTHER = Described(), Described("brg")
AT_HOME, AT_HIS = Described(postcode="0150"), Described("brg", "0150")
CASES = {
    "one who comes and one who stands": Case({"a": SAME, "x": OTHER}, {"b": SAME}, ["ab"], ["ab"]),
    "whose key is the smaller": Case({"b": SAME}, {"a": SAME}, ["ab"], ["ab"]),
    "by another rule": Case({"a": AT_HOME}, {"b": AT_HIS}, ["ab"], ["ab"]),
    "once by two rules": Case({"a": AT_HOME}, {"b": AT_HOME}, ["ab"], ["ab"]),
    "two who come, once": Case({}, {"a": SAME, "b": SAME}, ["ab"], ["ab"]),
    "not two who stand": Case({"a": SAME, "b": SAME}, {"c": OTHER}, [], []),
    "one who stands and is affected": Case({"a": SAME, "b": SAME}, {}, ["ab"], ["ab"], affected="b"),
    "not as it was before it changed": Case({}, {"b": OTHER, "c": SAME}, [], [], {"b": SAME}),
    "nor another description of its unit": Case({}, {"b": OTHER._replace(unit="u"), "c": SAME}, [], [], {"d": SAME._replace(unit="u")}),
    "as it is now": Case({"a": SAME}, {"b": SAME}, ["ab"], ["ab"], {"b": OTHER}),
    "not by what neither has": Case({"a": Described(None)}, {"b": Described(None)}, [], []),
    "not within a unit": Case({}, {key: SAME._replace(unit="u") for key in "ab"}, [], []),
    "not two of other numbers": Case({"a": Described(number="1")}, {"b": Described(number="2")}, [], []),
    "not two of other D-numbers": Case({"a": Described(d_number="1")}, {"b": Described(d_number="2")}, [], []),
    "one with a number and one without": Case({"a": Described(number="1")}, {"b": Described(d_number="2")}, ["ab"], ["ab"]),
    "those far apart are not near": Case({"a": SAME, "b": Described(phone="2")}, {"c": SAME}, ["ac", "bc"], ["ac"]),
    "none is near": Case({"a": SAME}, {"b": Described(phone="2")}, ["ab"], []),
}  # fmt: skip


@pytest.fixture
def con(monkeypatch: pytest.MonkeyPatch) -> Iterator[duckdb.DuckDBPyConnection]:
    monkeypatch.setattr(near_pairs, "score_blocked", score)
    with duckdb.connect(config={"threads": 1}) as connection:
        yield connection


def score(con: duckdb.DuckDBPyConnection, _: LinkageModel, descriptions: str) -> None:
    con.execute(f"""
        create or replace table seen as
        select l.first_key as key_l, r.first_key as key_r, join_key_l as description_id_l, join_key_r as description_id_r,
            l.phone_number = r.phone_number as is_near
        from blocked join {descriptions} l on l.description_id = join_key_l join {descriptions} r on r.description_id = join_key_r
    """)
    con.execute(
        "create or replace temp table scored as select * exclude (is_near), 3.5 as match_weight from seen where is_near"
    )


def fill(con: duckdb.DuckDBPyConnection, table: str, described: dict[str, Described]) -> None:
    con.execute(f"create or replace table {table} ({COLUMNS})")
    for key, said in described.items():
        values = [said.name, said.postcode, said.number, said.d_number, said.phone]
        con.table(table).insert([key, said.unit or key, *values])


def build(con: duckdb.DuckDBPyConnection, case: Case) -> None:
    fill(con, "cached_descriptions", case.stands | case.replaced)
    fill(con, "new_grouped_descriptions", case.comes)
    fill(con, "seeds", case.comes | {key: case.stands[key] for key in case.affected})
    for table in ("cached_descriptions", "new_grouped_descriptions"):
        con.execute(f"alter table {table} add column content_digest varchar default 'digest'")
    con.execute("create or replace table replaced_units (unit_key varchar)")
    for key, said in case.replaced.items():
        con.table("replaced_units").insert([said.unit or key])
    build_blocking_keys(con, MODEL)


@pytest.mark.parametrize("name", CASES)
def test_pairs_are_weighed_once(con: duckdb.DuckDBPyConnection, name: str) -> None:
    case = CASES[name]
    build(con, case)
    weigh_near_pairs(con, MODEL)
    assert con.execute("select key_l || key_r from seen order by all").fetchall() == [
        (pair,) for pair in case.weighed
    ]
    near = con.execute(
        "select first_key_l || first_key_r, match_weight from near_pairs order by all"
    ).fetchall()
    assert near == [(pair, 3.5) for pair in case.near]
    units = {key for (key,) in con.execute("from near_units").fetchall()}
    assert units == {key for pair in case.near for key in pair}


def test_units_are_near_by_the_key_of_the_unit(con: duckdb.DuckDBPyConnection) -> None:
    build(
        con,
        Case(
            {"b": SAME._replace(unit="a"), "a": OTHER._replace(unit="a")},
            {"d": SAME._replace(unit="c")},
            [],
            [],
        ),
    )
    weigh_near_pairs(con, MODEL)
    assert con.execute("select unit_key from near_units order by 1").fetchall() == [("a",), ("c",)]


@pytest.mark.parametrize(
    ("seed", "neighbours"),
    [(SAME, {"a", "n"}), (AT_HIS, {"x", "h"}), (Described(None), set()), (Described(number="2"), {"a", "n"})],
)
def test_neighbours_are_all_that_a_rule_pairs(
    con: duckdb.DuckDBPyConnection, seed: Described, neighbours: set[str]
) -> None:
    """Of another number too, and of its own unit: the held out have no numbers."""
    stands = {"a": SAME, "n": Described(number="1"), "x": OTHER, "h": Described("vk", "0150")}
    build(con, Case(stands, {}, [], []))
    fill(con, "seeds", {"a": seed})
    find_neighbours(con, MODEL)
    assert {key for (key,) in con.execute("from neighbours").fetchall()} == neighbours
