"""Erasure of a person removes her rows, and nothing else; what cannot be erased, and what is kept of an erasure."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from akrim import audit
from akrim.deliveries import ErasedRows
from akrim.errors import UserError
from akrim.linkage.store import linked_person
from akrim.releases.erasing.erased_rows import erase_from_marts
from akrim.releases.erasing.erasure import erase_person
from akrim.reproduction.from_warehouse import reproduce
from akrim.retention import record_hold
from akrim.sending import deliver
from akrim.trust import find_problems
from psycopg import sql
from psycopg.types.json import Jsonb

from tests.assessment.project import land
from tests.audit.events import events
from tests.deliveries.building import person_number
from tests.ledger.entering import enter_run
from tests.releases.conftest import MEMBERSHIP, MEMBERSHIP_OF_ROLE, REASON
from tests.releases.tables import add, create_marts
from tests.trust.conftest import FIRST, SECOND

POLICE_RECORD = """
insert into landing.politiet_personer (delivery_id, row_number, is_removed, person_lopenr, ident, etternavn) values (%s, 9, false, %s, %s, %s)
"""
POLICE_INVOLVEMENT = """
insert into landing.politiet_involverte (delivery_id, row_number, is_removed, involvert_id, saksnummer, person_lopenr)
values (%s, 9, false, 'i-K', 's1', 'K')
"""
SPLIT_OFF = """
insert into marts.release_changes (release_id, comparison, centre_id, change_number, cause_number, person_id, change, cause, detail)
values (%s, 'previous', 'oslo', 1, 0, 'P-HIS', 'split', 'linkage', '{"old_person_id": "P-HERS", "main_cause": "linkage"}')
"""


def test_all_her_data_are_erased_and_the_record_of_it_stays(installation: Path, warehouse: str) -> None:
    (installation / "linkage" / "kept").mkdir(parents=True)
    (installation / "reproduced" / FIRST).mkdir(parents=True)
    erased = erase_person("P-HERS", "Kari Vakt", REASON)
    deliver()

    assert (erased.rows, erased.parts) == (2, {FIRST: ["oslo"]})
    with psycopg.connect(warehouse) as connection:
        landed = connection.execute(
            "select person_lopenr, etternavn, is_removed from landing.politiet_personer order by 1"
        ).fetchall()
        involved = connection.execute("select person_lopenr from landing.politiet_involverte").fetchall()
        marks = connection.execute(
            "select person_id, releases, by_name, reason from meta.erasures"
        ).fetchall()
        records = connection.execute("select person_id from linkage.memberships").fetchall()
        firsts = connection.execute(
            "select person_id, first_record_key from linkage.persons order by 1"
        ).fetchall()
    assert landed == [("p1", None, True), ("p2", "Etternavn p2", False)]
    assert involved == [("p2",)]
    assert records == [("P-ANOTHERS",)]
    assert firsts == [("P-ANOTHERS", "politiet/p2"), ("P-HERS", "")]
    assert marks == [("P-HERS", [FIRST], "Kari Vakt", REASON)]
    assert not (installation / "linkage").exists(), "layers would still hold her rows"
    assert not (installation / "reproduced").exists()


AHEAD = {
    "meta.deliveries.received_at": """
        insert into meta.deliveries
            (delivery_id, manifest_sha256, agency, period, mode, status, delivered_at, folder, folder_fingerprint, received_at)
        values ('nav-2026-T1-01', '0', 'nav', '2026-T1', 'full', 'accepted', now(), 'f', 'f', now() + interval '3 days')
    """,
    "meta.releases.reserved_at": "update meta.releases set reserved_at = now() + interval '3 days'",
}


@pytest.mark.parametrize("column", AHEAD)
def test_an_erasure_comes_after_what_was_there_though_the_clock_was_ahead(
    column: str, installation: Path, warehouse: str
) -> None:
    """Else the delivery could be read again, and the release made again, with her in it."""
    table = sql.Identifier(*column.split(".")[:2])
    told = sql.SQL("select min(erased_at) > max({}) from {}, meta.erasures").format(
        sql.Identifier(column.split(".")[2]), table
    )
    with psycopg.connect(warehouse) as connection:
        connection.execute(AHEAD[column].encode())
    erase_person("P-HERS", "Kari Vakt", REASON)
    with psycopg.connect(warehouse) as connection:
        assert connection.execute(told).fetchall() == [(True,)]


@pytest.mark.parametrize(
    ("written", "is_gone"),
    [
        ("{}", True), ("{0[0]} {0[1]}", True), ("{0[0]}-{0[1]}", True), ("Ola {0[0]}\u00a0{0[1]}, Oslo", True), ("another's", False),
    ],
)  # fmt: skip
def test_a_row_set_aside_with_her_number_goes_however_it_is_written(
    written: str, is_gone: bool, installation: Path, warehouse: str
) -> None:
    """Its key is nobody's, and only the number tells that it is about her."""
    hers, other = person_number(1), person_number(2)
    number = written.format(hers if written == "{}" else (hers[:6], hers[6:])) if is_gone else other
    raw = {"nav_id": "N77", "ident": number, "navn": "SLETTMARK, SOLVEIG"}
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "update landing.politiet_personer set ident = %s where person_lopenr = 'p1'", [hers]
        )
        connection.execute(
            "insert into quarantine.rows values ('nav-2025-T3-01', '', 'personer', 1, 'x', 'bad_date', %s)",
            [Jsonb(raw)],
        )
    erase_person("P-HERS", "Kari Vakt", REASON)
    with psycopg.connect(warehouse) as connection:
        kept = connection.execute("select raw from quarantine.rows").fetchall()
    assert kept == [(None if is_gone else raw,)]


def test_a_record_that_was_split_off_stays_with_the_person_whose_it_is(
    installation: Path, warehouse: str
) -> None:
    """An earlier run had taken it for hers: that it did is forgotten, and the record is not."""
    with psycopg.connect(warehouse) as connection:
        connection.execute(MEMBERSHIP, ["p2", "P-HERS", "2025-T2.1", FIRST])
        assert linked_person(connection, "P-HERS").records == [("politiet", "personer", "p1")]
        assert linked_person(connection, "P-ANOTHERS").records == [("politiet", "personer", "p2")]
    erase_person("P-HERS", "Kari Vakt", REASON)
    with psycopg.connect(warehouse) as connection:
        landed = connection.execute(
            "select person_lopenr, etternavn from landing.politiet_personer order by 1"
        ).fetchall()
        kept = connection.execute("select source_record_id, person_id from linkage.memberships").fetchall()
    assert landed == [("p1", None), ("p2", "Etternavn p2")]
    assert kept == [("p2", "P-ANOTHERS")]


@pytest.mark.parametrize("key", ["moved", "never-linked"])
def test_what_came_with_her_number_goes_though_its_key_is_not_hers(
    key: str, installation: Path, warehouse: str
) -> None:
    """The police gave the key to another person, or took the record back before any run had linked it."""
    hers, his = person_number(1), person_number(2)
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "update landing.politiet_personer set ident = %s where person_lopenr = 'p1'", [hers]
        )
        connection.execute(POLICE_RECORD, ["politiet-2025-T3-01", key, hers, "Slettmark"])
        if key == "moved":
            connection.execute(POLICE_RECORD, ["politiet-2026-T1-01", key, his, "Overtatt"])
            connection.execute(MEMBERSHIP, [key, "P-HERS", FIRST, SECOND])
            connection.execute(MEMBERSHIP, [key, "P-ANOTHERS", SECOND, None])
    erase_person("P-HERS", "Kari Vakt", REASON)
    with psycopg.connect(warehouse) as connection:
        landed = connection.execute(
            "select etternavn from landing.politiet_personer where person_lopenr = %s", [key]
        ).fetchall()
    assert landed == ([("Overtatt",)] if key == "moved" else [])


GIVEN_AWAY = "insert into linkage.given_away values ('politiet', 'personer', %s, %s, %s)"
PINNED = """
update meta.releases set pins = jsonb_set(pins, '{deliveries}', jsonb_build_object(
    'politiet', jsonb_build_array(jsonb_build_object('delivery_id', 'politiet-' || period || '-01'))
))
"""


@pytest.mark.parametrize("is_anothers", [True, False])
def test_who_had_no_key_but_one_that_is_anothers_by_now_is_erased_by_what_it_was(
    is_anothers: bool, installation: Path, warehouse: str
) -> None:
    """Also what had no number; and what belongs to whoever has the key now stays, where it bears the key of hers, too."""
    with psycopg.connect(warehouse) as connection:
        for delivery_id, number, name in (
            ("politiet-2025-T3-01", None, "Alene"),
            ("politiet-2026-T1-01", person_number(2), "Overtatt"),
        ):
            connection.execute(POLICE_RECORD, [delivery_id, "K", number, name])
        land(connection, "politiet-2026-T1-01", "involverte", [])
        for delivery_id in ("politiet-2025-T3-01", "politiet-2026-T1-01"):
            connection.execute(POLICE_INVOLVEMENT, [delivery_id])
        connection.execute(MEMBERSHIP, ["K", "P-ALONE", FIRST, SECOND])
        connection.execute(MEMBERSHIP, ["K", "P-ANOTHERS", SECOND, None])
        if is_anothers:
            connection.execute(GIVEN_AWAY, ["K", "P-ALONE", SECOND])
        connection.execute(PINNED)
        enter_run(connection, FIRST)
        enter_run(connection, SECOND)
        add(
            connection,
            "named_persons",
            release_id=FIRST,
            centre_id="oslo",
            person_id="P-ALONE",
            named_because="listed",
        )
        others = linked_person(connection, "P-ANOTHERS").of_others
        assert [(one.source_record_id, one.delivery_ids) for one in others] == (
            [("K", ["politiet-2025-T3-01"])] if is_anothers else []
        )
    erase_person("P-ALONE", "Kari Vakt", REASON)
    with psycopg.connect(warehouse) as connection:
        names = connection.execute(
            "select etternavn from landing.politiet_personer where person_lopenr = 'K' order by 1"
        ).fetchall()
        involved = connection.execute(
            "select delivery_id from landing.politiet_involverte where person_lopenr = 'K' order by 1"
        ).fetchall()
        linked = connection.execute(
            "select person_id from linkage.memberships where source_record_id = 'K'"
        ).fetchall()
    hers, his = [("Alene",)], [("Overtatt",)]
    assert names == (his if is_anothers else hers + his)
    assert involved[-1:] == [("politiet-2026-T1-01",)]
    assert len(involved) == (1 if is_anothers else 2)
    assert linked == [("P-ANOTHERS",)]


@pytest.mark.parametrize(("key", "is_kept"), [("gone", False), ("standing", True)])
def test_what_the_last_run_staged_of_a_protected_home_goes_with_the_number(
    key: str, is_kept: bool, installation: Path, warehouse: str
) -> None:
    hers = person_number(1)
    with psycopg.connect(warehouse) as connection:
        land(connection, "skatteetaten-2026-T1-01", "personer", [{"part_id": "standing", "ident": hers}])
        connection.execute("create schema if not exists staging")
        connection.execute(
            "create table staging.stg_skatteetaten__protections as"
            " select %s as source_record_id, null as identifier, %s as previous_identifier",
            [key, hers],
        )
        erase_from_marts(connection, ["P-HERS"], ErasedRows(1, [], [], numbers=[hers]))
        left = connection.execute("select 1 from staging.stg_skatteetaten__protections").fetchall()
    assert bool(left) == is_kept


def test_no_mart_tells_of_her_and_other_persons_rows_stay(installation: Path, warehouse: str) -> None:
    with psycopg.connect(warehouse) as connection:
        connection.execute(SPLIT_OFF, [FIRST])
    erase_person("P-HERS", "Kari Vakt", REASON)
    with psycopg.connect(warehouse) as connection:
        marts = connection.execute("select tablename from pg_tables where schemaname = 'marts'").fetchall()
        texts = {
            name: connection.execute(
                sql.SQL("select to_jsonb(t)::text from {} as t").format(sql.Identifier("marts", name))
            ).fetchall()
            for (name,) in marts
        }
        delivered = connection.execute(
            "select beslutning_id, tiltak from landing.sentrene_gruppebeslutninger order by 1"
        ).fetchall()
    assert not [name for name, rows in texts.items() if "P-HERS" in str(rows)]
    assert len(texts["release_changes"]) == 1
    # What was written of a group that she had a part in may name her.
    assert delivered == [("hers", None), ("others", "Spør om others")]
    assert "Spør om hers" not in str(texts["group_decisions"])
    assert "Spør om others" in str(texts["group_decisions"])
    kept = {"persons": 2, "release_persons": 2, "named_persons": 2, "network_ties": 1, "networks": 1}
    assert {name: len(texts[name]) for name in kept} == kept


def test_a_case_that_others_are_involved_in_no_longer_counts_her_nor_names_what_bore_her_name(
    warehouse: str,
) -> None:
    hers, others = "212345675", "212345683"
    with psycopg.connect(warehouse) as connection:
        create_marts(connection, "offence_cases", "police_cases", "case_outcomes", "assessments")
        for case, orgnr, involved in (
            ("shared", hers, ("P-HERS", "P-HIS")),
            ("his", others, ("P-HIS",)),
            ("own", hers, ("P-HERS",)),
        ):
            add(
                connection, "police_cases", release_id=FIRST, case_number=case, orgnr=orgnr, persons=len(involved),
                persons_listed=len(involved), persons_convicted=len(involved), reporting_agency="nav", reference=f"n-{case}",
            )  # fmt: skip
            for person_id in involved:
                add(
                    connection, "offence_cases", release_id=FIRST, case_number=case, orgnr=orgnr, person_id=person_id,
                    involvement_code="domfelt",
                )  # fmt: skip
        for centre_id in ("oslo", "bergen"):
            add(connection, "assessments", release_id=FIRST, centre_id=centre_id, person_id="P-HIS")
        erase_from_marts(connection, ["P-HERS"], ErasedRows(1, [("nav", "saker", "n-shared")], [hers]))
        cases = connection.execute(
            "select case_number, orgnr, reference, persons, persons_listed, persons_convicted from marts.police_cases order by 1"
        ).fetchall()
        involvements = connection.execute(
            "select case_number, orgnr, person_id from marts.offence_cases order by 1"
        ).fetchall()
    assert cases == [("his", others, "n-his", 1, 1, 1), ("shared", None, None, 1, 1, 1)]
    assert involvements == [("his", others, "P-HIS"), ("shared", None, "P-HIS")]


def _killed(*_: object) -> bool:
    raise KeyboardInterrupt


def _killed_where_files_are(folder: Path, **_: object) -> None:
    if folder.exists():
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("step", "killed"), [("_list_tombstones", _killed), ("shutil.rmtree", _killed_where_files_are)]
)
def test_an_erasure_that_was_cut_short_is_finished_by_repeating_it(
    installation: Path, step: str, killed: Callable[..., object]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"akrim.releases.erasing.erasure.{step}", killed)
        with pytest.raises(KeyboardInterrupt):
            erase_person("P-HERS", "Kari Vakt", REASON)
    assert find_problems(installation / "releases" / FIRST) != []
    assert erase_person("P-HERS", "Kari Vakt", REASON).parts == {FIRST: ["oslo"]}
    assert find_problems(installation / "releases" / FIRST) == []
    assert [path.name for path in (installation / "releases" / FIRST).rglob(".*")] == []
    assert not (installation / "releases" / FIRST / "oslo" / "data").exists()


def test_an_erasure_that_cannot_remove_releases_built_again_says_so(installation: Path) -> None:
    copies = installation / "reproduced"
    (copies / FIRST).mkdir(parents=True)
    rmdir = os.rmdir

    def refuse(path: str | Path, **rest: Any) -> None:
        if Path(path) == copies:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        rmdir(path, **rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "rmdir", refuse)
        with pytest.raises(PermissionError):
            erase_person("P-HERS", "Kari Vakt", REASON)
    erase_person("P-HERS", "Kari Vakt", REASON)
    assert not copies.exists()


def test_what_was_erased_cannot_be_built_again_and_says_so(installation: Path) -> None:
    erase_person("P-HERS", "Kari Vakt", REASON)
    with pytest.raises(UserError, match="Parts of the release were erased"):
        reproduce(FIRST)


def test_a_person_still_delivered_or_in_force_is_not_erased(installation: Path, warehouse: str) -> None:
    with pytest.raises(UserError, match="is still in what politiet delivered"):
        erase_person("P-ANOTHERS", "Kari Vakt", REASON)
    with psycopg.connect(warehouse, autocommit=True) as connection:
        connection.execute("update linkage.memberships set valid_to_release = %s", [SECOND])
    with pytest.raises(UserError, match="in force"):
        erase_person("P-ANOTHERS", "Kari Vakt", REASON)
    with pytest.raises(UserError, match="There is no person"):
        erase_person("P-NOBODY", "Kari Vakt", REASON)
    assert find_problems(installation / "releases" / FIRST) == []


def test_a_person_who_was_delivered_again_and_is_not_assessed_yet_is_not_erased(
    installation: Path, warehouse: str
) -> None:
    with psycopg.connect(warehouse) as connection:
        again = [{"person_lopenr": "p1", "etternavn": "Etternavn p1"}]
        land(connection, "politiet-2026-T1-02", "personer", again)
        connection.execute(
            "insert into meta.deliveries (delivery_id, manifest_sha256, agency, period, mode, status, delivered_at, folder, folder_fingerprint)"
            " values ('politiet-2026-T1-02', '2', 'politiet', '2026-T1', 'full', 'accepted', now(), 'f', 'f')"
        )
    with pytest.raises(UserError, match="P-HERS is still in what politiet delivered"):
        erase_person("P-HERS", "Kari Vakt", REASON)
    assert (installation / "releases" / FIRST / "oslo" / "assessment.html").exists()


def test_a_part_that_names_somebody_who_is_held_stays(installation: Path, warehouse: str) -> None:
    """A held person keeps each part that names her, and a part goes as a whole."""
    about = {"release_id": FIRST, "person_id": "P-HELD", "named_because": "listed"}
    with psycopg.connect(warehouse) as connection:
        add(connection, "named_persons", centre_id="oslo", **about)
        enter_run(connection, FIRST)
        connection.execute(MEMBERSHIP, ["p3", "P-HELD", FIRST, None])
    record_hold("person", "P-HELD", "opened", "Kari Vakt", "innsyn 2026-14")
    with pytest.raises(UserError, match="P-HERS cannot be erased: person P-HELD, held since"):
        erase_person("P-HERS", "Kari Vakt", REASON)
    assert (installation / "releases" / FIRST / "oslo" / "assessment.html").exists()
    with psycopg.connect(warehouse) as connection:
        connection.execute("update marts.named_persons set centre_id = 'bergen' where person_id = 'P-HELD'")
    assert erase_person("P-HERS", "Kari Vakt", REASON).parts == {FIRST: ["oslo"]}


def test_a_role_of_somebody_held_in_what_bears_her_name_stays(installation: Path, warehouse: str) -> None:
    with psycopg.connect(warehouse) as connection:
        enterprise = {"organisasjonsnummer": "212345675", "organisasjonsform_kode": "ENK"}
        land(connection, "brreg-2025-T3-01", "enheter", [enterprise])
        roles = [("r1", "INNH", "P-HERS", SECOND), ("r2", "REGN", "P-HELD", None)]
        land(
            connection, "brreg-2025-T3-01", "roller",
            [{"rolle_id": key, "organisasjonsnummer": "212345675", "type_kode": code} for key, code, *_ in roles],
        )  # fmt: skip
        enter_run(connection, FIRST)
        for key, _, person_id, until in roles:
            connection.execute(MEMBERSHIP_OF_ROLE, [key, person_id, FIRST, until])
    record_hold("person", "P-HELD", "opened", "Kari Vakt", "innsyn 2026-14")
    with pytest.raises(UserError, match="P-HERS cannot be erased: person P-HELD, held since"):
        erase_person("P-HERS", "Kari Vakt", REASON)
    assert find_problems(installation / "releases" / FIRST) == []


def test_the_log_keeps_that_she_was_erased_and_her_id_alone(installation: Path, warehouse: str) -> None:
    erase_person("P-HERS", "Kari Vakt", REASON)
    (event,) = events(warehouse, "erasure")
    assert (event["by_name"], event["persons"]) == ("Kari Vakt", ["P-HERS"])
    assert event["detail"] == {"rows": 2, "releases": 1}
    assert [
        (e["recipient"], e["release_id"]) for e in audit.events_about("P-HERS") if e["action"] == "disclosure"
    ] == [("oslo", FIRST)]
    assert "Etternavn" not in str(events(warehouse, "disclosure"))
    assert audit.verify().position == event["position"]
