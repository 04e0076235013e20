"""The ranked list: dismissed persons come last, and points by weak links are shown as a range."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from akrim.report.lists.ranking import build_ranking, place_of
from akrim.report.wording import Words

WORDS = Words("nb")


QUESTIONS = pa.schema(
    [(name, pa.string()) for name in ("person_id", "question", "bearer_person_id", "status")]
)


NOMINATIONS = pa.schema(
    [(name, pa.string()) for name in ("person_id", "agency", "source_grade", "information_grade", "answer")]
)


DECISIONS = pa.schema(
    [(name, pa.string()) for name in ("person_id", "centre_id", "status", "decision_id")]
    + [("decided_date", pa.date32())]
)


def listed(
    *assessments: dict[str, Any],
    asked: Sequence[dict[str, str]] = (),
    nominated: Sequence[dict[str, str]] = (),
    decided: Sequence[dict[str, Any]] = (),
    changes: Sequence[dict[str, Any]] = (),
    first: int = 1,
) -> list[dict[str, Any]]:
    usual = {
        "intention_points": 20, "capacity_points": 0, "total_points": 20, "fired_count": 1, "unavailable_count": 0,
        "proposed_status": "av_interesse", "status": None, "status_since": None, "weakest_match_weight": None,
        "strict_intention_points": 20, "strict_capacity_points": 0, "rests_on_weak_link": False, "new_fact_date": None,
        "disputes": "[]", "offered_by": None, "is_in_area": True,
    }  # fmt: skip
    rows = [usual | {"person_id": f"p-{n}", "rank": n} | row for n, row in enumerate(assessments, start=1)]
    persons = [
        {"person_id": row["person_id"], "full_name": row["person_id"], "birth_date": None} for row in rows
    ]
    tables = {
        "assessments": pa.Table.from_pylist(rows),
        "persons": pa.Table.from_pylist(persons),
        "status_questions": pa.Table.from_pylist(list(asked), schema=QUESTIONS),
        "prioritisations": pa.Table.from_pylist(list(decided), schema=DECISIONS),
        "nominations": pa.Table.from_pylist(list(nominated), schema=NOMINATIONS),
    }
    return build_ranking(tables, changes, "oslo", 10, WORDS, first)


def test_dismissed_persons_come_last_without_a_rank() -> None:
    dismissed = {"status": "avskrevet", "status_since": date(2026, 1, 20), "total_points": 200}
    lines = listed(dismissed, {}, {})

    assert [(line["person_id"], line["rank"]) for line in lines] == [("p-2", "1"), ("p-3", "2"), ("p-1", "–")]
    assert (lines[2]["status"], lines[2]["proposed"], lines[2]["is_dismissed"]) == ("Avskrevet", "", True)
    assert [line["status_since"] for line in lines] == ["", "", "20.01.2026"]


def test_a_part_of_the_list_has_the_places_of_the_whole() -> None:
    seventh, eighth = listed({}, {}, first=7)
    assert [seventh["place"], seventh["rank"], eighth["place"]] == [7, "7", 8]
    assert "nr. 8" in seventh["ahead"]


def test_a_place_is_that_of_the_list_with_the_dismissed_last() -> None:
    rows = [
        {"person_id": f"p-{rank}", "rank": rank, "status": status, "new_fact_date": fact}
        for rank, status, fact in ((1, "avskrevet", None), (2, None, None), (3, "avskrevet", date(2026, 1, 1)))
    ]  # fmt: skip
    assert [place_of(row["person_id"], pa.Table.from_pylist(rows)) for row in rows] == [
        (3, ["p-1"]),
        (1, ["p-2", "p-3"]),
        (2, ["p-3", "p-1"]),
    ]


@pytest.mark.parametrize(
    ("cases", "told"),
    [
        ([("2026-02-01", True), ("2026-01-05", True)], "Bestrider en opplysning, siden 05.01.2026"),
        ([("2026-02-01", True), ("2025-01-05", False)], "Bestrider en opplysning, siden 01.02.2026"),
        ([("2025-01-05", False)], ""),  # upheld: nothing is disputed any more
    ],
)
def test_who_disputes_something_is_told_since_when_while_a_case_is_open(
    cases: list[tuple[str, bool]], told: str
) -> None:
    disputes = [{"since": since, "is_open": is_open} for since, is_open in cases]
    (line,) = listed({"disputes": json.dumps(disputes)})
    assert line["disputing"] == told


@pytest.mark.parametrize(
    ("kinds", "move"),
    [(("entered",), "Ny"), (("rose", "status"), "▲ +8"), (("fell",), "▼ −8"), (("status",), "Endret status"), ((), "")],
)  # fmt: skip
def test_what_has_become_of_each_is_told_in_a_word(kinds: tuple[str, ...], move: str) -> None:
    points = (20, 12) if "fell" in kinds else (12, 20)
    before, after = ({"total_points": number, "status": None} for number in points)
    changes = [
        {"person_id": "p-1", "change": kind, "before": None if kind == "entered" else before, "after": after}
        for kind in kinds
    ]
    assert [line["move"] for line in listed({}, {}, changes=changes)] == [move, ""]


def test_new_facts_after_a_dismissal_restore_the_rank() -> None:
    (line,) = listed({"status": "avskrevet", "new_fact_date": date(2026, 3, 2)})
    assert (line["rank"], line["is_dismissed"]) == ("1", False)
    assert line["since_dismissal"] == "(nye opplysninger 02.03.2026)"


@pytest.mark.parametrize(("strict", "shown"), [(20, ""), (8, "8–20"), (None, "")])
def test_the_range_shows_what_rests_on_weak_links(strict: int | None, shown: str) -> None:
    (line,) = listed({"strict_intention_points": strict})
    assert line["range"] == shown


@pytest.mark.parametrize(
    ("following", "said"),
    [
        ({"total_points": 12}, "8 poeng mer enn nr. 2, og samme foreslåtte status"),
        ({"total_points": 19}, "1 poeng mer enn nr. 2, og samme foreslåtte status"),
        ({}, "like mange poeng som nr. 2, og ikke færre i intensjon"),
        (
            {"proposed_status": "potensiell_trusselaktor"},
            "foreslått som av interesse; nr. 2 bare som potensiell trusselaktør",
        ),
        ({"proposed_status": None, "status": "trusselaktor"}, "nr. 2 er ikke foreslått noen status"),
        ({"status": "avskrevet"}, ""),
    ],
)
def test_it_says_what_sets_a_person_before_the_next(following: dict[str, Any], said: str) -> None:
    first, second = listed({}, following)
    assert (first["ahead"], second["ahead"]) == (said, "")


def test_who_is_outside_the_area_and_who_is_offered_say_so_without_telling_of_a_move() -> None:
    moved, offered, neither = listed(
        {"status": "trusselaktor", "is_in_area": False}, {"offered_by": "bergen"}, {"is_in_area": None}
    )
    assert moved["shown_status"] == "Trusselaktør \u2013 Er ikke i senterets område."
    assert offered["notes"] == [
        "Har status ved A-krimsenteret i Bergen, men er nå i dette senterets område og ikke der."
    ]
    assert neither["notes"] == []


def test_the_nominated_are_marked_with_the_grading_and_keep_their_place() -> None:
    about = {
        "person_id": "p-2",
        "agency": "nav",
        "source_grade": "B",
        "information_grade": "3",
        "answer": "open",
    }
    dismissed = {**about, "person_id": "p-1", "answer": "dismissed"}
    police = {
        **about,
        "agency": "politiet",
        "source_grade": "X",
        "information_grade": "4",
        "answer": "prioritised",
    }
    lines = listed({}, {"status": "trusselaktor"}, nominated=[about, police, dismissed])
    told = "Nominert av Nav (B3) og politiet (X4)"
    assert [line["notes"] for line in lines] == [[], [told]]
    assert lines[1]["shown_status"] == f"Trusselaktør \u2013 {told}"
    assert [line["rank"] for line in lines] == [
        line["rank"] for line in listed({}, {"status": "trusselaktor"})
    ]


def test_the_centre_is_asked_whose_a_status_is() -> None:
    about = {"bearer_person_id": "p-1", "status": "trusselaktor"}
    kept, parted, other = listed(
        {"status": "trusselaktor"}, {}, {},
        asked=[about | {"person_id": "p-2", "question": "parted"}, about | {"person_id": "p-1", "question": "kept"}],
    )  # fmt: skip
    assert kept["shown_status"].startswith("Trusselaktør \u2013 Bekreft: statusen ble gitt da")
    assert parted["shown_status"].startswith("Bekreft: var en del av p-1, som har statusen «Trusselaktør».")
    assert other["notes"] == []


@pytest.mark.parametrize(
    ("weight", "word", "is_weak"), [(None, "Sikker", False), (10.0, "Sterk", False), (9.9, "Svak", True)]
)
def test_a_link_is_strong_or_weak_and_no_likelihood(weight: float | None, word: str, is_weak: bool) -> None:
    (line,) = listed({"weakest_match_weight": weight})
    assert (line["link"], line["is_weakly_linked"]) == (word, is_weak)


def test_what_another_centre_has_decided_otherwise_is_told_by_its_newest_decision() -> None:
    def decision(centre: str, status: str, day: int, person_id: str = "p-1") -> dict[str, Any]:
        return {
            "person_id": person_id, "centre_id": centre, "status": status, "decided_date": date(2026, 2, day),
            "decision_id": f"{centre}-{day}",
        }  # fmt: skip

    own, same = listed(
        {}, {"status": "trusselaktor"},
        decided=[
            decision("alta", "av_interesse", 1), decision("alta", "trusselaktor", 2), decision("oslo", "avskrevet", 3),
            decision("alta", "trusselaktor", 1, "p-2"),
        ],
    )  # fmt: skip
    assert own["notes"] == ["A-krimsenteret i Alta har besluttet: trusselaktør (02.02.2026)."]
    assert same["notes"] == []
    assert [line["is_decided_otherwise"] for line in (own, same)] == [True, False]
