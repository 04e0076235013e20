"""Decision forms that come back: what a form says of itself is checked before anything is made of it."""

import json
import os
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import psycopg
import pytest
from akrim.deliveries.sequence import accepted_deliveries, state_sequence

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
    receiver.run(
        "insert into meta.releases (release_id, period, revision, as_of, status, fingerprint, pins)"
        " values ('2025-T3.1', '2025-T3', 1, '2025-12-31', 'building', 'f', '{}')"
    )
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


@pytest.mark.parametrize("person", ["PBERGEN", "PPERSON2", "PPERSON9", "PMADEUP"])
def test_a_row_for_another_person_is_set_aside_with_its_cell(
    receiver: Receiver, published: Callable[[], None], person: str
) -> None:
    """Of another centre, of the same list, merged away since into the one that the row was made for, or nobody's."""
    published()
    receiver.run((files("akrim.linkage") / "tables.sql").read_text())
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
    assert f"Celle {cell_of(form, 'person_id')} (person_id)" in told
    assert f"Cell {cell_of(form, 'person_id')} (person_id)" in told
    assert person not in told
    assert _decided(receiver) == ["PPERSON3"]


def test_an_id_that_was_merged_or_split_since_is_known(
    receiver: Receiver, published: Callable[[], None]
) -> None:
    published()
    receiver.run((files("akrim.linkage") / "tables.sql").read_text())
    receiver.run(
        "insert into linkage.person_id_history values ('PPERSON1', 'PPERSON2', '2025-T3.1', 'merged'),"
        " ('PPERSON3', 'PPERSON4', '2025-T3.1', 'split')"
    )
    (receiver.inbox / "sentrene").mkdir()
    fill_in(make_form(), receiver.inbox / "sentrene" / "svar.xlsx", DECISION, {}, DECISION)
    assert [o.loaded for o in receiver(agency="sentrene")] == [{"beslutninger": 2}]


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
