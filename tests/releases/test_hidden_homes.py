"""A home that is protected by now is gone from what earlier releases show to logins and on pages; nobody else's is."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from akrim.commands.deliveries import app as deliveries_app
from akrim.errors import UserError
from akrim.orchestration.locks import check_workbench, occupy_workbench
from akrim.releases import hidden_homes, hide_homes, list_parts, publish, publishing
from typer.testing import CliRunner

from tests.releases import world
from tests.releases.tables import add

pytestmark = pytest.mark.slow

SECRET = ("Prøveveien 4", "0575")
# The tax agency tells of him by its own record, which has been linked with his roles, or by a number that one of these bears.
SAID = """
insert into meta.deliveries (delivery_id, manifest_sha256, agency, period, mode, status, delivered_at, folder, folder_fingerprint)
values ('skatteetaten-2026-T2-01', '0', 'skatteetaten', '2026-T2', 'full', 'accepted', now(), 'f', 'f');
insert into landing.protection_statements
    (delivery_id, agency, extract, record_id, is_keyless, grade, identifier, previous_identifier, street_address, postcode)
values ('skatteetaten-2026-T2-01', 'skatteetaten', 'personer', {record}, false, 'strengt_fortrolig', {numbers}, {home});
insert into linkage.memberships (source, extract, source_record_id, content_digest, person_id, link_kind, valid_from_release)
values ('skatteetaten', 'personer', 'P1', '0', 'p-serial', 'single', '2025-T3.1'), ('brreg', 'roller', 'role-1', '0', 'p-serial', 'single', '2025-T3.1');
create table if not exists intermediate.person_records (source text, source_record_id text, identifier text, previous_identifier text);
insert into intermediate.person_records values ('brreg', 'role-1', '03887900001', '43887900001');
insert into linkage.person_id_history (old_person_id, person_id, release_id, change)
values ('p-before', 'p-serial', '2025-T3.1', 'merged'), ('p-leaver', 'p-serial', '2025-T3.1', 'split');
"""


# Beside those of the golden world; the one to be protected leads the third and the fourth, and does the books of the last.
PERSONS = {
    "p-at-home": ("PRØVEVN. 4 B", "0575"), "p-elsewhere": ("Prøveveien 4", "0999"), "p-before": ("Gamleveien 3", "0576"),
    "p-at-new": ("Nyveien 9 A", "0150"), "p-at-her-own": ("Verkstedveien 1", "0151"), "p-at-work": ("Fabrikkveien 5", "0153"),
    "p-at-clients": ("Kundeveien 2", "0152"),
}  # fmt: skip
ENTERPRISES = {
    "900000001": ("AS", "Prøveveien 4", None), "900000002": ("ENK", "Prøveveien 4", "0575"), "900000003": ("ENK", "Verkstedveien 1", "0151"),
    "900000004": ("AS", "Fabrikkveien 5", "0153"), "900000005": ("ENK", "Kundeveien 2", "0152"),
}  # fmt: skip


@pytest.fixture
def shown(published: object, golden_copy: str) -> str:
    """A copy of the golden world's database, in which others bear homes of the one to be protected."""
    with psycopg.connect(golden_copy) as connection:
        for release_id in (world.FIRST, world.SECOND):
            _put(connection, release_id)
    return golden_copy


def _put(connection: psycopg.Connection, release_id: str) -> None:
    place = {"release_id": release_id, "municipality_code": "0301", "municipality_name": "Oslo"}
    for person_id, (street, postcode) in PERSONS.items():
        add(connection, "persons", **place, person_id=person_id, full_name="Hos Ham", street_address=street, postcode=postcode,
            has_protected_address=False)  # fmt: skip
    for orgnr, (form, street, postcode) in ENTERPRISES.items():
        add(connection, "enterprises", **place, orgnr=orgnr, legal_form_code=form, street_address=street, postcode=postcode, city="OSLO")  # fmt: skip
    for orgnr in ("900000003", "900000004"):
        add(connection, "inspections", **place, inspection_id=f"T-{orgnr}", orgnr=orgnr, centre_id="oslo")
        connection.execute(
            "insert into shared_rows.inspections (release_id, recipient, inspection_id, orgnr, municipality_code) values (%s, 'oslo', %s, %s, '0301')",
            [release_id, f"T-{orgnr}", orgnr],
        )
    for orgnr, code in (("900000003", "INNH"), ("900000004", "LEDE"), ("900000005", "REGN")):
        add(connection, "roles", release_id=release_id, role_id=f"of-{orgnr}", person_id=world.SERIAL, orgnr=orgnr, role_code=code,
            is_leading=code != "REGN")  # fmt: skip


def homes(address: str, table: str) -> dict[str, int]:
    """How many rows by person show any part of a home, over both releases."""
    query = f"""
        select person_id, count(*) from {table}
        where num_nonnulls(street_address, postcode, municipality_code, municipality_name) > 0 group by 1
    """  # a table of ours
    with psycopg.connect(address) as connection:
        return dict(connection.execute(query.encode()).fetchall())


# The record, its number, the number before, and the home that is said.
SAID_OF_HER = {
    "by her record": "'P1', null, null, null, null",
    "by her number": "'new', '03887900001', null, null, null",
    "by a number that was hers before": "'new', '43887900001', null, null, null",
    "by a number that has become hers": "'new', null, '03887900001', null, null",
    "she moved": "'P1', null, null, 'Nyveien 9', '0150'",
    "she moved, and no postcode is said": "'P1', null, null, 'Nyveien 9', null",
}


@pytest.mark.parametrize("said", SAID_OF_HER)
def test_a_home_protected_by_now_is_hidden_in_every_release(said: str, shown: str) -> None:
    before, sent = homes(shown, "marts.persons"), homes(shown, "shared_rows.persons")
    hide_homes()
    assert (homes(shown, "marts.persons"), homes(shown, "shared_rows.persons")) == (before, sent)
    assert before[world.SERIAL] == 2
    assert sent[world.SERIAL] > 0
    record, number, number_before, *home = SAID_OF_HER[said].split(", ")
    values = {"record": record, "numbers": f"{number}, {number_before}", "home": ", ".join(home)}
    with psycopg.connect(shown) as connection:
        connection.execute(SAID.format(**values).encode())
        # Its parts are gone, as past their limit; its rows have a limit of their own.
        connection.execute("update meta.releases set status = 'erased' where release_id = %s", [world.FIRST])
    hidden = {world.SERIAL, "p-at-home", "p-before", "p-at-her-own"} | (
        {"p-at-new"} if "moved" in said else set()
    )
    for _ in range(2):
        hide_homes()
        assert homes(shown, "marts.persons") == {p: n for p, n in before.items() if p not in hidden}
        assert homes(shown, "shared_rows.persons") == {p: n for p, n in sent.items() if p not in hidden}
    with psycopg.connect(shown) as connection:

        def found(query: str) -> list[Any]:
            return connection.execute(query.encode(), {"person": world.SERIAL}).fetchall()

        marked = found(
            "select bool_and(has_protected_address) from marts.persons where person_id = %(person)s"
        )
        marked_as_sent = found(
            "select distinct person_id, has_protected_address from shared_rows.persons where person_id in (%(person)s, 'p-counterpart')"
        )
        premises = found(
            "select distinct orgnr from marts.enterprises where num_nonnulls(street_address, postcode, city) = 0"
        )
        sole = found(
            "select count(*) filter (where orgnr in ('200000012', '900000001')), count(*) filter (where orgnr in ('900000002', '900000003'))"
            " from marts.enterprises where municipality_code is not null"
        )
        premises_sent = found(
            "select count(*) > 0, count(coalesce(street_address, postcode, city)) from shared_rows.enterprises where orgnr = '200000012'"
        )
        inspected = found(
            "select orgnr from marts.inspections where orgnr ~ '^9' and num_nonnulls(municipality_code, municipality_name, centre_id) > 0"
            " union all select orgnr from shared_rows.inspections where orgnr ~ '^9' and municipality_code is not null"
        )
        told = found("select count(*) from linkage.hidden_persons where person_id = %(person)s")
        digests = found(
            "select count(*) from linkage.hidden_addresses join meta.borne_address_digests('Prøvevn. 4', '0575') as b on b = address_digest"
        )
    assert (told, digests) == ([(1,)], [(1,)]), "as clerks are shown records"
    assert marked == [(True,)]
    assert sorted(marked_as_sent) == [(world.COUNTERPART, None), (world.SERIAL, True)]
    assert {orgnr for (orgnr,) in premises} == {"200000012", "200000020", "200000039", *list(ENTERPRISES)[:4]}
    assert premises_sent == [(True, 0)]
    assert inspected == [("900000004",)] * 4, "where a sole proprietor was inspected may be the home"
    assert sole == [(4, 0)], "where an enterprise is not its owner the municipality may be known"


def test_no_count_by_municipality_tells_where_she_lived(shown: str) -> None:
    """Whoever takes the persons and enterprises that are left from the counts finds where those live whose home is hidden."""
    rates = "select municipality_code, persons_listed, persons_listed_per_10000, worker_count, workers_per_1000 from marts.municipality_rates"
    counts = "select code, persons from marts.national_counts where kind = 'municipality'"
    with psycopg.connect(shown, autocommit=True) as connection:
        connection.execute("truncate marts.assessments, marts.statuses, marts.exposed_workers")

        def put(table: str, **values: Any) -> None:
            add(connection, table, release_id=world.SECOND, **values)

        for person_id, code in ((world.SERIAL, "3301"), ("p-at-work", "0301")):
            connection.execute("update marts.persons set municipality_code = %s where person_id = %s", [code, person_id])  # fmt: skip
            put("assessments", centre_id="uten_senter", person_id=person_id)
        for orgnr, workers in (("900000003", 7), ("900000004", 20)):
            put("exposed_workers", orgnr=orgnr, worker_count=workers)
        for code, workers in (("0301", 27), ("3301", 0)):
            put("municipality_rates", municipality_code=code, persons_listed=1, worker_count=workers, population=10_000, employed_persons=1_000)  # fmt: skip
            put("national_counts", scope="uten_senter", kind="municipality", code=code, persons=1)
        connection.execute(SAID.format(record="'P1'", numbers="'', null", home="null, null").encode())
        hide_homes()
        assert connection.execute(rates.encode()).fetchall() == [("0301", 1, 1, 20, 20)]
        assert sorted(connection.execute(counts.encode()).fetchall()) == [("0301", 1), ("unknown", 1)]


def test_what_is_out_is_looked_at_again_only_where_something_is_new(
    shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record that a later run links is somebody's whose home is shown still."""
    hidden: list[str] = []
    hide = hidden_homes._hide
    monkeypatch.setattr(
        hidden_homes, "_hide", lambda connection, release: (hidden.append(release), hide(connection, release))
    )
    both = [world.FIRST, world.SECOND]
    with psycopg.connect(shown, autocommit=True) as connection:
        connection.execute(
            SAID.format(record="'P1'", numbers="'', null", home="'Nyveien 9', '0150'").encode()
        )
        connection.execute(
            "update linkage.memberships set person_id = 'p-other' where source_record_id = 'P1'"
        )
        linked = "update linkage.memberships set person_id = 'p-serial' where source_record_id = 'P1'"
        run = "insert into linkage.runs (release_id, model, counts) values ('x', 'm', '{}')"
        for new, looked_at in (
            ("select 1", both),
            ("select 1", []),
            (f"{linked}; {run}", both),
            ("select 1", []),
            ("update meta.hidden_homes set spelling = null", both),
            ("select 1", []),
        ):
            connection.execute(new.encode())
            hide_homes()
            assert hidden == looked_at
            hidden.clear()
    assert world.SERIAL not in homes(shown, "marts.persons")


def test_homes_are_hidden_before_a_release_goes_out(shown: str) -> None:
    """A reception may have been killed before it came to that, or a run have linked more since."""
    with psycopg.connect(shown) as connection:
        connection.execute(
            SAID.format(record="'P1'", numbers="'', null", home="'Nyveien 9', '0150'").encode()
        )
    with pytest.raises(UserError, match="here is not said where"):
        list_parts(world.SECOND, "of-these-tests")
    assert world.SERIAL not in homes(shown, "marts.persons")


STATED = SAID.format(record="'P1'", numbers="null, null", home="null, null")
LIFTED = ";".join(
    STATED.replace("2026-T2-01", "2026-T2-02").replace("strengt_fortrolig", "ugradert").split(";")[:2]
)
WAITING = "update meta.releases set status = 'building', published_at = null where release_id = %s"


def test_a_release_that_waits_and_whose_home_is_free_again_is_made_anew(shown: str) -> None:
    """Else it would go out without that home, which its pins have, and could never be built again as it is."""
    explained = "select is_explained from meta.releases where release_id = %s"
    with psycopg.connect(shown, autocommit=True) as connection:
        connection.execute(WAITING, [world.SECOND])
        hide_homes()
        assert connection.execute(explained, [world.SECOND]).fetchone() == (True,), "nothing is hidden in it"
        connection.execute(STATED.encode())
        hide_homes()
        connection.execute(LIFTED.encode())
        assert connection.execute("select from meta.protected_since(%s)", [world.SECOND]).fetchone() is None
        assert connection.execute(explained, [world.SECOND]).fetchone() == (False,)
        assert connection.execute(explained, [world.FIRST]).fetchone() == (True,), "it is out"
    with pytest.raises(UserError, match="given up since: a home in it was hidden"):
        list_parts(world.SECOND, "of-these-tests")


def test_nor_does_one_go_out_whose_home_was_hidden_and_freed_while_it_was_written(
    shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(shown, autocommit=True) as connection:
        connection.execute(WAITING, [world.SECOND])

    def meanwhile(_: object, path: Path, __: object) -> None:
        path.mkdir(parents=True)
        with psycopg.connect(shown, autocommit=True) as connection:
            connection.execute(STATED.encode())
            hide_homes()
            connection.execute(LIFTED.encode())

    monkeypatch.setattr(publishing, "_build", meanwhile)
    with pytest.raises(UserError, match="given up since: a home in it was hidden"):
        publish(world.SECOND)
    with psycopg.connect(shown) as connection:
        query = "select published_at from meta.releases where release_id = %s"
        assert connection.execute(query, [world.SECOND]).fetchone() == (None,)


def test_no_run_goes_on_with_a_release_in_which_a_home_was_hidden(shown: str) -> None:
    """It would say that the release is made, which would go out without that home once this is free again."""
    with psycopg.connect(shown, autocommit=True) as connection:
        for release_id, is_out in ((world.FIRST, True), (world.SECOND, False)):
            occupy_workbench(release_id)
            (pinned,) = connection.execute("select fingerprint from meta.releases where release_id = %s", [release_id]).fetchall()  # fmt: skip
            pins = {"release_id": release_id, "fingerprint": pinned[0]}
            if not is_out:
                connection.execute("update meta.releases set status = 'building', published_at = null, is_explained = false where release_id = %s", [release_id])  # fmt: skip
                check_workbench(pins)
                connection.execute(SAID.format(record="'P1'", numbers="'', null", home="null, null").encode())
            hide_homes()
            left = connection.execute("select release_id from meta.workbench").fetchall()
            assert left == ([(release_id,)] if is_out else [])
    with pytest.raises(UserError, match="or a home in it hidden"):
        check_workbench(pins)


def test_a_home_whose_protection_a_withdrawn_delivery_had_lifted_is_hidden_at_once(shown: str) -> None:
    lifted = SAID.format(record="'P1'", numbers="'', null", home="null, null").replace(
        "2026-T2-01", "2026-T2-02"
    )
    with psycopg.connect(shown, autocommit=True) as connection:
        connection.execute(
            SAID.format(record="'P1'", numbers="'', null", home="'Nyveien 9', '0150'").encode()
        )
        delivered, stated = lifted.split(";")[:2]
        connection.execute(f"{delivered}; {stated.replace('strengt_fortrolig', 'ugradert')}".encode())
    hide_homes()
    assert world.SERIAL in homes(shown, "marts.persons")
    arguments = ["withdraw", "skatteetaten-2026-T2-02", "--by", "Kari Vakt", "--reason", "Feil periode"]
    CliRunner().invoke(deliveries_app, arguments, catch_exceptions=False)
    assert world.SERIAL not in homes(shown, "marts.persons")
