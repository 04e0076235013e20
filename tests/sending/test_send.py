"""Sending to centres: outbox, recalls, supersessions and receipts."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import psycopg
import pytest
from akrim.commands.keys import app as keys_app
from akrim.commands.releases.releases import app as releases_app
from akrim.errors import UserError
from akrim.keys import add_recipient, remove_recipient, signing_key
from akrim.keys.centres import all_recipients
from akrim.ledger.listing import history, list_releases
from akrim.orchestration.alerts import current_conditions
from akrim.releases import recall
from akrim.releases.dcat import write_catalogue
from akrim.releases.erasing.erasure import erase_parts
from akrim.sending import deliver, in_force, outbox, receipts
from akrim.trust import Refused, sealing
from akrim.trust.verification import Check, receipt, unseal, verify
from typer.testing import CliRunner

from tests.audit.events import events
from tests.conftest import configure
from tests.deliveries.building import person_number
from tests.ledger.entering import enter_release
from tests.letters import Letters
from tests.releases.tables import add
from tests.sending.outboxes import DAY, NAME, enter, keys_of, opened, outbox_files
from tests.trust.conftest import CENTRES, FIRST, SECOND, make_release


def test_what_is_recalled_while_it_is_sent_goes_to_nobody_more(
    installation: Path, warehouse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = outbox.put

    def recalling(centre_id: str, name: str, source: IO[bytes]) -> None:
        put(centre_id, name, source)
        if (centre_id, name) == (CENTRES[0], NAME):
            recall(SECOND, "Kari Vakt", "Wrong period")

    monkeypatch.setattr(outbox, "put", recalling)
    assert deliver().sent == {SECOND: [CENTRES[0]]}
    sent = {e["recipient"] for e in events(warehouse, "disclosure") if e["detail"]["means"] == "outbox"}
    assert sent == {CENTRES[0]}
    assert not [path for path in outbox_files(installation) if path.endswith(NAME)]


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


def test_where_all_have_everything_the_command_says_so_and_how_to_send_again_is_as_the_alert_says(
    installation: Path, warehouse: str
) -> None:
    """What is in force lies in each outbox once; of an earlier period nothing is sent, also where its receipt is missing."""
    for serial in (1, 2):  # the earlier one was sent while it was the newest
        with psycopg.connect(warehouse) as connection:
            connection.execute("update meta.releases set status = 'building' where serial > %s", [serial])
            connection.execute("update meta.releases set status = 'published' where serial = %s", [serial])
        deliver()
    sent = CliRunner().invoke(releases_app, ["deliver"])
    assert (sent.exit_code, sent.output.splitlines()[0]) == (0, "No release was sent anew.")

    with psycopg.connect(warehouse) as connection:
        connection.execute("update meta.releases set status = 'published'")
        connection.execute("update meta.sent_releases set sent_at = now() - interval '15 days'")
    waited = [alert for alert in current_conditions(DAY) if alert.kind == "no_receipt"]
    assert {alert.values["release_id"] for alert in waited} == {FIRST, SECOND}
    assert {alert.advice("en").partition("`akrim ")[2].partition("`")[0] for alert in waited} == {
        "releases deliver --again"
    }
    before = outbox_files(installation)
    again = CliRunner().invoke(releases_app, ["deliver", "--again"])
    assert (again.exit_code, "anew" in again.output) == (0, False)
    assert f"sent {SECOND} to {', '.join(CENTRES)}: " in again.output
    renewed = {path for path, written in outbox_files(installation).items() if before[path] != written}
    assert renewed == {f"{centre}/{NAME}" for centre in CENTRES}, "an older one lies where it was put"


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
    configure(monkeypatch, AKRIM_DATA_MODE="production")
    assert deliver().without_keys == list(CENTRES)
    assert {found.kind for found in all_recipients().values()} == {"none"}
    assert outbox_files(installation) == {}
    configure(monkeypatch, AKRIM_HOME=str(tmp_path / "new"))
    with pytest.raises(UserError, match="no key to sign"):
        signing_key()


def test_what_is_of_real_people_is_sent_to_nobody_before_the_matrix_is_approved(
    installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release that went out before it had to be; that it is taken back is told all the same."""
    all_recipients()
    add_recipient("oslo", keys_of(installation, "oslo") / "recipient.txt")
    configure(monkeypatch, AKRIM_DATA_MODE="production")
    assert "nobody has approved" in deliver().failed["oslo"]
    assert outbox_files(installation) == {}
    recall(SECOND, "Kari Vakt", "Feil periode.")
    assert f"oslo/recall-{SECOND}-oslo.statement.json" in (deliver(), outbox_files(installation))[1]


def test_a_recall_reaches_every_centre_and_its_copy_is_refused(installation: Path) -> None:
    deliver()
    copies = {centre: opened(installation, centre) for centre in ("oslo", "alta")}

    result = CliRunner().invoke(
        releases_app,
        ["recall", SECOND, "--by", "Kari Vakt", "--reason", f"Feil om {person_number(1)} fra NAV."],
    )

    assert result.exit_code == 0, result.output
    assert set(outbox_files(installation)) >= {
        f"{c}/recall-{SECOND}-{c}.statement.json{suffix}" for c in CENTRES for suffix in ("", ".minisig")
    }
    assert not [name for name in outbox_files(installation) if name.endswith(NAME)]
    for centre, copy in copies.items():
        listening = Check(keys_of(installation, centre), DAY, (installation / "outbox" / centre,))
        with pytest.raises(Refused, match=r"Feil om \*{11} fra NAV"):
            verify(copy, listening)
    with pytest.raises(Refused, match="recalled"):
        verify(installation / "releases" / SECOND, Check(installation / "keys", DAY))
    assert opened(installation, "oslo", f"{FIRST}.tar.age").parent.name == FIRST, (
        "the one before is in force again"
    )
    sent = outbox_files(installation)
    with pytest.raises(UserError, match=r"recalled already, on .* by Kari Vakt: Feil om \*{11} fra NAV"):
        recall(SECOND, "Ola Vakt", "Feil i koblingen.")
    assert outbox_files(installation) == sent
    told = history(SECOND)
    assert told is not None
    assert (told["status"], [act["by_name"] for act in told["recalls"]]) == ("recalled", ["Kari Vakt"])
    assert (installation / "releases" / SECOND / "oslo" / "manifest.json").exists()


def test_a_release_whose_files_are_lost_is_named_and_can_be_recalled_when_they_are_back(
    installation: Path,
) -> None:
    shutil.move(installation / "releases" / SECOND, installation / SECOND)
    lost = f"{SECOND} is out, but its files are not here"
    assert [(name, lost in why) for name, why in deliver().failed.items()] == [(SECOND, True)]
    with pytest.raises(UserError, match=lost):
        recall(SECOND, "Kari Vakt", "Feil periode.")
    assert [row["status"] for row in list_releases(release_id=SECOND)] == ["published"]
    shutil.move(installation / SECOND, installation / "releases" / SECOND)
    recall(SECOND, "Kari Vakt", "Feil periode.")


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


def test_an_earlier_periods_revision_takes_no_newer_period_out_of_force(
    installation: Path, warehouse: str
) -> None:
    """Nor does a release that is not out."""
    enter(warehouse, "2025-T3.2", 3)
    with psycopg.connect(warehouse) as connection:
        enter_release(connection, "2026-T2.1", "building")
    assert in_force() == [SECOND, "2025-T3.2"]


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
        connection.execute(
            "insert into meta.sent_releases (release_id, centre_id, content_sha256, recipients_sha256, manifest_sha256, sent_at)"
            " values (%s, 'oslo', '', '', '', now() - interval '15 days')",
            [FIRST],
        )
    erase_parts(FIRST, ["oslo"], "Sletting krevd.")
    assert receipts.missing_receipts() == [{"release_id": SECOND, "centre_id": "oslo", "days": 15}]
    assert (
        "no receipt 2026-T1.1 from oslo after 15 days" in CliRunner().invoke(releases_app, ["deliver"]).output
    )


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


def test_no_notice_tells_of_a_recall_that_was_not_recorded(installation: Path) -> None:
    with pytest.raises(UnicodeEncodeError):  # as a command line that is no UTF-8 gives a name
        recall(SECOND, "Kari\udcff", "Feil.")
    assert {row["release_id"]: row["status"] for row in list_releases()}[SECOND] == "published"
    assert not list((installation / "keys").rglob(f"recall-{SECOND}-*"))


def test_an_erased_part_is_sent_to_nobody(installation: Path, warehouse: str) -> None:
    """Nor when its release is in force again, since the one after it is recalled."""
    deliver()
    erase_parts(FIRST, ["oslo"], "Sletting krevd.")
    recall(SECOND, "Kari Vakt", "Feil.")
    before = len(events(warehouse, "disclosure"))
    others = [centre for centre in CENTRES if centre != "oslo"]
    assert deliver(again=True).sent == {FIRST: others}
    assert not (installation / "outbox" / "oslo" / f"{FIRST}.tar.age").exists()
    assert [event["recipient"] for event in events(warehouse, "disclosure")[before:]] == others


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
