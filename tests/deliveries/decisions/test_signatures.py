"""Where a centre signs its decisions, a delivery with rows of it counts with its signature, or the sender's for all."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from akrim.commands.doctor import doctor
from akrim.errors import UserError
from akrim.keys import create_keys
from akrim.keys.centres import trust_signer
from akrim.trust import signing
from akrim.trust.keyring import KeyFile

from tests.deliveries.building import Delivery, base_row
from tests.deliveries.conftest import Receiver

BERGENS = {"senter": "bergen", "person_id": "PBERGEN"}
ODD = {"senter": "../centres/oslo"}


@pytest.fixture
def keys(home: Path) -> dict[str, Path]:
    """Folders of keys: Oslo's, the sender's of all centres, and a stranger's. The installation trusts Oslo's."""
    found = {name: home.parent / name for name in ("oslo", "sender", "stranger")}
    for folder in found.values():
        signing.create_pair(
            folder / KeyFile.DECISIONS_SECRET, folder / KeyFile.DECISIONS, "key for decisions"
        )
    trust_signer("oslo", found["oslo"] / KeyFile.DECISIONS)
    return found


def decisions(*changes: dict[str, Any], signed_by: Path | None = None, number: int = 1) -> Delivery:
    rows = [
        base_row("sentrene", "beslutninger", 10 * number + n) | change for n, change in enumerate(changes)
    ]

    def sign(folder: Path, _: dict[str, Any]) -> None:
        if signed_by is not None:
            key = signing.read_secret_key(signed_by / KeyFile.DECISIONS_SECRET)
            signing.sign(folder / "manifest.json", key, "decisions of a centre")

    return Delivery("sentrene", number=number, mode="delta", rows={"beslutninger": rows}, spoil=sign)


def test_rows_of_a_centre_that_signs_are_taken_with_its_signature_alone(
    receiver: Receiver, published: Callable[[], None], keys: dict[str, Path]
) -> None:
    published()
    outcomes = receiver(
        decisions({}, number=1),
        decisions(BERGENS, number=2),
        decisions(BERGENS, {}, number=3),
        decisions({}, signed_by=keys["stranger"], number=4),
        decisions({}, BERGENS, signed_by=keys["oslo"], number=5),
        decisions(ODD, number=6),
    )
    assert [o.code or o.status for o in sorted(outcomes, key=lambda o: o.delivery_id)] == [
        "bad_signature", "accepted", "bad_signature", "bad_signature", "accepted", "accepted",
    ]  # fmt: skip
    assert receiver.value("select reason from quarantine.rows") == "unknown_code"


def test_the_signature_of_the_sender_of_all_answers_for_every_centre(
    receiver: Receiver, published: Callable[[], None], keys: dict[str, Path], home: Path
) -> None:
    published()
    (home / "keys" / "agencies").mkdir()
    (home / "keys" / "agencies" / "sentrene.pub").write_bytes(
        (keys["sender"] / KeyFile.DECISIONS).read_bytes()
    )
    outcomes = receiver(
        decisions({}, BERGENS, signed_by=keys["sender"], number=1),
        decisions({}, signed_by=keys["oslo"], number=2),
    )
    assert [o.code or o.status for o in sorted(outcomes, key=lambda o: o.delivery_id)] == [
        "accepted", "bad_signature",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 90, b"no key", None], ids=["empty", "zeros", "other", "lost"]
)
def test_a_damaged_key_is_the_installations_fault_and_refuses_nothing(
    receiver: Receiver,
    published: Callable[[], None],
    keys: dict[str, Path],
    home: Path,
    content: bytes | None,
) -> None:
    published()
    path = home / "keys" / "centres" / "oslo.pub"
    sound = path.read_bytes()
    path.unlink()
    path.symlink_to("nowhere") if content is None else path.write_bytes(content)
    with pytest.raises(UserError, match="public key cannot be read") as error:
        receiver(decisions({}, signed_by=keys["oslo"], number=1), decisions(BERGENS, number=2))
    assert str(path) in str(error.value)
    assert receiver.rows("select delivery_id, status from meta.deliveries") == [
        {"delivery_id": "sentrene-2025-T3-02", "status": "accepted"}
    ]
    create_keys()
    with pytest.raises(UserError, match="public key cannot be read"):
        doctor.CHECKS["keys"]()
    path.unlink()
    path.write_bytes(sound)
    assert {o.status for o in receiver(agency="sentrene")} == {"accepted", "already_loaded"}
    assert doctor.CHECKS["keys"]()


def test_two_centres_that_sign_send_a_delivery_each(
    receiver: Receiver, published: Callable[[], None], keys: dict[str, Path]
) -> None:
    published()
    trust_signer("bergen", keys["stranger"] / KeyFile.DECISIONS)
    (outcome,) = receiver(decisions({}, BERGENS, signed_by=keys["oslo"]))
    assert (outcome.code, "bergen" in (outcome.detail or "")) == ("bad_signature", True)


def test_what_a_centre_has_signed_nobody_else_replaces(
    receiver: Receiver, published: Callable[[], None], keys: dict[str, Path]
) -> None:
    """Neither by a decision under the same id, nor by a delivery in the place of its own, be it empty."""
    published()
    signed = decisions({}, signed_by=keys["oslo"], number=1)
    of_oslo = {"beslutning_id": signed.rows["beslutninger"][0]["beslutning_id"]}
    receiver(signed)
    outcomes = receiver(
        decisions(BERGENS | of_oslo, number=2),
        replace(decisions(number=3), supersedes=signed.delivery_id),
        replace(decisions(number=4, signed_by=keys["oslo"]), supersedes=signed.delivery_id),
    )
    assert {o.delivery_id: o.code or o.status for o in outcomes} == {
        "sentrene-2025-T3-01": "already_loaded", "sentrene-2025-T3-02": "bad_signature",
        "sentrene-2025-T3-03": "bad_signature", "sentrene-2025-T3-04": "accepted",
    }  # fmt: skip
