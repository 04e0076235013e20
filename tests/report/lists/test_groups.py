"""The lists of networks and enterprises: in order, with whose facts count, why, and how many others are not named."""

from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from akrim.report import Earlier, Edition
from akrim.report.blocks import Name, Paragraph, Table, Text
from akrim.report.lists.groups import build_groups, names_of_listed
from akrim.report.material import Material
from akrim.report.sections.changes import MAX_CHANGES
from akrim.report.sections.changes import SECTION as CHANGES
from akrim.report.sections.groups import SECTION
from akrim.report.wording import Words

from tests.report.first_page import REFERENCE
from tests.report.tables import tables_of

EDITION = Edition("2025-T3.1", "2025-T3", date(2025, 12, 31), "oslo", None, True, {})
RANKING = [
    {"person_id": "p", "place": 1, "name": "Per Bak", "is_dismissed": False},
    {"person_id": "q", "place": 2, "name": "Kari Front", "is_dismissed": False},
]
ENTERPRISES_OF_N1 = "200000012, Nyrens Drift AS, 5, 6 +3"
ASSESSED = {
    "intention_points": 40,
    "capacity_points": 3,
    "total_points": 43,
    "proposed_status": "trusselaktor",
}


def observed(group_id: str, kind: str, code: str, points: int, events: str) -> dict[str, Any]:
    return {
        "group_id": group_id,
        "group_kind": kind,
        "indicator_code": code,
        "points": points,
        "events": events,
    }


def member(group_id: str, person_id: str, strength: float, points: int) -> dict[str, Any]:
    return {"group_id": group_id, "person_id": person_id, "strength": strength, "intention_points": points}


@pytest.fixture
def tables() -> dict[str, pa.Table]:
    rows: dict[str, list[dict[str, Any]]] = {
        "persons": [{"person_id": "gone", "full_name": "Liv Ute"}],
        "enterprises": [{"orgnr": "200000039", "enterprise_name": "Nyrens Drift AS"}],
        "network_assessments": [
            ASSESSED | {"network_id": network, "rank": rank, "kind": "succession_chain", "persons_beside": beside, "enterprises": 7,
                        "active_enterprises": 1, "leading_person_id": "q"}
            for network, rank, beside in (("N2", 2, 0), ("N1", 1, 4))
        ],
        "enterprise_assessments": [ASSESSED | {"orgnr": "200000039", "rank": 1, "leading_person_id": "p"}],
        "network_members": [{"network_id": "N1", "member_kind": "person", "member_id": "p", "part": "straw_man"},
                            {"network_id": "N1", "member_kind": "person", "member_id": "q", "part": "leader"},
                            *({"network_id": "N1", "member_kind": "enterprise", "member_id": orgnr, "part": None}
                              for orgnr in ("200000039", "200000012", "5", "6", "7"))],
        "group_members": [member("N1", "p", 1, 30), member("N1", "q", 1, 10), member("200000039", "p", 0.7, 30)],
        "group_observations": [
            observed("N1", "network", "phoenix", 15, '[{"event": "1", "points": 15}]'),
            observed("N1", "network", "convicted", 25, '[{"event": "c1", "points": 13}, {"event": "c2", "points": 12}]'),
            observed("N1", "network", "role_handed_over", 0, '[{"event": "1", "points": 0}]'),
            *(observed("N2", "network", code, 3, "[]") for code in ("tax_arrears", "bogus_self_employment", "employees_led",
              "several_centres", "several_industries", "network_reach", "known_to_agencies", "active_enterprises")),
        ],
    }  # fmt: skip
    rows["group_decisions"] = [
        {
            "group_id": "N2",
            "status": "av_interesse",
            "centre_id": "oslo",
            "priority_code": "avslutt",
            "actions": None,
            "decision_id": f"d-{is_standing}",
            "decided_date": date(2025, 10, 1),
            "decided_release_id": "2025-T2.1",
            "is_standing": is_standing,
        }
        | ({"group_id": "N1"} if not is_standing else {})
        for is_standing in (True, False)
    ]
    return tables_of(**rows)


def lists(tables: dict[str, pa.Table], language: str = "nb") -> list[Table]:
    material = Material(EDITION, tables, [], None, Words(language), RANKING)
    return [block for block in SECTION.build(material) if isinstance(block, Table)]


def test_networks_stand_in_order_with_whose_facts_count_and_why(tables: dict[str, pa.Table]) -> None:
    networks, _ = lists(tables)
    first, second = networks.rows
    assert [row[0] for row in networks.rows] == ["1", "2"]
    assert first[4] == (
        Name("Kari Front", "p-2"), Text("Leder", "below"),
        Name("Per Bak", "p-1"), Text("Står trolig for en annen", "below"),
        Text("og 4 personer til, ikke navngitt her", "below"),
    )  # fmt: skip
    assert first[5] == "Domfelt +25 (2 hendelser); Føniksforetak +15 (1 hendelse)"
    assert first[1][1:3] == (Text(ENTERPRISES_OF_N1, "below"), Text("7 foretak, 1 i drift", "below"))
    assert first[2] == (Text("43", "strong"), Text("Intensjon 40", "below"), Text("Kapasitet 3", "below"))
    assert str(second[5]).endswith("2 regler til")
    assert first[3] == (Text("Trusselaktør"), Text("(foreslått)", "small"))
    assert second[3] == (Text("Av interesse", "strong"), Text("siden 01.10.2025", "small"), Text("", "below"))


def test_two_enterprises_of_one_name_in_a_network_are_told_apart(tables: dict[str, pa.Table]) -> None:
    named = [{"orgnr": n, "enterprise_name": "Nyrens Drift AS"} for n in ("200000039", "200000012")]
    (network, enterprise) = build_groups(
        tables | {"enterprises": pa.Table.from_pylist(named)}, {}, Words("nb")
    )
    assert network["name"].endswith(": Nyrens Drift AS (200000012), Nyrens Drift AS (200000039), 5, 6 +3")
    assert enterprise["name"] == "Nyrens Drift AS (200000039)"


def test_an_enterprise_shows_its_name_and_how_much_of_its_controllers_points_count(
    tables: dict[str, pa.Table],
) -> None:
    _, enterprises = lists(tables)
    (only,) = enterprises.rows
    assert only[1] == (Name("Nyrens Drift AS", anchor="g-200000039"), Text("200000039", "below"))
    assert only[4] == (Name("Per Bak", "p-1"), Text("teller med 70 %", "below"), Text("", "below"))


def test_where_none_is_listed_it_says_so() -> None:
    assert [table.empty for table in lists(tables_of(), "en")] == [
        "None has enough points for a proposed status in this release."
    ] * 2


def test_a_centre_from_which_a_rule_is_withheld_is_told_why_no_network_has_a_size(
    tables: dict[str, pa.Table],
) -> None:
    empty = {"kind": None, "persons_beside": None, "enterprises": None, "active_enterprises": None}
    networks = [row | empty for row in tables["network_assessments"].to_pylist()]
    tables["network_assessments"] = pa.Table.from_pylist(networks)

    def told(withheld_from: str) -> tuple[list[Any], Table]:
        rule = {"withheld_from": withheld_from, "indicator_code": "convicted"}
        tables["withheld_rules"] = pa.Table.from_pylist([rule])
        tables["withheld_data"] = tables["withheld_rules"].slice(0, 0)
        material = Material(EDITION, tables, [], None, Words("en"), RANKING)
        paragraphs = [block for block in SECTION.build(material) if isinstance(block, Paragraph)]
        return paragraphs, next(block for block in SECTION.build(material) if isinstance(block, Table))

    (_, note), listed = told("oslo")
    assert "is not shared with this centre" in str(note)
    assert listed.rows[0][1][2] == Text("", "below")
    assert "not named" not in plain(listed.rows[0][4])
    assert len(told("bergen")[0]) == 1


def plain(cell: Any) -> str:
    """What a cell says."""
    if isinstance(cell, tuple | list):
        return " ".join(map(plain, cell))
    return cell if isinstance(cell, str) else str(cell.text)


def test_changes_of_groups_are_told_with_what_they_are_called_and_the_rules(
    tables: dict[str, pa.Table],
) -> None:
    line = {"rank": 1, "total_points": 43, "proposed_status": "trusselaktor", "status": None}
    change = {"before": line | {"total_points": 33}, "after": line}
    found: list[dict[str, Any]] = [
        {"group_kind": "network", "group_id": "N1", "change": "rose",
         "causes": [{"cause": "linkage", "points": 14}, {"cause": "source", "points": -4}], "rules": [
             {"indicator_code": "bankruptcy", "points": -5, "enterprises": 0, "persons": [{"person_id": "q", "points": -5}]},
             {"indicator_code": "phoenix", "points": 15, "enterprises": 4,
              "persons": [{"person_id": "gone", "points": -3}, {"person_id": "p", "points": 14}]}]} | change,
        {"group_kind": "enterprise", "group_id": "200000039", "change": "left", "causes": [{"cause": "source", "points": -33}], "ended": "2025-10-03",
         "rules": []} | change | {"after": None},
        {"group_kind": "network", "group_id": "N2", "old_group_id": "N0", "change": "renamed", "causes": [{"cause": "code"}],
         "rules": []} | change,
    ]  # fmt: skip
    edition = replace(EDITION, previous_release_id="2025-T2.1", group_changes=found)
    words = Words("nb")
    material = Material(edition, tables, [], None, words, RANKING)
    (table,) = [block for block in CHANGES.build(material) if isinstance(block, Table)]
    told = [[plain(cell) for cell in row] for row in table.rows]
    assert [row[1:3] for row in told] == [
        ["Ute av listen", "33 poeng → –"], ["Flere poeng", "33 poeng → 43 poeng"], ["Ny betegnelse", "N0 → N2"],
    ]  # fmt: skip
    assert told[0][0] == "Nyrens Drift AS 200000039"
    # As many more wherever the network is named, with those that the centre is not told of.
    assert told[1][0] == f"{ENTERPRISES_OF_N1} N1"
    assert build_groups(tables, {}, words)[0]["name"] == f"Kjede av etterfølgere: {ENTERPRISES_OF_N1}"
    assert (
        told[1][3] == f"Endret kobling (+14); endrede opplysninger (−4) {words.rule_name('phoenix')} +15"
        f" (Per Bak +14, Liv Ute −3, foretakene selv +4); {words.rule_name('bankruptcy')} −5 (Kari Front)"
    )
    assert told[0][3].strip() == "Endrede opplysninger (−33); ikke lenger i drift fra 03.10.2025"


def test_a_status_that_the_team_has_given_a_network_is_told_with_what_the_rules_propose_now(
    tables: dict[str, pa.Table],
) -> None:
    was = {"rank": 1, "total_points": 33, "proposed_status": "trusselaktor", "status": None}
    now = was | {"total_points": 43, "proposed_status": "sentral_trusselaktor", "status": "trusselaktor"}
    change = {"group_kind": "network", "group_id": "N1", "before": was, "after": now, "rules": []}
    found = [
        change | {"change": "rose", "cause": "source", "causes": [{"cause": "source", "points": 10}]},
        change | {"change": "status", "cause": "prioritisation", "causes": [{"cause": "prioritisation"}]},
    ]
    edition = replace(EDITION, previous_release_id="2025-T2.1", group_changes=found)
    material = Material(edition, tables, [], None, Words("nb"), RANKING)
    (table,) = [block for block in CHANGES.build(material) if isinstance(block, Table)]
    assert [plain(cell).strip() for cell in table.rows[0][1:]] == [
        "Flere poeng, endret status",
        "33 poeng \u2192 43 poeng foreslått: trusselaktør \u2192 sentral trusselaktør status: ingen status \u2192 trusselaktør",
        "Endrede opplysninger (+10); ledergruppens beslutning",
    ]


def test_a_revision_names_who_and_what_changed_since_the_period_before(tables: dict[str, pa.Table]) -> None:
    """One row for each, whatever changed; a status that the rules alone propose is nobody's decision."""
    line = {"rank": 1, "total_points": 43, "proposed_status": "trusselaktor", "status": None}
    change = {
        "before": line | {"total_points": 12, "rank": 4, "proposed_status": "av_interesse"},
        "after": line,
    }
    source = {"cause": "source", "causes": [{"cause": "source", "points": 31}]}
    groups = [
        {"group_kind": "network", "group_id": "N1", "change": kind, "rules": []} | source | change
        for kind in ("status", "rose")
    ]
    persons = [{"person_id": "p", "change": kind} | source | change for kind in ("rose", "status")]
    earlier = {"previous": "2025-T2.1", "changes": persons, "groups": groups}
    edition = replace(EDITION, since_last_period=earlier)
    observed = {"person_id": "p", "indicator_code": "convicted", "checked": "fired", "evidence": "[]"}
    then, revision, now = (
        {"indicator_observations": pa.Table.from_pylist([observed | {"points": n}])} for n in (5, 20, 36)
    )
    material = Material(edition, tables | now, [], REFERENCE, Words("nb"), RANKING, Earlier(revision, then))
    tally, who, what = [block for block in CHANGES.build(material) if isinstance(block, Table)]
    assert [row[0] for row in tally.rows] == ["Flere poeng", "Nytt forslag til status"]
    assert [plain(cell) for cell in who.rows[0]] == [
        "Per Bak", "Flere poeng, nytt forslag til status", "plass 4 \u2192 1 12 \u2192 43 poeng foreslått: av interesse \u2192 trusselaktør",
        "Nye opplysninger (+31) Domfelt +31",
    ]  # fmt: skip
    assert [plain(cell) for cell in what.rows[0]][1:3] == [
        "Nytt forslag til status, flere poeng",
        "foreslått: av interesse \u2192 trusselaktør 12 poeng \u2192 43 poeng",
    ]
    assert (len(who.rows), len(what.rows)) == (1, 1)


def test_the_form_names_the_weightiest_member_first_and_marks_whom_the_centre_has_dismissed(
    tables: dict[str, pa.Table],
) -> None:
    dismissed = [RANKING[0], RANKING[1] | {"is_dismissed": True}]
    listed = names_of_listed(dismissed, Words("nb"))
    assert build_groups(tables, listed, Words("nb"))[0]["members"] == "Per Bak, Kari Front (avskrevet)"


def test_what_is_not_told_of_persons_is_counted(tables: dict[str, pa.Table]) -> None:
    line = {"rank": 1, "total_points": 43, "proposed_status": "trusselaktor", "status": None}
    changes = [
        {"person_id": f"p{n}", "change": "entered", "before": None, "after": line, "cause": "source", "causes": [{"cause": "source", "points": 43}]}
        for n in range(MAX_CHANGES + 2)
    ]  # fmt: skip
    edition = replace(EDITION, previous_release_id="2025-T2.1")
    del tables["indicator_observations"]
    blocks = CHANGES.build(Material(edition, tables, changes, REFERENCE, Words("nb"), RANKING))
    assert Paragraph("2 endringer til står i filen changes.json.", "note") in blocks
