"""Decision forms that come back: what a form says of itself is checked before anything is made of it."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from akrim.characters import neutral_name
from akrim.deliveries.decisions import SEAL_COLUMN
from akrim.deliveries.state import accepted_deliveries, state_sequence
from akrim.keys.centres import trust_signer
from akrim.trust import signing
from akrim.trust.keyring import KeyFile
from openpyxl import load_workbook

from tests.deliveries.conftest import Receiver
from tests.deliveries.forms import DECISION, OSLOS, cell_of, fill_in, make_form
from tests.measured import run_akrim

EVALUATED = "oslo'||(1/(length(current_user)-5))::text||'"
# Each is written into a whole column of a form that is otherwise as it left the installation.
NO_ORIGIN = {
    "senter": [EVALUATED, "', now()) --", "Oslo", "../../oslo", "oslo\u200b", "uten_senter", "o" * 5000],
    "release_id": ["2025-T2.9", "2025-T3.1", "2025-T2.1'; drop schema meta cascade --", "2025-T2.\u0661",
                   "2025-T2.1/../..", "2025-T2", "2025-T2.00001", "9999-T9.1"],
}  # fmt: skip
# As a sender's file system allows them: quotes and commands; an escape, no UTF-8, a reordering mark, a very long name.
NAMES = [b"a'b\";--\\ %s{}$(id).xlsx", b"\x1b[2J\xe5\n\xe2\x80\xae" + b"n" * 240 + b".xlsx"]


@pytest.mark.slow
def test_hostile_forms_are_refused_and_the_next_runs_are_sound(
    receiver: Receiver, published: Callable[[], None], home: Path
) -> None:
    """A real `akrim receive`, twice: with the forms there, and with the forms gone."""
    published()
    receiver.enter_release("2025-T3.1", status="building")
    folder = receiver.inbox / "sentrene"
    folder.mkdir()
    form = make_form()
    spoilt = [
        fill_in(form, folder / f"{column}-{number}.xlsx", DECISION, all_rows={column: value})
        for column, values in NO_ORIGIN.items()
        for number, value in enumerate(values)
    ]
    for number, name in enumerate(NAMES):
        sound = fill_in(form, folder / "sound.xlsx", DECISION | {"tiltak": f"Tilsyn {number}"})
        sound.rename(os.fsdecode(bytes(folder) + b"/" + name))
    (folder / "link.xlsx").symlink_to(fill_in(form, home.parent / "elsewhere.xlsx", DECISION))
    (folder / "to nowhere.xlsx").symlink_to(home.parent / "nowhere")
    (folder / "folder.xlsx").mkdir()
    os.mkfifo(folder / "pipe.xlsx")

    outcomes = _receive(receiver, home)

    refused = {o["delivery_id"]: (o["code"], o["detail"]) for o in outcomes if o["status"] == "refused"}
    for path in spoilt:
        code, detail = refused.pop(path.name)
        assert code == "unreadable_file"
        assert f"its {path.name.partition('-')[0]} names no " in detail
    assert {name: code for name, (code, _) in refused.items()} == {
        "link.xlsx": "bad_file_name", "to nowhere.xlsx": "bad_file_name", "pipe.xlsx": "bad_file_name",
        "folder.xlsx": "manifest_missing",
    }  # fmt: skip
    accepted = [o for o in outcomes if o["status"] == "accepted"]
    assert len(accepted) == len(NAMES)
    assert all(o["loaded"] == {"beslutninger": 1} for o in accepted)
    kept = json.dumps(receiver.rows("select delivery_id, folder, manifest from meta.deliveries"))
    assert not any(character in kept for character in ("\\u", "\\n", "$", "'"))
    ids = receiver.rows("select delivery_id from meta.deliveries where status = 'accepted'")
    assert {len(row["delivery_id"]) for row in ids} == {len("sentrene-2025-T2.1-oslo-") + 12}

    for path in folder.iterdir():
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    assert _receive(receiver, home) == []
    assert _decided(receiver) == [OSLOS[0]]


@pytest.mark.parametrize("name", ["svar.ods", "svar.xls", "svar.XLSX"])
def test_a_form_that_is_saved_as_another_kind_of_file_is_refused_with_what_to_do(
    receiver: Receiver, published: Callable[[], None], name: str
) -> None:
    """Its sender takes the decisions for sent. What lies beside forms by right is none: receipts, and a spreadsheet's own files."""
    published()
    (receiver.inbox / "sentrene").mkdir()
    form = fill_in(make_form(), receiver.inbox / "sentrene" / "svar.xlsx", DECISION)
    form.rename(form.with_name(name))
    for other in ("2025-T2.1-oslo.receipt.json", f"~${name}", f".~lock.{name}#"):
        form.with_name(other).write_bytes(b"{}")
    [outcome] = receiver(agency="sentrene")
    assert (outcome.delivery_id, outcome.code) == (name, "unreadable_file")
    assert "name ends in .xlsx" in str(outcome.detail)
    form.with_name(name).rename(form)
    assert receiver(agency="sentrene")[0].status == "accepted"


@pytest.mark.parametrize("person", ["PBERGEN", "PPERSON2", "PPERSON9", "PMADEUP"])
def test_a_row_for_another_person_is_set_aside_and_told_by_its_number(
    receiver: Receiver, published: Callable[[], None], person: str
) -> None:
    """Of another centre, of the same list, merged away since into the one that the row was made for, or nobody's."""
    published()
    receiver.run(
        "insert into linkage.person_id_history values ('PPERSON9', 'PPERSON1', '2025-T2.1', 'merged')"
    )
    form = make_form()
    (receiver.inbox / "sentrene").mkdir()
    fill_in(form, receiver.inbox / "sentrene" / "svar.xlsx", DECISION | {"person_id": person}, {}, DECISION)

    (outcome,) = receiver(agency="sentrene")

    assert (outcome.loaded, outcome.quarantined) == ({"beslutninger": 1}, {"beslutninger": 1})
    assert receiver.value("select reason from quarantine.rows") == "unknown_reference"
    told = "\n".join(outcome.notes)
    assert "Rad 2 er ikke en som skjemaet ble laget med" in told, "the id's own column is hidden"
    assert "Row 2 is not one that the form was made with" in told
    assert person not in told
    assert _decided(receiver) == ["PPERSON3"]


def test_a_row_that_was_added_by_hand_is_told_as_one_and_asks_for_no_hidden_cell(
    receiver: Receiver, published: Callable[[], None]
) -> None:
    published()
    (receiver.inbox / "sentrene").mkdir()
    form = make_form()
    locked = dict.fromkeys(("beslutning_id", "senter", "release_id", "person_id", "segl"))
    fill_in(form, receiver.inbox / "sentrene" / "svar.xlsx", DECISION | locked | {"navn": "Ola"}, DECISION)
    (outcome,) = receiver(agency="sentrene")
    assert outcome.quarantined == {"beslutninger": 1}
    (told,) = outcome.notes
    assert "Row 2 is not one that the form was made with: it was added" in told
    assert cell_of(form, "beslutning_id") not in told


def test_of_a_decision_on_somebody_who_was_erased_meanwhile_nothing_is_kept(
    receiver: Receiver, published: Callable[[], None]
) -> None:
    """By the id that she had, or one that was merged into it; of others, and of whom she was split from, a row that is set aside stays."""
    published()
    receiver.run("delete from marts.release_persons where person_id in ('PPERSON1', 'PPERSON2')")
    receiver.run(
        "insert into linkage.person_id_history values"
        " ('PPERSON1', 'PNOW', '2025-T2.1', 'merged'), ('PPERSON3', 'PNOW', '2025-T2.1', 'split')"
    )
    receiver.run(
        "insert into meta.erasures (person_id, releases, rows_erased, by_name, reason) values ('PNOW', '{}', 1, 'Kari', 'Krav.')"
    )
    (receiver.inbox / "sentrene").mkdir()
    decided = DECISION | {"tiltak": "Besøk Testesen hjemme"}
    fill_in(
        make_form(),
        receiver.inbox / "sentrene" / "svar.xlsx",
        decided,
        decided | {"person_id": "PPERSON3"},
        decided | {"person_id": "PPERSON1"},
    )

    (outcome,) = receiver(agency="sentrene")

    assert outcome.quarantined == {"beslutninger": 3}
    kept = receiver.rows("select raw ->> 'tiltak' as text from quarantine.rows order by row_number")
    assert [row["text"] for row in kept] == [None, "Besøk Testesen hjemme", None]


@pytest.mark.parametrize(("erased", "is_kept"), [("PNOW", False), ("PHIS", True)])
def test_of_whom_a_decision_is_where_a_merge_was_undone_says_whoever_has_her_records(
    erased: str, is_kept: bool, receiver: Receiver, published: Callable[[], None]
) -> None:
    """PPERSON1 was merged into PHIS and parted from it again, as PNOW: an old form is hers, and not his."""
    published()
    receiver.run("delete from marts.release_persons where person_id = 'PPERSON1'")
    receiver.run(
        "insert into linkage.person_id_history values"
        " ('PPERSON1', 'PHIS', '2025-T2.1', 'merged'), ('PHIS', 'PNOW', '2025-T2.2', 'split')"
    )
    receiver.run(
        "insert into linkage.memberships (source, extract, source_record_id, content_digest, person_id, link_kind,"
        " valid_from_release, valid_to_release) values"
        " ('nav', 'personer', 'a1', '', 'PPERSON1', 'single', '2025-T1.1', '2025-T2.1'),"
        " ('nav', 'personer', 'a1', '', 'PHIS', 'single', '2025-T2.1', '2025-T2.2'),"
        " ('nav', 'personer', 'a1', '', 'PNOW', 'single', '2025-T2.2', null),"
        " ('nav', 'personer', 'b1', '', 'PHIS', 'single', '2025-T1.1', null)"
    )
    receiver.run(
        "insert into meta.erasures (person_id, releases, rows_erased, by_name, reason)"
        f" values ('{erased}', '{{}}', 1, 'Kari', 'Krav.')"
    )
    (receiver.inbox / "sentrene").mkdir()
    decided = DECISION | {"person_id": "PPERSON1", "tiltak": "Besøk Testesen hjemme"}
    fill_in(make_form(), receiver.inbox / "sentrene" / "svar.xlsx", DECISION, decided)

    (outcome,) = receiver(agency="sentrene")

    assert sum(outcome.quarantined.values()) >= 1
    kept = receiver.rows("select raw ->> 'tiltak' as text from quarantine.rows where row_number = 2")
    assert [row["text"] for row in kept] == [decided["tiltak"] if is_kept else None]


def test_a_row_that_shows_another_person_is_set_aside_and_told(
    receiver: Receiver, published: Callable[[], None]
) -> None:
    """As where somebody sorts the names alone, changes one, or deletes some of the list's columns."""
    published()
    (receiver.inbox / "sentrene").mkdir()
    form = make_form()
    fill_in(form, receiver.inbox / "sentrene" / "a.xlsx", DECISION | {"navn": "Ola Testesen"}, DECISION)
    fill_in(form, receiver.inbox / "sentrene" / "b.xlsx", DECISION | {"fodselsdato": "13.03.1980"})
    fill_in(form, receiver.inbox / "sentrene" / "c.xlsx", DECISION, all_rows={"navn": None})
    fill_in(
        form, receiver.inbox / "sentrene" / "d.xlsx", DECISION | {"rangering": 2}, DECISION | {"rangering": 1}
    )
    outcomes = receiver(agency="sentrene")
    assert [o.quarantined for o in outcomes] == [{"beslutninger": n} for n in (1, 1, 1, 2)]
    assert all(any("Row 2 is not one" in note for note in o.notes) for o in outcomes)
    assert "Ola" not in json.dumps([o.notes for o in outcomes])
    assert _decided(receiver) == ["PPERSON2"]


@pytest.mark.parametrize("since", ["its release is erased", "its centre signs with another key"])
def test_a_form_that_was_accepted_stays_so(
    since: str, receiver: Receiver, published: Callable[[], None], tmp_path: Path
) -> None:
    """It still lies in the inbox, and is looked at again where it was touched, or any contract has another version."""
    published()
    (receiver.inbox / "sentrene").mkdir()
    path = fill_in(make_form(), receiver.inbox / "sentrene" / "svar.xlsx", DECISION)
    (taken,) = receiver(agency="sentrene")
    if since == "its release is erased":
        receiver.run("update meta.releases set status = 'erased'")
    else:
        signing.create_pair(tmp_path / "new.key", tmp_path / "new.pub", "key for decisions")
        trust_signer("oslo", tmp_path / "new.pub")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    (again,) = receiver(agency="sentrene")
    assert (again.delivery_id, again.status, again.is_new) == (taken.delivery_id, "already_loaded", False)


def test_a_form_without_the_list_it_came_with_still_decides(
    receiver: Receiver, published: Callable[[], None]
) -> None:
    """Its readers' columns are ignored, so they may be deleted."""
    published()
    (receiver.inbox / "sentrene").mkdir()
    target = fill_in(make_form(), receiver.inbox / "sentrene" / "svar.xlsx", DECISION)
    book = load_workbook(target)
    book["beslutninger"].delete_cols(1, 6)
    book.save(target)
    assert [o.loaded for o in receiver(agency="sentrene")] == [{"beslutninger": 1}]


def test_an_id_that_was_merged_or_split_since_is_known(
    receiver: Receiver, published: Callable[[], None]
) -> None:
    published()
    receiver.run(
        "insert into linkage.person_id_history values ('PPERSON1', 'PPERSON2', '2025-T3.1', 'merged'),"
        " ('PPERSON3', 'PPERSON4', '2025-T3.1', 'split')"
    )
    (receiver.inbox / "sentrene").mkdir()
    fill_in(make_form(), receiver.inbox / "sentrene" / "svar.xlsx", DECISION, {}, DECISION)
    assert [o.loaded for o in receiver(agency="sentrene")] == [{"beslutninger": 2}]


def test_a_form_relabelled_or_made_by_hand_decides_nothing(
    receiver: Receiver, published: Callable[[], None]
) -> None:
    published()
    receiver.enter_release("2025-T2.2", published_at="now")
    receiver.run(
        "insert into marts.release_persons select '2025-T2.2', centre_id, person_id from marts.release_persons"
    )
    folder = receiver.inbox / "sentrene"
    folder.mkdir()
    form = make_form()
    bergens = {"senter": "bergen", "person_id": "PBERGEN", "beslutning_id": "bergen-2025-T2.1-PBERGEN"}
    again = {"release_id": "2025-T2.2", "beslutning_id": "oslo-2025-T2.2-PPERSON1"}
    forged = [
        fill_in(form, folder / "as bergens.xlsx", DECISION, all_rows={"senter": "bergen"}),
        fill_in(form, folder / "as bergens, all of it.xlsx", DECISION, all_rows=bergens),
        fill_in(form, folder / "of another release.xlsx", DECISION, all_rows={"release_id": "2025-T2.2"}),
        fill_in(form, folder / "of another release, all of it.xlsx", DECISION | again, all_rows={"release_id": "2025-T2.2"}),
        fill_in(form, folder / "without seals.xlsx", DECISION, all_rows={SEAL_COLUMN: None}),
        fill_in(form, folder / "with made up seals.xlsx", DECISION, all_rows={SEAL_COLUMN: "0" * 64}),
        fill_in(form, folder / "with odd seals.xlsx", DECISION, all_rows={SEAL_COLUMN: "æ\u202e" * 32}),
        fill_in(make_form("bergen", ["PBERGEN"]), folder / "bergens as oslos.xlsx", DECISION,
                all_rows={"senter": "oslo", "person_id": "PPERSON1", "beslutning_id": "oslo-2025-T2.1-PPERSON1"}),
        fill_in(make_form(key=b"another installation's"), folder / "of another installation.xlsx", DECISION),
        with_names(form, folder / "with the seals' column twice.xlsx", {"siste_beslutning": SEAL_COLUMN}),
        with_names(form, folder / "without the seals' column.xlsx", {SEAL_COLUMN: "annet"}),
    ]  # fmt: skip

    outcomes = receiver(agency="sentrene")

    assert {o.delivery_id: o.code for o in outcomes} == {
        neutral_name(f.name): "unreadable_file" for f in forged
    }
    assert all("was not made here for" in (o.detail or "") for o in outcomes)
    assert receiver.value("select count(*) from landing.sentrene_beslutninger") == 0


def test_a_row_sealed_for_another_is_set_aside_whatever_else_fits(
    receiver: Receiver, published: Callable[[], None]
) -> None:
    """Person and decision id changed together, as nothing but the seal can tell; and a form whose one row is."""
    published()
    (receiver.inbox / "sentrene").mkdir()
    forged = DECISION | {"person_id": "PPERSON1", "beslutning_id": "oslo-2025-T2.1-PPERSON1"}
    for number, form in enumerate(
        (make_form(persons=["PPERSON2", "PPERSON3"]), make_form(persons=["PPERSON2"]))
    ):
        fill_in(form, receiver.inbox / "sentrene" / f"svar {number}.xlsx", forged, DECISION)
    outcomes = receiver(agency="sentrene")
    assert [o.quarantined for o in outcomes] == [{"beslutninger": 1}] * 2
    assert all(any("Row 2 is not one" in note for note in o.notes) for o in outcomes)
    assert _decided(receiver) == ["PPERSON3"]


def test_where_a_centre_signs_its_forms_are_taken_with_its_signature_alone(
    receiver: Receiver, published: Callable[[], None], home: Path
) -> None:
    published()
    folder = receiver.inbox / "sentrene"
    folder.mkdir()
    own, foreign = home.parent / "keys", home.parent / "others"
    for keys in (own, foreign):
        signing.create_pair(keys / KeyFile.DECISIONS_SECRET, keys / KeyFile.DECISIONS, "key for decisions")
    trust_signer("oslo", own / KeyFile.DECISIONS)
    form = make_form()
    unsigned = fill_in(form, folder / "unsigned.xlsx", DECISION)
    theirs = fill_in(form, folder / "theirs.xlsx", DECISION | {"tiltak": "Tilsyn"})
    altered = fill_in(form, folder / "altered.xlsx", DECISION | {"tiltak": "Bokettersyn"})
    huge = fill_in(form, folder / "huge.xlsx", DECISION | {"tiltak": "Ransaking"})
    sign(theirs, foreign)
    sign(altered, own)
    fill_in(form, altered, DECISION | {"tiltak": "Ingenting"})
    (folder / "huge.xlsx.minisig").write_bytes(b"x" * 1_000_000)
    bergens = fill_in(make_form("bergen", ["PBERGEN"]), folder / "bergens.xlsx", DECISION)

    found = {o.delivery_id: o.code or o.status for o in receiver(agency="sentrene")}

    accepted = found.pop(next(name for name in found if "-bergen-" in name))
    assert accepted == "accepted", "a centre without a key signs nothing"
    assert found == dict.fromkeys((f.name for f in (unsigned, theirs, altered, huge)), "bad_signature")
    assert bergens.exists()

    sign(unsigned, own)
    assert [o.status for o in receiver(agency="sentrene") if o.is_new] == ["accepted"]


def sign(form: Path, keys: Path) -> None:
    signing.sign(form, signing.read_secret_key(keys / KeyFile.DECISIONS_SECRET), "decisions of a centre")


def with_names(form: bytes, target: Path, names: dict[str, str]) -> Path:
    """The form, its first row decided on, with other names above its columns."""
    fill_in(form, target, DECISION)
    book = load_workbook(target)
    for cell in book["beslutninger"][1]:
        cell.value = names.get(str(cell.value), cell.value)
    book.save(target)
    return target


def _receive(receiver: Receiver, home: Path) -> list[dict]:
    done = run_akrim(
        "receive", "--inbox", str(receiver.inbox), "--json", home=home,
        environment={"AKRIM_DATABASE_URL": receiver.address},
    )  # fmt: skip
    assert done.code == 0, done.err
    outcomes: list[dict] = json.loads(done.out)
    return outcomes


def _decided(receiver: Receiver) -> list[str]:
    """The persons of the decisions in force, as a later run reads them."""
    with psycopg.connect(receiver.address) as connection:
        pins = state_sequence(accepted_deliveries(connection, "sentrene"), "2025-T3", True)
        query = "select distinct person_id from state.sentrene_beslutninger(%s::text[]) order by 1"
        return [row[0] for row in connection.execute(query, [pins]).fetchall()]


@pytest.mark.parametrize(
    ("typed", "read"),
    [("30.04.2026", "2026-04-30"), (" 1.5.2026 ", "2026-05-01"), ("1. 5. 2026", "2026-05-01"), ("2026-05-01", "2026-05-01"),
     ("31.04.2026", None), ("30.04.26", None), ("30/04/2026", None)],
)  # fmt: skip
def test_a_day_that_was_typed_as_text_is_read_as_people_in_norway_write_it(
    receiver: Receiver, published: Callable[[], None], typed: str, read: str | None
) -> None:
    published()
    (receiver.inbox / "sentrene").mkdir()
    fill_in(make_form(), receiver.inbox / "sentrene" / "svar.xlsx", DECISION | {"neste_vurdering": typed})
    (outcome,) = receiver(agency="sentrene")
    assert outcome.quarantined == ({} if read else {"beslutninger": 1})
    found = receiver.rows("select neste_vurdering from landing.sentrene_beslutninger")
    assert [row["neste_vurdering"] for row in found] == ([read] if read else [])


@pytest.mark.parametrize("seconds", [0, 315_532_800])
def test_a_form_whose_file_has_no_time_of_change_comes_as_of_now(
    receiver: Receiver, published: Callable[[], None], seconds: int
) -> None:
    """Where a storage keeps none, its files are of 1970, and of 1980 in some archives."""
    published()
    (receiver.inbox / "sentrene").mkdir()
    path = fill_in(make_form(), receiver.inbox / "sentrene" / "form.xlsx", DECISION)
    os.utime(path, (seconds, seconds))
    outcome = receiver(agency="sentrene")[0]
    assert (outcome.status, outcome.loaded) == ("accepted", {"beslutninger": 1})
    assert receiver.value("select now() - delivered_at < interval '1 hour' from meta.deliveries")
