"""An erasure knows of every column of the marts that can tell of a person, of what bore her name, or of an agency's row about her.

What a column holds is read from the marts' contracts: `*person_id`, `*orgnr`, an id whose kind stands beside it (`member_kind`),
an agency's key, a list of things.
"""

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from akrim.deliveries import ErasedRows
from akrim.releases.erasing import erased_rows
from akrim.releases.erasing.erased_rows import (
    MENTIONING,
    MENTIONING_ENTERPRISES,
    OF_ENTERPRISES,
    OF_PERSONS,
    erase_from_marts,
)
from akrim.rules import catalogue
from akrim.settings import PROJECT_ROOT
from psycopg import sql
from psycopg.types.json import Jsonb

from tests.releases.tables import add, create_marts

MARTS = catalogue.mart_documents()
HERS, ENTERPRISE = "P-HERS", "212345675"
KEYS = ("_id", "_number", "reference")
# Ids that we give ourselves; a person's are held above.
OURS = ("release_id", "centre_id", "network_id", "person_id")
# What stays, and why.
LEFT = {
    ("joint_operations", "joint_operation_id"): "of many inspections, and says nothing of any",
    (
        "case_outcomes",
        "case_number",
    ): "the police's, of a case that others have a part in; her own report goes by its reference",
    ("coordination", "open_matters_by_agency"): "agencies and counts",
}


def columns_of(mart: str) -> dict[str, str]:
    return {column["name"]: column["data_type"] for column in MARTS[mart]["columns"]}


def is_of_either(name: str, columns: dict[str, str]) -> bool:
    """Whether the column beside it says what the id is of, as `group_kind` does of `decided_group_id`."""
    kinds = {column.removesuffix("_kind") for column in columns if column.endswith("_kind")}
    return name.endswith("_id") and any(name.removesuffix("_id").endswith(kind) for kind in kinds)


def telling() -> Iterator[tuple[str, str, str]]:
    """Mart, column, and what would be there of hers."""
    for mart in MARTS:
        for name in (columns := columns_of(mart)):
            if name.endswith("person_id") or (is_of_either(name, columns) and "group" not in name):
                yield mart, name, HERS
            if name.endswith("orgnr") or is_of_either(name, columns):
                yield mart, name, ENTERPRISE


def test_no_mart_has_her_id_or_the_number_of_what_bore_her_name_in_any_column(warehouse: str) -> None:
    places = list(telling())
    assert len(places) > 60
    with psycopg.connect(warehouse) as connection:
        create_marts(connection)
        for mart, column, value in places:
            add(connection, mart, release_id="2025-T3.1", **{column: value})
        erase_from_marts(connection, [HERS], ErasedRows(1, [], [ENTERPRISE]))
        left = [
            (mart, row[0])
            for mart in MARTS
            if mart != "named_persons"  # goes last of all, with the parts
            for row in connection.execute(
                sql.SQL("select to_jsonb(t)::text from marts.{} as t").format(sql.Identifier(mart))
            ).fetchall()
            if HERS in row[0] or ENTERPRISE in row[0]
        ]
    assert not left


@pytest.mark.parametrize("mart", MENTIONING_ENTERPRISES)
def test_a_number_that_is_left_out_of_a_row_is_no_part_of_its_key(mart: str) -> None:
    (grain,) = (test["unique_key"] for test in MARTS[mart]["data_tests"] if "unique_key" in test)
    assert "orgnr" not in grain["arguments"]["columns"]


def test_every_key_and_every_list_goes_with_a_row_or_is_left_for_a_reason() -> None:
    unknown = set()
    for mart in MARTS:
        for name, kind in (columns := columns_of(mart)).items():
            is_key = kind == "text" and name.endswith(KEYS) and not name.endswith(OURS)
            if (is_key and not goes(mart, name, columns)) or (
                kind == "jsonb" and not is_stripped(mart, name)
            ):
                unknown.add((mart, name))
    assert unknown == LEFT.keys()


def test_no_model_calls_a_persons_id_by_a_name_that_an_erasure_does_not_look_for() -> None:
    """Those of the models between staging and marts, too, where rows tell of two persons."""
    told = {
        name
        for path in (PROJECT_ROOT / "dbt_project/models").rglob("*.sql")
        for name in re.findall(r"\b[a-z_]*person_id\b", path.read_text("utf-8"))
    }
    assert told - {*OF_PERSONS, *MENTIONING} == set()


def goes(mart: str, name: str, columns: dict[str, str]) -> bool:
    """Whether the row that has the key goes with the person or the enterprise that it is about, or by the key itself."""
    of_enterprises = set() if mart in MENTIONING_ENTERPRISES else OF_ENTERPRISES
    by_key = {erased_rows.OF_ROWS[mart][2]} if mart in erased_rows.OF_ROWS else set()
    forgotten = name in erased_rows.FORGETTING.get(mart, "")
    return bool(columns.keys() & {*OF_PERSONS, *of_enterprises}) or name in by_key or forgotten


def is_stripped(mart: str, name: str) -> bool:
    return name in (erased_rows.WITH_EVENTS.get(mart), erased_rows.WITH_ITEMS.get(mart))


def test_what_others_rows_list_names_neither_her_rows_nor_what_bore_her_name(warehouse: str) -> None:
    """The number is the key of the register's row of it, too."""
    his = {"agency": "arbeidstilsynet", "extract": "tilsyn", "source_row_id": "T1"}
    lists: dict[tuple[str, str], tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {
        ("indicator_observations", "evidence"): (
            [
                {"agency": "brreg", "extract": "enheter", "source_row_id": ENTERPRISE, "orgnr": ENTERPRISE},
                his | {"orgnr": ENTERPRISE, "date": "2025-01-01"},
                his | {"orgnr": "212345683", "through": ["212345691", ENTERPRISE]},
                {"agency": "skatteetaten", "extract": "personer", "source_row_id": "K1"},
            ],
            [
                {"agency": "brreg", "extract": "enheter"},
                his | {"date": "2025-01-01"},
                his | {"orgnr": "212345683", "through": ["212345691"]},
                {"agency": "skatteetaten", "extract": "personer"},
            ],
        ),
        ("coordination", "controlled_twice"): (
            [{"orgnr": ENTERPRISE, "days_between": 3}, {"orgnr": "212345683", "days_between": 4}],
            [{"days_between": 3}, {"orgnr": "212345683", "days_between": 4}],
        ),
        ("assessments", "disputes"): ([his | {"case_id": "K-1"}], [his | {"case_id": "K-1"}]),
    }
    keys = [("brreg", "enheter", ENTERPRISE), ("skatteetaten", "personer", "K1")]
    with psycopg.connect(warehouse) as connection:
        create_marts(connection)
        for (mart, column), (before, _) in lists.items():
            add(connection, mart, release_id="2025-T3.1", person_id="P-HIS", **{column: Jsonb(before)})
        erase_from_marts(connection, [HERS], ErasedRows(1, keys, [ENTERPRISE]))
        for (mart, column), (_, after) in lists.items():
            found = sql.SQL("select {} from marts.{}").format(sql.Identifier(column), sql.Identifier(mart))
            assert connection.execute(found).fetchall() == [(after,)], mart


def test_others_keep_what_they_had_in_it_without_its_number(warehouse: str) -> None:
    with psycopg.connect(warehouse) as connection:
        create_marts(connection, "roles", "bankruptcy_involvements", "straw_man_ties")
        about = {"release_id": "2025-T3.1", "orgnr": ENTERPRISE}
        add(connection, "roles", role_id="r1", person_id="P-HIS", role_code="DAGL", **about)
        add(
            connection,
            "roles",
            role_id="r2",
            holder_orgnr=ENTERPRISE,
            release_id="2025-T3.1",
            orgnr="212345683",
        )
        add(connection, "bankruptcy_involvements", role_id="r1", person_id="P-HIS", **about)
        add(connection, "straw_man_ties", person_id="P-HIS", front_person_id="P-OTHER", **about)
        erase_from_marts(connection, [HERS], ErasedRows(1, [], [ENTERPRISE]))
        assert connection.execute(
            "select role_id, person_id, role_code, orgnr from marts.roles"
        ).fetchall() == [("r1", "P-HIS", "DAGL", None)]
        assert connection.execute("select role_id, orgnr from marts.bankruptcy_involvements").fetchall() == [
            ("r1", None)
        ]
        assert connection.execute("select count(*) from marts.straw_man_ties").fetchone() == (0,)
