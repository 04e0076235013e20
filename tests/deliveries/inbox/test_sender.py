"""A delivery counts where its agency has signed it with a key that counts, and is told apart from every other one."""

import os
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import minisign
import psycopg
import pytest
from akrim.commands.doctor import doctor
from akrim.commands.keys import app
from akrim.deliveries.state.sequence import accepted_deliveries, state_sequence
from akrim.errors import UserError
from akrim.keys import create_keys
from akrim.periods import today
from akrim.settings import get_settings
from akrim.trust.keyring import sender_keys, what_is_wrong
from typer.testing import CliRunner

from tests.deliveries.building import full_delivery
from tests.deliveries.conftest import Receiver

Pair = minisign.KeyPair


def hand_over(pair: Pair, folder: Path) -> Path:
    path = folder / "handed-over.pub"
    path.write_bytes(bytes(pair.public_key))
    return path


def keys(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def nav(receiver: Receiver, tmp_path: Path) -> Pair:
    """The key that NAV signs with, registered as an engineer does it."""
    pair = Pair.generate()
    assert keys("trust", "nav", str(hand_over(pair, tmp_path))).exit_code == 0
    return pair


def sign(folder: Path, pair: Pair, content: bytes | None = None) -> None:
    raw = (folder / "manifest.json").read_bytes() if content is None else content
    (folder / "manifest.json.minisig").write_bytes(bytes(pair.secret_key.sign(raw)))


def deliver(receiver: Receiver, pair: Pair | None, number: int = 1, **more: Any) -> Any:
    folder = full_delivery("nav", number=number, **more).write(receiver.inbox)
    if pair is not None:
        sign(folder, pair)
    return next(o for o in receiver(agency="nav") if o.delivery_id == folder.name)


def alter(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b"a-krim", b"a-krym"))


WRONG: dict[str, tuple[Callable[[Path, Pair], object], str]] = {
    "none": (lambda folder, _: None, "it is missing"),
    "empty": (lambda folder, _: (folder / "manifest.json.minisig").write_bytes(b""), "it is no signature"),
    "of megabytes": (lambda folder, _: (folder / "manifest.json.minisig").write_bytes(b"x" * 2**20), "it is no signature"),
    "another's": (lambda folder, _: sign(folder, Pair.generate()), "it is by the key"),
    "of an altered manifest": (lambda folder, nav: (sign(folder, nav), alter(folder)), "not the one that was signed"),
    "of another file": (lambda folder, nav: sign(folder, nav, b"{}"), "not the one that was signed"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_signature_is_refused_and_what_was_accepted_stays(
    receiver: Receiver, nav: Pair, case: str
) -> None:
    deliver(receiver, nav)
    spoil, why = WRONG[case]
    folder = full_delivery("nav", 1, number=2).write(receiver.inbox)
    spoil(folder, nav)
    outcome = next(o for o in receiver(agency="nav") if o.delivery_id.endswith("02"))
    assert (outcome.code, why in str(outcome.detail)) == ("bad_signature", True)
    assert receiver.rows("select delivery_id, status, reason from meta.deliveries order by 1") == [
        {"delivery_id": "nav-2025-T3-01", "status": "accepted", "reason": None},
        {"delivery_id": "nav-2025-T3-02", "status": "refused", "reason": "bad_signature"},
    ]
    assert receiver.value("select count(*) from state.nav_saker(%s)", ["nav-2025-T3-01"]) == 3
    sign(folder, nav)
    assert receiver(agency="nav")[-1].status == "accepted"


def test_a_delivery_that_was_accepted_stays_so_whichever_key_its_agency_has_since(
    receiver: Receiver, nav: Pair, tmp_path: Path
) -> None:
    """Its folder still lies in the inbox, and is looked at again where it was touched."""
    deliver(receiver, nav)
    assert keys("trust", "nav", str(hand_over(Pair.generate(), tmp_path))).exit_code == 0
    folder = receiver.inbox / "nav" / "nav-2025-T3-01"
    os.utime(folder / "manifest.json", (1_700_000_000, 1_700_000_000))
    assert [(o.code or o.status, o.is_new) for o in receiver(agency="nav")] == [("already_loaded", False)]
    assert receiver.rows("select status from meta.deliveries") == [{"status": "accepted"}]
    (folder / "saker.csv").write_bytes(b"altered")
    assert [o.code for o in receiver(agency="nav")] == ["delivery_id_reused"]


def test_each_agency_signs_with_its_own_key(receiver: Receiver, nav: Pair, tmp_path: Path) -> None:
    """Another agency's key, though registered, signs nothing of NAV's; who is not registered needs none."""
    other = Pair.generate()
    assert keys("trust", "politiet", str(hand_over(other, tmp_path))).exit_code == 0
    assert deliver(receiver, other).code == "bad_signature"
    wrong_twice = deliver(receiver, other, 2, manifest={"synthetic": False})
    assert wrong_twice.code == "bad_signature", "the specification has it first"
    assert receiver(full_delivery("arbeidstilsynet"))[0].status == "accepted"


def test_an_old_signed_delivery_takes_no_newer_ones_place(receiver: Receiver, nav: Pair) -> None:
    """Whoever kept a signed folder back, or copies one, changes nothing that is newer, and nothing comes twice."""
    kept_back = full_delivery("nav", 1, number=1).write(receiver.inbox.parent / "aside")
    sign(kept_back, nav)
    deliver(receiver, nav, 2, manifest={"delivered_at": "2026-01-20T06:00:00+01:00"})
    shutil.copytree(kept_back, receiver.inbox / "nav" / kept_back.name)
    shutil.copytree(kept_back, receiver.inbox / "nav" / "nav-2025-T3-03")
    outcomes = [o.code or o.status for o in receiver(agency="nav")]
    assert sorted(outcomes) == ["accepted", "already_loaded", "misplaced"]
    with psycopg.connect(receiver.address) as connection:
        accepted = accepted_deliveries(connection, "nav")
    assert state_sequence(accepted, "2025-T3", is_append_only=False) == ["nav-2025-T3-02"]


def test_a_new_key_counts_at_once_and_the_old_one_up_to_its_day(
    receiver: Receiver, nav: Pair, tmp_path: Path
) -> None:
    new = Pair.generate()
    public = str(hand_over(new, tmp_path))
    # Not the day itself: it may end while this runs.
    over, tomorrow = today() - timedelta(days=1), today() + timedelta(days=1)
    assert isinstance(keys("trust", "nav", public, "--old-until", f"{over}").exception, UserError)
    assert keys("trust", "nav", public, "--old-until", f"{tomorrow}").exit_code == 0
    assert f"until {tomorrow}" in keys("show").output
    assert deliver(receiver, nav, 1).status == "accepted"
    assert deliver(receiver, new, 2).status == "accepted"

    folder = get_settings().keys_path / "agencies"
    (folder / f"nav.until-{tomorrow}.pub").rename(folder / f"nav.until-{over}.pub")
    late = deliver(receiver, nav, 3)
    assert (late.code, f"counted until {over}" in late.detail) == ("bad_signature", True)
    assert {o.code or o.status for o in receiver(agency="nav")} == {"already_loaded", "bad_signature"}

    third = Pair.generate()
    assert keys("trust", "nav", str(hand_over(third, tmp_path))).exit_code == 0
    assert deliver(receiver, new, 4).code == "bad_signature"
    assert keys("distrust", "nav").exit_code == 0
    assert list(folder.iterdir()) == []
    assert deliver(receiver, None, 5).status == "accepted"


def test_an_old_key_that_is_stolen_before_its_day_counts_no_more(
    receiver: Receiver, nav: Pair, tmp_path: Path
) -> None:
    """The key that it is to be replaced with is in force already: named again without a day, it counts alone."""
    new = Pair.generate()
    public = str(hand_over(new, tmp_path))
    later = ("--old-until", f"{today() + timedelta(days=30)}")
    assert keys("trust", "nav", public, *later).exit_code == 0
    assert "Leave --old-until out" in str(keys("trust", "nav", public, *later).exception)
    assert deliver(receiver, nav, 1).status == "accepted"

    assert keys("trust", "nav", public).exit_code == 0
    assert deliver(receiver, nav, 2).code == "bad_signature"
    assert deliver(receiver, new, 3).status == "accepted"
    assert "Nothing is left to do" in str(keys("trust", "nav", public).exception)


def test_an_old_key_counts_through_its_last_day(tmp_path: Path) -> None:
    old, day, content = Pair.generate(), date(2026, 3, 31), b"{}"
    folder = tmp_path / "agencies"
    folder.mkdir()
    (folder / "nav.pub").write_bytes(bytes(Pair.generate().public_key))
    (folder / f"nav.until-{day}.pub").write_bytes(bytes(old.public_key))
    known, signature = sender_keys(tmp_path, "nav"), bytes(old.secret_key.sign(content))
    assert what_is_wrong(content, signature, known, day) == ""
    assert f"counted until {day}" in what_is_wrong(content, signature, known, day + timedelta(days=1))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("nav.pub", b""),
        ("nav.pub", b"\0" * 90),
        ("nav.until-2030-13-01.pub", None),
        ("nav.until-soon.pub", None),
    ],
)
def test_a_damaged_key_is_the_installations_fault_and_refuses_nothing(
    receiver: Receiver, nav: Pair, name: str, content: bytes | None
) -> None:
    path = get_settings().keys_path / "agencies" / name
    path.write_bytes(bytes(nav.public_key) if content is None else content)
    with pytest.raises(UserError) as error:
        deliver(receiver, nav)
    assert str(path) in str(error.value)
    assert receiver.rows("select 1 from meta.deliveries") == []
    create_keys()
    with pytest.raises(UserError, match="key"):
        doctor.CHECKS["keys"]()
    path.unlink()
    if name == "nav.pub":
        (path.parent / "nav.until-2030-01-01.pub").write_bytes(bytes(nav.public_key))
        with pytest.raises(UserError, match="key in force is missing"):
            receiver(agency="nav")
