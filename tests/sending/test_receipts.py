"""Invalid receipts are reported and ignored; they come from outside."""

import json
import os
from pathlib import Path

import psycopg
import pytest
from akrim import ledger
from akrim.commands.doctor.database import receipts as doctors_receipts
from akrim.errors import UserError
from akrim.sending.notices import erasure_notice, statements_folder
from akrim.sending.receipts import MAX_BYTES, missing_receipts, read_receipts, unconfirmed_erasures
from akrim.settings import get_settings
from akrim.trust import file_sha256

from tests.conftest import configure
from tests.releases import world

SENT = {
    "release_id": world.SECOND,
    "recipient": "oslo",
    "manifest_sha256": "ab" * 32,
    "verified": "2026-06-01",
}
NO_RECEIPTS = [
    b"", b"null", b"[]", b'"text"', b"5", b"\xff\xfe", b"{", b"[" * 60_000, b'{"a":' * 10_000, b"1" * 60_000,
    json.dumps(SENT | {"release_id": f"{world.SECOND}\0"}).encode(),
    json.dumps(SENT | {"release_id": "\ud800"}).encode(),
    json.dumps(SENT | {"release_id": [world.SECOND]}).encode(),
    json.dumps(SENT | {"release_id": f"{world.SECOND}' or true --"}).encode(),
    json.dumps(SENT | {"recipient": "oslo' or true --"}).encode(),
    json.dumps(SENT | {"recipient": "sandnes"}).encode(),
    json.dumps(SENT | {"manifest_sha256": "%"}).encode(),
    json.dumps(SENT | {"verified": "2026-13-01"}).encode(),
    json.dumps(SENT | {"verified": "20260601"}).encode(),
    json.dumps(SENT | {"verified": "infinity"}).encode(),
    json.dumps({name: value for name, value in SENT.items() if name != "verified"}).encode(),
    json.dumps(SENT | {"note": "x" * MAX_BYTES}).encode(),
    json.dumps(SENT | {"erasure_sha256": "ab" * 32}).encode(),
    json.dumps(SENT | {"erasure_sha256": "ab" * 32, "deleted": "2026-02-30"}).encode(),
    json.dumps(SENT | {"erasure_sha256": "AB" * 32, "deleted": "2026-06-01"}).encode(),
]  # fmt: skip


@pytest.fixture
def inbox(warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The centres' folder of an inbox, at an installation that has sent one release to Oslo."""
    with psycopg.connect(warehouse) as connection:
        world.reserve(connection, world.FIRST)
        world.reserve(connection, world.SECOND)
        connection.execute(
            "insert into meta.sent_releases (release_id, centre_id, content_sha256, recipients_sha256, manifest_sha256)"
            " values (%s, 'oslo', 'c', 'r', %s)",
            [world.SECOND, SENT["manifest_sha256"]],
        )
    folder = tmp_path / "inbox" / "sentrene"
    folder.mkdir(parents=True)
    configure(monkeypatch, AKRIM_INBOX=str(folder.parent))
    return folder


def verified(warehouse: str) -> list[str | None]:
    with psycopg.connect(warehouse) as connection:
        return [row[0] for row in connection.execute("select verified_date::text from meta.sent_releases")]


def test_an_invalid_receipt_is_reported_and_ignored(inbox: Path, warehouse: str) -> None:
    for number, content in enumerate(NO_RECEIPTS):
        (inbox / f"{number:02}.receipt.json").write_bytes(content)
    for name in (b"\x1b[2J.receipt.json", b"no\xe5t\n.receipt.json"):
        Path(os.fsdecode(bytes(inbox) + b"/" + name)).write_bytes(b"{}")
    os.mkfifo(inbox / "pipe.receipt.json")
    (inbox / "folder.receipt.json").mkdir()
    (inbox / "nowhere.receipt.json").symlink_to(inbox / "nowhere")

    told = read_receipts()

    assert len(told) == len(NO_RECEIPTS) + 5
    assert all(line.endswith(" is not a receipt.") for line in told)
    assert all(line.isprintable() for line in told)
    assert verified(warehouse) == [None]

    (inbox / "zz.receipt.json").write_text(json.dumps(SENT | {"further": "field"}))
    assert len(read_receipts()) == len(told)
    assert verified(warehouse) == ["2026-06-01"]


def test_a_receipt_for_another_centre_or_manifest_is_rejected(inbox: Path, warehouse: str) -> None:
    for name, change in {"a": {"recipient": "bodo"}, "b": {"manifest_sha256": "cd" * 32}}.items():
        (inbox / f"{name}.receipt.json").write_text(json.dumps(SENT | change))
    assert [line.partition(" matches ")[2] for line in read_receipts()] == [
        "nothing that was sent: another release, centre or manifest."
    ] * 2
    assert verified(warehouse) == [None]


@pytest.mark.parametrize(
    ("status", "days", "is_received", "is_missing"),
    [
        ("published", 15, False, True),
        ("published", 13, False, False),
        ("published", 15, True, False),
        ("superseded", 15, False, False),
        ("recalled", 15, False, False),
        ("erased", 15, False, False),
    ],
)
def test_a_receipt_is_missing_of_what_is_in_force_and_was_sent_long_ago(
    status: str, days: int, is_received: bool, is_missing: bool, inbox: Path, warehouse: str
) -> None:
    if is_received:
        (inbox / "a.receipt.json").write_text(json.dumps(SENT))
        assert read_receipts() == []
    with psycopg.connect(warehouse) as connection:
        connection.execute("update meta.releases set status = %s", [status])
        connection.execute("update meta.sent_releases set sent_at = now() - %s * interval '1 day'", [days])
    found = {"release_id": world.SECOND, "centre_id": "oslo", "days": days}
    assert missing_receipts() == ([found] if is_missing else [])


@pytest.mark.parametrize(("received", "is_missing"), [(world.SECOND, False), (world.FIRST, True)])
def test_who_has_confirmed_a_later_release_owes_no_receipt_of_an_earlier(
    received: str, is_missing: bool, inbox: Path, warehouse: str
) -> None:
    """Each period's newest release stays in force, so that nothing else would end it."""
    earlier, later = sorted([world.FIRST, world.SECOND])
    assert later == world.SECOND
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "insert into meta.sent_releases (release_id, centre_id, content_sha256, recipients_sha256, manifest_sha256)"
            " values (%s, 'oslo', 'c', 'r', 'm'), (%s, 'bodo', 'c', 'r', 'm')",
            [earlier, earlier],
        )
        connection.execute("update meta.releases set status = 'published'")
        connection.execute(
            "update meta.sent_releases set sent_at = now() - interval '15 days',"
            " receipt_at = case when release_id = %s and centre_id = 'oslo' then now() end",
            [received],
        )
    found = [(row["release_id"], row["centre_id"]) for row in missing_receipts()]
    assert found == [(earlier, "bodo"), *([(later, "oslo")] if is_missing else [])]


@pytest.mark.parametrize(
    ("manifest", "is_missing"),
    [(b"", True), (b"{", True), (b'{"files": [], "erased": "2026-06-01"}', False), (b'{"files": []}', True)],
)
def test_of_an_erased_part_no_receipt_is_missing_and_a_damaged_one_is_none(
    manifest: bytes, is_missing: bool, inbox: Path, warehouse: str
) -> None:
    part = get_settings().releases_path / world.SECOND / "oslo"
    part.mkdir(parents=True)
    (part / "manifest.json").write_bytes(manifest)
    with psycopg.connect(warehouse) as connection:
        connection.execute("update meta.releases set status = 'published'")
        connection.execute("update meta.sent_releases set sent_at = now() - 15 * interval '1 day'")
    assert bool(missing_receipts()) is is_missing


def test_of_an_erased_part_the_centre_says_that_it_deleted_it(inbox: Path, warehouse: str) -> None:
    """By the hash of the notice, after which nobody waits for it; a part that was never sent is nobody's to delete."""
    for centre in ("oslo", "bodo"):
        notice = statements_folder() / erasure_notice(world.SECOND, centre)
        notice.parent.mkdir(parents=True, exist_ok=True)
        notice.write_text(f'{{"statement": "erasure", "recipient": "{centre}"}}')
        with psycopg.connect(warehouse) as connection:
            connection.execute(
                "insert into meta.sent_statements (centre_id, name, sha256, sent_at) values (%s, %s, 'x', now() - interval '15 days')",
                [centre, notice.name],
            )
    waiting = [{"release_id": world.SECOND, "centre_id": "oslo", "days": 15}]
    assert unconfirmed_erasures() == waiting
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "update meta.releases set status = 'published' where release_id = %s", [world.FIRST]
        )
        connection.execute(
            "insert into meta.sent_releases (release_id, centre_id, content_sha256, recipients_sha256, manifest_sha256, sent_at)"
            " values (%s, 'bergen', 'c', 'r', 'm', now() - interval '16 days')",
            [world.FIRST],
        )
    with pytest.raises(UserError) as told:
        doctors_receipts()
    assert told.value.what.splitlines()[1:] == [
        f"  bergen: no receipt of {world.FIRST}, 16 days",
        f"  oslo: not confirmed that it deleted {world.SECOND}, 15 days",
    ], "a line for each"
    with psycopg.connect(warehouse) as connection:
        connection.execute("delete from meta.sent_releases where centre_id = 'bergen'")
    said = {
        "release_id": world.SECOND,
        "recipient": "oslo",
        "erasure_sha256": "ab" * 32,
        "deleted": "2026-06-01",
    }
    (inbox / "another.receipt.json").write_text(json.dumps(said))
    assert read_receipts() == ["another.receipt.json matches no notice of an erasure that was sent."]
    assert unconfirmed_erasures() == waiting

    right = file_sha256(statements_folder() / erasure_notice(world.SECOND, "oslo"))
    (inbox / "another.receipt.json").write_text(json.dumps(said | {"erasure_sha256": right}))
    assert read_receipts() == []
    assert unconfirmed_erasures() == []
    assert doctors_receipts() == "none is overdue"
    told = ledger.history(world.SECOND)["erasures"]
    assert [(row["centre_id"], row["deleted_date"]) for row in told] == [
        ("bodo", None),
        ("oslo", "2026-06-01"),
    ]
    assert verified(warehouse) == [None], "of the release itself it says nothing"
