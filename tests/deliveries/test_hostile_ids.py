"""Ids and folder names that would be code somewhere: each is refused by the real command and recorded harmlessly."""

import re
from pathlib import Path

import pytest
from akrim import warehouse
from akrim.characters import LONGEST_NAME, neutral_name
from akrim.deliveries import withdraw
from akrim.errors import UserError
from akrim.orchestration.pinning import pin
from akrim.periods import Period
from hypothesis import given
from hypothesis import strategies as st

from tests.deliveries.building import Delivery, full_delivery
from tests.deliveries.conftest import Receiver
from tests.measured import run_akrim

SQL = (
    "nav-'||coalesce((select lo_export(1,chr(47)||'tmp'),lo_from_bytea(0,convert_to(current_user||"
    "pg_read_file(chr(47)||'etc'),'UTF8'))::int)||'-2025-T3-02"
)
HOSTILE_IDS = [
    SQL,
    "nav-'; drop table meta.deliveries; --2025-T3-02",
    'nav-"quoted"-2025-T3-02',
    "nav-{{ env_var('DBT_PASSWORD') }}-2025-T3-02",
    "nav-{% raw %}-2025-T3-02",
    "nav-{pins:skatteetaten}-2025-T3-02",
    "nav-$$body$$-2025-T3-02",
    "nav-`id`$(id)-2025-T3-02",
    "nav-\\x-2025-T3-02",
    "nav- -2025-T3-02",
    "nav--- comment-2025-T3-02",
    "nav-*comment*-2025-T3-02",
    "nav-\u202egnihton-2025-T3-02",
    "nav-\x1b[2J-2025-T3-02",
    "nav-[red]markup[-2025-T3-02",
    "nav-2025-T3-02\n",
    "NAV-2025-T3-02",
    "nav-2025-T3-2",
    "nav-2025-T3-00002",
    "nav-2025-T4-02",
    "nav-2025-T3-\u0662\u0663",
    "næv-2025-T3-02",
    "..",
]


class Named(Delivery):
    """A sound delivery in a folder of any name, its manifest saying the same."""

    name = ""

    @property
    def delivery_id(self) -> str:
        return self.name


def named(name: str) -> Delivery:
    delivery = full_delivery("nav")
    hostile = Named(**vars(delivery))
    hostile.name = name
    return hostile


def test_every_hostile_id_is_refused_by_the_real_command(receiver: Receiver, tmp_path: Path) -> None:
    sound = full_delivery("nav", number=3)
    for delivery in (*(named(name) for name in HOSTILE_IDS if name != ".."), sound):
        delivery.write(receiver.inbox)
    ran = run_akrim(
        "receive", "--inbox", str(receiver.inbox), home=tmp_path / "home", environment={"AKRIM_DATABASE_URL": receiver.address}
    )  # fmt: skip

    assert ran.code == 0, ran.err
    rows = receiver.rows("select delivery_id, agency, status, reason, detail from meta.deliveries")
    accepted = [row["delivery_id"] for row in rows if row["status"] == "accepted"]
    assert accepted == ["nav-2025-T3-03"]
    refused = {row["delivery_id"]: row for row in rows if row["status"] == "refused"}
    assert refused.keys() == {neutral_name(name) for name in HOSTILE_IDS if name != ".."}
    assert {row["reason"] for row in refused.values()} == {"manifest_unreadable"}
    assert all(re.fullmatch(r"[\w .(),~-]+", name) for name in refused)
    for text in (ran.out, ran.err, *(row["detail"] for row in refused.values())):
        assert not any(sign in text for sign in ("\x1b[2J", "\u202e", "'||", "{{"))


@pytest.mark.parametrize(
    "name", [SQL, "nav-{pins:skatteetaten}-2025-T3-02", "nav-{{ 7 }}-2025-T3-02", "nav-$$-2025-T3-02"]
)
def test_a_home_that_took_one_in_before_recovers(receiver: Receiver, name: str) -> None:
    """Bound and read as a row, such an id is data; withdrawn, it is in no assessment any more."""
    receiver(full_delivery("nav"))
    with warehouse.connect() as connection:
        connection.execute(
            "insert into meta.deliveries (delivery_id, manifest_sha256, agency, period, mode, status, delivered_at, folder,"
            " folder_fingerprint) values (%s, 'm', 'nav', '2025-T3', 'full', 'accepted', '2026-02-01', 'f', 'f')",
            [name],
        )
    poisoned = pin(Period.parse("2025-T3"))
    assert poisoned.deliveries["nav"] == [name]
    assert receiver.value("select meta.pinned('nav', %s)", poisoned.release_id) == [name]
    assert receiver.value("select count(*) from state.nav_personer(meta.pinned('nav', '2025-T3.1'))") == 0

    withdraw(name, "Kari Vakt", "no id at all")
    assert pin(Period.parse("2025-T3")).deliveries["nav"] == ["nav-2025-T3-01"]
    assert receiver.value("select count(*) from state.nav_personer(meta.pinned('nav', '2025-T3.1'))") == 3


@given(st.text(min_size=1))
def test_a_neutral_name_acts_on_nothing_and_tells_names_apart(name: str) -> None:
    shown = neutral_name(name)
    assert shown.isprintable()
    assert not set(shown) & set("'\"`$\\/;{}[]<>|&*?%\n\r\t\x1b\0")
    is_plain = all(c.isalnum() or c in " ._-()," for c in name) and len(name) <= LONGEST_NAME
    assert (shown == name) == is_plain


class TestWithdrawal:
    def test_its_files_are_not_taken_in_again(self, receiver: Receiver) -> None:
        receiver(full_delivery("nav"))
        withdraw("nav-2025-T3-01", "Kari Vakt", "the wrong period")
        (again,) = receiver(agency="nav")
        assert again.status == "already_loaded"
        assert receiver.rows("select * from meta.deliveries_in_force") == []
        assert receiver.value("select count(*) from landing.nav_personer") == 3

    def test_what_it_superseded_is_in_force_again(self, receiver: Receiver) -> None:
        receiver(full_delivery("nav"), full_delivery("nav", number=2, supersedes="nav-2025-T3-01"))
        assert pin(Period.parse("2025-T3")).deliveries["nav"] == ["nav-2025-T3-02"]
        withdraw("nav-2025-T3-02", "Kari Vakt", "the wrong file")
        assert pin(Period.parse("2025-T3")).deliveries["nav"] == ["nav-2025-T3-01"]

    @pytest.mark.parametrize(
        ("delivery_id", "by_name", "reason", "what"),
        [
            ("nav-2025-T3-02", "Kari", "because", "No delivery nav-2025-T3-02 was accepted"),
            ("nav-2025-T3-01", "Kari", "  ", "needs a name and a reason"),
            ("nav-2025-T3-01", "", "because", "needs a name and a reason"),
        ],
    )
    def test_it_says_what_is_wrong(
        self, receiver: Receiver, delivery_id: str, by_name: str, reason: str, what: str
    ) -> None:
        receiver(full_delivery("nav"))
        with pytest.raises(UserError, match=what):
            withdraw(delivery_id, by_name, reason)

    def test_once_is_enough(self, receiver: Receiver) -> None:
        receiver(full_delivery("nav"))
        withdraw("nav-2025-T3-01", "Kari Vakt", "the wrong period")
        with pytest.raises(UserError, match="withdrawn already"):
            withdraw("nav-2025-T3-01", "Kari Vakt", "the wrong period")
