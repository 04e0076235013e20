"""What the register said of an erased person's sole proprietorship goes with it, also of others, and what was set aside of it."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from akrim.deliveries.erasing import erase_rows
from psycopg.types.json import Jsonb

from tests.assessment.project import land
from tests.deliveries.building import person_number

HERS, UNREAD, OTHERS = "212345675", "212345691", "212345683"
OLD, NEW = "brreg-2025-T3-01", "brreg-2026-T1-01"
ROLE = ("brreg", "roller", "hers")


@pytest.fixture
def registered(warehouse: str) -> str:
    """Her role and his in hers, and hers in what was set aside, in the older delivery; in the newer one his in another's alone."""
    with psycopg.connect(warehouse) as connection:
        for delivery_id in (OLD, NEW):
            connection.execute(DELIVERED, [delivery_id, delivery_id[6:13], delivery_id])
        land(connection, OLD, "enheter", [_enterprise(HERS, "ENK"), _enterprise(OTHERS, "AS")])
        roles = [
            ("hers", HERS, "INNH"),
            ("unread", UNREAD, "INNH"),
            ("his", HERS, "DAGL"),
            ("elsewhere", OTHERS, "DAGL"),
        ]
        land(
            connection,
            OLD,
            "roller",
            [_role(*role) for role in roles]
            + [_role("held by it", OTHERS, "REGN") | {"enhet_organisasjonsnummer": HERS}],
        )
        land(connection, NEW, "enheter", [_enterprise(OTHERS, "AS")])
        land(connection, NEW, "roller", [_role("elsewhere", OTHERS, "DAGL")])
        for number, (extract, raw) in enumerate(SET_ASIDE):
            connection.execute(
                "insert into quarantine.rows values (%s, '', %s, %s, 'x', 'bad_date', %s)",
                [OLD, extract, number, Jsonb(raw)],
            )
    return warehouse


DELIVERED = """
insert into meta.deliveries (delivery_id, agency, period, mode, delivered_at, status, manifest_sha256, manifest, folder, folder_fingerprint)
values (%s, 'brreg', %s, 'full', case when %s like '%%T3%%' then timestamptz '2026-01-10' else '2026-05-10' end, 'accepted', '', '{}', '', '')
"""
SET_ASIDE: list[tuple[str, dict[str, Any]]] = [
    ("enheter", {"organisasjonsnummer": UNREAD, "navn": "ETTERNAVN RENHOLD"}),
    ("enheter", {"organisasjonsnummer": OTHERS, "navn": "BYGG AS"}),
    ("roller", {"rolle_id": "his", "organisasjonsnummer": HERS}),
]


def _enterprise(orgnr: str, form: str) -> dict[str, Any]:
    return {"organisasjonsnummer": orgnr, "organisasjonsform_kode": form, "navn": f"Navn {orgnr}"}


def _role(role_id: str, orgnr: str, code: str) -> dict[str, Any]:
    return {"rolle_id": role_id, "organisasjonsnummer": orgnr, "type_kode": code}


def test_nothing_of_the_register_bears_the_number_of_what_bore_her_name(registered: str) -> None:
    with psycopg.connect(registered) as connection:
        erased = erase_rows(connection, [ROLE, ("brreg", "roller", "unread")], [])
        enterprises = connection.execute(
            "select delivery_id, organisasjonsnummer from landing.brreg_enheter order by 1"
        ).fetchall()
        roles = connection.execute(
            "select delivery_id, rolle_id from landing.brreg_roller order by 1"
        ).fetchall()
        set_aside = connection.execute("select raw from quarantine.rows order by row_number").fetchall()
    assert erased.enterprises == [HERS, UNREAD]
    assert ("brreg", "enheter", HERS) in erased.keys
    assert enterprises == [(OLD, OTHERS), (NEW, OTHERS)]
    assert roles == [(OLD, "elsewhere"), (NEW, "elsewhere")]
    assert set_aside == [(None,), (SET_ASIDE[1][1],), (None,)]


def test_a_role_of_somebody_else_that_is_still_delivered_stays(registered: str) -> None:
    with psycopg.connect(registered) as connection:
        connection.execute(
            "update landing.brreg_roller set organisasjonsnummer = %s where delivery_id = %s", [HERS, NEW]
        )
        erase_rows(connection, [ROLE], [])
        roles = connection.execute(
            "select delivery_id, rolle_id from landing.brreg_roller order by 1, 2"
        ).fetchall()
    assert roles == [(OLD, "elsewhere"), (OLD, "unread"), (NEW, "elsewhere")]


def test_what_a_centre_decided_on_it_goes_and_on_others_stays(registered: str) -> None:
    with psycopg.connect(registered) as connection:
        decided = [{"beslutning_id": orgnr, "gruppe_id": orgnr, "foretak": orgnr} for orgnr in (HERS, OTHERS)]
        land(connection, "sentrene-2025-T3-01", "gruppebeslutninger", decided)
        erase_rows(connection, [ROLE], [])
        left = connection.execute("select gruppe_id from landing.sentrene_gruppebeslutninger").fetchall()
    assert left == [(OTHERS,)]


@pytest.mark.parametrize(("is_delivered", "left"), [(False, ["now"]), (True, ["now", "then"])])
def test_what_a_key_once_said_of_her_goes_when_it_is_anothers_by_now(
    warehouse: str, is_delivered: bool, left: list[str]
) -> None:
    """But where somebody is still delivered with that number: then it may be that one's."""
    hers, his = person_number(0), person_number(1)
    old, new = "nav-2025-T3-01", "nav-2026-T1-01"
    with psycopg.connect(warehouse) as connection:
        for delivery_id in (old, new):
            connection.execute(
                DELIVERED.replace("brreg", "nav"), [delivery_id, delivery_id[4:11], delivery_id]
            )
        land(connection, old, "personer", [_nav("gone", "then", hers), _nav("moved", "then", hers)])
        land(connection, old, "saker", [{"sak_id": "then", "nav_id": "moved"}])
        other = [_nav("else", "now", hers)] if is_delivered else []
        land(connection, new, "personer", [_nav("moved", "now", his), *other])
        land(connection, new, "saker", [{"sak_id": "now", "nav_id": "moved"}])
        erased = erase_rows(connection, [("nav", "personer", "gone")], ["PHERS"])
        rows = connection.execute(
            "select navn from landing.nav_personer where nav_id = 'moved' order by 1"
        ).fetchall()
        cases = connection.execute("select sak_id from landing.nav_saker order by 1").fetchall()
    assert [name for (name,) in rows] == [key for (key,) in cases] == left
    assert (("nav", "saker", "then") in erased.keys) is not is_delivered


@pytest.mark.parametrize("was_anothers", [True, False])
def test_what_a_key_once_said_of_another_stays_when_who_has_it_now_goes(
    warehouse: str, was_anothers: bool
) -> None:
    """Her case, what was set aside, what was said of her home, and a text that names her."""
    old, new = "nav-2025-T3-01", "nav-2026-T1-01"
    until = datetime(2026, 4, 1, tzinfo=UTC)
    of_others = [("nav", "personer", "K", [old], until)] if was_anothers else []
    with psycopg.connect(warehouse) as connection:
        for number, (delivery_id, name) in enumerate(((old, "FORRIGE, FRIDA"), (new, "SENERE, SVERRE"))):
            connection.execute(
                DELIVERED.replace("brreg", "nav"), [delivery_id, delivery_id[4:11], delivery_id]
            )
            land(connection, delivery_id, "personer", [_nav("K", name, person_number(number))])
            land(connection, delivery_id, "saker", [{"sak_id": delivery_id, "nav_id": "K"}])
            connection.execute(
                "insert into quarantine.rows values (%s, '', 'saker', 1, 'x', 'bad_date', %s)",
                [delivery_id, Jsonb({"nav_id": "K"})],
            )
            connection.execute(
                "insert into landing.protection_statements values (%s, 'nav', 'personer', 'K', false)",
                [delivery_id],
            )
        texts = ("Snakk med Frida Forrige", "Snakk med Sverre Senere")
        decided = [{"beslutning_id": text, "person_id": "P-ELSE", "tiltak": text} for text in texts]
        land(connection, "sentrene-2026-T1-01", "beslutninger", decided)
        erase_rows(connection, [("nav", "personer", "K")], ["P-SVERRE"], [], of_others)
        left = [connection.execute(query).fetchall() for query in LEFT]
    assert left == ([[(old,)]] * 4 + [[(texts[0],)]] if was_anothers else [[]] * 5)


LEFT = (
    "select delivery_id from landing.nav_personer",
    "select delivery_id from landing.nav_saker",
    "select delivery_id from quarantine.rows where raw is not null",
    "select delivery_id from landing.protection_statements",
    "select tiltak from landing.sentrene_beslutninger where tiltak is not null",
)


def _nav(key: str, name: str, number: str) -> dict[str, Any]:
    return {"nav_id": key, "navn": name, "ident": number}
