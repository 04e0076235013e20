"""The form's rows for whom a key threat actor works through: tied by what the centre is sent, once each, with no points."""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from akrim.report.lists.linked import linked_enterprises, linked_persons
from akrim.report.wording import Words
from akrim.sharing import Tables

AS_OF = date(2025, 12, 31)
KEY = {"person_id": "k", "place": 1, "name": "Kai Sentral", "status_code": "sentral_trusselaktor"}
OTHER = {"person_id": "t", "place": 2, "name": "Tor Aktør", "status_code": "trusselaktor"}
SECOND = KEY | {"person_id": "s", "place": 3, "name": "Siv Sentral"}
ASKED = {"k", "t", "s"}
ORGNRS = {"front": "200000012", "own": "200000020", "sole": "200000039", "bankrupt": "200000047", "left": "200000055", "board": "200000063",
          "held": "200000071", "sold": "200000098", "member": "200000101", "elsewhere": "200000128",
          "below": "200000136", "under": "200000144", "deep": "200000152"}  # fmt: skip
# As the form numbers it.
NETWORK = {"group_id": "N1", "place": "Nettverk 1", "name": "Nettverk", "status_code": "sentral_trusselaktor"}


def enterprise(name: str, **more: Any) -> dict[str, Any]:
    return {
        "orgnr": ORGNRS[name], "enterprise_name": f"{name} AS", "legal_form_code": "AS", "is_bankrupt": False, "bankruptcy_date": None,
        "deleted_date": None,
    } | more  # fmt: skip


def role(person_id: str, name: str, *, is_leading: bool = True, is_active: bool = True) -> dict[str, Any]:
    return {"person_id": person_id, "orgnr": ORGNRS[name], "is_leading": is_leading, "is_active": is_active}


def tie(one: str, other: str, kind: str) -> dict[str, Any]:
    return {
        "from_kind": "person",
        "from_id": one,
        "to_kind": "person",
        "to_id": other,
        "tie": kind,
        "last_date": None,
    }


def holding(holder: str, held: str, last_date: date | None = None) -> dict[str, Any]:
    return tie(ORGNRS[holder], ORGNRS[held], "leading_role") | {
        "from_kind": "enterprise",
        "to_kind": "enterprise",
        "last_date": last_date,
    }


def member(network_id: str, kind: str, member_id: str) -> dict[str, Any]:
    return {"network_id": network_id, "member_kind": kind, "member_id": member_id}


@pytest.fixture
def tables() -> Tables:
    names = {
        "f": "Fia Stråmann",
        "b": "Bo Bak",
        "h": "Hans Overtaker",
        "x": "Xenia Samboer",
        "y": "Yngve Stråmann",
    }
    rows: dict[str, list[dict[str, Any]]] = {
        "persons": [{"person_id": p, "full_name": name, "birth_date": None if p != "b" else date(1970, 1, 2)}
                    for p, name in names.items()],
        # `z` is not named to the centre
        "straw_man_ties": [{"person_id": one, "front_person_id": other, "orgnr": ORGNRS["front"]}
                           for one, other in (("k", "f"), ("s", "f"), ("b", "k"), ("k", "z"), ("t", "y"), ("k", "t"))],
        "network_ties": [tie("h", "k", "handover"), tie("k", "x", "shared_home"), holding("own", "held"),
                          holding("own", "sold", date(2025, 1, 1)), holding("board", "sold"), holding("held", "below"), holding("below", "own"), holding("front", "under"), holding("below", "deep")],
        "network_members": [member("N1", "enterprise", ORGNRS["member"]), member("N1", "enterprise", ORGNRS["bankrupt"]), member("N1", "enterprise", ORGNRS["front"]),
                            member("N1", "person", "x"), member("N2", "enterprise", ORGNRS["elsewhere"])],
        "roles": [role("k", "own"), role("k", "sole"), role("k", "bankrupt"), role("k", "left", is_active=False),
                  role("k", "board", is_leading=False), role("s", "own"), role("t", "board")],
        "enterprises": [enterprise("front", is_bankrupt=True, bankruptcy_date=date(2026, 1, 1)), enterprise("own", deleted_date=date(2026, 1, 1)), enterprise("sole", legal_form_code="ENK"),
                        enterprise("bankrupt", is_bankrupt=True), enterprise("left"), enterprise("board"),
                        *(enterprise(name) for name in ("held", "sold", "member", "elsewhere", "below", "under", "deep"))],
        "group_decisions": [{"group_id": ORGNRS["own"], "status": "av_interesse", "is_standing": True}],
    }  # fmt: skip
    return {name: pa.Table.from_pylist(found) for name, found in rows.items()}


def test_straw_men_whoever_is_behind_and_who_took_over_have_a_row_each(tables: Tables) -> None:
    found = linked_persons(tables, [KEY, OTHER, SECOND], ASKED, Words("nb"))
    assert [(row["place"], row["name"], row["born"], row["total"], row["shown_status"]) for row in found] == [
        ("–", "Bo Bak", "02.01.1970", "–", "Knyttet til Kai Sentral"),
        ("–", "Fia Stråmann", "", "–", "Knyttet til Kai Sentral og Siv Sentral"),
        ("–", "Hans Overtaker", "", "–", "Knyttet til Kai Sentral"),
    ]


def test_enterprises_in_operation_are_asked_about_with_the_status_that_they_have(tables: Tables) -> None:
    """Those of a key actor, through chains of two holdings as the definition here says, and those of a key network; what has ended and who else is none."""
    other = NETWORK | {"group_id": "N2", "status_code": "trusselaktor"}
    found = linked_enterprises(tables, [KEY, OTHER, SECOND], [NETWORK, other], 2, AS_OF, Words("en"))
    assert [(row["place"], row["group_id"], row["name"], row["members"], row["shown_status"]) for row in found] == [
        ("–", ORGNRS["front"], "front AS (200000012)", "Kai Sentral, Siv Sentral and Nettverk", "Linked to Kai Sentral, Siv Sentral and Nettverk"),
        ("–", ORGNRS["own"], "own AS (200000020)", "Kai Sentral and Siv Sentral", "Of interest – Linked to Kai Sentral and Siv Sentral"),
        ("–", ORGNRS["held"], "held AS (200000071)", "Kai Sentral and Siv Sentral", "Linked to Kai Sentral and Siv Sentral"),
        ("–", ORGNRS["member"], "member AS (200000101)", "Nettverk", "Linked to Nettverk"),
        ("–", ORGNRS["below"], "below AS (200000136)", "Kai Sentral and Siv Sentral", "Linked to Kai Sentral and Siv Sentral"),
        ("–", ORGNRS["under"], "under AS (200000144)", "Kai Sentral and Siv Sentral", "Linked to Kai Sentral and Siv Sentral"),
    ]  # fmt: skip


def test_who_has_a_row_gets_no_second_one_and_without_a_key_actor_there_is_none(tables: Tables) -> None:
    asked = linked_persons(tables, [KEY], {*ASKED, "f"}, Words("nb"))
    assert [row["person_id"] for row in asked] == ["b", "h"]
    rows = [{"group_id": ORGNRS[name]} for name in ("front", "own", "held", "below", "under")]
    assert linked_enterprises(tables, [KEY], rows, 2, AS_OF, Words("nb")) == []
    assert linked_persons(tables, [OTHER], {"t"}, Words("nb")) == []
    assert linked_enterprises(tables, [OTHER], [], 2, AS_OF, Words("nb")) == []
