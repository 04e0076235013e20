"""Other thresholds tried on what the marts hold move whom a whole assessment by them would move."""

import csv
import io

import pytest
from akrim import changes, ledger, warehouse
from akrim.insight import Threshold, present_thresholds, try_thresholds
from akrim.linkage.model.file import newest_model
from akrim.rules import CompiledRules, compile_rules, load_rules
from akrim.settings import PROJECT_ROOT

from tests.assessment.project import rows
from tests.assessment.test_leaving_out import LINKED

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("linked")]

RELEASE = "2025-T3.1"
SEED = "seeds.status_thresholds"
MOVES = {"entered", "left", "raised", "lowered"}
# By the place of a line in the ladder: what it is instead, and how somebody then moves.
LADDERS = {
    "fewer": ({4: Threshold("potensiell_trusselaktor", 60, 0, 1)}, {"left", "lowered"}),
    "more": ({4: Threshold("potensiell_trusselaktor", 1, 0, 1), 2: Threshold("trusselaktor", 20, 0, 1)}, {"entered", "raised"}),
    "capacity": ({4: Threshold("potensiell_trusselaktor", 20, 20, 1)}, {"left", "lowered"}),
}  # fmt: skip


@pytest.fixture
def linked(world: object) -> None:  # it is there before
    with warehouse.connect() as connection:
        connection.execute(LINKED[0], [RELEASE, newest_model()])
        connection.execute(LINKED[1])


def with_ladder(rules: CompiledRules, ladder: list[Threshold]) -> CompiledRules:
    rows = list(csv.DictReader(io.StringIO(rules.seeds[SEED])))
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row, line in zip(rows, ladder, strict=True):
        numbers = dict(zip(list(row)[1:4], line[1:], strict=True))
        writer.writerow(row | {"proposed_status": line.status} | numbers)
    return rules._replace(seeds=rules.seeds | {SEED: text.getvalue()})


def test_thresholds_tried_on_the_marts_move_whom_an_assessment_would_move() -> None:
    rules, present = (
        compile_rules(PROJECT_ROOT / "dbt_project", ledger.load(RELEASE).variables),
        present_thresholds(),
    )
    seen = set()
    for lines, moves in LADDERS.values():
        otherwise = [lines.get(place, line) for place, line in enumerate(present)]
        assessed = changes.what_if(RELEASE, rules, with_ladder(rules, otherwise)).persons
        tried = try_thresholds(RELEASE, present, otherwise)
        found = {
            tuple(row[name] for name in ("centre_id", "person_id", "move", "before", "after"))
            for row in tried
            if row["move"] != "same"
        }
        names = ("centre_id", "person_id", "move", "proposed_before", "proposed_after")
        assert found == {tuple(row[name] for name in names) for row in assessed if row["move"] in MOVES}
        assert {move for _, _, move, *_ in found} == moves
        seen |= moves
    assert seen == MOVES


def without_rule(rules: CompiledRules, code: str) -> CompiledRules:
    (relation,) = (name for name in rules.models if name.rpartition(".")[2] == code)
    nothing = f"select * from ({rules.models[relation]}) as found where false"
    return rules._replace(models=rules.models | {relation: nothing})


MOST = """
select max(points) as points from (
    select sum(points)::int as points from marts.indicator_observations where dimension = 'intention' group by person_id
) as persons
"""
FIRED = "select distinct indicator_code as code from marts.indicator_observations where points > 0"


def test_a_rule_left_out_on_the_marts_moves_whom_an_assessment_without_it_would_move() -> None:
    """By a ladder so close below the most points that a few more or fewer are another status."""
    rules, present = (
        compile_rules(PROJECT_ROOT / "dbt_project", ledger.load(RELEASE).variables),
        present_thresholds(),
    )
    ((most,), fired) = rows(MOST)[0].values(), {row["code"] for row in rows(FIRED)}
    close = [Threshold(line.status, most - 4 * place, 0, 1) for place, line in enumerate(present)]
    otherwise = with_ladder(rules, close)
    moved = {}
    for rule in (rule for rule in load_rules() if rule.code in fired):
        assessed = changes.what_if(RELEASE, rules, without_rule(otherwise, rule.code)).persons
        tried = try_thresholds(RELEASE, present, close, rule)
        found = {
            (row["centre_id"], row["person_id"], row["before"], row["after"])
            for row in tried
            if row["move"] != "same"
        }
        names = ("centre_id", "person_id", "proposed_before", "proposed_after")
        assert found == {tuple(row[name] for name in names) for row in assessed if row["move"] in MOVES}, (
            rule.code
        )
        moved[rule.code] = frozenset(found)
    assert len(set(moved.values())) > 2, "rules weigh differently"


CAPPED = """
update marts.indicator_observations as o set points = 0, points_alone = 0, events = '[]' where dimension = 'intention';
update marts.indicator_observations as o set points = given.points, points_alone = given.alone, events = given.events::jsonb
from (values
    ('serial_bankruptcy', 30, 30, '[{"event": "1", "points": 30}]'),
    ('phoenix', 5, 20, '[{"event": "1", "points": 3}, {"event": "2", "points": 2}]')
) as given (code, points, alone, events)
where o.indicator_code = given.code and o.person_id = (select min(person_id) from marts.assessments)
"""


def test_what_a_rule_left_out_had_of_shared_events_is_given_back_to_the_others() -> None:
    """Serial bankruptcy had 30 of the 45 that two bankruptcies give at most; without it the other has its 20."""
    with warehouse.connect() as connection:
        connection.execute(CAPPED)
    rules, status = {rule.code: rule for rule in load_rules()}, "potensiell_trusselaktor"
    assert rules["phoenix"].event == rules["serial_bankruptcy"].event == "bankruptcy"
    reached = {}
    for code in ("serial_bankruptcy", "phoenix"):
        for points in range(1, 60):
            tried = try_thresholds(
                RELEASE, [Threshold(status, 1, 0, 1)], [Threshold(status, points, 0, 1)], rules[code]
            )
            if any(row["after"] for row in tried):
                reached[code] = points
    assert reached == {"serial_bankruptcy": 20, "phoenix": 30}


def test_the_thresholds_in_force_move_nobody_and_list_whom_the_release_lists() -> None:
    present = present_thresholds()
    tried = try_thresholds(RELEASE, present, present)
    assert {row["move"] for row in tried} == {"same"}
    listed = {(row["centre_id"], row["person_id"], row["before"]) for row in tried if row["is_listed_before"]}
    published = rows("select centre_id, person_id, proposed_status from marts.assessments")
    assert listed == {(row["centre_id"], row["person_id"], row["proposed_status"]) for row in published}
