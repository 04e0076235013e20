"""Receipts to agencies: what became of each delivery, its own rows for its own key alone, and nothing that hinders receiving."""

import csv
import hashlib
import io
import json
import tarfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import minisign
import psycopg
import pyrage
import pytest
from akrim.commands.deliveries import app
from akrim.deliveries import register
from akrim.errors import UserError
from akrim.keys import add_recipient, remove_recipient
from akrim.sending.agencies import ReceiptsSent, send_receipts
from akrim.sending.agencies.nominations import answers_to
from akrim.settings import get_settings
from akrim.sharing.matrix_file import OWN_PATH
from akrim.trust import sealing
from typer.testing import CliRunner

from tests.audit.events import events
from tests.conftest import configure
from tests.deliveries.building import base_row, full_delivery, person_number
from tests.deliveries.conftest import Receiver

SCHEMA = json.loads(files("akrim.sending.agencies").joinpath("receipt.schema.json").read_text("utf-8"))
PERSON = person_number(0)


@pytest.fixture
def receiver(warehouse: str, tmp_path: Path) -> Receiver:
    """NAV has delivered: an accepted delivery with rows set aside, one that is refused, and a folder without a manifest."""
    (tmp_path / "inbox").mkdir()
    receiver = Receiver(tmp_path / "inbox", warehouse)
    accepted, refused = full_delivery("nav"), full_delivery("nav", number=2)
    accepted.rows["personer"][0] |= {"fodselsdato": "i går", "navn": 'Kari "Æ\\Ø"\nTestesen', "ident": PERSON}
    accepted.spoil = lambda folder, _: (folder / "Kari Testesen.pdf").write_bytes(b"")
    refused.spoil = lambda folder, _: (folder / "saker.csv").write_bytes(b"")
    empty = full_delivery("nav", number=3, spoil=lambda folder, _: (folder / "manifest.json").unlink())
    receiver(accepted, refused, empty)
    return receiver


@pytest.fixture
def identity(receiver: Receiver, tmp_path: Path) -> pyrage.x25519.Identity:
    """NAV's own key, registered."""
    (tmp_path / "nav").mkdir()
    sealing.create_identity(tmp_path / "nav")
    add_recipient("nav", tmp_path / "nav" / "recipient.txt")
    secret = (tmp_path / "nav" / "identity.txt").read_text().splitlines()[-1]
    return pyrage.x25519.Identity.from_str(secret)


def folders(home: Path) -> dict[str, Path]:
    """The receipts' folders by delivery."""
    return {path.name.rpartition("-")[0]: path for path in (home / "outbox" / "nav").iterdir()}


def opened(sealed: Path, identity: pyrage.x25519.Identity) -> dict[str, bytes]:
    """As the agency opens it: age, then tar."""
    with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(sealed.read_bytes(), [identity]))) as archive:
        return {member.name.rpartition("/")[2]: archive.extractfile(member).read() for member in archive}


def signed_by_the_installation(home: Path, content: dict[str, bytes]) -> bool:
    public = minisign.PublicKey.from_file(home / "keys" / "signing.pub")
    public.verify(
        content["receipt.json"], minisign.Signature.from_bytes(content["receipt.json.minisig"].rstrip())
    )
    return True


def test_without_a_key_an_agency_gets_counts_alone(receiver: Receiver, home: Path) -> None:
    receiver.run(
        "update meta.deliveries set notes = notes || '{saker: not so for every row or the whole: x}'"
    )
    assert len(send_receipts(["nav"]).sent) == 3
    found = folders(home)
    for folder in found.values():
        assert {path.name for path in folder.iterdir()} == {
            "receipt.json",
            "receipt.json.minisig",
            "receipt.txt",
        }
        content = {path.name: path.read_bytes() for path in folder.iterdir()}
        assert signed_by_the_installation(home, content)
        assert PERSON.encode() not in b"".join(content.values())
        assert b"Kari" not in b"".join(content.values())
        jsonschema.validate(json.loads(content["receipt.json"]), SCHEMA)
        assert not any(path.stat().st_mode & 0o077 for path in folder.iterdir())
    accepted = json.loads((found["nav-2025-T3-01"] / "receipt.json").read_bytes())
    manifest = (receiver.inbox / "nav" / "nav-2025-T3-01" / "manifest.json").read_bytes()
    assert (accepted["status"], accepted["rows"]) == ("accepted", None)
    assert accepted["manifest_sha256"] == hashlib.sha256(manifest).hexdigest()
    persons = next(e for e in accepted["extracts"] if e["extract"] == "personer")
    assert (persons["rows_delivered"], persons["rows_loaded"], persons["rows_quarantined"]) == (3, 2, 1)
    assert [(q["code"], q["rows"]) for q in persons["quarantined"]] == [("bad_date", 1)]
    assert accepted["notes"] == ["saker: not so for every row or the whole: x"]
    refused = json.loads((found["nav-2025-T3-02"] / "receipt.json").read_bytes())
    assert (refused["status"], refused["code"]) == ("refused", "bytes_mismatch")
    missing = json.loads((found["nav-2025-T3-03"] / "receipt.json").read_bytes())
    assert (missing["code"], missing["manifest_sha256"]) == ("manifest_missing", None)
    told = (found["nav-2025-T3-02"] / "receipt.txt").read_text("utf-8")
    assert "Leveransen er avvist (bytes_mismatch)" in told
    assert "The delivery is refused (bytes_mismatch)" in told
    assert events(receiver.address, "disclosure") == []


def test_with_a_key_the_agency_and_nobody_else_gets_its_rows(
    receiver: Receiver, identity: pyrage.x25519.Identity, home: Path
) -> None:
    send_receipts()
    folder = folders(home)["nav-2025-T3-01"]
    assert [path.name for path in folder.iterdir()] == ["receipt.tar.age"]
    content = opened(folder / "receipt.tar.age", identity)
    assert signed_by_the_installation(home, content)
    receipt = json.loads(content["receipt.json"])
    jsonschema.validate(receipt, SCHEMA)
    assert "not declared, not read: Kari Testesen.pdf" in receipt["notes"]
    assert receipt["rows"]["sha256"] == hashlib.sha256(content["rows.jsonl"]).hexdigest()
    rows = [json.loads(line) for line in content["rows.jsonl"].decode().splitlines()]
    for row in rows:
        jsonschema.validate(row, SCHEMA["$defs"]["row"] | {"$defs": SCHEMA["$defs"]})
    assert receipt["rows"]["rows"] == len(rows) == receiver.value("select count(*) from quarantine.rows")
    person = next(row for row in rows if row["extract"] == "personer")
    assert (person["row_number"], person["code"]) == (1, "bad_date")
    assert person["row"]["navn"] == 'Kari "Æ\\Ø"\nTestesen'
    assert person["row"]["ident"] == PERSON
    with pytest.raises(pyrage.DecryptError):
        opened(folder / "receipt.tar.age", pyrage.x25519.Identity.generate())
    (logged,) = events(receiver.address, "disclosure")
    assert (logged["recipient"], logged["delivery_id"], logged["detail"]["rows"]) == (
        "nav",
        "nav-2025-T3-01",
        len(rows),
    )


def test_a_receipt_is_sent_once_and_its_plain_bytes_are_the_same_each_time(
    receiver: Receiver, identity: pyrage.x25519.Identity, home: Path
) -> None:
    assert len(send_receipts().sent) == 3
    sealed = folders(home)["nav-2025-T3-01"] / "receipt.tar.age"
    first = pyrage.decrypt(sealed.read_bytes(), [identity])
    assert send_receipts().sent == []
    sealed.unlink()
    told = CliRunner().invoke(app, ["receipt", "nav-2025-T3-01", "--again", "--json"])
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)[0]["place"] == str(sealed.parent)
    assert pyrage.decrypt(sealed.read_bytes(), [identity]) == first


def test_a_new_key_and_an_erasure_make_a_receipt_anew(
    receiver: Receiver, identity: pyrage.x25519.Identity, home: Path
) -> None:
    send_receipts()
    receiver.run("update quarantine.rows set raw = null")
    assert [Path(place).name[:14] for place in send_receipts().sent] == ["nav-2025-T3-01"]
    sealed = folders(home)["nav-2025-T3-01"] / "receipt.tar.age"
    assert b"Kari" not in opened(sealed, identity)["rows.jsonl"]
    remove_recipient("nav", str(identity.to_public()))
    assert len(send_receipts().sent) == 3
    assert {path.name for path in sealed.parent.iterdir()} == {
        "receipt.json",
        "receipt.json.minisig",
        "receipt.txt",
    }


def test_a_failing_receipt_loses_nothing_and_the_next_run_sends_it(receiver: Receiver, home: Path) -> None:
    (home / "keys" / "recipients").mkdir(parents=True)
    damaged = home / "keys" / "recipients" / "nav.txt"
    damaged.write_bytes(b"")
    failed = send_receipts(["nav"]).failed
    assert len(failed) == 3
    assert all(str(damaged) in why and PERSON not in why for why in failed.values())
    assert receiver.value("select count(*) from meta.deliveries where status = 'accepted'") == 1
    assert receiver.value("select count(*) from meta.sent_receipts") == 0
    assert isinstance(CliRunner().invoke(app, ["receipt", "nav-2025-T3-01"]).exception, UserError)
    damaged.unlink()
    assert len(send_receipts(["nav"]).sent) == 3
    assert send_receipts(["nav"]) == ReceiptsSent()


def answers(home: Path, identity: pyrage.x25519.Identity) -> list[list[str]]:
    """What NAV is told of its nominations, as it opens its receipt."""
    content = opened(folders(home)["nav-2025-T3-04"] / "receipt.tar.age", identity)
    receipt = json.loads(content["receipt.json"])
    jsonschema.validate(receipt, SCHEMA)
    told = content["nominations.csv"]
    assert receipt["nominations"]["sha256"] == hashlib.sha256(told).hexdigest()
    _, *rows = csv.reader(io.StringIO(told.decode("utf-8")))
    assert receipt["nominations"]["rows"] == len(rows)
    return rows


@pytest.fixture
def nominated(receiver: Receiver, identity: pyrage.x25519.Identity) -> list[str]:
    """The ids of five nominations of NAV's, of which a release has put four before somebody."""
    nominating = full_delivery("nav", number=4)
    nominating.rows["nominasjoner"] = [base_row("nav", "nominasjoner", n) for n in range(1, 6)]
    receiver(nominating)
    send_receipts(["nav"])
    ids = [row["nominasjon_id"] for row in nominating.rows["nominasjoner"]]
    receiver.enter_release("2025-T3.1", published_at="now")
    told = [
        ("2025-T3.1", "oslo", "nav", ids[0], "trusselaktor", "2025-11-01"),
        ("2025-T3.1", "bergen", "nav", ids[0], "avskrevet", "2025-12-01"),
        ("2025-T3.1", "oslo", "nav", ids[1], "avskrevet", "2025-10-02"),
        ("2025-T3.1", "oslo", "nav", ids[2], None, None),
        ("2025-T3.1", "bergen", "nav", ids[2], None, None),  # a status from before is not told
        ("2025-T3.1", "uten_senter", "nav", ids[3], None, None),
        ("2025-T3.1", "oslo", "politiet", "theirs", "trusselaktor", "2025-11-01"),
        ("2025-T2.1", "oslo", "nav", "earlier", "trusselaktor", "2025-06-01"),
    ]
    with psycopg.connect(receiver.address) as connection:
        connection.execute(MARTS.encode())
        connection.cursor().executemany(
            "insert into marts.nominations values (%s, %s, %s, %s, %s, %s, 'p' || %s)",
            [(*row, row[3]) for row in told],
        )
        # Whatever was decided was decided on a release that showed it.
        connection.execute(SHOWN_THEN.encode())
        connection.execute(DECIDED.encode())
    return ids


def test_an_agency_is_told_what_became_of_its_own_nominations_and_nothing_else(
    receiver: Receiver, identity: pyrage.x25519.Identity, nominated: list[str], home: Path
) -> None:
    """Of several centres' answers the one that did most; who lives where there is no centre is put before nobody."""
    content = opened(folders(home)["nav-2025-T3-04"] / "receipt.tar.age", identity)
    assert json.loads(content["receipt.json"])["nominations"] is None, "nothing was assessed yet"

    sent = send_receipts(nominations_alone=True).sent

    assert [Path(place).name[:14] for place in sent] == ["nav-2025-T3-04"]
    assert sorted(answers(home, identity)) == sorted(
        [
            [nominated[0], "2025-T3.1", "yes", "status_given", "2025-11-01"],
            [nominated[1], "2025-T3.1", "yes", "dismissed", "2025-10-02"],
            [nominated[2], "2025-T3.1", "yes", "waiting", ""],
            [nominated[3], "2025-T3.1", "no", "", ""],
            [nominated[4], "2025-T3.1", "no", "", ""],
        ]
    )
    told = [e for e in events(receiver.address, "disclosure") if e["detail"].get("nominations") == 5]
    assert [(event["recipient"], event["delivery_id"]) for event in told] == [("nav", "nav-2025-T3-04")]
    assert send_receipts().sent == []
    earlier = opened(folders(home)["nav-2025-T3-01"] / "receipt.tar.age", identity)
    assert "nominations.csv" not in earlier


def test_a_later_answer_is_told_once_it_was_decided_on_what_shows_the_nomination(
    receiver: Receiver, identity: pyrage.x25519.Identity, nominated: list[str], home: Path
) -> None:
    send_receipts()
    receiver.run(
        "update marts.nominations set status = 'trusselaktor', decided_date = '2025-12-09'"
        f" where (release_id, centre_id, nomination_id) = ('2025-T3.1', 'oslo', '{nominated[2]}')"
    )
    assert send_receipts(nominations_alone=True).sent == [], "dated before a decision on what did not show it"
    receiver.run(DECIDED)
    assert len(send_receipts(nominations_alone=True).sent) == 1
    assert [nominated[2], "2025-T3.1", "yes", "status_given", "2025-12-09"] in answers(home, identity)


@pytest.mark.parametrize(
    ("shown_of", "subject", "decided_on", "told"),
    [
        ("p1", "p1", [("p1", "p1", "avskrevet")], "dismissed"),
        # The record that is nominated is another person's since, of whom something was decided, too.
        ("p1", "p2", [("p1", "p1", "trusselaktor"), ("p2", "p2", "avskrevet")], "waiting"),
        # Two who exchanged their records, and so their ids: each decision went with whom it was about.
        ("p1", "p1", [("p1", "p2", "trusselaktor"), ("p2", "p1", "avskrevet")], "waiting"),
        ("p1", "p2", [("p1", "p2", "trusselaktor"), ("p2", "p1", "avskrevet")], "status_given"),
        # Who was merged into the nominated one had a status, and was not nominated; nor does it take back what was answered.
        ("p1", "p2", [("p2", "p2", "trusselaktor")], "waiting"),
        ("p1", "p2", [("p1", "p2", "avskrevet"), ("p2", "p2", "trusselaktor")], "dismissed"),
    ],
)
def test_an_answer_is_what_was_decided_on_whom_the_release_showed_as_nominated(
    receiver: Receiver,
    nominated: list[str],
    shown_of: str,
    subject: str,
    decided_on: list[tuple[str, str, str]],
    told: str,
) -> None:
    """Each decision: on whom, whose it is by now, and its status; all on the release that showed the nomination."""
    with psycopg.connect(receiver.address) as connection:
        connection.execute("delete from marts.prioritisations")
        for release_id, person_id in (("2025-T1.1", shown_of), ("2025-T3.1", subject)):
            connection.execute(
                "insert into marts.nominations (release_id, centre_id, agency, nomination_id, person_id)"
                " values (%s, 'oslo', 'nav', 'moved', %s)",
                [release_id, person_id],
            )
        for decided, bearer, status in decided_on:
            connection.execute(
                "insert into marts.prioritisations values ('2025-T3.1', 'oslo', %s, %s, '2025-11-01', '2025-T1.1', %s)",
                [bearer, decided, status],
            )
        answers = answers_to(connection, "nav", "nav-2025-T3-04")
    assert answers is not None
    assert [row["answer"] for row in answers if row["nomination_id"] == "moved"] == [told]


def test_what_became_of_nominations_is_told_by_a_line_of_the_matrix_alone(
    identity: pyrage.x25519.Identity,
    nominated: list[str],
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    send_receipts()
    without = tmp_path / "sharing.yml"
    without.write_text(OWN_PATH.read_text("utf-8").replace("to: [nominators]", "to: [centres]"), "utf-8")
    configure(monkeypatch, AKRIM_SHARING=str(without))
    assert len(send_receipts().sent) == 1
    sealed = folders(home)["nav-2025-T3-04"] / "receipt.tar.age"
    assert "nominations.csv" not in opened(sealed, identity)
    monkeypatch.delenv("AKRIM_SHARING")
    get_settings.cache_clear()
    send_receipts()
    assert answers(home, identity)


def test_answers_come_with_the_newest_delivery_that_stands_and_sealed_alone(
    receiver: Receiver, identity: pyrage.x25519.Identity, nominated: list[str], home: Path
) -> None:
    send_receipts()
    sealed = folders(home)["nav-2025-T3-04"] / "receipt.tar.age"
    newer = full_delivery("nav", number=5)
    newer.rows["nominasjoner"] = [base_row("nav", "nominasjoner", 1)]
    receiver(newer)
    send_receipts()
    assert "nominations.csv" not in opened(sealed, identity), "a newer delivery has them"
    register.withdraw("nav-2025-T3-05", "kn", "Sent by mistake.")
    send_receipts()
    assert "nominations.csv" in opened(sealed, identity), "it is the newest that stands"
    remove_recipient("nav", str(identity.to_public()))
    send_receipts()
    texts = [path.read_text("utf-8") for path in sealed.parent.iterdir()]
    assert json.loads((sealed.parent / "receipt.json").read_bytes())["nominations"] is None
    assert not [nomination_id for nomination_id in nominated if any(nomination_id in text for text in texts)]


MARTS = """
create table marts.nominations (release_id text, centre_id text, agency text, nomination_id text, status text, decided_date date,
    person_id text, orgnr text, nominated_date date default '2025-02-01');
create table marts.prioritisations (release_id text, centre_id text, person_id text, decided_person_id text, decided_date date,
    decided_release_id text, status text, decision_id text default 'd');
create table marts.group_decisions (like marts.prioritisations)
"""
SHOWN_THEN = """
insert into marts.nominations (release_id, centre_id, agency, nomination_id, person_id)
select '2025-T1.1', centre_id, agency, nomination_id, person_id from marts.nominations where release_id = '2025-T3.1'
"""
DECIDED = """
insert into marts.prioritisations
select release_id, centre_id, person_id, person_id, decided_date, '2025-T1.1', status from marts.nominations
where decided_date is not null
"""


def test_what_was_killed_between_sending_and_recording_is_sent_again(receiver: Receiver, home: Path) -> None:
    send_receipts()
    before = {path: path.read_bytes() for path in (home / "outbox").rglob("*.*") if path.is_file()}
    with psycopg.connect(receiver.address) as connection:
        connection.execute("delete from meta.sent_receipts")
    assert len(send_receipts().sent) == 3
    assert {path: path.read_bytes() for path in before} == before


def test_another_manifest_under_the_same_id_has_a_receipt_of_its_own(receiver: Receiver, home: Path) -> None:
    folder = receiver.inbox / "nav" / "nav-2025-T3-02"
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    manifest["files"] = [dict(entry, bytes=entry["bytes"] + 1) for entry in manifest["files"]]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    receiver(agency="nav")
    send_receipts()
    names = [path.name for path in (home / "outbox" / "nav").iterdir()]
    assert sum(name.startswith("nav-2025-T3-02-") for name in names) == 2
