"""The first page: what it says in a few lines is what its lists name, and nothing is said of what is not there."""

import itertools
from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from akrim.report import Earlier, Renewal
from akrim.report.blocks import Listing, Name, Notice, Paragraph, Table, Text
from akrim.report.lists.agenda import agenda_of, background_points
from akrim.report.sections.decide import MAX_NAMED, SECTION
from akrim.report.wording import Words

from tests.report.first_page import (
    DECIDED,
    DISMISSED,
    LINE,
    background,
    build,
    build_material,
    coordinated,
    entry,
    named,
    nominated,
    points,
    review,
    rows_of,
)

NO_DECISIONS = pa.table({"decision_id": pa.array([], pa.string())})
GROUPS = (("1", "trusselaktor"), ("2", "sentral_trusselaktor"), ("3", "trusselaktor"))

CASES: dict[str, tuple[dict[str, Any], list[str], dict[str, list[str]]]] = {
    "nothing": ({"ranking": [entry(1, **DECIDED)]}, ["Ingenting venter på ledergruppen."], {}),
    "awaiting, the most serious said first": (
        {"ranking": [entry(1), entry(2, proposed_code="potensiell_trusselaktor"), entry(3, **DECIDED), entry(4, **DISMISSED)]},
        ["2 personer på listen venter på ledergruppens beslutning. Reglene foreslår 1 som trusselaktør og 1 som potensiell trusselaktør."],
        {"Venter på beslutning": ["Person 1", "Person 2"]},
    ),
    "dismissed, and something new was found since": (
        {"ranking": [entry(1, status="Avskrevet", since_dismissal="Nytt siden 01.11.2025", proposed="", proposed_code=None)]},
        ["1 person på listen venter på ledergruppens beslutning."],
        {"Venter på beslutning": ["Person 1"]},
    ),
    "new": (
        {"ranking": [entry(1, **DECIDED), entry(2, **DECIDED)], "entered": ("p2", "off the list")},
        ["1 er ny på listen siden 2025-T2.1."],
        {"Nye siden sist": ["Person 2"]},
    ),
    "new and awaiting are named once, other newcomers below": (
        {"ranking": [entry(1), entry(2, **DECIDED), entry(3)], "entered": ("p1", "p2")},
        ["2 personer på listen venter på ledergruppens beslutning. Reglene foreslår 2 som trusselaktører.",
         "2 er nye på listen siden 2025-T2.1."],
        {"Venter på beslutning": ["Person 1", "Person 3"], "Andre nye siden sist": ["Person 2"]},
    ),
    "at a first release everybody is new": (
        {"ranking": [entry(1, **DECIDED)], "entered": ("p1",), "previous": None}, ["Ingenting venter på ledergruppen."], {},
    ),
    "overdue, due, due later, and another centre's": (
        {"ranking": [entry(n, **DECIDED) for n in (1, 2, 3, 4, 5)],
         "prioritisations": [review("p1", date(2026, 5, 2)), review("p2", date(2025, 12, 30)), review("p3", date(2026, 5, 3)),
                             review("p4", date(2025, 1, 1), "bergen"), review("p5", date(2025, 12, 31))]},
        ["1 beslutning er over fristen for ny vurdering.", "2 beslutninger skal vurderes på nytt før neste utgave."],
        {"Beslutninger til ny vurdering": ["Person 2", "Person 5", "Person 1"],
         "Hvem skal gjøre hva": ["Person 1", "Person 2", "Person 3", "Person 5"]},
    ),
    "of two who were merged the decision whose status stands": (
        {"ranking": [entry(1, **DECIDED)],
         "prioritisations": [review("p1", date(2025, 12, 30)),
                             review("p1", date(2027, 12, 30)) | {"decision_id": "d-other", "decided_date": date(2025, 9, 1), "status": "avskrevet", "priority_code": "avslutt"}],
         "status_history": [{"centre_id": "oslo", "person_id": "p1", "status": "trusselaktor", "valid_to": None},
                            {"centre_id": "oslo", "person_id": "p1", "status": "avskrevet", "valid_to": date(2025, 6, 1)}]},
        ["1 beslutning er over fristen for ny vurdering."],
        {"Beslutninger til ny vurdering": ["Person 1"], "Hvem skal gjøre hva": ["Person 1"]},
    ),
    "nobody works on; the dismissed are left": (
        {"ranking": [entry(1, **DECIDED), entry(2, **DECIDED), entry(3, **DISMISSED)],
         "coordination": [coordinated(p, nobody_works_on=idle) for p, idle in (("p1", False), ("p2", True), ("p3", True))]},
        ["Ingen etat ser ut til å arbeide med 1 av 2 på listen: Person 2."],
        {"Ingen etat ser ut til å arbeide med disse": ["Person 2"]},
    ),
    "disputing": (
        {"ranking": [entry(1, **DECIDED, disputing="Bestrider siden 01.12.2025")]},
        ["1 på listen bestrider opplysninger om seg."],
        {"Bestrider opplysninger": ["Person 1"]},
    ),
    "another centre has decided otherwise": (
        {"ranking": [entry(1, **DECIDED, is_decided_otherwise=True), entry(2, **DECIDED), entry(3, **DISMISSED, is_decided_otherwise=True)]},
        ["Et annet senter har besluttet noe annet om 1 på listen."], {},
    ),
    "nominations that wait": (
        {"ranking": [entry(1, **DECIDED)], "nominations": [nominated(*of) for of in (("p8", None), ("p9", "unanswered"), ("p1", "decided"), ("p8", "open"))],
         "persons": [{"person_id": p, "full_name": f"Kari {p}", "birth_date": None} for p in ("p1", "p8", "p9")]},
        ["3 nomineringer fra etatene venter på svar."], {"Nomineringer som venter på svar": ["Kari p9", "Kari p8"]},
    ),
    "a network or an enterprise awaits a decision": (
        {"ranking": [entry(1, **DECIDED)],
         "enterprise_assessments": [{"orgnr": orgnr, "rank": n, "total_points": 40, "proposed_status": status}
                                    for n, (orgnr, status) in enumerate(GROUPS, start=1)],
         "group_decisions": [review("", date(2027, 1, 1)) | {"group_id": "3", "is_standing": True}]},
        ["2 nettverk og foretak venter på ledergruppens beslutning. Reglene foreslår 1 som sentral trusselaktør og 1 som trusselaktør."],
        {"Nettverk og foretak som venter på beslutning": ["2 (2)", "1 (1)"], "Hvem skal gjøre hva": ["3"]},
    ),
    "what was decided on a network or an enterprise is due as well; not another centre's": (
        {"ranking": [entry(1, **DECIDED)],
         "prioritisations": [review("p1", date(2026, 1, 1))],
         "group_decisions": [review("", day, centre) | {"group_id": group_id, "is_standing": True}
                             for group_id, day, centre in (("3", date(2025, 12, 30), "oslo"), ("4", date(2025, 12, 30), "bergen"))]},
        ["1 beslutning er over fristen for ny vurdering.", "1 beslutning skal vurderes på nytt før neste utgave."],
        {"Beslutninger til ny vurdering": ["3", "Person 1"], "Hvem skal gjøre hva": ["Person 1", "3"]},
    ),
    "contradictory; one decided anew and one off the list are left": (
        {"ranking": [entry(1, **DISMISSED), entry(2, **DECIDED)],
         "prioritisations": [review("p1", date(2027, 1, 1)) | {"status": "avskrevet"}, review("p3", date(2027, 1, 1)) | {"status": "avskrevet"},
                             review("p2", date(2027, 1, 1)) | {"status": "avskrevet"},
                             review("p2", date(2027, 1, 1)) | {"decision_id": "later", "decided_date": date(2025, 6, 2)}],
         "enterprise_assessments": [{"orgnr": "1", "rank": 1, "total_points": 40, "proposed_status": "trusselaktor"}],
         "group_decisions": [review("", date(2027, 1, 1)) | {"group_id": "1", "is_standing": True, "status": "avskrevet"}]},
        ["2 beslutninger motsier seg selv eller en annen og bør tas på nytt."],
        {"Beslutninger å ta på nytt": ["Person 1", "1 (1)"], "Hvem skal gjøre hva": ["Person 2"]},
    ),
    "what was told last bears a day before its release": (
        {"ranking": [entry(1, **DECIDED)],
         "prioritisations": [review("p1", date(2027, 1, 1)), review("p1", date(2027, 1, 1)) | {
             "decision_id": "mistyped", "decided_release_id": "2025-T2.1", "decided_date": date(2025, 5, 30)}]},
        ["1 beslutning motsier seg selv eller en annen og bør tas på nytt."],
        {"Beslutninger å ta på nytt": ["Person 1"], "Hvem skal gjøre hva": ["Person 1"]},
    ),
    "to confirm, also of the dismissed": (
        {"ranking": [entry(1, **DECIDED, notes=["Bekreft."]), entry(2, **DISMISSED, notes=["Bekreft."])],
         "status_questions": [{"person_id": "p1"}, {"person_id": "p2"}]},
        ["2 statuser skal bekreftes."],
        {"Statuser å bekrefte": ["Person 1", "Person 2"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("given", "said", "lists"), CASES.values(), ids=CASES)
def test_the_points_and_the_lists_say_the_same(
    given: dict[str, Any], said: list[str], lists: dict[str, list[str]]
) -> None:
    blocks = build(**given)
    assert points(blocks) == said
    is_idle = any("Ingen etat" in point for point in said)
    assert (Words("nb")("decide_none_idle") in background(blocks)) == (not is_idle)
    assert named(blocks) == lists


def test_a_long_list_names_the_first_and_tells_how_many_more() -> None:
    blocks = build([entry(n) for n in range(1, MAX_NAMED + 4)])
    assert len(named(blocks)["Venter på beslutning"]) == MAX_NAMED
    (cut,) = [block for block in blocks if isinstance(block, Table) and block.left_out]
    assert (cut.left_out, cut.more) == (3, Name("3 til står i listen.", "list"))
    groups = [
        {"orgnr": str(n), "rank": n, "total_points": 40, "proposed_status": "trusselaktor"}
        for n in range(MAX_NAMED + 1)
    ]
    blocks = build([entry(1, **DECIDED)], enterprise_assessments=groups)
    (cut,) = [block for block in blocks if isinstance(block, Table) and block.left_out]
    assert (cut.left_out, cut.more) == (1, Name("1 til står under «Nettverk og foretak».", "groups"))
    assert next(b.rows[0][0] for b in blocks if isinstance(b, Table)) == Name("0 (0)", "g-0")


def test_who_awaits_a_decision_is_told_in_short() -> None:
    rows = [
        {"person_id": "p1", "checked": "fired", "dimension": "intention", "indicator_code": "severe_inspections", "points": 5,
         "value": 2.0, "evidence": '[{"date": "2021-03-01"}]', "events": "[]"},
    ]  # fmt: skip
    (table,) = [block for block in build([entry(1)], indicator_observations=rows) if isinstance(block, Table)]
    assert table.rows[0][-1] == "To alvorlige tilsyn (2021)."


@pytest.mark.parametrize(
    ("points", "told"),
    [
        ("8–20", Text("Svak kobling: 8–20 poeng uten og med svake koblinger", "alert")),
        ("", Text("Svak kobling: like mange poeng uten svake koblinger", "below")),
    ],
)
def test_a_weak_link_is_an_alert_where_points_rest_on_it(points: str, told: Text) -> None:
    weak = entry(1, is_weakly_linked=True, range=points)
    (table,) = [block for block in build([weak]) if isinstance(block, Table)]
    assert table.rows[0][2][-1] == told


def test_who_is_new_is_marked_among_those_who_await_a_decision() -> None:
    new, old = rows_of(build([entry(1), entry(2)], entered=("p1",)))
    assert ["Ny på listen" in row[1] for row in (new, old)] == [True, False]


def test_of_whom_nobody_works_on_it_is_said_what_the_agencies_know_and_once_why_he_is_listed() -> None:
    found = {"checked": "fired", "dimension": "intention", "indicator_code": "severe_inspections", "points": 5,
             "value": 2.0, "evidence": "[]", "events": "[]"}  # fmt: skip
    known = {
        "last_control_date": date(2021, 3, 2),
        "agencies_that_know": "nav,politiet",
        "priority_code": "ikke_naa",
    }
    rows = rows_of(
        build(
            [entry(1), entry(2, **DECIDED)],
            indicator_observations=[found | {"person_id": p} for p in ("p1", "p2")],
            coordination=[coordinated("p1"), coordinated("p2", **known)],
        )
    )
    assert [row[-1].strip() for row in rows] == [
        "To alvorlige tilsyn.",
        "Ingen kontroll er kjent av et foretak mens personen hadde en ledende rolle i det.",
        "To alvorlige tilsyn. Et foretak ble sist kontrollert 02.03.2021 mens personen hadde en ledende rolle i det. "
        "Kjent hos Nav og politiet, gjennom egne saker, tilsyn eller kontroller. Prioritering hos et senter: ikke nå.",
    ]


def test_who_is_to_do_what_stands_by_agency_and_a_case_that_is_not_there_is_seen() -> None:
    """Dismissals and other centres' decisions are no tasks; of what the centre is not told nothing is made up."""
    decided = [review(f"p{n}", date(2027, 1, 1)) for n in range(1, 7)]
    for row, about in zip(decided, (
        {"responsible_agency": "skatteetaten", "actions": "felles kontroll"}, {"priority_code": "avslutt"}, {}, {"centre_id": "bergen"},
        {"status": "avskrevet"}, {"responsible_agency": "politiet"},
    ), strict=True):  # fmt: skip
        row.update(about)
    open_at = {"open_matters": 3, "open_matters_by_agency": '[{"agency": "skatteetaten", "matters": 3}]'}
    coordination = [coordinated(f"p{n}", nobody_works_on=False, **open_at) for n in range(1, 6)]
    coordination.append(coordinated("p6", nobody_works_on=False, open_matters=None))
    blocks = build(
        [entry(n, **DECIDED) for n in range(1, 7)], prioritisations=decided, coordination=coordination
    )
    assert named(blocks)["Hvem skal gjøre hva"] == ["Person 3", "Person 2", "Person 6", "Person 1"]
    (table,) = (
        after
        for heading, after in itertools.pairwise(blocks)
        if getattr(heading, "text", "") == "Hvem skal gjøre hva"
    )
    assert isinstance(table, Table)
    also = Text("Åpne saker hos Skatteetaten", "below")
    assert [row[4] for row in table.rows] == [
        (Text("Ingen åpen sak der", "alert"), also), (Text("Ingen åpen sak der"), also), "Ikke delt med senteret",
        (Text("3 saker"), Text("", "below")),
    ]  # fmt: skip
    assert [row[0] for row in table.rows] == ["Nav", "Nav", "Politiet", "Skatteetaten"]
    assert [row[3][0] for row in table.rows] == ["–", "–", "–", "felles kontroll"], (
        "a label on a narrow screen has a value"
    )


def test_where_people_are_dismissed_alone_it_is_not_said_that_no_decision_is_in_force() -> None:
    """The review of one stands beside that."""
    blocks = build([entry(1)], prioritisations=[review("p1", date(2026, 1, 1)) | {"status": "avskrevet"}])
    (said,) = (
        after
        for heading, after in itertools.pairwise(blocks)
        if getattr(heading, "text", "") == "Hvem skal gjøre hva"
    )
    assert said == Paragraph("Ingen beslutning i kraft setter noen etat til å arbeide med noen på listen.")


def test_who_changed_since_the_period_before_is_named_where_they_are_few() -> None:
    def said(number: int) -> str:
        changes = [
            {"person_id": f"p{n}", "change": kind}
            for n in range(1, number + 1)
            for kind in ("rose", "status")
        ]
        earlier = {"previous": "2025-T1.1", "changes": changes, "groups": []}
        return background(build([entry(n, **DECIDED) for n in range(1, 12)], earlier=earlier)).partition(
            "overvåke. "
        )[2]

    none_new = "Ingen er ny på listen."
    assert said(0) == "Ingenting er endret for noen siden 2025-T1.1."
    assert said(2) == f"Noe er endret for 2 personer siden 2025-T1.1: Person 1 og Person 2. {none_new}"
    assert said(11) == f"Noe er endret for 11 personer siden 2025-T1.1. {none_new}"
    assert "er endret" not in background(build([entry(1)], previous=None))
    mixed = [{"person_id": "p1", "change": "entered"}, {"person_id": "p2", "change": "rose"}]
    some_new = {"previous": "2025-T1.1", "changes": mixed, "groups": []}
    assert none_new not in background(build([entry(1), entry(2)], earlier=some_new))
    # Who has left the list is not named here.
    told = "Noe er endret for 1 person siden 2025-T2.1. 1 står ikke lenger på listen."
    assert told in background(build([entry(1)], entered=("gone",)))


@pytest.mark.parametrize("is_revision", [False, True])
def test_whose_decisions_have_come_since_are_named_where_others_were_not_read(is_revision: bool) -> None:
    cell = {"extract": "beslutninger", "cell": "K5", "column": "status", "code": "bad_code"}
    decided = [
        review("p1", date(2027, 1, 1)),
        review("p2", date(2027, 1, 1)),
        review("p3", date(2027, 1, 1), "bergen"),
        review("p0", date(2027, 1, 1)),
    ]
    group = review("", date(2027, 1, 1)) | {"status": "av_interesse"}
    groups = [
        group | {"group_id": number, "decision_id": f"d-{number}", "is_standing": standing}
        for number, standing in (("1", True), ("2", True), ("3", False))
    ]
    material = build_material(
        [*(entry(n, **DECIDED) for n in (1, 2, 3)), entry(4, person_id="p0", **DECIDED)],
        prioritisations=decided,
        group_decisions=groups,
    )
    known = {"prioritisations": ["d-p1"], "group_decisions": ["d-1"]}
    sent = {mart: pa.table({"decision_id": ids}) for mart, ids in known.items()}
    read = {mart: pa.table({"decision_id": ["d-p1", "d-p2", "d-1", "d-2"]}) for mart in known}
    material = replace(
        material,
        edition=replace(material.edition, answer={"read": 1, "rows": [[cell]], "refused": []}),
        earlier=Earlier(read, sent) if is_revision else Earlier(sent, {}),
    )
    said = [block.items for block in SECTION.build(material) if isinstance(block, Listing)]
    assert [
        (Name("Person 2", "p-2"), Text("\u2013 Trusselaktør, prioriter")),
        # In the list's order, whatever the ids.
        (Name("Person 4", "p-4"), Text("\u2013 Trusselaktør, prioriter")),
        (Name("2", ""), Text("\u2013 Av interesse, prioriter")),
    ] in said


@pytest.mark.parametrize("persons", [0, 1])
def test_that_nothing_came_is_told_only_to_whom_somebody_was_sent(persons: int) -> None:
    material = build_material([])
    sent = {"persons": pa.table({"person_id": ["p1"] * persons}), "prioritisations": NO_DECISIONS}
    material = replace(material, edition=replace(material.edition, answer={}), earlier=Earlier(sent, {}))
    is_told = Words("nb")("answer_none_came") in str(SECTION.build(material))
    assert is_told == bool(persons)


def test_of_a_revision_the_new_are_those_since_the_period_before() -> None:
    earlier = {"previous": "2025-T1.1", "changes": [{"person_id": "p2", "change": "entered"}], "groups": []}
    blocks = build([entry(1, **DECIDED), entry(2, **DECIDED)], entered=("p1",), earlier=earlier)
    assert "1 er ny på listen siden 2025-T1.1." in points(blocks)
    assert named(blocks)["Nye siden sist"] == ["Person 2"]


def test_who_was_dismissed_and_no_longer_is_is_named() -> None:
    changes = [
        {"person_id": "p1", "change": "status", "before": LINE | {"status": "avskrevet"}, "after": LINE | {"status": "trusselaktor"}},
        {"person_id": "p2", "change": "status", "before": LINE | {"status": "trusselaktor"}, "after": LINE | {"status": "avskrevet"}},
    ]  # fmt: skip
    earlier = {"previous": "2025-T1.1", "changes": changes, "groups": []}
    said = background(build([entry(1, **DECIDED), entry(2, **DISMISSED)], earlier=earlier))
    assert said.endswith("Ingen er ny på listen. Avskrevet før, og ikke lenger det: Person 1.")


@pytest.mark.parametrize(
    ("renewal", "said"),
    [
        (
            Renewal("2025-T3.1", ("nav", "skatteetaten"), ("decisions", "code")),
            "Utgaven erstatter 2025-T3.1. Nytt i grunnlaget er leveranser fra Nav og Skatteetaten, beslutninger fra ledergrupper og programversjonen.",
        ),
        (
            Renewal("2025-T3.1", ("nav",), (), is_recalled=True),
            "Utgaven erstatter 2025-T3.1, som ble trukket tilbake. Nytt i grunnlaget er leveranser fra Nav.",
        ),
        (
            Renewal("2025-T3.1", (), ()),
            "Utgaven erstatter 2025-T3.1, som ble trukket tilbake. Grunnlaget er det samme.",
        ),
        (None, None),
    ],
)
def test_a_revision_says_why_there_is_one(renewal: Renewal | None, said: str | None) -> None:
    material = build_material([entry(1, **DECIDED)])
    revised = replace(material, edition=replace(material.edition, renewal=renewal))
    told = [text for text in background_points(agenda_of(material), revised) if text.startswith("Utgaven")]
    assert told == ([said] if said else [])


@pytest.mark.parametrize(
    ("groups", "is_said"), [((), True), (({"group_id": "N1", "change": "left"},), False)]
)
def test_a_revision_says_that_nothing_has_changed_only_where_no_group_has_either(
    groups: tuple[dict[str, Any], ...], is_said: bool
) -> None:
    material = build_material([entry(1, **DECIDED)])
    revised = replace(material.edition, renewal=Renewal("2025-T3.1", (), ()), group_changes=groups)
    told = background_points(agenda_of(material), replace(material, edition=revised))
    assert (material.words("changes_none", previous="2025-T3.1") in told) == is_said


@pytest.mark.parametrize("whom", ["assessment", "oslo"])
@pytest.mark.parametrize("count", [0, 2])
def test_of_data_that_no_rule_is_made_from_no_rule_is_said_to_be_withheld(whom: str, count: int) -> None:
    data = {"withheld_from": whom, "agency": "nav", "category": "nomination", "told": "nothing"}
    rules = [{"withheld_from": whom, "indicator_code": str(n), "told": "nothing"} for n in range(count)]
    blocks = build([entry(1, **DECIDED)], withheld_data=[data], withheld_rules=rules)
    (said,) = [b.text for b in blocks if isinstance(b, Notice) and "delingsmatrisen" in b.text]
    assert "Nav: nomineringer" in said
    assert ("regler" in said) == (count > 0)
