"""Erasure of a person removes her rows and the releases that contain her, and nothing else; the record of it stays."""

from datetime import date
from pathlib import Path

import psycopg
import pytest
from akrim.errors import UserError
from akrim.keys.signing import create_keys
from akrim.ledger.listing import list_releases
from akrim.releases.erasure import erase_person
from akrim.sending import deliver
from akrim.trust.files import verify
from akrim.trust.refusal import Refused
from akrim.trust.verification import Check
from akrim.trust.verification import verify as check_release

from tests.assessment.project import land
from tests.sending.test_send import enter, keys_of, opened
from tests.trust.conftest import CENTRES, FIRST, SECOND, make_release

DAY = date(2026, 6, 1)
REASON = "Sletting krevd."
MEMBERSHIP = """
insert into linkage.memberships (source, extract, source_record_id, content_digest, person_id, link_kind,
    valid_from_release, valid_to_release) values ('politiet', 'personer', %s, '', %s, 'single', %s, %s)
"""


@pytest.fixture
def installation(warehouse: str, home: Path) -> Path:
    """Two releases; the person is in the first alone, and the police have removed their record of her since."""
    create_keys()
    with psycopg.connect(warehouse) as connection:
        connection.execute("create table marts.persons (release_id text, person_id text, full_name text)")
        connection.execute(
            "create table marts.named_persons (release_id text, centre_id text, person_id text)"
        )
        persons = [{"person_lopenr": key, "etternavn": f"Etternavn {key}"} for key in ("p1", "p2")]
        cases = [{"saksnummer": "s1"}]
        involved = [
            {"involvert_id": f"i-{key}", "saksnummer": "s1", "person_lopenr": key} for key in ("p1", "p2")
        ]
        for extract, rows in (("personer", persons), ("saker", cases), ("involverte", involved)):
            land(connection, "politiet-2025-T3-01", extract, rows)
        land(
            connection, "politiet-2026-T1-01", "personer",
            [{"person_lopenr": "p1", "etternavn": "Etternavn p1", "is_removed": True}],
        )  # fmt: skip
        connection.execute(MEMBERSHIP, ["p1", "P-HERS", FIRST, SECOND])
        connection.execute(MEMBERSHIP, ["p2", "P-ANOTHERS", FIRST, None])
        for release_id, person_id in ((FIRST, "P-HERS"), (FIRST, "P-ANOTHERS"), (SECOND, "P-ANOTHERS")):
            connection.execute(
                "insert into marts.persons values (%s, %s, %s)", [release_id, person_id, person_id]
            )
            connection.execute(
                "insert into marts.named_persons values (%s, 'oslo', %s)", [release_id, person_id]
            )
    make_release(home, FIRST, 1)
    enter(warehouse, FIRST, 1)
    deliver()
    make_release(home, SECOND, 2)
    enter(warehouse, SECOND, 2)
    deliver()
    (home.parent / "inbox" / "sentrene").mkdir(parents=True, exist_ok=True)
    return home


def test_all_her_data_are_erased_and_the_record_of_it_stays(installation: Path, warehouse: str) -> None:
    (installation / "linkage" / "kept").mkdir(parents=True)
    copy = opened(installation, "oslo", f"{FIRST}.tar.age")
    erased = erase_person("P-HERS", "Kari Vakt", REASON)
    deliver()

    assert (erased.rows, erased.releases) == (2, [FIRST])
    with psycopg.connect(warehouse) as connection:
        landed = connection.execute(
            "select person_lopenr, etternavn, is_removed from landing.politiet_personer order by 1"
        ).fetchall()
        involved = connection.execute("select person_lopenr from landing.politiet_involverte").fetchall()
        marts = connection.execute("select release_id, person_id from marts.persons").fetchall()
        sent = connection.execute("select count(*) from marts.named_persons").fetchall()
        marks = connection.execute(
            "select person_id, releases, by_name, reason from meta.erasures"
        ).fetchall()
        records = connection.execute("select person_id from linkage.memberships").fetchall()
    assert landed == [("p1", None, True), ("p2", "Etternavn p2", False)]
    assert involved == [("p2",)]
    assert marts == [(SECOND, "P-ANOTHERS")]
    assert (sent, records) == ([(3,)], [("P-ANOTHERS",)])
    assert marks == [("P-HERS", [FIRST], "Kari Vakt", REASON)]
    assert not (installation / "linkage").exists(), "layers would still hold her rows"

    tombstone = installation / "releases" / FIRST
    assert sorted(path.name for path in tombstone.iterdir()) == ["manifest.json", "manifest.json.minisig"]
    assert verify(tombstone) == []
    with pytest.raises(Refused, match=REASON) as refused:
        check_release(tombstone, Check(installation / "keys", DAY))
    assert refused.value.code == "erased"
    assert {row["release_id"]: row["status"] for row in list_releases()} == {
        FIRST: "erased",
        SECOND: "published",
    }
    for centre in CENTRES:
        names = {path.name for path in (installation / "outbox" / centre).iterdir()}
        assert f"{FIRST}.tar.age" not in names
        assert f"erasure-{FIRST}-{centre}.statement.json" in names
    listening = Check(
        keys_of(installation, "oslo"), DAY, (installation / "outbox" / "oslo",), allow_older=True
    )
    with pytest.raises(Refused, match="Delete every copy"):
        check_release(copy, listening)
    assert opened(installation, "oslo").name == "oslo"


def test_a_person_still_delivered_or_in_force_is_not_erased(installation: Path, warehouse: str) -> None:
    with pytest.raises(UserError, match="is still in what politiet delivered"):
        erase_person("P-ANOTHERS", "Kari Vakt", REASON)
    with psycopg.connect(warehouse, autocommit=True) as connection:
        connection.execute("update linkage.memberships set valid_to_release = %s", [SECOND])
    with pytest.raises(UserError, match="in force"):
        erase_person("P-ANOTHERS", "Kari Vakt", REASON)
    with pytest.raises(UserError, match="There is no person"):
        erase_person("P-NOBODY", "Kari Vakt", REASON)
    assert verify(installation / "releases" / FIRST) == []
