"""Whatever changes between releases, the effects of its causes sum up to the difference, and nothing else is reported."""

from dataclasses import replace

import psycopg
import pytest
from akrim import warehouse as warehouse_module
from akrim.changes import PREVIOUS, Change, changes_of, explain, steps, told_as_one
from akrim.changes.assessing import Built, Models, reassess
from akrim.changes.reaching import Replacement
from akrim.ledger import load
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg import sql

from tests.changes import history
from tests.changes.history import Chosen

HISTORIES = st.lists(
    st.builds(
        Chosen,
        delivery=st.integers(0, 2),
        groups=st.lists(st.integers(0, 4), min_size=5, max_size=5).map(tuple),
        decisions=st.integers(0, 2),
        factor=st.integers(1, 3),
        limit=st.sampled_from([5, 10, 20]),
        suppressed=st.frozensets(st.sampled_from(history.RECORDS), max_size=2),
        is_decided_by_clerk=st.booleans(),
        is_withheld=st.booleans(),
    ),
    min_size=2,
    max_size=4,
)


@pytest.fixture
def toy(warehouse: str) -> None:
    with psycopg.connect(warehouse) as connection:
        history.lay(connection)
    return


def explained(choices: list[Chosen]) -> list[list[Change]]:
    """Each release's changes against the one before it."""
    history.clear()
    told, previous = [], None
    for number, chosen in enumerate(choices, start=1):
        previous = history.release(number, chosen, previous)
        explain(previous)
        with warehouse_module.connect() as connection:
            told.append(changes_of(connection, previous, PREVIOUS, "oslo"))
    return told


def causes_of(changes: list[Change]) -> set[str]:
    return {cause["cause"] for change in changes for cause in change["causes"]}


def may_be(before: Chosen, after: Chosen, *earlier: Chosen) -> set[str]:
    """The causes that two choices leave possible; a verdict of any release until then may come into effect again."""
    is_decided = any(chosen.is_decided_by_clerk for chosen in (*earlier, before, after))
    differs = {
        "source": before.delivery != after.delivery, "rule": before.factor != after.factor,
        "code": before.limit != after.limit, "correction": before.suppressed != after.suppressed,
        "prioritisation": before.decisions != after.decisions, "linkage": before.groups != after.groups,
        "sharing": before.is_withheld != after.is_withheld,
        "link_decision": before.groups != after.groups and is_decided,
    }  # fmt: skip
    return {cause for cause, is_possible in differs.items() if is_possible}


@pytest.mark.slow
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(choices=HISTORIES)
@example(  # a verdict of two releases ago comes into effect again
    choices=[
        Chosen(groups=(0, 0, 0, 0, 0), limit=5),
        Chosen(groups=(0, 0, 0, 0, 2), limit=5, factor=3, is_decided_by_clerk=True),
        Chosen(groups=(0, 3, 0, 0, 0), limit=5),
        Chosen(groups=(0, 0, 0, 4, 2), limit=5, decisions=1),
    ]
)
@example(  # what counts for capacity no longer does where too little else may be told
    choices=[Chosen(decisions=1), Chosen(decisions=1, is_withheld=True)]
)
@example(  # decided on where too little may be told: by the decision, and by nothing before it
    choices=[
        Chosen(groups=(1, 0, 0, 0, 0)), Chosen(groups=(1, 0, 0, 0, 0), decisions=1, limit=5, is_withheld=True),
    ]
)  # fmt: skip
def test_causes_sum_up_over_any_history(toy: None, choices: list[Chosen]) -> None:
    for place, changes in enumerate(explained(choices)):
        for change in changes:
            if change["change"] != "status" and change["causes"]:
                summed = sum(cause["points"] for cause in change["causes"])
                assert summed == change["points_after"] - change["points_before"], change
            if change["change"] in ("rose", "fell"):
                assert change["points_before"] == change["before"]["total_points"]
                assert change["points_after"] == change["after"]["total_points"]
            assert change["causes"] or change["change"] in ("merged", "split", "corrected"), change
        if place:
            assert causes_of(changes) <= may_be(choices[place - 1], choices[place], *choices[: place - 1])


def whole(
    connection: psycopg.Connection, models: Models, standing: Models, replaced: dict[str, Replacement], _: str
) -> dict[str, str]:
    """What is assessed again where everybody is."""
    tables = {relation: replacement.table for relation, replacement in replaced.items()}
    return reassess(connection, models, Built(standing), tables)


@pytest.mark.slow
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(choices=HISTORIES)
def test_the_causes_are_those_that_a_whole_assessment_finds(toy: None, choices: list[Chosen]) -> None:
    found = explained(choices)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "reassess_reached", whole)
        assert explained(choices) == found


@pytest.mark.parametrize(
    ("cause", "change"),
    [
        ("source", {"delivery": 1}),
        ("rule", {"factor": 3}),
        ("code", {"limit": 1}),
        ("correction", {"suppressed": frozenset(history.RECORDS)}),
        ("prioritisation", {"decisions": 1}),
        ("sharing", {"is_withheld": True}),
        ("sharing", {"is_withheld": True, "left_out": frozenset({"r2", "r4"})}),
        ("linkage", {"groups": (0, 0, 0, 3, 3)}),
        ("link_decision", {"groups": (0, 0, 0, 3, 3), "is_decided_by_clerk": True}),
    ],
)
def test_a_single_changed_input_is_the_only_cause(toy: None, cause: str, change: dict[str, object]) -> None:
    changes = explained([Chosen(), Chosen(**change)])[1]
    assert changes
    assert causes_of(changes) == {cause}
    assert {change["cause"] for change in changes} == {cause}


@pytest.mark.parametrize(("of_case", "cause"), [("before", "link_decision"), ("after", "correction")])
def test_a_verdict_is_of_a_correction_case_where_the_case_gave_it(
    toy: None, of_case: str, cause: str
) -> None:
    """Two records were kept apart in a case that is closed; whoever joins them since, by a verdict anew, is a clerk."""
    history.clear()
    first = history.release(1, Chosen(), None)
    if of_case == "before":
        history.decide("different")
        history.dispute()
    second = history.release(2, Chosen(groups=(0, 1, 2, 3, 3), is_decided_by_clerk=True), first)
    if of_case == "after":
        history.dispute()
    explain(second)
    with warehouse_module.connect() as connection:
        assert causes_of(changes_of(connection, second, PREVIOUS, "oslo")) == {cause}


@pytest.mark.parametrize(
    ("verdict", "before", "after", "cause"),
    [
        ("same", (0, 1, 2, 3, 4), (0, 1, 2, 3, 3), "link_decision"),
        ("different", (0, 1, 2, 3, 3), (0, 1, 2, 3, 4), "link_decision"),
        ("unsure", (0, 1, 2, 3, 3), (0, 1, 2, 3, 4), "link_decision"),
        ("unsure", (0, 1, 2, 3, 4), (0, 1, 2, 3, 3), "link_decision"),
        # As linkage had it before, and now others of theirs have moved.
        ("same", (0, 1, 2, 3, 3), (0, 1, 3, 3, 3), "linkage"),
        ("different", (0, 1, 2, 3, 4), (0, 1, 2, 2, 4), "linkage"),
        ("unsure", (0, 1, 2, 3, 3), (0, 1, 3, 3, 3), "linkage"),
    ],
)
def test_a_verdict_has_moved_what_is_otherwise_for_its_two_records(
    toy: None, verdict: str, before: tuple[int, ...], after: tuple[int, ...], cause: str
) -> None:
    history.clear()
    first = history.release(1, Chosen(groups=before), None)
    history.decide(verdict)
    second = history.release(2, Chosen(groups=after), first)
    explain(second)
    with warehouse_module.connect() as connection:
        assert causes_of(changes_of(connection, second, PREVIOUS, "oslo")) == {cause}


@pytest.mark.parametrize(
    ("verdict", "before", "after"),
    [("same", (0, 1, 2, 3, 4), (0, 1, 2, 3, 3)), ("different", (0, 1, 2, 3, 3), (0, 1, 2, 3, 4))],
)
def test_a_verdict_that_did_not_hold_before_has_moved_nothing_since(
    toy: None, verdict: str, before: tuple[int, ...], after: tuple[int, ...]
) -> None:
    """Two person numbers were between them, say, of which a delivery has put one right."""
    history.clear()
    none = history.release(1, Chosen(groups=before), None)
    history.decide(verdict)
    first = history.release(2, Chosen(groups=before), none)
    second = history.release(3, Chosen(groups=after), first)
    explain(second)
    with warehouse_module.connect() as connection:
        assert causes_of(changes_of(connection, second, PREVIOUS, "oslo")) == {"linkage"}


def test_what_a_clerk_and_a_case_have_moved_together_is_the_cases(toy: None) -> None:
    history.clear()
    first = history.release(1, Chosen(), None)
    second = history.release(2, Chosen(groups=(0, 1, 2, 2, 2), is_decided_by_clerk=True), first)
    history.dispute()
    explain(second)
    with warehouse_module.connect() as connection:
        assert causes_of(changes_of(connection, second, PREVIOUS, "oslo")) == {"correction"}


@pytest.mark.parametrize(
    ("change", "cause"), [({"limit": 1}, "code"), ({"limit": 1, "delivery": 1}, "code"), ({"delivery": 1}, "source")]
)  # fmt: skip
def test_against_a_release_of_which_no_models_were_kept_there_is_one_cause(
    toy: None, change: dict[str, int], cause: str
) -> None:
    history.clear()
    first = history.release(1, Chosen(), None)
    second = history.release(2, Chosen(**change), first)
    with warehouse_module.connect() as connection:
        connection.execute("delete from meta.release_models where release_id = %s", [first])
    explain(second)
    with warehouse_module.connect() as connection:
        assert causes_of(changes_of(connection, second, PREVIOUS, "oslo")) == {cause}
        assert told_as_one(connection, load(second)) == [first]


def test_since_a_release_whose_sql_no_longer_fits_the_tables_all_is_told_as_one(toy: None) -> None:
    """A column has another name since; with it came new data and a rule. The next release is told of as ever."""
    history.clear()
    first = history.release(1, Chosen(), None)
    with warehouse_module.connect() as connection:
        connection.execute(
            "insert into meta.model_sql (sha256, sql) select repeat('0', 64), replace(sql, 'f.weight', 'f.earlier_name')"
            " from meta.model_sql join meta.release_models using (sha256) where (release_id, name) = (%s, 'person_links')",
            [first],
        )
        connection.execute(
            "update meta.release_models set sha256 = repeat('0', 64) where (release_id, name) = (%s, 'person_links')",
            [first],
        )
    second = history.release(2, Chosen(delivery=1, factor=3), first)
    third = history.release(3, Chosen(delivery=2, factor=3), second)
    for release_id in (second, third):
        explain(release_id)
    with warehouse_module.connect() as connection:
        assert causes_of(changes_of(connection, second, PREVIOUS, "oslo")) == {"code"}
        assert told_as_one(connection, load(second)) == [first]
        assert causes_of(changes_of(connection, third, PREVIOUS, "oslo")) == {"source"}
        assert told_as_one(connection, load(third)) == []


@pytest.mark.parametrize("is_retired", [False, True])
def test_a_rule_that_is_new_or_retired_is_a_rule_and_no_program(toy: None, is_retired: bool) -> None:
    choices = [Chosen(has_further_rule=is_retired), Chosen(has_further_rule=not is_retired)]
    changes = explained(choices)[1]
    assert changes
    assert causes_of(changes) == {"rule"}


@pytest.mark.parametrize("delivery", [1, 2])
def test_what_a_rule_finds_anew_is_not_told_where_it_is_withheld_now(toy: None, delivery: int) -> None:
    """Of the two, Oslo is told by the matrix's step what it was told last, and nothing that came since."""
    changes = explained([Chosen(), Chosen(delivery=delivery, is_withheld=True)])[1]
    causes = [cause for change in changes for cause in change["causes"]]
    withheld = [cause for cause in causes if any(r["indicator_code"] == "weighty" for r in cause["rules"])]
    assert {cause["cause"] for cause in withheld} == {"sharing"}
    assert all(cause["points"] < 0 for cause in withheld)


def test_a_dispute_is_not_told_where_its_row_is_withheld_now(toy: None) -> None:
    followed = Chosen(groups=(0, 1, 2, 3, 0), decisions=1)
    disputed = replace(followed, suppressed=frozenset({"r4"}))
    kinds = [
        {change["change"] for change in explained([followed, after])[1]}
        for after in (disputed, replace(disputed, is_withheld=True))
    ]
    assert "corrected" in kinds[0]
    assert "corrected" not in kinds[1]
    assert kinds[1]


def test_counterfactuals_need_no_temporary_tables(toy: None, warehouse: str) -> None:
    """Those share a few MiB of buffers, whatever their size, and a large history runs out of them."""
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            sql.SQL("revoke temporary on database {} from akrim").format(
                sql.Identifier(connection.info.dbname)
            )
        )
    everything = Chosen(delivery=1, groups=(0, 0, 0, 3, 3), decisions=1, factor=3, limit=5)
    suppressed = replace(everything, suppressed=frozenset(history.RECORDS[:1]))
    assert all(explained([Chosen(), everything, suppressed]))
    with psycopg.connect(warehouse) as connection:
        left = connection.execute("select to_regnamespace('counterfactual')").fetchone()
    assert left == (None,)


def test_what_nothing_that_differs_reaches_is_not_built_again(toy: None) -> None:
    history.clear()
    first = history.release(1, Chosen(), None)
    second = history.release(2, Chosen(groups=(0, 0, 0, 3, 4)), first)
    with warehouse_module.connect() as connection:
        connection.execute(
            "insert into meta.model_sql values ('fails', 'select 1 / 0 as release_id where {gated} is not null')"
        )
        connection.execute("update meta.release_models set sha256 = 'fails' where name = 'withheld_rules'")
    explain(second)
    with warehouse_module.connect() as connection:
        assert causes_of(changes_of(connection, second, PREVIOUS, "oslo")) == {"linkage"}


@pytest.mark.parametrize("is_unreached", [True, False])
def test_who_left_since_a_rule_could_be_checked_for_nobody_is_told_so(toy: None, is_unreached: bool) -> None:
    history.clear()
    first = history.release(1, Chosen(limit=5), None)
    with warehouse_module.connect() as connection:
        connection.execute("update toy.facts set weight = 0 where delivery_id <> 'brreg-2025-T3-01'")
        if is_unreached:
            connection.execute("insert into intermediate.rules_out_of_reach values ('weighty')")
    second = history.release(2, Chosen(delivery=1, limit=5), first)
    explain(second)
    assert told_of_weighty(second, "checked") == {"unavailable" if is_unreached else None}


def told_of_weighty(release_id: str, key: str) -> set[str | None]:
    with warehouse_module.connect() as connection:
        changes = changes_of(connection, release_id, PREVIOUS, "oslo")
    causes = (cause for change in changes for cause in change["causes"])
    return {
        rule.get(key) for cause in causes for rule in cause["rules"] if rule["indicator_code"] == "weighty"
    }


@pytest.mark.parametrize("was_unreached", [True, False])
def test_who_entered_since_a_rule_can_be_checked_again_is_told_so(toy: None, was_unreached: bool) -> None:
    history.clear()
    with warehouse_module.connect() as connection:
        connection.execute("update toy.facts set weight = 0 where delivery_id = 'brreg-2025-T3-01'")
    first = history.release(1, Chosen(limit=5), None)
    if was_unreached:
        with warehouse_module.connect() as connection:
            connection.execute("update marts.indicator_observations set checked = 'unavailable'")
    second = history.release(2, Chosen(delivery=1, limit=5), first)
    explain(second)
    assert told_of_weighty(second, "checked_before") == {"unavailable" if was_unreached else None}


def test_equal_inputs_give_no_changes_and_a_first_release_all_entered(toy: None) -> None:
    first, second = explained([Chosen(), Chosen()])
    assert {change["change"] for change in first} == {"entered"}
    assert causes_of(first) == {"source"}
    assert second == []


def test_old_sql_that_no_longer_runs_is_attributed_to_the_code(toy: None) -> None:
    history.clear()
    first = history.release(1, Chosen(), None)
    second = history.release(2, Chosen(delivery=1, limit=5), first)
    with warehouse_module.connect() as connection:
        connection.execute(
            "insert into meta.model_sql values ('gone', 'select person_id, column_of_old as points from \"intermediate\".\"person_links\"')"
        )
        connection.execute(
            "update meta.release_models set sha256 = 'gone' where release_id = %s and name = 'weighty'",
            [first],
        )
    explain(second)
    with warehouse_module.connect() as connection:
        assert causes_of(changes_of(connection, second, PREVIOUS, "oslo")) == {"code"}
