"""What has become of each person: one entry a person, the new first, told by facts, and nobody's decision where the rules alone propose otherwise."""

import json
import re
from typing import Any

import pyarrow as pa
import pytest
from akrim.report.moves.moved import PersonChanges, kind_of, moved_persons
from akrim.report.wording import Words
from akrim.rules import load_rules
from akrim.sharing import Tables

WORDS = Words("nb")
Line = dict[str, Any] | None
Item = tuple[str, str, str | None, str]


def line(
    rank: int, points: int, proposed: str | None = "av_interesse", status: str | None = None
) -> dict[str, Any]:
    return {"rank": rank, "total_points": points, "proposed_status": proposed, "status": status}


def change(
    kind: str, before: Line, after: Line, *causes: tuple[str, int], person_id: str = "p"
) -> dict[str, Any]:
    membership = {"entered": {"membership": "arrives"}, "left": {"membership": "goes"}}.get(kind, {})
    ranks = {"rank_before": before and before["rank"], "rank_after": after and after["rank"]}
    told = [{"cause": c, "points": p, "rules": [], **ranks, **membership} for c, p in causes]
    return {
        "person_id": person_id,
        "change": kind,
        "before": before,
        "after": after,
        "cause": causes[0][0],
        "causes": told,
    }


def observed(code: str, points: int, *evidence: Item, person_id: str = "p") -> dict[str, Any]:
    items = [
        dict(zip(("agency", "extract", "source_row_id", "date"), item, strict=True)) | {"orgnr": "200000039"}
        for item in evidence
    ]
    return {
        "person_id": person_id, "indicator_code": code, "points": points, "checked": "fired", "evidence": json.dumps(items),
    }  # fmt: skip


def tables(*observations: dict[str, Any]) -> Tables:
    return {
        "indicator_observations": pa.Table.from_pylist(
            list(observations) or [observed("x", 0, person_id="nobody")]
        ),
        "enterprises": pa.table(
            {"orgnr": ["200000039", "200000047"], "enterprise_name": ["NYRENS AS", "VIDERE AS"]}
        ),
    }


def sums(intention: int, capacity: int) -> Tables:
    """The person's, beside a rule that moved them up."""
    row = {"person_id": "p", "intention_points": intention, "capacity_points": capacity}
    return {"assessments": pa.Table.from_pylist([row])}


def only(
    changes: list[dict[str, Any]], before: Tables, now: Tables, aside: frozenset[str] = frozenset()
) -> PersonChanges:
    (moved,) = moved_persons(changes, before, now, aside, WORDS, load_rules())
    return moved


CASE = ("politiet", "saker", "S1", "2026-05-14")
OLD_CASE = ("politiet", "saker", "S0", "2024-01-01")
ROLE = ("brreg", "roller", "R1", "2026-02-01")
REGISTERED = ("brreg", "enheter", "200000039", "2026-03-02")


def test_a_persons_changes_are_one_entry() -> None:
    before, after = line(7, 45), line(3, 60, "trusselaktor", "trusselaktor")
    moved = only(
        [
            change("rose", before, after, ("source", 15), ("prioritisation", 0)),
            change("status", before, after, ("prioritisation", 0)),
        ],
        tables(observed("convicted", 0, OLD_CASE)),
        tables(observed("convicted", 15, OLD_CASE, CASE, ROLE)),
    )
    assert moved.kinds == ["rose", "status"]
    assert moved.from_to == [
        "plass 7 → 3", "45 → 60 poeng", "foreslått: av interesse → trusselaktør", "status: ingen status → trusselaktør",
    ]  # fmt: skip
    assert moved.causes == ["Nye opplysninger (+15)", "Ledergruppens beslutning"]
    assert moved.facts == ["Domfelt +15: straffesak 14.05.2026"]


def test_what_a_rule_finds_that_could_not_be_checked_before_is_not_told_as_new() -> None:
    unchecked = observed("convicted", 0) | {"checked": "unavailable"}
    moved = only(
        [change("rose", line(7, 45), line(3, 60), ("source", 15))],
        tables(unchecked),
        tables(observed("convicted", 15, OLD_CASE)),
    )
    assert moved.causes == ["Endrede opplysninger (+15)"]
    assert moved.facts == ["Domfelt +15: kunne vurderes igjen"]


def test_of_who_is_new_on_the_list_only_what_has_come_since_is_told() -> None:
    """The centre has no table of him from before, when the old case gave 20 points of the 42 that he has now."""
    entered = change("entered", None, line(3, 42), ("source", 22))
    entered["causes"][0]["rules"] = [
        {"indicator_code": "serial_bankruptcy", "points": 15}, {"indicator_code": "phoenix", "points": 7},
    ]  # fmt: skip
    moved = only(
        [entered],
        tables(),
        tables(
            observed("convicted", 20, OLD_CASE),
            observed("serial_bankruptcy", 15, REGISTERED),
            observed("phoenix", 7, ROLE),
        ),
    )
    assert moved.causes == ["Nye opplysninger (+22)"]
    assert moved.facts == [
        "hører nå til senterets personer", "Gjentatte konkurser +15: NYRENS AS 02.03.2026", "Føniksforetak +7",
    ]  # fmt: skip
    assert moved.gist == ["Ny på listen", "42 poeng", "Gjentatte konkurser +15: NYRENS AS 02.03.2026"]


ARREARS_THEN, ARREARS_NOW = (
    ("skatteetaten", "restanser", "RS1", day) for day in ("2025-12-31", "2026-04-30")
)

FACTS: dict[str, tuple[list[Item], str]] = {
    "the case": ([CASE], "Domfelt +5: straffesak 14.05.2026"),
    "the enterprise by its name": ([REGISTERED], "Domfelt +5: NYRENS AS 02.03.2026"),
    # What carries a bankrupt one on has a row of its own.
    "another enterprise than that of the event": (
        [("brreg", "enheter", "200000047", "2026-03-02")],
        "Domfelt +5: VIDERE AS 02.03.2026",
    ),
    "two at most, the newest": (
        [("politiet", "saker", f"S{day}", f"2026-01-0{day}") for day in (1, 2, 3)],
        "Domfelt +5: straffesak 03.01.2026, straffesak 02.01.2026",
    ),
    "a role tells nothing new": ([ROLE], "Domfelt +5"),
}


@pytest.mark.parametrize(("evidence", "said"), FACTS.values(), ids=FACTS)
def test_a_rule_is_told_with_its_new_facts(evidence: list[Item], said: str) -> None:
    rose = [change("rose", line(1, 10), line(1, 15), ("source", 5))]
    assert only(rose, tables(), tables(observed("convicted", 5, *evidence))).facts == [said]


@pytest.mark.parametrize(
    ("now", "said"),
    [([], "Opplysninger som ikke lenger teller (−10)"), ([CASE], "Endrede opplysninger (−10)")],
    ids=["only fewer facts", "others in their place"],
)
def test_facts_that_have_ceased_to_count_are_not_called_new(now: list[Item], said: str) -> None:
    fell = [change("fell", line(1, 15), line(1, 5), ("source", -10))]
    before, after = (
        tables(observed("convicted", 15, OLD_CASE, ROLE, ARREARS_THEN)),
        tables(observed("convicted", 5, ROLE, ARREARS_NOW, *now)),
    )
    moved = only(fell, before, after)
    assert moved.causes == [said]
    assert moved.facts == ["Domfelt −10: teller ikke lenger: straffesak 01.01.2024"]


def test_where_a_rule_gives_less_beside_another_that_gives_more_facts_are_changed_and_not_new() -> None:
    rose = [change("rose", line(1, 15), line(1, 20), ("source", 5))]
    before = tables(observed("convicted", 15, OLD_CASE), observed("bankruptcy", 0))
    after = tables(observed("convicted", 0), observed("bankruptcy", 20, REGISTERED))
    assert only(rose, before, after).causes == ["Endrede opplysninger (+5)"]


def test_new_facts_beside_fewer_points_of_the_source_are_changed_ones() -> None:
    """What the rule's new version gives for them stands under its own cause."""
    rose = [change("rose", line(1, 15), line(1, 20), ("source", -10), ("rule", 15))]
    before, after = tables(observed("convicted", 15, OLD_CASE)), tables(observed("convicted", 20, CASE))
    assert only(rose, before, after).causes == ["Endrede opplysninger (−10)", "Endret regel (+15)"]


@pytest.mark.parametrize(
    ("moved", "gist"),
    [
        (change("rose", line(3, 15), line(1, 20), ("source", 5)), ["15 → 20 poeng", "Konkurs +20: NYRENS AS 02.03.2026"]),
        (change("status", line(3, 15), line(1, 20, "trusselaktor"), ("source", 5)),
         ["foreslått: av interesse → trusselaktør", "Konkurs +20: NYRENS AS 02.03.2026"]),
        (change("fell", line(1, 20), line(3, 15), ("source", -5)), ["20 → 15 poeng", "Domfelt −15: teller ikke lenger: straffesak 01.01.2024"]),
        # A decision rests on no rule.
        (change("status", line(3, 15), line(1, 20, status="avskrevet"), ("prioritisation", 5)), ["status: ingen status → avskrevet"]),
        (change("rose", line(3, 15), line(2, 15), ("prioritisation", 0)), ["plass 3 → 2"]),
    ],
)  # fmt: skip
def test_the_gist_is_the_gravest_and_a_fact_of_the_same_direction(
    moved: dict[str, Any], gist: list[str]
) -> None:
    before = tables(observed("convicted", 15, OLD_CASE), observed("bankruptcy", 0))
    after = tables(observed("convicted", 0), observed("bankruptcy", 20, REGISTERED))
    assert only([moved], before, after).gist == gist


@pytest.mark.parametrize(
    ("then", "now", "gist"),
    [
        (line(6, 44, "trusselaktor"), line(7, 46), ["foreslått: trusselaktør → av interesse", "kapasitet 6 → 2"]),
        (line(7, 46), line(6, 44, "trusselaktor"), ["foreslått: av interesse → trusselaktør", "intensjon 38 → 44"]),
        (line(6, 44), line(7, 46, None), ["foreslått: av interesse → ingen status", "kapasitet 6 → 2"]),
    ],
    ids=["less of more points", "more of fewer", "nothing of more"],
)  # fmt: skip
def test_the_gist_of_what_is_proposed_against_the_points_is_no_fact_that_moved_them(
    then: Line, now: Line, gist: list[str]
) -> None:
    before = tables(observed("bankruptcy", 0)) | sums(38, 6)
    after = tables(observed("bankruptcy", 20, REGISTERED)) | sums(44, 2)
    assert only([change("status", then, now, ("source", 2))], before, after).gist == gist


ARREARS = ("skatteetaten", "restanser", "RS1")
# Rows about somebody who worked for the person come without their ids.
MET, LATER_MET = (
    ("arbeidstilsynet", "personer_paa_stedet", None, day) for day in ("2020-03-20", "2023-12-06")
)
EMPLOYED = ("skatteetaten", "arbeidsforhold", None)
WHY_LESS: dict[str, tuple[list[Item], dict[str, Any] | None, str]] = {
    # With one case of two the rule falls, and the other is still there: neither is said to have ceased.
    "no longer met": ([OLD_CASE, CASE], {"checked": "clear", "points": 0, "evidence": None},
                      ": oppfylles ikke lenger (hvilte på straffesak 14.05.2026, straffesak 01.01.2024)"),
    "its data are missing": ([CASE], {"checked": "not_delivered", "points": None, "evidence": None}, ": ikke vurdert denne gangen"),
    "it could not be checked": ([CASE], {"checked": "unavailable", "points": None, "evidence": None}, ": ikke vurdert denne gangen"),
    "the centre is told nothing": ([CASE], None, ": ikke vurdert denne gangen"),
    "no longer met, by roles alone": ([ROLE], {"checked": "clear", "points": 0, "evidence": None}, ": oppfylles ikke lenger"),
    "those met on one of two days": ([MET, LATER_MET], observed("convicted", 4, LATER_MET), ": teller ikke lenger: observasjon på stedet 20.03.2020"),
    "employments that last": ([(*EMPLOYED, "2025-12-31")], observed("convicted", 4, (*EMPLOYED, "2026-04-30")), ""),
    "the same arrears of another day": ([(*ARREARS, "2025-12-31")], observed("convicted", 4, (*ARREARS, "2026-04-30")), ""),
}  # fmt: skip


@pytest.mark.parametrize(("rested_on", "now", "why"), WHY_LESS.values(), ids=WHY_LESS)
def test_of_a_rule_that_gives_less_it_is_said_why(
    rested_on: list[Item], now: dict[str, Any] | None, why: str
) -> None:
    fell = [change("fell", line(1, 15), line(1, 5), ("source", -10))]
    other, later = observed("bankruptcy", 5, REGISTERED), observed("convicted", 0)
    after = [other] if now is None else [other, later | now]
    (told,) = only(fell, tables(other, observed("convicted", 10, *rested_on)), tables(*after)).facts
    assert told.partition(" −")[2].lstrip("0123456789") == why


def unobserved(*, is_stale: bool, withheld: str = "") -> Tables:
    """What the centre has of whom no rule has found anything: how old the police's data are, and which rule it is told nothing of."""
    kept = {"withheld_from": "oslo", "indicator_code": withheld}
    return tables() | {
        "delivery_ages": pa.Table.from_pylist([{"agency": "politiet", "is_missing": False, "is_stale": is_stale}]),
        "extract_ages": pa.table({"agency": pa.array([], pa.string())}),
        "withheld_rules": pa.Table.from_pylist([kept]),
        "withheld_data": pa.table({"withheld_from": pa.array([], pa.string())}),
    }  # fmt: skip


OF_NOBODY = {
    "the agency's data are too old": ({"is_stale": True}, "Domfelt −15: ikke vurdert denne gangen"),
    "it found nothing": (
        {"is_stale": False}, "Domfelt −15: oppfylles ikke lenger (hvilte på straffesak 14.05.2026)",
    ),
    "the centre is told nothing": (
        {"is_stale": False, "withheld": "convicted"}, "Domfelt −15: ikke vurdert denne gangen",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("state", "said"), OF_NOBODY.values(), ids=OF_NOBODY)
def test_of_whom_no_rule_finds_anything_any_more_it_is_said_why(state: dict[str, Any], said: str) -> None:
    """Her status keeps her on the list."""
    fell = [change("fell", line(1, 15), line(2, 0, None), ("source", -15))]
    moved = only(fell, tables(observed("convicted", 15, CASE)), unobserved(**state))
    assert (moved.facts, moved.causes) == ([said], ["Opplysninger som ikke lenger teller (−15)"])


def test_capacity_that_is_not_looked_at_any_more_could_be_checked() -> None:
    """The profile says that every rule could be."""
    fell = [change("fell", line(1, 32), line(2, 18, None), ("source", -14))]
    before = tables(observed("convicted", 30, CASE), observed("exposed_industry_roles", 2, REGISTERED))
    now = unobserved(is_stale=False) | {
        "indicator_observations": tables(observed("convicted", 18, CASE))["indicator_observations"]
    }
    assert "Utsatt næring −2: regnes ikke ved så lav intensjon" in only(fell, before, now).facts


@pytest.mark.parametrize(
    ("is_stale", "why"), [(True, "kunne vurderes igjen"), (False, "straffesak 14.05.2026")]
)
@pytest.mark.parametrize("before", [line(2, 0, None), None], ids=["listed by status", "on no list"])
def test_of_whom_no_rule_had_found_anything_what_could_not_be_checked_is_not_new(
    before: Line, is_stale: bool, why: str
) -> None:
    change_of = change("rose" if before else "entered", before, line(1, 15), ("source", 15))
    change_of["causes"][0]["rules"] = [{"indicator_code": "convicted", "points": 15}]
    moved = only([change_of], unobserved(is_stale=is_stale), tables(observed("convicted", 15, CASE)))
    assert moved.facts[-1] == f"Domfelt +15: {why}"


def test_who_left_and_who_has_no_rule_of_other_points_is_told_by_the_cause() -> None:
    left = only(
        [change("left", line(4, 5), None, ("source", -5))], tables(observed("convicted", 5, CASE)), tables()
    )
    assert (left.from_to, left.facts) == (
        ["plass 4 → –", "5 → – poeng"],
        ["hører ikke lenger til senterets personer"],
    )


@pytest.mark.parametrize(
    ("own", "from_to"),
    [([], []), ([change("rose", line(4, 40), line(3, 45), ("source", 5))], ["plass 4 → 3", "40 → 45 poeng"])],
    ids=["nothing else", "points, too"],
)
def test_whoever_takes_in_one_who_was_not_listed_is_not_new(
    own: list[dict[str, Any]], from_to: list[str]
) -> None:
    merged = change("merged", None, line(3, 45), ("source", 5), ("linkage", 40)) | {"old_person_id": "other"}
    moved = only([*own, merged], tables(), tables())
    assert moved.from_to == [*from_to, "other → p"]
    assert (moved.gist, moved.difference) == (from_to[-1:], 5 if own else 0)


def test_the_new_come_first_then_the_greatest_moves_and_who_left_last() -> None:
    changes = [
        change("left", line(1, 90), None, ("source", -90), person_id="left"),
        change("rose", line(2, 20), line(2, 25), ("source", 5), person_id="rose"),
        change("fell", line(3, 40), line(3, 10), ("rule", -30), person_id="fell"),
        change(
            "status", line(5, 9), line(5, 9, status="av_interesse"), ("prioritisation", 0), person_id="status"
        ),
        change("entered", None, line(6, 5), ("source", 5), person_id="entered"),
        change("status", line(7, 9), line(7, 7, "av_interesse"), ("source", -2), person_id="proposal"),
    ]
    assert [moved.person_id for moved in moved_persons(changes, {}, {}, set(), WORDS, load_rules())] == [
        "entered",
        "proposal",
        "fell",
        "rose",
        "status",
        "left",
    ]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (line(1, 5), line(1, 5, "trusselaktor"), "proposal"),
        (line(1, 5), line(1, 5, status="trusselaktor"), "status"),
        (line(1, 5), line(1, 5, "trusselaktor", "trusselaktor"), "status"),
    ],
)
def test_what_only_the_rules_propose_is_no_decision(before: Line, after: Line, kind: str) -> None:
    assert kind_of(change("status", before, after, ("rule", 0))) == kind


def test_a_decision_about_somebody_else_is_no_cause_and_the_dismissed_have_no_place() -> None:
    rose = only([change("rose", line(9, 10), line(8, 15), ("source", 5), ("prioritisation", 0))], {}, {})
    assert rose.causes == ["Nye opplysninger (+5)"]
    given = [change("status", line(3, 90), line(21, 90, status="avskrevet"), ("prioritisation", 0))]
    dismissed = only(given, {}, {}, frozenset({"p"}))
    assert dismissed.from_to == ["plass 3 → –", "status: ingen status → avskrevet"]
    taken_back = [
        change(
            "status",
            line(3, 90, status="avskrevet"),
            line(2, 90, status="trusselaktor"),
            ("prioritisation", 0),
        )
    ]
    assert only(taken_back, {}, {}).from_to[0] == "plass – → 2"
    # New facts put a dismissed person back into the ranking.
    assert only(given, {}, {}).from_to[0] == "plass 3 → 21"


@pytest.mark.parametrize("cause", ["correction", "linkage", "link_decision", "erasure", "source"])
def test_what_befell_others_is_no_cause_of_whose_place_it_moved(cause: str) -> None:
    before, after = line(9, 10), line(8, 15)
    assert only([change("rose", before, after, ("rule", 5), (cause, 0))], {}, {}).causes == [
        "Endret regel (+5)"
    ]


def test_a_correction_of_the_persons_own_is_a_cause_without_points() -> None:
    changes = [
        change(kind, line(9, 10), line(8, 15), ("rule", 5), ("correction", 0))
        for kind in ("rose", "corrected")
    ]
    assert only(changes, {}, {}).causes == ["Endret regel (+5)", "Rettelse"]


def test_the_rules_told_and_the_others_sum_up() -> None:
    codes = ("convicted", "phoenix", "bankruptcy", "tax_arrears", "severe_inspections")
    now = tables(*(observed(code, points) for code, points in zip(codes, (15, 10, 5, 3, 2), strict=True)))
    facts = only([change("rose", line(1, 0), line(1, 35), ("source", 35))], tables(), now).facts
    assert [int(re.findall(r"[+−]\d+", fact)[0]) for fact in facts] == [15, 10, 5, 5]
    assert facts[-1] == "andre regler +5"
