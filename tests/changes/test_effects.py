"""Which cause a change is told by, and what of a withheld rule the causes before the matrix tell."""

import pytest
from akrim.changes.effects import Attribution, Effect, main_cause
from akrim.changes.lines import CauseStep, Line
from akrim.changes.listing import make_change


def line(rank: int | None, proposed: str | None = None, status: str | None = None, **points: int) -> Line:
    return Line("oslo", "p", rank, proposed, status, points)


OFF, LOW, HIGH = line(None, rule=5), line(2, rule=20), line(1, rule=50)
CASES: dict[str, tuple[str, list[Effect], str]] = {
    "whoever went and came again entered by what came last": (
        "entered", [Effect("source", OFF, HIGH), Effect("rule", HIGH, OFF), Effect("code", OFF, LOW)], "code",
    ),
    "what brings onto the list before what gives most": (
        "entered", [Effect("source", line(None), OFF), Effect("rule", OFF, line(3, rule=6)), Effect("code", line(3, rule=6), HIGH)], "rule",
    ),
    "a status by what gave it, though points moved": (
        "status", [Effect("source", LOW, HIGH), Effect("prioritisation", HIGH, line(1, None, "avskrevet", rule=50))], "prioritisation",
    ),
    "who fell did so by what took points": (
        "fell", [Effect("source", LOW, line(1, rule=49)), Effect("rule", line(1, rule=49), line(2, rule=30)), Effect("code", line(2, rule=30), line(3, rule=10))], "code",
    ),
    "who rose did so by what gave points": (
        "rose", [Effect("source", HIGH, LOW), Effect("rule", LOW, line(2, rule=40)), Effect("code", line(2, rule=40), line(1, rule=55))], "rule",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "effects", "cause"), CASES.values(), ids=CASES)
def test_a_change_is_told_by_what_brought_it_about(kind: str, effects: list[Effect], cause: str) -> None:
    assert main_cause(make_change(kind, "p", None, None), effects) == cause


@pytest.mark.parametrize(("given", "cause"), [("av_interesse", "prioritisation"), (None, "source")])
def test_a_status_that_a_team_gave_is_told_by_its_decision_though_a_proposal_fell(
    given: str | None, cause: str
) -> None:
    before, after = line(3, "av_interesse", rule=25), line(4, None, given)
    change = {"change": "status", "before": {"status": before.status}, "after": {"status": after.status}}
    effects = [Effect("source", before, OFF), Effect("prioritisation", OFF, after)]
    assert main_cause(change, effects) == cause


UNTOLD: dict[str, tuple[str, list[Line], list[tuple[str, int, bool, bool]]]] = {
    "what it has found since is told by nothing, and no proposal or place that follows": (
        "left",
        [line(3, "av_interesse", untold=10, other=5), line(1, "trusselaktor", untold=30, other=5),
         line(1, "trusselaktor", untold=30, other=5), line(None, other=5)],
        [("sharing", -10, True, True)],
    ),
    "nor does it bring anybody onto the list; what else has come is told": (
        "entered",
        [line(None, other=4), line(1, "trusselaktor", untold=30, other=40), line(1, "trusselaktor", untold=30, other=40),
         line(5, "av_interesse", other=40)],
        [("source", 36, False, False), ("sharing", 0, True, True)],
    ),
    "a decision brings onto the list before the matrix": (
        "entered",
        [line(None, other=4), line(1, "trusselaktor", untold=30, other=4),
         line(1, "trusselaktor", "trusselaktor", untold=30, other=4), line(5, None, "trusselaktor", other=4)],
        [("prioritisation", 0, True, True)],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "lines", "told"), UNTOLD.values(), ids=UNTOLD)
def test_of_a_rule_that_is_withheld_now_only_the_matrix_tells(
    kind: str, lines: list[Line], told: list[tuple[str, int, bool, bool]]
) -> None:
    """Cause, points, and whether it moved the person onto the list or off it, or the status."""
    causes = ("", "source", "prioritisation", "sharing")
    steps = [
        CauseStep(cause, {("oslo", "p"): at}, frozenset()) for cause, at in zip(causes, lines, strict=True)
    ]
    attribution = Attribution(steps, {}, {"oslo": frozenset({"untold"})})
    found = attribution.effects("oslo", make_change(kind, "p", None, None))
    assert [(e.cause, e.points, e.enters_or_leaves, e.status_differs) for e in found] == told


def test_steps_of_one_cause_are_one_and_a_place_lost_to_others_is_told_of_who_rose() -> None:
    lines = {"": LOW, "linkage": line(2, rule=25), "code": line(2, rule=50)}
    steps = [CauseStep(cause, {("oslo", "p"): at}, frozenset()) for cause, at in lines.items()]
    steps.insert(2, CauseStep("linkage", {("oslo", "p"): HIGH}, frozenset()))
    found = Attribution(steps, {}).effects("oslo", make_change("rose", "p", None, None))
    assert [(effect.cause, effect.points) for effect in found] == [("linkage", 30), ("code", 0)]


def test_who_left_is_not_told_by_whom_was_joined_to_them_since() -> None:
    other = line(1, rule=10)
    steps = [
        CauseStep("", {("oslo", "p"): LOW, ("oslo", "o"): other}, frozenset()),
        CauseStep("source", {("oslo", "o"): other}, frozenset()),
        CauseStep("linkage", {}, frozenset({"o"})),
    ]
    found = Attribution(steps, {"o": ["p"]}).effects("oslo", make_change("left", "p", None, None))
    assert [(effect.cause, effect.points) for effect in found] == [("source", -20)]


def test_a_place_that_another_ones_dispute_has_given_is_no_correction() -> None:
    steps = [
        CauseStep("", {("oslo", "p"): HIGH, ("oslo", "q"): LOW}, frozenset()),
        CauseStep("correction", {("oslo", "p"): OFF, ("oslo", "q"): line(1, rule=20)}, frozenset()),
    ]
    assert list(Attribution(steps, {}).corrected("oslo", {"p", "q"})) == ["p"]
