"""A new agency is a contract file: received, validated and visible without a line of Python."""

from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from akrim.deliveries import prepare_landing
from akrim.deliveries.erasing import erase_rows
from akrim.deliveries.outcome import DeliveryOutcome
from akrim.deliveries.removal import drop_rows, forget_set_aside, set_aside_about
from akrim.deliveries.removal.listing import Delivered, set_aside
from akrim.errors import UserError
from akrim.settings import get_settings
from akrim.warehouse import connect

from tests.deliveries.building import BASE, Delivery, delta_delivery, person_number
from tests.deliveries.conftest import Receiver
from tests.deliveries.new_agency import CONTRACT, agree, declaration
from tests.deliveries.spoiling import file_added

SQL_WORDS = """
apiVersion: v3.1.0
kind: DataContract
id: akrim-order
name: order
version: "1.0"
status: active
domain: a-krim
description: {purpose: "Names that mean something else in SQL."}
servers: [{server: csv, type: custom, format: csv, encoding: utf-8, delimiter: ";"}]
schema:
  - name: select
    physicalType: csv
    description: One row a row.
    customProperties:
      - {property: dataCategory, value: control}
      - {property: legalBasis, value: FOR-2022-06-17-1045 § 3}
    properties:
      - {name: user, logicalType: string, primaryKey: true, required: true, description: "It's the key."}
      - {name: group, logicalType: string, enum: [{value: A}], description: A code.}
  - name: table
    physicalType: csv
    description: One row a row.
    customProperties:
      - {property: dataCategory, value: control}
      - {property: legalBasis, value: FOR-2022-06-17-1045 § 3}
    properties:
      - {name: end, logicalType: string, primaryKey: true, required: true, description: The key.}
      - {name: from, logicalType: string, description: The parent., relationships: [{type: foreignKey, to: select.user}]}
      - {name: when, logicalType: string, tags: [personNumber], description: A person.}
      - {name: case, logicalType: string, tags: [orgnr], description: An enterprise.}
"""

LYING = Delivered("toll-2025-T3-01", "", "toll", "", date(2026, 1, 5), date(2026, 1, 5), 0)
STATE = "select pg_get_functiondef('state.toll_deklarasjoner(text[])'::regprocedure)"


def test_its_rows_are_landed_or_set_aside_by_its_contract(toll: Receiver) -> None:
    rows = [declaration(1), declaration(2, vekt="-1"), declaration(3, dato="2025"), declaration(4)]
    outcome = toll(Delivery("toll", rows={"deklarasjoner": rows}))[0]
    assert (outcome.status, outcome.loaded, outcome.quarantined) == (
        "accepted",
        {"deklarasjoner": 2},
        {"deklarasjoner": 2},
    )
    assert toll.rows("select reason from quarantine.rows order by row_number") == [
        {"reason": "bad_value"},
        {"reason": "bad_date"},
    ]
    assert toll.value("select count(*) from state.toll_deklarasjoner(array['toll-2025-T3-01'])") == 2


def test_its_state_follows_the_contract_in_force_back_as_well_as_forward(
    toll: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = CONTRACT.replace("primaryKey: true, ", "").replace(
        "{name: orgnr, logicalType: string, ", "{name: orgnr, logicalType: string, primaryKey: true, "
    )
    by_id = toll.value(STATE)
    for contract, has_returned in 2 * ((changed, False), (CONTRACT, True)):
        agree(contract, tmp_path, monkeypatch)
        assert (toll.value(STATE) == by_id) is has_returned


KIND = "      - {name: %s, logicalType: string, enum: [%s], description: Its way.}\n"
EARLIER = """customProperties:
  - property: earlierVersions
    value:
      - version: "1.0"
        acceptedUntil: 2026-06-30
        extracts:
          deklarasjoner:
            added: [opphav]
            renamed: {type: retning}
            codes: {retning: {EXP: ut, IMP: inn}}
schema:
"""


def test_two_versions_of_its_contract_end_in_the_same_columns(
    toll: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What landed before the contract changed, a delivery in the old version and one in the new; none after the date."""
    first = CONTRACT + KIND % ("type", "{value: EXP}, {value: IMP}")
    second = CONTRACT.replace('version: "1.0"', 'version: "1.1"').replace("schema:\n", EARLIER)
    second += KIND % ("retning", "{value: ut}, {value: inn}") + KIND % (
        "opphav",
        "{value: 'NO'}, {value: EU}",
    )

    def delivered(make: Any, *rows: dict[str, str], **more: Any) -> DeliveryOutcome:
        fields = rows[0].keys() | base
        with monkeypatch.context() as patched:
            patched.setitem(
                BASE["toll"], "deklarasjoner", {**base, **dict.fromkeys(fields - base.keys(), "")}
            )
            return toll(make("toll", rows={"deklarasjoner": list(rows)}, **more))[-1]

    base = BASE["toll"]["deklarasjoner"]
    agree(first, tmp_path, monkeypatch)
    landed = delivered(Delivery, declaration(1, type="EXP"), declaration(2, type="IMP"))
    assert landed.loaded == {"deklarasjoner": 2}
    agree(second, tmp_path, monkeypatch)
    rows = (declaration(2, type="EXP"), declaration(3, type="IMP"), declaration(4, type="UT"))
    old = delivered(delta_delivery, *rows, period="2026-T1")
    assert (old.loaded, old.quarantined) == ({"deklarasjoner": 2}, {"deklarasjoner": 1})
    new = delivered(
        delta_delivery, declaration(3, retning="ut", opphav="EU"), declaration(5, retning="inn", opphav=""),
        period="2026-T1", number=3, manifest={"contract_version": "1.1", "delivered_at": "2026-05-06T06:00:00+02:00"},
    )  # fmt: skip
    assert (new.loaded, new.quarantined) == ({"deklarasjoner": 2}, {})
    prepare_landing()
    pins = "array['toll-2025-T3-01', 'toll-2026-T1-02', 'toll-2026-T1-03']"
    assert toll.rows(
        f"select deklarasjon_id as id, retning, opphav from state.toll_deklarasjoner({pins}) order by 1"
    ) == [
        {"id": f"DEKLARASJONER{n}", "retning": way, "opphav": origin}
        for n, way, origin in ((1, "ut", None), (2, "ut", None), (3, "ut", "EU"), (5, "inn", None))
    ]
    assert toll.rows("select reason, raw ->> 'retning' as way from quarantine.rows") == [
        {"reason": "unknown_code", "way": "UT"}
    ]
    late = delivered(delta_delivery, declaration(6, type="EXP"), period="2026-T2")
    assert late.code == "unknown_contract_version"
    assert late.detail.endswith("1.1 is, 1.0 for what was delivered until 2026-06-30.")


def test_rows_set_aside_before_the_key_had_its_name_are_held_and_erased_by_it(
    toll: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toll(Delivery("toll", rows={"deklarasjoner": [declaration(number, vekt="-1") for number in (1, 2)]}))
    earlier = EARLIER.replace("added: [opphav]", "added: []").replace(
        "codes: {retning: {EXP: ut, IMP: inn}}", ""
    )
    renamed = CONTRACT.replace('version: "1.0"', 'version: "1.1"').replace("deklarasjon_id", "lopenummer")
    renamed = renamed.replace("schema:\n", earlier.replace("type: retning", "deklarasjon_id: lopenummer"))
    agree(renamed, tmp_path, monkeypatch)
    records = [("toll", "deklarasjoner", f"DEKLARASJONER{number}") for number in (1, 2)]
    with connect() as connection:
        assert forget_set_aside(connection, set_aside(connection)[0], records) == (0, 2)
        assert erase_rows(connection, records[:1], []).rows == 1
    kept = "select raw ->> 'lopenummer' as key from quarantine.rows order by row_number"
    assert toll.rows(kept) == [{"key": None}, {"key": "DEKLARASJONER2"}]


@pytest.mark.parametrize("extract", ["deklarasjoner", "varer"])
def test_rows_of_an_extract_that_is_agreed_no_longer_are_told_of(
    toll: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extract: str
) -> None:
    """They lie there still, and nobody can tell whose they are: neither of the extract's own records nor of another's."""
    rows = [declaration(1)]
    toll(Delivery("toll", rows={"deklarasjoner": rows}))
    agree(CONTRACT.replace("name: deklarasjoner", "name: varer"), tmp_path, monkeypatch)
    monkeypatch.setitem(BASE, "toll", {"varer": BASE["toll"]["deklarasjoner"]})
    (_, later) = toll(Delivery("toll", period="2026-T1", rows={"varer": rows}))
    assert (later.status, later.loaded) == ("accepted", {"varer": 1})
    records = [("toll", extract, "DEKLARASJONER1")]
    with connect() as connection:
        for find in (set_aside_about, partial(erase_rows, person_ids=[])):
            with pytest.raises(UserError, match=r"There are rows of toll\.deklarasjoner, of"):
                find(connection, records)
        assert forget_set_aside(connection, LYING, records) == (0, 0)
    assert toll.value("select count(*) from landing.toll_deklarasjoner") == 1


@pytest.mark.parametrize("is_agency_gone", [False, True])
def test_what_is_agreed_no_longer_is_in_nobodys_way_once_its_rows_are_removed(
    toll: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_agency_gone: bool
) -> None:
    """Whose records they were is kept longer; until a row that was set aside is removed too, it could be theirs."""
    toll(Delivery("toll", rows={"deklarasjoner": [declaration(1), declaration(2, vekt="-1")]}))
    with connect() as connection:
        assert drop_rows(connection, LYING._replace(extract="deklarasjoner", rows=1), []) == (1, 0)
    agree(CONTRACT.replace("name: deklarasjoner", "name: varer"), tmp_path, monkeypatch)
    if is_agency_gone:
        monkeypatch.delenv("AKRIM_CONTRACTS")
        get_settings.cache_clear()
    records = [("toll", "deklarasjoner", "DEKLARASJONER1")]
    with connect() as connection:
        for find in (set_aside_about, partial(erase_rows, person_ids=[])):
            with pytest.raises(UserError, match=r"There are rows of toll\.deklarasjoner, of"):
                find(connection, records)
        assert forget_set_aside(connection, set_aside(connection)[0], records) == (1, 0)
        assert set_aside_about(connection, records) == []
        assert erase_rows(connection, records, []).rows == 0


def test_its_own_limits_hold(toll: Receiver) -> None:
    rows = [declaration(number, vekt="tung") for number in range(3)]
    assert toll(Delivery("toll", rows={"deklarasjoner": rows}))[0].code == "quarantine_share"


def test_a_file_that_is_too_large_hides_no_reason_that_comes_first(
    toll: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agree(CONTRACT.replace("quarantineRows, value: 2", "largestFileBytes, value: 100"), tmp_path, monkeypatch)
    rows = {"deklarasjoner": [declaration(number) for number in range(9)]}
    large, unknown = Delivery("toll", rows=rows), Delivery("toll", number=2, rows=rows)
    file_added(extract="diagnoser", name="diagnoser.csv")(unknown)
    outcomes = toll(large, unknown)
    assert [o.code for o in outcomes] == ["unreadable_file", "unknown_extract"]
    assert "larger than the contract allows" in str(outcomes[0].detail)


def test_it_gets_a_receive_dag_and_pins_of_its_own(toll: Receiver) -> None:
    from akrim.contracts import load_contracts
    from akrim.deliveries.state import accepted_deliveries, state_sequence
    from akrim.warehouse import connect

    toll(Delivery("toll", rows={"deklarasjoner": [declaration(1)]}))
    assert "toll" in load_contracts()
    with connect() as connection:
        assert state_sequence(accepted_deliveries(connection, "toll"), "2025-T3", False) == [
            "toll-2025-T3-01"
        ]


def test_names_that_are_words_of_sql_are_names_all_the_same(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through landing, quarantine, a delta and the state, of a parent and its children."""
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "order.yaml").write_text(SQL_WORDS, encoding="utf-8")
    monkeypatch.setenv("AKRIM_CONTRACTS", str(tmp_path / "contracts"))
    parent = {"user": "P{key}", "group": "A"}
    child = {"end": "C{key}", "from": "P1", "when": person_number(3), "case": "1"}
    monkeypatch.setitem(BASE, "order", {"select": parent, "table": child})
    get_settings.cache_clear()
    prepare_landing()
    outcome = receiver(
        Delivery(
            "order",
            rows={
                "select": [
                    parent | {"user": "P1"},
                    parent | {"user": "P2"},
                    parent | {"user": "P3", "group": "B"},
                ],
                "table": [
                    child | {"end": "C1"},
                    child | {"end": "C2", "from": "P2"},
                    child | {"end": "C3", "from": "P3"},
                ],
            },
        )
    )[0]
    assert (outcome.status, outcome.loaded, outcome.quarantined) == (
        "accepted",
        {"select": 2, "table": 2},
        {"select": 1, "table": 1},
    )
    receiver(delta_delivery("order", {"select": [{"user": "P2", "_slettet": "J"}]}))
    state = "select * from state.order_{}(array['order-2025-T3-01', 'order-2025-T3-02'])"
    assert [row["user"] for row in receiver.rows(state.format("select"))] == ["P1"]
    (kept,) = receiver.rows(state.format("table"))
    assert (kept["end"], kept["invalid_columns"]) == ("C1", ["case"])
