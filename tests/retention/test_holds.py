"""A hold has a name and a reason, is logged, follows a person through merges, and ends by another event."""

import psycopg
import pytest
from akrim.errors import UserError
from akrim.retention import current_holds, held, record_hold, refuse_held
from akrim.settings import get_settings

from tests.audit.events import events
from tests.deliveries.building import person_number
from tests.ledger.entering import enter_release, enter_run


@pytest.fixture
def merged(warehouse: str) -> str:
    """A person whose older ids were merged into the present one, with a record from before; and a delivery that was refused."""
    with psycopg.connect(warehouse) as connection:
        delivery = {"delivery_id": "nav-2025-T3-01", "manifest_sha256": ""}
        enter_release(connection, "2025-T3.1", pins={"deliveries": {"nav": [delivery]}})
        enter_run(connection, "2025-T3.1")
        for key, person_id in (("N1", "P-OLD"), ("N2", "P-NEW")):
            connection.execute(
                "insert into linkage.memberships (source, extract, source_record_id, content_digest, person_id, link_kind,"
                " valid_from_release) values ('nav', 'personer', %s, '', %s, 'single', '2025-T3.1')",
                [key, person_id],
            )
        connection.execute(
            "insert into linkage.person_id_history values ('P-OLDEST', 'P-OLD', '2025-T3.1', 'merged'),"
            " ('P-OLD', 'P-NEW', '2025-T3.1', 'merged')"
        )
        connection.execute(
            "insert into meta.deliveries (delivery_id, manifest_sha256, agency, period, mode, status, reason, folder,"
            " folder_fingerprint) values ('nav-2026-T1-01', repeat('1', 64), 'nav', '2026-T1', 'full', 'refused', '', '', '')"
        )
    get_settings.cache_clear()
    return warehouse


def test_a_person_is_held_under_every_id_with_every_record(merged: str) -> None:
    record_hold("person", "P-OLDEST", "opened", "Kari Vakt", "innsyn")
    with psycopg.connect(merged) as connection:
        everything = held(connection)
        assert everything.persons == {"P-OLDEST", "P-OLD", "P-NEW"}
        assert everything.records == {("nav", "personer", "N1"), ("nav", "personer", "N2")}
        with pytest.raises(UserError, match="P-NEW cannot be erased"):
            refuse_held(connection, "P-NEW", [], [], [])
        refuse_held(connection, "P-OTHER", [], [], [])


def test_nobody_is_erased_with_a_record_that_was_ever_a_held_persons(merged: str) -> None:
    """After a split: who took records along, and whom the held one's records were taken from."""
    with psycopg.connect(merged) as connection:
        enter_release(connection, "2026-T1.1")
        enter_run(connection, "2026-T1.1")
        connection.execute(
            "insert into linkage.person_id_history values ('P-NEW', 'P-APART', '2026-T1.1', 'split')"
        )
        connection.execute(
            "update linkage.memberships set valid_to_release = '2026-T1.1' where source_record_id = 'N1'"
        )
        connection.execute(
            "insert into linkage.memberships (source, extract, source_record_id, content_digest, person_id, link_kind,"
            " valid_from_release) values ('nav', 'personer', 'N1', '', 'P-APART', 'single', '2026-T1.1')"
        )
    for held_id, other in (("P-OLD", "P-APART"), ("P-APART", "P-NEW")):
        record_hold("person", held_id, "opened", "Kari Vakt", "innsyn")
        with (
            psycopg.connect(merged) as connection,
            pytest.raises(UserError, match=f"{other} cannot be erased"),
        ):
            refuse_held(connection, other, [], [], [])
        record_hold("person", held_id, "released", "Kari Vakt", "innsyn")


def test_a_held_release_holds_what_it_was_made_from(merged: str) -> None:
    record_hold("release", "2025-T3.1", "opened", "Kari Vakt", "tilsyn")
    with psycopg.connect(merged) as connection:
        assert held(connection).deliveries == {"nav-2025-T3-01"}


def test_what_is_let_go_is_held_no_more_and_both_stay_on_record(merged: str) -> None:
    record_hold("person", "P-NEW", "opened", "Kari Vakt", f"innsyn {person_number(1)}")
    with pytest.raises(UserError, match="held already"):
        record_hold("person", "P-NEW", "opened", "Per", "igjen")
    record_hold("person", "P-NEW", "released", "Kari Vakt", "svart på")
    with pytest.raises(UserError, match="not held"):
        record_hold("person", "P-NEW", "released", "Kari Vakt", "igjen")
    with psycopg.connect(merged) as connection:
        assert current_holds(connection) == []
        assert connection.execute("select event, by_name, reason from meta.legal_holds order by hold_id").fetchall() == [
            ("opened", "Kari Vakt", "innsyn ***********"), ("released", "Kari Vakt", "svart på"),
        ]  # fmt: skip
    logged = events(merged, "alteration")
    assert [(e["by_name"], e["detail"]["hold"], e["persons"]) for e in logged] == [
        ("Kari Vakt", "opened", ["P-NEW"]), ("Kari Vakt", "released", ["P-NEW"]),
    ]  # fmt: skip
    assert "innsyn" not in str(logged)


@pytest.mark.parametrize(("opened", "released"), [("P-OLD", "P-NEW"), ("P-NEW", "P-OLDEST")])
def test_a_person_is_let_go_by_any_id_and_held_under_one(merged: str, opened: str, released: str) -> None:
    """Whoever lets go has the id that lists show, and not the one that it was opened with before linkage merged it."""
    record_hold("person", opened, "opened", "Kari Vakt", "innsyn")
    with pytest.raises(UserError, match=f"{released} is held already as {opened}"):
        record_hold("person", released, "opened", "Per", "igjen")
    record_hold("person", released, "released", "Kari Vakt", "svart på")
    with psycopg.connect(merged) as connection:
        assert current_holds(connection) == []


def test_of_two_holds_that_linkage_made_one_persons_each_goes_by_its_id(merged: str) -> None:
    with psycopg.connect(merged) as connection:
        connection.execute("delete from linkage.person_id_history where person_id = 'P-NEW'")
    for held_id in ("P-OLD", "P-NEW"):
        record_hold("person", held_id, "opened", "Kari Vakt", "innsyn")
    with psycopg.connect(merged) as connection:
        connection.execute(
            "insert into linkage.person_id_history values ('P-OLD', 'P-NEW', '2025-T3.1', 'merged'), ('P-NEW', 'P-LAST', '2025-T3.1', 'merged')"
        )
    with pytest.raises(UserError, match="several ids: P-NEW, P-OLD"):
        record_hold("person", "P-LAST", "released", "Kari Vakt", "svart på")
    record_hold("person", "P-OLD", "released", "Kari Vakt", "svart på")
    record_hold("person", "P-LAST", "released", "Kari Vakt", "svart på")
    with psycopg.connect(merged) as connection:
        assert current_holds(connection) == []


def test_a_hold_ends_though_a_run_that_was_undone_alone_knew_the_id(merged: str) -> None:
    record_hold("person", "P-NEW", "opened", "Kari Vakt", "innsyn")
    with psycopg.connect(merged) as connection:
        connection.execute("delete from linkage.person_id_history")
        connection.execute("delete from linkage.memberships")
    record_hold("person", "P-NEW", "released", "Kari Vakt", "svart på")
    with psycopg.connect(merged) as connection:
        assert current_holds(connection) == []


@pytest.mark.parametrize(
    ("kind", "held_id", "reason", "told"),
    [
        ("person", "P-NOBODY", "x", "There is no person"), ("delivery", "nav-2020-T1-01", "x", "There is no delivery"),
        ("delivery", "nav-2026-T1-01", "x", "There is no delivery"),
        ("release", "2020-T1.1", "x", "There is no release"), ("person", "P-NEW", " ", "needs a name and a reason"),
    ],
)  # fmt: skip
def test_nothing_is_held_that_is_not_there_or_without_a_reason(
    merged: str, kind: str, held_id: str, reason: str, told: str
) -> None:
    with pytest.raises(UserError, match=told):
        record_hold(kind, held_id, "opened", "Kari Vakt", reason)
