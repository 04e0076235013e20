"""Sending to centres: outbox, mail, receipts, withdrawal, and a stolen key."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import psycopg
import pytest
from akrim.commands.keys import app as keys_app
from akrim.commands.releases.releases import app as releases_app
from akrim.errors import UserError
from akrim.keys import create_keys, signing_key
from akrim.keys.centres import add_recipient, all_recipients, remove_recipient
from akrim.ledger.listing import history, list_releases
from akrim.releases import recall
from akrim.releases.dcat import write_catalogue
from akrim.sending import deliver, notices, receipts
from akrim.sending.key_succession import replace_keys
from akrim.settings import get_settings
from akrim.trust import Refused, sealing, signing
from akrim.trust.verification import Check, receipt, unseal, verify
from psycopg.types.json import Jsonb
from typer.testing import CliRunner

from tests.audit.events import events
from tests.letters import Letters
from tests.releases.world import add, create_marts
from tests.trust.conftest import CENTRES, FIRST, SECOND, make_release

DAY = date(2026, 6, 1)
NAME = f"{SECOND}.tar.age"


@pytest.fixture
def installation(warehouse: str, home: Path) -> Path:
    """A home with two published releases and the inbox beside it; its path."""
    create_keys()
    with psycopg.connect(warehouse) as connection:
        create_marts(connection, "named_persons")
    for release_id, serial in ((FIRST, 1), (SECOND, 2)):
        make_release(home, release_id, serial)
        enter(warehouse, release_id, serial)
    (home.parent / "inbox" / "sentrene").mkdir(parents=True)
    return home


def enter(warehouse: str, release_id: str, serial: int, status: str = "published") -> None:
    """Enter a published release into the ledger; earlier revisions of its period are superseded."""
    period, _, revision = release_id.partition(".")
    as_of = {"2025-T3": date(2025, 12, 31), "2026-T1": date(2026, 4, 30)}[period]
    pins = {"settings": {"data_mode": "synthetic", "language": "nb"}, "deliveries": {}, "model": "m"}
    with psycopg.connect(warehouse) as connection:
        connection.execute("update meta.releases set status = 'superseded' where period = %s", [period])
        connection.execute(
            "insert into meta.releases (release_id, period, revision, as_of, status, fingerprint, pins, serial, published_at)"
            " values (%s, %s, %s, %s, %s, 'f', %s, %s, now())",
            [release_id, period, int(revision), as_of, status, Jsonb(pins), serial],
        )


def keys_of(home: Path, centre_id: str) -> Path:
    return home / "keys" / "demo" / centre_id


def opened(home: Path, centre_id: str, name: str = NAME) -> Path:
    sealed = home / "outbox" / centre_id / name
    return unseal(sealed, home.parent / "at" / centre_id, Check(keys_of(home, centre_id), DAY))[0]


def outbox_files(home: Path) -> dict[str, int]:
    files = (home / "outbox").rglob("*")
    return {str(p.relative_to(home / "outbox")): p.stat().st_mtime_ns for p in files if p.is_file()}


def test_every_centre_is_sent_the_newest_release_once(installation: Path) -> None:
    assert deliver().sent == {SECOND: list(CENTRES)}
    before = outbox_files(installation)
    assert set(before) == {f"{centre}/{NAME}" for centre in CENTRES}
    for centre in CENTRES:
        assert opened(installation, centre).name == centre

    assert deliver().sent == {}
    assert outbox_files(installation) == before
    assert deliver(again=True).sent == {SECOND: list(CENTRES)}
    assert not [path for path in (installation / "outbox").rglob("*") if path.stat().st_mode & 0o077]


def test_two_who_send_at_once_send_once(installation: Path, letters: Letters, warehouse: str) -> None:
    """Somebody lets a release go while Airflow looks what is still to be sent."""
    with ThreadPoolExecutor(2) as pool:
        sent = [done.sent for done in pool.map(lambda _: deliver(), range(2))]
    assert sorted(sent, key=len) == [{}, {SECOND: list(CENTRES)}]
    assert len(letters.got) == 1
    assert len(events(warehouse, "disclosure")) == len(CENTRES)


def test_a_damaged_file_of_keys_is_named_and_affects_no_other_centre(installation: Path) -> None:
    damaged = (
        installation / "keys" / "recipients" / "oslo.txt",
        keys_of(installation, "bergen") / "recipient.txt",
        installation / "keys" / "statements" / f"recall-{FIRST}-oslo.statement.json",
    )
    all_recipients()
    for path in damaged:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    delivered = deliver()
    assert delivered.sent == {SECOND: [centre for centre in CENTRES if centre not in ("bergen", "oslo")]}
    for name, path in zip(("oslo", "bergen", damaged[2].name), damaged, strict=True):
        assert str(path) in delivered.failed[name]
    damaged[0].unlink()
    shutil.rmtree(damaged[1].parent)
    assert deliver().sent == {SECOND: ["bergen", "oslo"]}


def test_what_a_centre_fetched_and_removed_is_not_sent_again(installation: Path) -> None:
    deliver()
    (installation / "outbox" / "oslo" / NAME).unlink()
    assert deliver().sent == {}


def test_a_failing_address_is_retried_and_affects_no_other_centre(installation: Path, tmp_path: Path) -> None:
    environment = os.environ | {"AKRIM_OUTBOX": "flaky://sent", "PYTHONPATH": os.pathsep.join(sys.path)}
    program = [sys.executable, "-m", "tests.releases.flaky_storage", str(tmp_path / "fetched.tar.age")]
    done = subprocess.run(program, env=environment, check=True, capture_output=True, text=True)
    told = json.loads(done.stdout.splitlines()[-1])

    others = [centre for centre in CENTRES if centre != "bergen"]
    assert told["failed"] == ["bergen"]
    assert told["sent"] == {SECOND: others}
    assert told["lies_there"] == [f"flaky://sent/{centre}/{NAME}" for centre in others]
    unseal(tmp_path / "fetched.tar.age", tmp_path / "x", Check(keys_of(installation, "oslo"), DAY))


def test_a_centre_may_have_several_keys_and_change_them(installation: Path, tmp_path: Path) -> None:
    deliver()
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        CliRunner().invoke(keys_app, ["centre", "oslo", "--out", str(folder)])
        for name in ("signing.pub", "successor.pub"):
            shutil.copy(installation / "keys" / name, folder)
        add_recipient("oslo", folder / "recipient.txt")

    assert deliver().sent == {SECOND: ["oslo"]}
    sealed = installation / "outbox" / "oslo" / NAME
    for folder in folders:
        unseal(sealed, tmp_path / "out", Check(folder, DAY))
    with pytest.raises(Refused, match="sealed for other keys"):
        unseal(sealed, tmp_path / "out", Check(keys_of(installation, "oslo"), DAY))

    remove_recipient("oslo", (folders[0] / "recipient.txt").read_text().strip())
    assert deliver().sent == {SECOND: ["oslo"]}
    unseal(sealed, tmp_path / "out", Check(folders[1], DAY))
    with pytest.raises(Refused, match="sealed for other keys"):
        unseal(sealed, tmp_path / "out", Check(folders[0], DAY))


def test_in_production_no_key_is_made_and_nothing_is_sent_without_one(
    installation: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AKRIM_DATA_MODE", "production")
    get_settings.cache_clear()
    assert deliver().without_keys == list(CENTRES)
    assert {found.kind for found in all_recipients().values()} == {"none"}
    assert outbox_files(installation) == {}
    monkeypatch.setenv("AKRIM_HOME", str(tmp_path / "new"))
    get_settings.cache_clear()
    with pytest.raises(UserError, match="no key to sign"):
        signing_key()


def test_a_recall_reaches_every_centre_and_its_copy_is_refused(installation: Path) -> None:
    deliver()
    copies = {centre: opened(installation, centre) for centre in ("oslo", "alta")}

    result = CliRunner().invoke(
        releases_app, ["recall", SECOND, "--by", "Kari Vakt", "--reason", "Feil leveranse fra NAV."]
    )

    assert result.exit_code == 0, result.output
    assert set(outbox_files(installation)) >= {
        f"{c}/recall-{SECOND}-{c}.statement.json{suffix}" for c in CENTRES for suffix in ("", ".minisig")
    }
    assert not [name for name in outbox_files(installation) if name.endswith(NAME)]
    for centre, copy in copies.items():
        listening = Check(keys_of(installation, centre), DAY, (installation / "outbox" / centre,))
        with pytest.raises(Refused, match="Feil leveranse fra NAV"):
            verify(copy, listening)
    with pytest.raises(Refused, match="recalled"):
        verify(installation / "releases" / SECOND, Check(installation / "keys", DAY))
    assert opened(installation, "oslo", f"{FIRST}.tar.age").parent.name == FIRST, (
        "the one before is in force again"
    )
    told = history(SECOND)
    assert told is not None
    assert (told["status"], told["recalls"][0]["by_name"]) == ("recalled", "Kari Vakt")
    assert (installation / "releases" / SECOND / "oslo" / "manifest.json").exists()


def test_a_newer_revision_supersedes_the_older_one(installation: Path, warehouse: str) -> None:
    deliver()
    copy = opened(installation, "oslo")
    make_release(installation, "2026-T1.2", 3)
    enter(warehouse, "2026-T1.2", 3)

    assert deliver().sent == {"2026-T1.2": list(CENTRES)}

    listening = Check(keys_of(installation, "oslo"), DAY, (installation / "outbox" / "oslo",))
    with pytest.raises(Refused, match=r"superseded by 2026-T1\.2"):
        verify(copy, listening)
    assert opened(installation, "oslo", "2026-T1.2.tar.age").parent.name == "2026-T1.2"


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


def test_only_the_pinned_offline_key_names_a_successor(installation: Path, tmp_path: Path) -> None:
    signing.create_pair(tmp_path / "key", tmp_path / "pub", "thief's key")
    with pytest.raises(UserError, match="not the offline key"):
        replace_keys(tmp_path / "key", "stolen")


def test_a_second_succession_follows_the_first(installation: Path, tmp_path: Path) -> None:
    deliver()
    for step in ("first", "second"):
        (installation / "keys" / "successor.key").rename(tmp_path / step)
        replace_keys(tmp_path / step, "planned")
        deliver()
    assert opened(installation, "bodo").name == "bodo"


def test_receipts_are_read_from_the_inbox_and_the_outbox(installation: Path) -> None:
    deliver()
    places = {"oslo": installation.parent / "inbox" / "sentrene", "alta": installation / "outbox" / "alta"}
    for centre, place in places.items():
        found = verify(opened(installation, centre), Check(keys_of(installation, centre), DAY))
        (place / f"{centre}.receipt.json").write_text(json.dumps(receipt(found, DAY)))
    forged = json.loads((places["oslo"] / "oslo.receipt.json").read_text()) | {"recipient": "bodo"}
    (places["oslo"] / "bodo.receipt.json").write_text(json.dumps(forged))
    (places["oslo"] / "note.receipt.json").write_text("thanks!")

    problems = deliver().bad_receipts

    assert problems == [
        "bodo.receipt.json matches nothing that was sent: another release, centre or manifest.",
        "note.receipt.json is not a receipt.",
    ]
    assert [(row["receipts"], row["sent"]) for row in list_releases()] == [(2, 8), (0, 0)]


def test_a_missing_receipt_is_reported(installation: Path, warehouse: str) -> None:
    deliver()
    assert receipts.missing_receipts() == []
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "update meta.sent_releases set sent_at = now() - interval '15 days' where centre_id = 'oslo'"
        )
    assert receipts.missing_receipts() == [{"release_id": SECOND, "centre_id": "oslo", "days": 15}]
    assert (
        "no receipt 2026-T1.1 from oslo after 15 days" in CliRunner().invoke(releases_app, ["deliver"]).output
    )


def test_a_centre_gets_one_mail_for_a_release_and_one_for_a_recall(
    installation: Path, letters: Letters
) -> None:
    deliver()
    deliver()
    assert [to for to, _ in letters.got] == [["leder@oslo.example", "vakt@oslo.example"]]
    assert f"oslo/{NAME}" in letters.got[0][1]
    notices.withdraw_release(SECOND, "Kari Vakt", "Feil.")
    deliver()
    deliver()
    assert sum("trukket tilbake" in text for _, text in letters.got) == 1


def test_a_recalled_release_is_in_the_catalogue_no_more(installation: Path) -> None:
    write_catalogue()
    catalogue = installation / "releases" / "catalogue.jsonld"
    assert SECOND in catalogue.read_text("utf-8")
    done = CliRunner().invoke(releases_app, ["recall", SECOND, "--by", "Kari Vakt", "--reason", "Feil."])
    assert done.exit_code == 0, done.output
    told = catalogue.read_text("utf-8")
    assert SECOND not in told
    assert FIRST in told


def test_an_erased_release_is_not_recalled(installation: Path, warehouse: str) -> None:
    """It would count as one that later ones can be compared with."""
    with psycopg.connect(warehouse) as connection:
        connection.execute("update meta.releases set status = 'erased' where release_id = %s", [FIRST])
    with pytest.raises(UserError, match=f"{FIRST} was erased"):
        recall(FIRST, "Kari Vakt", "Feil.")
    assert {row["release_id"]: row["status"] for row in list_releases()}[FIRST] == "erased"
    assert not list((installation / "keys").rglob(f"recall-{FIRST}-*"))


@pytest.mark.parametrize(
    ("language", "said", "unsaid"), [("nb", "Hent den", "Hent henne"), ("nn", "Hent henne", "Hent den")]
)
def test_a_mail_is_in_one_norwegian_and_in_english(
    installation: Path,
    letters: Letters,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    said: str,
    unsaid: str,
) -> None:
    monkeypatch.setenv("AKRIM_LANGUAGE", language)
    get_settings.cache_clear()
    deliver()
    ((_, text),) = letters.got
    assert said in text
    assert unsaid not in text
    assert "Fetch it" in text


def test_a_mail_server_failure_is_reported_and_the_mail_sent_later(
    installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AKRIM_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("AKRIM_SMTP_PORT", "9")
    monkeypatch.setenv("AKRIM_NOTIFY", json.dumps({"oslo": ["leder@oslo.example"]}))
    get_settings.cache_clear()
    delivered = deliver()
    assert delivered.sent == {SECOND: list(CENTRES)}
    assert delivered.failed == {"oslo": "mail: ConnectionRefusedError"}


def test_demo_keys_are_marked(installation: Path) -> None:
    deliver()
    assert sealing.DEMO_MARK in (keys_of(installation, "oslo") / "identity.txt").read_text()


def test_what_goes_into_an_outbox_is_logged_each_time_it_goes(installation: Path, warehouse: str) -> None:
    with psycopg.connect(warehouse) as connection:
        add(
            connection, "named_persons", release_id=SECOND, centre_id="oslo", person_id="P1", named_because="listed"
        )  # fmt: skip
    deliver()
    deliver()
    sent = {event["recipient"]: event for event in events(warehouse, "disclosure")}
    assert len(events(warehouse, "disclosure")) == len(sent)
    assert set(sent) == set(CENTRES)
    assert (sent["oslo"]["release_id"], sent["oslo"]["persons"], sent["bergen"]["persons"]) == (
        SECOND,
        ["P1"],
        [],
    )
    manifest = installation / "releases" / SECOND / "oslo" / "manifest.json"
    assert sent["oslo"]["detail"] == {
        "means": "outbox",
        "manifest_sha256": hashlib.sha256(manifest.read_bytes()).hexdigest(),
    }
    deliver(again=True)
    assert len(events(warehouse, "disclosure")) == 2 * len(sent)
