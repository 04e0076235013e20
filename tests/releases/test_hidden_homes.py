"""A home that is protected by now is gone from what earlier releases show to logins and on pages; nobody else's is."""

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from akrim.commands.deliveries import app as deliveries_app
from akrim.releases import hidden_homes, hide_homes
from akrim.settings import get_settings
from typer.testing import CliRunner

from tests.conftest import create_database, drop_database
from tests.releases import world
from tests.releases.tables import add

pytestmark = pytest.mark.slow

SECRET = ("Prøveveien 4", "0575")
# The tax agency tells of him by its own record, which has been linked with his roles, or by a number that one of these bears.
SAID = """
insert into meta.deliveries (delivery_id, manifest_sha256, agency, period, mode, status, delivered_at, folder, folder_fingerprint)
values ('skatteetaten-2026-T2-01', '0', 'skatteetaten', '2026-T2', 'full', 'accepted', now(), 'f', 'f');
insert into landing.protection_statements
    (delivery_id, agency, extract, record_id, is_keyless, grade, identifier, street_address, postcode)
values ('skatteetaten-2026-T2-01', 'skatteetaten', 'personer', '{record}', false, 'strengt_fortrolig', '{number}', {home});
insert into linkage.memberships (source, extract, source_record_id, content_digest, person_id, link_kind, valid_from_release)
values ('skatteetaten', 'personer', 'P1', '0', 'p-serial', 'single', '2025-T3.1'), ('brreg', 'roller', 'role-1', '0', 'p-serial', 'single', '2025-T3.1');
create table if not exists intermediate.person_records (source text, source_record_id text, identifier text, previous_identifier text);
insert into intermediate.person_records values ('brreg', 'role-1', '03887900001', null);
"""


@pytest.fixture
def shown(server: str, golden_name: str, home: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A copy of the golden world's database, in which somebody without a number bears the home of the one to be protected."""
    name = f"hidden_{uuid.uuid4().hex[:8]}"
    create_database(server, name, golden_name)
    monkeypatch.setenv("AKRIM_DATABASE_URL", server.format(name))
    get_settings.cache_clear()
    with psycopg.connect(server.format(name)) as connection:
        for release_id in (world.FIRST, world.SECOND):
            add(
                connection, "persons", release_id=release_id, person_id="p-at-home", full_name="Hos Ham", postcode="0575",
                street_address="PRØVEVN. 4 B", municipality_code="0301", municipality_name="Oslo", has_protected_address=False,
            )  # fmt: skip
            add(
                connection, "enterprises", release_id=release_id, orgnr="900000001", legal_form_code="AS", postcode=None,
                street_address="Prøveveien 4", city="OSLO", municipality_code="0301", municipality_name="Oslo",
            )  # fmt: skip
    yield server.format(name)
    drop_database(server, name)


def homes(address: str, table: str) -> dict[str, int]:
    """How many rows by person show any part of a home, over both releases."""
    query = f"""
        select person_id, count(*) from {table}
        where num_nonnulls(street_address, postcode, municipality_code, municipality_name) > 0 group by 1
    """  # a table of ours
    with psycopg.connect(address) as connection:
        return dict(connection.execute(query.encode()).fetchall())


@pytest.mark.parametrize(
    ("record", "number", "home"),
    [("P1", "", "null, null"), ("P1", "", "'Nyveien 9', '0150'"), ("new", "03887900001", "null, null")],
    ids=["by her record", "she moved", "by her number"],
)
def test_a_home_protected_by_now_is_hidden_in_every_release(
    record: str, number: str, home: str, shown: str
) -> None:
    before, sent = homes(shown, "marts.persons"), homes(shown, "shared_rows.persons")
    hide_homes()
    assert (homes(shown, "marts.persons"), homes(shown, "shared_rows.persons")) == (before, sent)
    assert before[world.SERIAL] == 2
    assert sent[world.SERIAL] > 0
    with psycopg.connect(shown) as connection:
        connection.execute(SAID.format(record=record, number=number, home=home).encode())
    for _ in range(2):
        hide_homes()
        hidden = {world.SERIAL, "p-at-home"}
        assert homes(shown, "marts.persons") == {p: n for p, n in before.items() if p not in hidden}
        assert homes(shown, "shared_rows.persons") == {p: n for p, n in sent.items() if p not in hidden}
    with psycopg.connect(shown) as connection:
        marked = connection.execute(
            "select bool_and(has_protected_address) from marts.persons where person_id = %s", [world.SERIAL]
        ).fetchone()
        premises = connection.execute(
            "select distinct orgnr from marts.enterprises where num_nonnulls(street_address, postcode, city) = 0"
        ).fetchall()
        sole = connection.execute(
            "select count(municipality_code) from marts.enterprises where orgnr in ('200000012', '900000001')"
        ).fetchone()
        told = connection.execute(
            "select count(*) from linkage.hidden_persons where person_id = %s", [world.SERIAL]
        ).fetchone()
        digests = connection.execute(
            "select count(*) from linkage.hidden_addresses join meta.borne_address_digests('Prøvevn. 4', '0575') as b on b = address_digest"
        ).fetchone()
    assert (told, digests) == ((1,), (1,)), "as clerks are shown records"
    assert marked == (True,)
    assert {orgnr for (orgnr,) in premises} == {"200000012", "200000020", "200000039", "900000001"}
    assert sole == (4,), "where an enterprise is not its owner the municipality may be known"


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
        connection.execute(SAID.format(record="P1", number="", home="'Nyveien 9', '0150'").encode())
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
        ):  # fmt: skip
            connection.execute(new.encode())
            hide_homes()
            assert hidden == looked_at
            hidden.clear()
    assert world.SERIAL not in homes(shown, "marts.persons")


def test_a_home_whose_protection_a_withdrawn_delivery_had_lifted_is_hidden_at_once(shown: str) -> None:
    lifted = SAID.format(record="P1", number="", home="null, null").replace("2026-T2-01", "2026-T2-02")
    with psycopg.connect(shown, autocommit=True) as connection:
        connection.execute(SAID.format(record="P1", number="", home="'Nyveien 9', '0150'").encode())
        delivered, stated = lifted.split(";")[:2]
        connection.execute(f"{delivered}; {stated.replace('strengt_fortrolig', 'ugradert')}".encode())
    hide_homes()
    assert world.SERIAL in homes(shown, "marts.persons")
    arguments = ["withdraw", "skatteetaten-2026-T2-02", "--by", "Kari Vakt", "--reason", "Feil periode"]
    CliRunner().invoke(deliveries_app, arguments, catch_exceptions=False)
    assert world.SERIAL not in homes(shown, "marts.persons")
