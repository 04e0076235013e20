"""Of an erased person the parts of releases that tell of her become tombstones, and no others."""

import json
import shutil
from datetime import date
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from akrim.cli import app
from akrim.commands.doctor.doctor import CHECKS
from akrim.contracts import NATIONAL
from akrim.errors import UserError
from akrim.formats import as_json
from akrim.ledger.listing import list_releases
from akrim.periods import today
from akrim.releases.erasing.erasure import erase_pending, erase_person
from akrim.retention import record_hold
from akrim.sending import deliver
from akrim.sending.outbox import send_release
from akrim.trust import Refused, find_problems
from akrim.trust.verification import Check
from akrim.trust.verification import verify as check_release
from psycopg import sql
from typer.testing import CliRunner

from tests.assessment.project import land
from tests.ledger.entering import enter_release, enter_run
from tests.releases.conftest import MEMBERSHIP, MEMBERSHIP_OF_ROLE, REASON
from tests.releases.tables import add, create_marts
from tests.sending.outboxes import enter, keys_of, opened
from tests.trust.conftest import CENTRES, FIRST, SECOND, make_release

DAY = date(2026, 6, 1)
OF_PERSONS_NATIONALLY = ("national_actors", "national_lists", "national_rules")


def test_an_erasure_that_was_cut_short_after_all_parts_went_is_finished_by_repeating_it(
    installation: Path, warehouse: str
) -> None:
    """Only that she was named is known by then, and of whom no part tells not even that."""

    def killed() -> None:
        raise KeyboardInterrupt

    (installation / "reproduced" / FIRST).mkdir(parents=True)
    with psycopg.connect(warehouse, autocommit=True) as connection:
        for centre_id in set(CENTRES) - {"oslo"}:
            add(connection, "named_persons", release_id=FIRST, centre_id=centre_id, person_id="P-HERS")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("akrim.releases.erasing.erasure.write_catalogue", killed)
            with pytest.raises(KeyboardInterrupt):
                erase_person("P-HERS", "Kari Vakt", REASON)
        assert not (installation / "reproduced").exists()
        named = "select count(*) from marts.named_persons where person_id = 'P-HERS'"
        assert connection.execute(named).fetchone() == (8,)
        assert erase_person("P-HERS", "Kari Vakt", REASON).rows == 0
        assert connection.execute(named).fetchone() == (0,)
        assert connection.execute("select from meta.parts_to_erase").fetchone() is None


def test_an_erasure_that_was_cut_short_is_finished_by_the_daily_job(
    installation: Path, warehouse: str
) -> None:
    """Whoever erased need not do it again: nothing of her is left but her id, of her other one neither."""

    def killed() -> None:
        raise KeyboardInterrupt

    named = "select distinct person_id from marts.named_persons where person_id like 'P-%' order by 1"
    with psycopg.connect(warehouse, autocommit=True) as connection:
        connection.execute(
            "insert into linkage.person_id_history values ('P-HERS-ONCE', 'P-HERS', %s, 'merged')", [FIRST]
        )
        add(connection, "named_persons", release_id=FIRST, centre_id="oslo", person_id="P-HERS-ONCE")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("akrim.releases.erasing.erasure.write_catalogue", killed)
            with pytest.raises(KeyboardInterrupt):
                erase_person("P-HERS", "Kari Vakt", REASON)
        before = connection.execute(named).fetchall()
        assert "somebody erased and may go: 1, by" in CHECKS["retention"]()
        assert erase_pending() == {FIRST: ["oslo"]}
        left = connection.execute(named).fetchall()
    assert "somebody erased" not in CHECKS["retention"]()
    assert {"P-HERS", "P-HERS-ONCE", "P-ANOTHERS"} <= {person_id for (person_id,) in before}
    assert {person_id for (person_id,) in before} - {person_id for (person_id,) in left} == {
        "P-HERS",
        "P-HERS-ONCE",
    }


def test_the_parts_that_name_her_become_tombstones_and_others_stay(installation: Path) -> None:
    copy = opened(installation, "oslo", f"{FIRST}.tar.age")
    erase_person("P-HERS", "Kari Vakt", REASON)
    deliver()

    release, oslo = installation / "releases" / FIRST, installation / "releases" / FIRST / "oslo"
    assert sorted(path.name for path in oslo.iterdir()) == ["manifest.json", "manifest.json.minisig"]
    assert find_problems(release) == []
    with pytest.raises(Refused, match=REASON) as refused:
        check_release(oslo, Check(installation / "keys", DAY))
    assert refused.value.code == "erased"
    older = Check(installation / "keys", DAY, allow_older=True)
    assert check_release(release, older).recipient is None
    assert check_release(release / "bergen", older).recipient == "bergen"
    assert {row["release_id"]: row["status"] for row in list_releases()} == {
        FIRST: "published",
        SECOND: "published",
    }
    for centre in CENTRES:
        names = {path.name for path in (installation / "outbox" / centre).iterdir()}
        assert (f"{FIRST}.tar.age" in names) == (centre != "oslo")
        assert (f"erasure-{FIRST}-{centre}.statement.json" in names) == (centre == "oslo")
    listening = Check(
        keys_of(installation, "oslo"), DAY, (installation / "outbox" / "oslo",), allow_older=True
    )
    with pytest.raises(Refused, match="Delete every copy"):
        check_release(copy, listening)
    assert opened(installation, "oslo").name == "oslo"
    shown = CliRunner().invoke(app, ["releases", "show", str(release)]).output
    assert [line for line in shown.splitlines() if line.startswith("erased")] == [
        f"erased {today()}, the part of oslo: {REASON}"
    ]


def test_a_part_that_tells_of_what_bears_her_name_goes_though_it_does_not_name_her(
    installation: Path, warehouse: str
) -> None:
    """Bergen was told of her sole proprietorship as somebody's principal, and then that it is there no more."""
    hers, others = "212345675", "212345683"
    with psycopg.connect(warehouse) as connection:
        enterprises = [
            {"organisasjonsnummer": hers, "organisasjonsform_kode": "ENK", "navn": "Etternavn p1 Renhold"}
        ]
        roles = [{"rolle_id": "r1", "organisasjonsnummer": hers, "type_kode": "INNH"}]
        for extract, rows in (("enheter", enterprises), ("roller", roles)):
            land(connection, "brreg-2025-T3-01", extract, rows)
        connection.execute(MEMBERSHIP_OF_ROLE, ["r1", "P-HERS", FIRST, SECOND])
    for release_id, folder, told in ((FIRST, "data", [hers, others]), (SECOND, "delta", [hers])):
        for centre_id, numbers in (("bergen", told), ("alta", [others])):
            path = installation / "releases" / release_id / centre_id / folder / "enterprises.parquet"
            path.parent.mkdir(exist_ok=True)
            pq.write_table(pa.table({"orgnr": numbers}), path)

    erased = erase_person("P-HERS", "Kari Vakt", REASON)
    deliver()
    assert erased.parts == {FIRST: ["bergen", "oslo"]}
    assert erased.pending == {SECOND: ["bergen"]}
    assert not list((installation / "releases" / FIRST / "bergen").rglob("*.parquet"))
    assert (installation / "releases" / FIRST / "alta" / "data" / "enterprises.parquet").exists()
    assert (installation / "outbox" / "bergen" / f"erasure-{FIRST}-bergen.statement.json").exists()


def test_a_part_that_tells_that_she_left_goes_though_the_one_that_named_her_is_past_its_limit(
    installation: Path, warehouse: str
) -> None:
    with psycopg.connect(warehouse) as connection:
        connection.execute("delete from marts.named_persons where release_id = %s", [FIRST])
    changes = installation / "releases" / SECOND / "oslo" / "changes.json"
    changes.write_text(json.dumps({"changes": [{"person_id": "P-HERS", "change": "left"}]}))

    assert erase_person("P-HERS", "Kari Vakt", REASON).pending == {SECOND: ["oslo"]}


@pytest.mark.parametrize(
    ("name", "key"), [("changes.json", "p1"), ("corrections.json", "p1"), ("corrections.json", 'Ø"1')]
)
def test_a_part_goes_whose_case_of_somebody_elses_tells_of_her_record(
    name: str, key: str, installation: Path, warehouse: str
) -> None:
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "update linkage.memberships set source_record_id = %s where person_id = 'P-HERS'", [key]
        )
    for centre_id, record in (("bergen", f"politiet/{key}"), ("alta", f"politiet/{key}1")):
        told = {"case_id": "K-2026-001", "kept_apart_from": [record]}
        (installation / "releases" / SECOND / centre_id / name).write_text(as_json({"cases": [told]}))

    assert erase_person("P-HERS", "Kari Vakt", REASON).pending == {SECOND: ["bergen"]}


def test_the_national_part_that_names_her_becomes_a_tombstone_too(installation: Path, warehouse: str) -> None:
    shutil.rmtree(installation / "releases" / FIRST)
    make_release(installation, FIRST, 1, recipients=(*CENTRES, NATIONAL))
    with psycopg.connect(warehouse) as connection:
        create_marts(connection, *OF_PERSONS_NATIONALLY)
        for person_id in ("P-HERS", "P-ANOTHERS"):
            about = {"release_id": FIRST, "person_id": person_id}
            add(connection, "named_persons", centre_id=NATIONAL, named_because="national", **about)
            for name in OF_PERSONS_NATIONALLY:
                add(connection, name, **about)
    send_release(FIRST)
    copy = opened(installation, NATIONAL, f"{FIRST}.tar.age")
    erased = erase_person("P-HERS", "Kari Vakt", REASON)
    deliver()
    assert erased.parts == {FIRST: [NATIONAL, "oslo"]}
    release = installation / "releases" / FIRST
    assert sorted(path.name for path in (release / NATIONAL).iterdir()) == [
        "manifest.json",
        "manifest.json.minisig",
    ]
    assert find_problems(release) == []
    outbox = installation / "outbox" / NATIONAL
    assert not (outbox / f"{FIRST}.tar.age").exists()
    listening = Check(keys_of(installation, NATIONAL), DAY, (outbox,), allow_older=True)
    with pytest.raises(Refused, match="Delete every copy"):
        check_release(copy, listening)
    with psycopg.connect(warehouse) as connection:
        for name in (*OF_PERSONS_NATIONALLY, "named_persons"):
            query = sql.SQL("select distinct person_id from marts.{}").format(sql.Identifier(name))
            assert connection.execute(query).fetchall() == [("P-ANOTHERS",)], name


def test_a_release_of_which_nothing_is_left_is_erased(installation: Path, warehouse: str) -> None:
    with psycopg.connect(warehouse) as connection:
        for centre_id in CENTRES:
            add(
                connection,
                "named_persons",
                release_id=FIRST,
                centre_id=centre_id,
                person_id="P-HERS",
                named_because="area",
            )
    erase_person("P-HERS", "Kari Vakt", REASON)
    assert {row["release_id"]: row["status"] for row in list_releases()}[FIRST] == "erased"
    assert find_problems(installation / "releases" / FIRST) == []


@pytest.mark.parametrize("is_in_force", [False, True])
def test_where_she_was_taken_for_another_what_was_told_of_that_one_goes(
    is_in_force: bool, installation: Path, warehouse: str
) -> None:
    """In the oldest release her record was another's, whom Bergen was told of; what tells of that one later stays."""
    oldest = "2025-T2.1"
    make_release(installation, oldest, 9 if is_in_force else 0)
    enter(warehouse, oldest, 9 if is_in_force else 0)
    with psycopg.connect(warehouse) as connection:
        for release_id in (oldest, FIRST, SECOND):
            enter_run(connection, release_id)
        connection.execute(MEMBERSHIP, ["p1", "P-ANOTHERS", oldest, FIRST])
        add(connection, "persons", release_id=oldest, person_id="P-ANOTHERS", full_name="Etternavn p1")
        add(connection, "named_persons", release_id=oldest, centre_id="bergen", person_id="P-ANOTHERS")
    if is_in_force:
        with pytest.raises(UserError, match=f"P-HERS is in {oldest}, which is in force"):
            erase_person("P-HERS", "Kari Vakt", REASON)
        return
    assert erase_person("P-HERS", "Kari Vakt", REASON).parts == {oldest: ["bergen"], FIRST: ["oslo"]}
    with psycopg.connect(warehouse) as connection:
        left = connection.execute(
            "select release_id from marts.persons where person_id = 'P-ANOTHERS' order by 1"
        ).fetchall()
    assert left == [(FIRST,), (SECOND,)]


def test_nobody_is_erased_from_a_release_with_whom_she_was_taken_for_while_that_one_is_held(
    installation: Path, warehouse: str
) -> None:
    with psycopg.connect(warehouse) as connection:
        enter_release(connection, "2025-T2.1", "superseded")
        for release_id in ("2025-T2.1", FIRST, SECOND):
            enter_run(connection, release_id)
        connection.execute(MEMBERSHIP, ["p1", "P-THIRD", "2025-T2.1", FIRST])
    record_hold("person", "P-THIRD", "opened", "Kari Vakt", "innsyn")
    with pytest.raises(UserError, match="P-HERS cannot be erased: person P-THIRD, held since"):
        erase_person("P-HERS", "Kari Vakt", REASON)
