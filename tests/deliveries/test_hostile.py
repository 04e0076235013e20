"""Deliveries that are meant to break the receiver: each gets its code, leaves nothing, and never stops the next."""

import gzip
import json
import os
import resource
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.deliveries.building import Delivery, base_row, delta_delivery, full_delivery, person_number
from tests.deliveries.conftest import Receiver

REAL = person_number(0, series=0)


# Text that no compression makes short enough for an index.
UNLIKE_ITSELF = "".join(sha256(bytes([n])).hexdigest() for n in range(200))


def with_manifest(change: Callable[[str], str]) -> Delivery:
    def spoil(folder: Path, content: dict[str, Any]) -> None:
        (folder / "manifest.json").write_text(change(json.dumps(content)))

    return full_delivery("nav", spoil=spoil)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: text.replace("a-krim", "a\\u0000krim"), "manifest_unreadable"),
        (lambda text: text.replace("a-krim", "a\\ud800krim"), "manifest_unreadable"),
        (lambda text: text.replace('"rows": 3', '"rows": NaN', 1), "manifest_unreadable"),
        (lambda text: text.replace('"rows": 3', f'"rows": {10**30}', 1), "manifest_unreadable"),
        (lambda text: text.replace('"rows": 3', '"rows": true', 1), "manifest_unreadable"),
        (
            lambda text: text.replace("2026-01-05T06:00:00+01:00", "9999-12-31T23:59:59-14:00"),
            "manifest_unreadable",
        ),
        (
            lambda text: text.replace("2026-01-05T06:00:00+01:00", "0001-01-01T00:00:00+14:00"),
            "manifest_unreadable",
        ),
        (lambda text: text.replace("saker.csv", "s" * 300), "bad_file_name"),
        (lambda text: text.replace('"synthetic": true', '"synthetic": 1e999'), "synthetic_mismatch"),
        (lambda text: text.replace('"extract": "saker"', f'"extract": "{UNLIKE_ITSELF}"'), "extract_missing"),
        (
            lambda text: text.replace('"agency": "nav"', '"agency": "nav", "agency": "nav"'),
            "manifest_unreadable",
        ),
    ],
)
def test_a_hostile_manifest_is_refused_and_the_next_delivery_taken(
    receiver: Receiver, change: Callable[[str], str], code: str
) -> None:
    outcomes = {o.delivery_id: o for o in receiver(with_manifest(change), full_delivery("nav", number=2))}
    assert outcomes["nav-2025-T3-01"].code == code
    assert outcomes["nav-2025-T3-02"].status == "accepted"


def test_a_backslash_before_u0000_is_no_nul(receiver: Receiver) -> None:
    assert receiver(full_delivery("nav", manifest={"purpose": r"a-krim \u0000"}))[0].status == "accepted"


def test_a_manifest_of_thousands_of_files_is_refused_in_a_few_words(receiver: Receiver) -> None:
    def spoil(folder: Path, content: dict[str, Any]) -> None:
        entry = content["files"][0]
        content["files"] = [entry | {"extract": f"{n:0200d}", "name": f"{n:0200d}"} for n in range(5_000)]
        (folder / "manifest.json").write_text(json.dumps(content))

    outcome = receiver(full_delivery("nav", spoil=spoil))[0]
    assert outcome.code == "file_missing"
    assert "and 4990 more" in str(outcome.detail)
    assert len(str(outcome.detail)) < 3_000


def test_names_that_are_no_text_are_noted_as_they_can_be(receiver: Receiver) -> None:
    folder = full_delivery("nav").write(receiver.inbox)
    Path(os.fsdecode(bytes(folder) + b"/no\xe5t.txt")).write_bytes(b"")
    Path(os.fsdecode(bytes(folder.parent) + b"/ma\xe5ppe")).mkdir()
    assert sorted(o.code or o.status for o in receiver(agency="nav")) == ["accepted", "manifest_missing"]


def test_a_copy_of_an_accepted_folder_is_misplaced(receiver: Receiver) -> None:
    folder = full_delivery("nav").write(receiver.inbox)
    receiver(agency="nav")
    shutil.copytree(folder, folder.parent / "nav-2025-T3-09")
    (copied,) = (o for o in receiver(agency="nav") if o.is_new)
    assert copied.code == "misplaced"
    assert "is of nav/nav-2025-T3-01, the folder is nav/nav-2025-T3-09." in str(copied.detail)
    assert receiver.value("select count(*) from meta.deliveries where status = 'accepted'") == 1


def test_a_folder_that_is_a_link_is_refused(receiver: Receiver, tmp_path: Path) -> None:
    folder = full_delivery("nav").write(tmp_path / "elsewhere")
    (receiver.inbox / "nav").mkdir()
    (receiver.inbox / "nav" / folder.name).symlink_to(folder)
    assert receiver(agency="nav")[0].code == "bad_file_name"


def test_two_unknown_agencies_folders_of_one_name_are_both_recorded(receiver: Receiver) -> None:
    for agency in ("toll", "kommune"):
        (receiver.inbox / agency / "data").mkdir(parents=True)
    receiver.strays()
    assert receiver.value("select count(*) from meta.deliveries") == 2


def test_a_forbidden_role_is_written_nowhere_but_as_its_code(receiver: Receiver) -> None:
    row = base_row("politiet", "involverte", 1)
    delta = delta_delivery(
        "politiet",
        {
            "involverte": [
                row | {"involvert_id": "", "_slettet": "J", "rolle": "vitne"},
                row | {"_slettet": "J", "rolle": "fornaermet"},
                row | {"_slettet": "J", "rolle": "fornaermet"},
                row | {"involvert_id": "X", "rolle": "vitne"},
                row | {"involvert_id": "X", "saksnummer": ""},
            ]
        },
    )
    receiver(full_delivery("politiet"), delta)
    found = receiver.rows("select row_number, reason, raw from quarantine.rows order by 1")
    assert [r["reason"] for r in found] == [
        "empty_required",
        "repeated_key",
        "forbidden_role",
        "empty_required",
    ]
    everything = json.dumps(receiver.rows("select raw from quarantine.rows where row_number < 5"))
    assert "SAKER1" not in everything
    assert "PERSONER1" not in everything


def test_no_number_of_the_real_range_is_kept_however_it_is_written(receiver: Receiver) -> None:
    nav = full_delivery("nav", count=6)
    spaced = f"{REAL[:6]} {REAL[6:]}"
    wide = "".join(chr(ord("０") + int(digit)) for digit in REAL)  # a wide nought
    for place, number in enumerate((spaced, f" {REAL}", REAL, wide, f"{REAL} / 1", f"{wide} / 1")):
        nav.rows["personer"][place] |= {"ident": number, "navn": f"TESTESEN, {REAL}"}
    nav.raw["saker"] = nav.content("saker", nav.rows["saker"])[1] + f"D,{REAL},NAVN\r\n".encode()
    nav.rows["saker"].append({})
    brreg = full_delivery("brreg")
    brreg.rows["roller"][0]["person"] = REAL
    header = full_delivery("nav", number=3)
    header.raw["saker"] = header.content("saker", header.rows["saker"])[1].replace(b"aarsak", REAL.encode())
    receiver(nav, header)
    receiver(brreg)
    reasons = receiver.rows(
        "select reason from quarantine.rows where extract = 'personer' order by row_number"
    )
    assert [r["reason"] for r in reasons] == ["real_range_person_number"] * 6
    with psycopg.connect(receiver.address) as connection:
        tables = connection.execute(
            "select schemaname, tablename from pg_tables"
            " where schemaname in ('meta', 'quarantine', 'landing')"
        ).fetchall()
        for table in tables:
            query = sql.SQL("select * from {}").format(sql.Identifier(*table))
            text = str(connection.execute(query).fetchall())
            assert REAL not in text, table
            assert spaced not in text, table
            assert wide not in text, table


def test_a_removed_parents_children_stay_away_when_it_comes_back(receiver: Receiver) -> None:
    person = base_row("nav", "personer", 1)
    receiver(
        full_delivery("nav"),
        delta_delivery("nav", {"personer": [person | {"_slettet": "J"}]}),
        delta_delivery("nav", {"personer": [person]}, number=3),
    )
    pins = ["nav-2025-T3-01", "nav-2025-T3-02", "nav-2025-T3-03"]
    assert receiver.value("select count(*) from state.nav_personer(%s)", pins) == 3
    assert receiver.value("select count(*) from state.nav_saker(%s)", pins) == 0


def test_of_a_rows_reasons_the_specifications_first_is_given(receiver: Receiver) -> None:
    delivery = full_delivery("politiet")
    delivery.rows["saker"][2] |= {"anmeldt_dato": "01.02.2030", "avgjorelse_dato": "i går"}
    receiver(delivery)
    assert receiver.value("select reason from quarantine.rows where extract = 'saker'") == "bad_date"


def test_booleans_are_those_of_the_format(receiver: Receiver) -> None:
    delivery = full_delivery("skatteetaten")
    delivery.rows["restanser"][0]["utlegg"] = "true"
    receiver(delivery)
    assert receiver.value("select reason from quarantine.rows") == "bad_value"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "unreadable_file"),
        (gzip.compress(b'{"a":{"x":1,"x":2},"b":' + b"9" * 5000 + b"}\n", mtime=0), "columns"),
    ],
    ids=["an empty file", "a key twice and a giant number"],
)
def test_hostile_json_lines_are_refused(receiver: Receiver, content: bytes, code: str) -> None:
    delivery = full_delivery("brreg")
    delivery.raw["roller"], delivery.rows["roller"] = content, []
    assert receiver(delivery)[0].code == code


def test_brackets_in_text_are_no_nesting(receiver: Receiver) -> None:
    delivery = full_delivery("brreg")
    delivery.rows["enheter"][0]["navn"] = "[" * 60
    assert receiver(delivery)[0].status == "accepted"


def test_a_small_file_of_giant_lines_does_not_fill_memory(receiver: Receiver) -> None:
    delivery = full_delivery("brreg")
    line = json.dumps(base_row("brreg", "enheter", 1) | {"navn": "A" * 1_000_000})
    delivery.raw["enheter"] = gzip.compress((line + "\n").encode() * 400, mtime=0)
    delivery.rows["enheter"] = [{}] * 400
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    receiver(delivery)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400 * 1024


def test_what_a_killed_receiver_left_is_cleared_by_the_next(receiver: Receiver, home: Path) -> None:
    receiver.run("create schema scratch_nav; create table scratch_nav.saker (ident text)")
    (home / "spool" / "nav").mkdir(parents=True)
    (home / "spool" / "nav" / "0").write_text("rest")
    (receiver.inbox / "nav").mkdir()
    receiver(agency="nav")
    assert receiver.rows("select 1 from information_schema.schemata where schema_name = 'scratch_nav'") == []
    assert not (home / "spool" / "nav").exists()
