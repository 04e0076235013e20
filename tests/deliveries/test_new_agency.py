"""A new agency is a contract file: received, validated and visible without a line of Python."""

from pathlib import Path

import pytest
from akrim.deliveries import prepare_landing
from akrim.settings import get_settings

from tests.deliveries.building import BASE, Delivery, delta_delivery, person_number
from tests.deliveries.conftest import Receiver
from tests.deliveries.new_agency import CONTRACT, declaration

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
    (tmp_path / "changed").mkdir()
    (tmp_path / "changed" / "toll.yaml").write_text(changed, encoding="utf-8")
    by_id = toll.value(STATE)
    for folder, has_returned in 2 * (("changed", False), ("contracts", True)):
        monkeypatch.setenv("AKRIM_CONTRACTS", str(tmp_path / folder))
        get_settings.cache_clear()
        prepare_landing()
        assert (toll.value(STATE) == by_id) is has_returned


def test_its_own_limits_hold(toll: Receiver) -> None:
    rows = [declaration(number, vekt="tung") for number in range(3)]
    assert toll(Delivery("toll", rows={"deklarasjoner": rows}))[0].code == "quarantine_share"


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
