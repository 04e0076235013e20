"""What is found of two units: 1, of the records a and b, and 2, of c and d; 3 is of one person with 1."""

from typing import Any, NamedTuple

import duckdb
import pytest
from akrim.linkage.matching.existing_persons import DECIDED_UNITS, start_empty
from akrim.linkage.matching.findings import OUTCOMES, compare_findings

THRESHOLD = 2.0
UNITS = {"a": 1, "b": 1, "c": 2, "d": 2, "e": 3}
Verdict = tuple[str, str, str]


class Case(NamedTuple):
    """What is known of units 1 and 2; the verdicts in their order, the numbers by unit (national number, D-number)."""

    outcome: str
    weight: float | None = 12.0
    is_together: bool = False
    guard: str | None = None
    parked: dict[int, str] | None = None
    numbers: dict[int, tuple[str | None, str | None]] | None = None
    verdicts: tuple[Verdict, ...] = ()


SAME, DIFFERENT = ("a", "c", "same"), ("a", "c", "different")
TWO_NUMBERS: dict[int, tuple[str | None, str | None]] = {1: ("1", None), 2: ("2", None)}
CASES = {
    "joined": Case("accepted", is_together=True),
    "joined though it weighs little": Case("accepted", weight=-1.0, is_together=True, guard="twins"),
    "too light": Case("below_threshold", weight=1.9),
    "outvoted": Case("below_threshold"),
    "guarded": Case("guarded", guard="twins"),
    "guarded and of two numbers": Case("guarded", guard="twins", numbers=TWO_NUMBERS),
    "of two national numbers": Case("different_numbers", numbers=TWO_NUMBERS),
    "of two D-numbers": Case("different_numbers", numbers={1: (None, "1"), 2: (None, "2")}),
    "of one number of each kind": Case("below_threshold", numbers={1: ("1", None), 2: (None, "2")}),
    "of another number by who is one with it": Case("different_numbers", numbers={3: ("1", None), 2: ("2", None)}),
    "of two numbers and parked": Case("different_numbers", numbers=TWO_NUMBERS, parked={1: "numbers"}),
    "the one is parked": Case("parked_between_numbers", parked={1: "numbers"}),
    "the other is parked": Case("parked_between_verdict", parked={2: "verdict"}),
    "parked at the threshold": Case("parked_between_numbers", weight=THRESHOLD, parked={1: "numbers"}),
    "parked, but too light for it": Case("below_threshold", weight=1.9, parked={1: "numbers"}),
    "guarded and parked": Case("guarded", guard="twins", parked={1: "numbers"}),
    "told apart": Case("decided_different", verdicts=(DIFFERENT,)),
    "told apart without a weight": Case("decided_different", weight=None, verdicts=(DIFFERENT,)),
    "told apart and guarded": Case("decided_different", guard="twins", verdicts=(DIFFERENT,)),
    "told apart and of two numbers": Case("decided_different", numbers=TWO_NUMBERS, verdicts=(DIFFERENT,)),
    "told apart, other records in doubt since": Case("decided_different", verdicts=(DIFFERENT, ("b", "d", "unsure"))),
    "told apart after doubt": Case("decided_different", verdicts=(("b", "d", "unsure"), DIFFERENT)),
    "in doubt": Case("below_threshold", verdicts=(("a", "c", "unsure"),)),
    "said to be one and joined": Case("accepted", weight=None, is_together=True, verdicts=(SAME,)),
    "said to be one, the records the other way round": Case("contradicts_decision", verdicts=(("c", "a", "same"),)),
    "said to be one, but apart": Case("contradicts_decision", numbers=TWO_NUMBERS, verdicts=(SAME,)),
    "said to be one, but guarded apart": Case("contradicts_decision", guard="twins", verdicts=(SAME,)),
    "told apart, but joined": Case("contradicts_decision", is_together=True, verdicts=(DIFFERENT,)),
    "told apart and said to be one": Case("contradicts_decision", verdicts=(DIFFERENT, ("b", "d", "same"))),
    "said to be one and told apart": Case("contradicts_decision", verdicts=(SAME, ("b", "d", "different"))),
    "both were said, and they are joined": Case("contradicts_decision", is_together=True, verdicts=(DIFFERENT, ("b", "d", "same"))),
    "another unit was told apart": Case("below_threshold", verdicts=(("e", "c", "different"),)),
}  # fmt: skip


def outcomes(con: duckdb.DuckDBPyConnection, case: Case) -> dict[tuple[int, int], tuple[Any, ...]]:
    """Each pair's outcome and verdict."""
    start_empty(con)
    cluster_of_2 = 1 if case.is_together else 2
    numbers = {unit: (case.numbers or {}).get(unit, (None, None)) for unit in (1, 2, 3)}
    reasons = {unit: (case.parked or {}).get(unit) for unit in (1, 2)}
    con.execute(
        "create table described as select unnest(?) as record_key, unnest(?) as unit_id, unnest(?) as description_id",
        [list(UNITS), list(UNITS.values()), list(UNITS.values())],
    )
    con.execute(
        f"create table clusters as select * from (values (1, 1), (2, {cluster_of_2}), (3, 1)) t (unit_id, cluster_id)"
    )
    con.execute("create table descriptions (unit_id bigint, national_number varchar, d_number varchar)")
    con.executemany(
        "insert into descriptions values (?, ?, ?)", [[unit, *both] for unit, both in numbers.items()]
    )
    con.execute("create table parked (unit_id bigint, reason varchar)")
    con.executemany("insert into parked values (?, ?)", [[unit, reason] for unit, reason in reasons.items()])
    con.execute("delete from parked where reason is null")
    con.execute("create table pairs (unit_l bigint, unit_r bigint, match_weight double, unguarded_weight double,"
        " description_l bigint, description_r bigint, guard varchar)")  # fmt: skip
    if case.weight is not None:
        con.execute("insert into pairs values (1, 2, ?, 12, 1, 2, ?)", [case.weight, case.guard])
    for number, (left, right, verdict) in enumerate(case.verdicts):
        con.execute("insert into decisions values (?, ?, ?, ?, null)", [left, right, verdict, number])
    con.execute(f"create table decided_units as {DECIDED_UNITS}")
    found = con.execute(f"select unit_l, unit_r, outcome, verdict from ({OUTCOMES})", [THRESHOLD]).fetchall()
    assert len({row[:2] for row in found}) == len(found), "a pair is found twice"
    return {row[:2]: row[2:] for row in found}


@pytest.mark.parametrize("name", CASES)
def test_each_pair_is_found_to_be(name: str) -> None:
    case = CASES[name]
    newest = next((said for left, _, said in case.verdicts[::-1] if left != "e"), None)
    with duckdb.connect() as con:
        assert outcomes(con, case)[1, 2] == (case.outcome, newest)


def test_a_verdict_within_a_unit_is_found_only_where_it_tells_apart() -> None:
    """Of two records with one number; the unit is together, whatever was said."""
    with duckdb.connect() as con:
        told_apart = Case("", verdicts=(("a", "b", "different"),))
        assert outcomes(con, told_apart)[1, 1] == ("contradicts_decision", "different")
    with duckdb.connect() as con:
        assert (1, 1) not in outcomes(con, Case("", verdicts=(("a", "b", "same"),)))


# Of the records a and b of one source; what clerks see of a pair changes only where something is found otherwise.
FOUND: dict[str, Any] = {"outcome": "below_threshold", "guard": None, "match_weight": 1.0, "threshold": 2.0, "verdict": None,
    "verdict_weight": None, "steps": "{}"}  # fmt: skip
OTHERWISE = {
    "outcome": "guarded", "guard": "twins", "match_weight": None, "threshold": 1.5, "verdict": "unsure", "verdict_weight": 1.0
}  # fmt: skip


def findings_of_change(
    found: dict[str, Any] | None, described: str = "ab", is_changed: bool = False
) -> tuple[list[object], list[object]]:
    """The outcomes that open and close after a run that has described these records and found this of them, or nothing."""
    sides = {"source_l": "nav", "source_record_id_l": "a", "source_r": "nav", "source_record_id_r": "b"}
    with duckdb.connect() as con:
        start_empty(con)
        for key in "ab":
            con.execute(
                "insert into existing_memberships (source, source_record_id, is_current) values ('nav', ?, true)",
                [key],
            )
        con.execute(
            "create table standard as select 'nav/' || key as record_key, 'nav' as source, key as source_record_id"
            " from (values ('a'), ('b')) as keys (key)"
        )
        con.execute(
            "create table described as select 'nav/' || unnest(?) as record_key, unnest(?) as unit_id",
            [list(described), list(map(ord, described))],
        )
        con.execute(
            f"create table rescored as select {ord('b')}::bigint as unit_id, ? as is_changed", [is_changed]
        )
        for table, keys, row in (
            ("existing_findings", sides, FOUND),
            ("findings", {"record_key_l": "nav/b", "record_key_r": "nav/a"}, found),
        ):
            values = keys | (row or FOUND)
            typed = ", ".join(
                f"?::{'double' if name.endswith(('weight', 'threshold')) else 'varchar'} as {name}"
                for name in values
            )
            con.execute(f"create table {table} as select {typed}", list(values.values()))
            if row is None:
                con.execute(f"delete from {table}")
        compare_findings(con)
        opening, closing = (
            [row[0] for row in con.execute(f"select outcome from {table}").fetchall()]
            for table in ("opening_findings", "closing_findings")
        )
        return opening, closing


@pytest.mark.parametrize("field", OTHERWISE)
def test_a_finding_takes_the_place_of_one_that_said_otherwise(field: str) -> None:
    now = FOUND | {field: OTHERWISE[field]}
    assert findings_of_change(now) == ([now["outcome"]], ["below_threshold"])


def test_a_finding_stays_until_it_is_found_otherwise_or_a_side_is() -> None:
    closed: tuple[list[object], list[object]] = ([], ["below_threshold"])
    assert findings_of_change(FOUND) == findings_of_change(FOUND | {"steps": "other"}) == ([], [])
    assert findings_of_change(None) == ([], [])
    assert findings_of_change(None, is_changed=True) == closed
    assert findings_of_change(None, described="a") == findings_of_change(None, described="b") == closed
