"""A lost or stolen signing key is replaced by the offline key alone, and centres follow."""

import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from akrim.commands.keys import app as keys_app
from akrim.errors import UserError
from akrim.sending import deliver
from akrim.sending.key_succession import replace_keys
from akrim.sending.notices import recall_release
from akrim.trust import Refused, signing
from akrim.trust.verification import Check, verify
from typer.testing import CliRunner

from tests.deliveries.state.test_data_mode import enter_delivery
from tests.sending.outboxes import DAY, keys_of, opened
from tests.trust.conftest import CENTRES, FIRST, SECOND

WAITING = "select 1 from pg_locks where locktype = 'advisory' and not granted"


def test_a_key_is_replaced_when_nothing_is_being_published(
    installation: Path, warehouse: str, tmp_path: Path
) -> None:
    """A release that is signed just then would have the old key's signature, which counts no more."""
    safe = shutil.move(installation / "keys" / "successor.key", tmp_path / "successor.key")
    before = (installation / "keys" / "signing.pub").read_text()
    with ThreadPoolExecutor() as pool:
        with psycopg.connect(warehouse, autocommit=True) as connection:
            connection.execute("select pg_advisory_lock(hashtext('akrim.assessment'))")
            replacing = pool.submit(
                keys_app,
                ["succeed", "--offline-key", str(safe), "--reason", "planned"],
                standalone_mode=False,
            )
            while not connection.execute(WAITING).fetchone():
                assert not replacing.done(), replacing.exception()
                time.sleep(0.01)
            assert (installation / "keys" / "signing.pub").read_text() == before
        replacing.result(60)
    assert (installation / "keys" / "signing.pub").read_text() != before


@pytest.mark.parametrize("reason", ["lost", "stolen"])
def test_a_lost_or_stolen_key_is_replaced_and_centres_follow(
    reason: str, installation: Path, tmp_path: Path
) -> None:
    deliver()
    before = opened(installation, "oslo")
    thief, safe = tmp_path / "thief", tmp_path / "safe"
    shutil.copytree(installation / "keys", thief)
    safe.mkdir()
    (installation / "keys" / "successor.key").rename(safe / "successor.key")

    replace_keys(safe / "successor.key", reason)
    delivered = deliver()

    assert delivered.sent == {SECOND: list(CENTRES)}
    listening = Check(keys_of(installation, "oslo"), DAY, (installation / "outbox" / "oslo",))
    with pytest.raises(Refused) as refused:
        verify(before, listening)
    assert (refused.value.code, reason in refused.value.what) == ("replaced_key", True)
    after = opened(installation, "oslo")
    assert verify(after, listening).release_id == SECOND
    shutil.rmtree(installation / "outbox")
    verify(after, Check(keys_of(installation, "oslo"), DAY))
    signing.sign(after / "manifest.json", signing.read_secret_key(thief / "signing.key"), "forged")
    with pytest.raises(Refused, match="was replaced"):
        verify(after, Check(keys_of(installation, "oslo"), DAY))


def test_the_new_offline_key_takes_the_old_ones_place_in_the_safe(installation: Path, tmp_path: Path) -> None:
    key = (installation / "keys" / "successor.key").rename(tmp_path / "successor.key")
    old = key.read_bytes()
    for _ in range(2):
        told = CliRunner().invoke(
            keys_app, ["succeed", "--offline-key", str(key), "--put-back", "--reason", "planned"]
        )
        assert told.exit_code == 0, told.output
        assert not (installation / "keys" / "successor.key").exists()
    assert (key.read_bytes() != old, key.stat().st_mode & 0o077) == (True, 0)


def test_where_nothing_can_be_sent_the_command_fails_and_the_key_is_replaced(
    installation: Path, tmp_path: Path
) -> None:
    key = (installation / "keys" / "successor.key").rename(tmp_path / "successor.key")
    before = (installation / "keys" / "signing.pub").read_text()
    (installation / "outbox").write_text("no folder")
    arguments = ["succeed", "--offline-key", str(key), "--put-back", "--reason", "stolen"]
    told = CliRunner().invoke(keys_app, arguments)
    assert isinstance(told.exception, UserError), told.output
    assert "Not everything arrived" in told.exception.what
    assert "`akrim releases deliver` tries again" in told.exception.next_step
    assert "there is none on this machine" in told.output, "what is to be done with the keys is said first"
    assert (installation / "keys" / "signing.pub").read_text() != before


def test_no_key_is_replaced_in_a_shell_whose_setting_is_of_the_other_world(
    installation: Path, warehouse: str, tmp_path: Path
) -> None:
    """No centre would be sent the statement, and whoever repeated the command replaced the key twice."""
    with psycopg.connect(warehouse) as connection:
        enter_delivery(connection, "nav", is_synthetic=False)
    key = (installation / "keys" / "successor.key").rename(tmp_path / "successor.key")
    before = (installation / "keys" / "signing.pub").read_text()
    told = CliRunner().invoke(keys_app, ["succeed", "--offline-key", str(key), "--reason", "stolen"])
    assert isinstance(told.exception, UserError), told.output
    assert told.exception.where == "AKRIM_DATA_MODE"
    assert (installation / "keys" / "signing.pub").read_text() == before


def test_only_the_pinned_offline_key_names_a_successor(installation: Path, tmp_path: Path) -> None:
    signing.create_pair(tmp_path / "key", tmp_path / "pub", "thief's key")
    with pytest.raises(UserError, match="not the offline key"):
        replace_keys(tmp_path / "key", "stolen")


def alter(release: Path) -> None:
    (release / "oslo" / "assessment.html").write_bytes(b"<p>Altered</p>")


def sign_by_another(release: Path, part: str) -> None:
    signing.create_pair(release.parents[1] / "key", release.parents[1] / "pub", "thief's key")
    secret = signing.read_secret_key(release.parents[1] / "key")
    signing.sign(release / part / "manifest.json", secret, "forged")


@pytest.mark.parametrize(
    "spoil", [alter, lambda release: sign_by_another(release, ""), lambda release: sign_by_another(release, "oslo")]
)  # fmt: skip
def test_what_the_old_key_does_not_answer_for_is_named_and_not_signed_anew(
    spoil: Callable[[Path], None], installation: Path, tmp_path: Path
) -> None:
    spoil(installation / "releases" / FIRST)
    signed = {
        folder: (installation / "releases" / folder / "manifest.json.minisig") for folder in (FIRST, SECOND)
    }
    before = {folder: path.read_bytes() for folder, path in signed.items()}
    (installation / "keys" / "successor.key").rename(tmp_path / "successor.key")
    assert replace_keys(tmp_path / "successor.key", "stolen") == [FIRST]
    assert {folder: path.read_bytes() == before[folder] for folder, path in signed.items()} == {
        FIRST: True,
        SECOND: False,
    }


def test_a_withdrawal_stays_in_force_under_the_new_key(installation: Path, tmp_path: Path) -> None:
    recall_release(SECOND, "Kari Vakt", "Feil i grunnlaget")
    deliver()
    (installation / "keys" / "successor.key").rename(tmp_path / "successor.key")
    replace_keys(tmp_path / "successor.key", "planned")
    deliver()
    with pytest.raises(Refused) as refused:
        verify(
            installation / "releases" / SECOND / "oslo",
            Check(keys_of(installation, "oslo"), DAY, (installation / "outbox" / "oslo",)),
        )
    assert refused.value.code == "recalled"


def test_a_second_succession_follows_the_first(installation: Path, tmp_path: Path) -> None:
    deliver()
    for step in ("first", "second"):
        (installation / "keys" / "successor.key").rename(tmp_path / step)
        replace_keys(tmp_path / step, "planned")
        deliver()
    assert opened(installation, "bodo").name == "bodo"
