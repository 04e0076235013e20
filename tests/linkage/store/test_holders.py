"""An id that was merged into another's and parted from it again stands for whoever has its records, and is not that other's."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from akrim.corrections.disputants import RECORD_OF_PERSON
from akrim.insight.persons import IDS
from akrim.linkage.explanation import explain
from akrim.linkage.store import RecordBefore, erase_person, linked_person, taken_for
from akrim.retention import current_holds, record_hold

from tests.ledger.entering import enter_release, enter_run

FIRST, MERGED, PARTED = "2025-T3.1", "2026-T1.1", "2026-T2.1"
HERS, HIS = ("a1", "a2"), ("b1", "b2", "b3")
# Hers were taken for his, and then found to be somebody's own.
LINKS = (
    (HERS, "P-HERS", FIRST, MERGED),
    (HIS, "P-HIS", FIRST, None),
    (HERS, "P-HIS", MERGED, PARTED),
    (HERS, "P-HERS-NOW", PARTED, None),
)


@pytest.fixture
def parted(warehouse: str) -> str:
    with psycopg.connect(warehouse) as connection:
        for release_id in (FIRST, MERGED, PARTED):
            enter_release(connection, release_id, published_at="now")
            enter_run(connection, release_id)
        for keys, person_id, since, until in LINKS:
            for key in keys:
                connection.execute(
                    "insert into linkage.memberships (source, extract, source_record_id, content_digest, person_id, link_kind,"
                    " valid_from_release, valid_to_release) values ('nav', 'personer', %s, '', %s, 'single', %s, %s)",
                    [key, person_id, since, until],
                )
        connection.execute(
            "insert into linkage.person_id_history values ('P-HERS', 'P-HIS', %s, 'merged'), ('P-HIS', 'P-HERS-NOW', %s, 'split')",
            [MERGED, PARTED],
        )
    return warehouse


@pytest.mark.parametrize(
    ("asked", "ids", "records"),
    [
        ("P-HERS", ["P-HERS-NOW", "P-HERS"], HERS),
        ("P-HERS-NOW", ["P-HERS-NOW", "P-HERS"], HERS),
        ("P-HIS", ["P-HIS"], HIS),
    ],
)
def test_what_is_exported_or_erased_by_an_id_is_of_whoever_has_its_records(
    asked: str, ids: list[str], records: tuple[str, ...], parted: str
) -> None:
    with psycopg.connect(parted) as connection:
        person = linked_person(connection, asked)
        course = connection.execute(IDS, {"id": ids[0]}).fetchall()
        disputed_by = connection.execute(RECORD_OF_PERSON, [asked, "nav"]).fetchone()
        logged = connection.execute("select audit.ids_of(%s)", [asked]).fetchall()
    assert (person.ids, [key for _, _, key in person.records]) == (ids, list(records))
    assert course == [(sorted(ids),)], "on whose page the lists of then are told"
    assert disputed_by == ("nav", records[0])
    assert {*ids} <= {row[0] for row in logged}
    assert explain(asked).person_id == ids[0]


@pytest.mark.parametrize(
    ("asked", "of_others", "taken"),
    [("P-HERS", (), [(MERGED, "P-HIS")]), ("P-HIS", (), []), ("P-HERS", HERS[:1], [(MERGED, "P-HIS")]), ("P-HERS", HERS, [])],
    ids=["she", "he", "one key was another's before", "all were"],
)  # fmt: skip
def test_it_is_known_for_whom_somebody_was_taken_in_which_release(
    asked: str, of_others: tuple[str, ...], taken: list[tuple[str, str]], parted: str
) -> None:
    before = [RecordBefore("nav", "personer", key, [], datetime.now(UTC)) for key in of_others]
    with psycopg.connect(parted) as connection:
        assert taken_for(connection, linked_person(connection, asked)._replace(of_others=before)) == taken


def test_a_hold_under_the_id_of_then_ends_by_the_one_of_now(parted: str) -> None:
    record_hold("person", "P-HERS", "opened", "Kari Vakt", "innsyn")
    record_hold("person", "P-HIS", "opened", "Kari Vakt", "innsyn")
    record_hold("person", "P-HERS-NOW", "released", "Kari Vakt", "svart på")
    with psycopg.connect(parted) as connection:
        assert [hold.held_id for hold in current_holds(connection)] == ["P-HIS"]


def test_by_no_id_of_hers_is_anybody_else_found_once_she_is_erased(parted: str, home: Path) -> None:
    with psycopg.connect(parted) as connection:
        erase_person(connection, linked_person(connection, "P-HERS-NOW"))
        assert linked_person(connection, "P-HERS") == (["P-HERS-NOW", "P-HERS"], [], [], [])
        assert linked_person(connection, "P-HIS").ids == ["P-HIS"]


def test_an_id_whose_records_are_known_no_more_stands_for_what_it_was_merged_into(parted: str) -> None:
    with psycopg.connect(parted) as connection:
        connection.execute("delete from linkage.memberships where person_id = 'P-HERS'")
        assert connection.execute("select linkage.holder('P-HERS')").fetchone() == ("P-HIS",)


def test_whose_key_went_to_somebody_who_is_erased_is_known_by_it_all_the_same(
    parted: str, home: Path
) -> None:
    """And what an earlier run had taken for the erased one's record goes with it."""
    with psycopg.connect(parted) as connection:
        connection.execute(
            "insert into linkage.given_away values ('nav', 'personer', 'b1', 'P-BEFORE', %s)", [MERGED]
        )
        for key, person_id in (("b1", "P-BEFORE"), ("b2", "P-TAKEN-FOR-HIM")):
            connection.execute(
                "insert into linkage.memberships (source, extract, source_record_id, content_digest, person_id, link_kind,"
                " valid_from_release, valid_to_release) values ('nav', 'personer', %s, '', %s, 'single', %s, %s)",
                [key, person_id, FIRST, MERGED],
            )
        connection.execute(
            "delete from linkage.memberships where source_record_id = 'b1' and valid_from_release = %s and person_id = 'P-HIS'",
            [FIRST],
        )
        erase_person(connection, linked_person(connection, "P-HIS"))
        left = connection.execute(
            "select source_record_id, person_id from linkage.memberships where source_record_id like 'b%'"
        ).fetchall()
        given = connection.execute("select source_record_id, person_id from linkage.given_away").fetchall()
    assert left == given == [("b1", "P-BEFORE")]
