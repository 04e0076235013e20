"""A real decision form, filled in as a management team would, dropped in the inbox and received."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from akrim.deliveries import DeliveryOutcome, receive
from akrim.deliveries.decisions import answers_since
from akrim.deliveries.state import accepted_deliveries, state_sequence
from akrim.report.answer import answer_blocks, answer_points
from akrim.report.wording import Words
from akrim.warehouse import connect
from openpyxl import load_workbook
from psycopg.rows import dict_row

from tests.releases import world

pytestmark = pytest.mark.slow

DECISION = {
    "status": "sentral_trusselaktor", "prioritering": "prioriter", "begrunnelse": "sannsynlig_resultat",
    "ansvarlig_etat": "skatteetaten", "tiltak": "Bokettersyn = straks", "kapasitet_endring": "redusert",
    "intensjon_endring": "uendret", "besluttet_dato": date(2026, 5, 12), "neste_vurdering": date(2026, 9, 30),
}  # fmt: skip


@pytest.fixture
def inbox(warehouse: str, tmp_path: Path) -> Path:
    """An inbox of an installation that has published the golden world's second release."""
    with psycopg.connect(warehouse) as connection:
        world.reserve(connection, world.FIRST)
        world.reserve(connection, world.SECOND)
        connection.execute("update meta.releases set published_at = now(), status = 'published'")
        world.hand_out(
            connection, world.SECOND, "oslo", world.SERIAL, world.PROTECTED, world.HOSTILE, world.NEWCOMER
        )
    (tmp_path / "inbox" / "sentrene").mkdir(parents=True)
    return tmp_path / "inbox"


def fill(form: Path, target: Path, rows: dict[int, dict[str, Any]]) -> dict[str, str]:
    """Write into the form's cells by row and column; returns each column's letter."""
    book = load_workbook(form)
    sheet = book["beslutninger"]
    letters = {cell.value: cell.column_letter for cell in sheet[1]}
    for number, values in rows.items():
        for name, value in values.items():
            sheet[f"{letters[name]}{number}"] = value
    book.save(target)
    return letters


def take(inbox: Path) -> list[DeliveryOutcome]:
    from expectations import suite_for

    return receive(str(inbox), "sentrene", suite_for)


def decisions(warehouse: str) -> list[dict[str, Any]]:
    with psycopg.connect(warehouse) as connection, connection.cursor(row_factory=dict_row) as cursor:
        sequence = state_sequence(accepted_deliveries(connection, "sentrene"), "2026-T1", True)
        query = "select * from state.sentrene_beslutninger(%s::text[]) order by beslutning_id"
        return cursor.execute(query, [sequence]).fetchall()


def test_what_was_decided_is_read_and_nothing_else(oslo: Path, inbox: Path, warehouse: str) -> None:
    fill(oslo / "prioritisation.xlsx", inbox / "sentrene" / "svar fra Oslo.xlsx",
         {2: DECISION, 4: {"tiltak": "Kanskje tilsyn?"}})  # fmt: skip

    outcome = take(inbox)[0]

    assert (outcome.status, outcome.loaded, outcome.quarantined) == ("accepted", {"beslutninger": 1}, {})
    assert [note for note in outcome.notes if "Rad" in note] == [
        "Rad 4 har tekst, men ingen beslutning, og er ikke lest. / Row 4 holds text but no decision, and was not read."
    ]
    (row,) = decisions(warehouse)
    expected = {name: str(value) for name, value in DECISION.items()}
    assert {name: row[name] for name in expected} == expected
    assert (row["person_id"], row["senter"], row["release_id"]) == (world.SERIAL, "oslo", world.SECOND)


def test_each_bad_cell_is_named_in_both_languages_and_a_corrected_form_mends_it(
    oslo: Path, inbox: Path, warehouse: str
) -> None:
    bad = DECISION | {"status": "kjeltring", "besluttet_dato": "i går", "ansvarlig_etat": None}
    form = oslo / "prioritisation.xlsx"
    letters = fill(form, inbox / "sentrene" / "svar.xlsx", {2: DECISION, 3: bad})

    outcome = take(inbox)[0]

    assert (outcome.loaded, outcome.quarantined) == ({"beslutninger": 1}, {"beslutninger": 1})
    told = "\n".join(outcome.notes)
    for name, word, norwegian, english in (
        ("status", "Status", "Velg en av: Sentral trusselaktør, ", "Choose one of: Key threat actor, "),
        ("besluttet_dato", "Besluttet dato", "er ikke en gyldig dato", "is not a valid date"),
        ("ansvarlig_etat", "Ansvarlig etat", "er tom", "is empty"),
    ):
        line = next(line for line in told.splitlines() if f"Celle {letters[name]}3 ({word})" in line)
        assert norwegian in line
        assert english in line
    assert "kjeltring" not in told

    fill(form, inbox / "sentrene" / "svar, rettet.xlsx", {2: DECISION | {"tiltak": "Tilsyn"}, 3: DECISION})
    assert [o.status for o in take(inbox) if o.is_new] == ["accepted"]
    assert [(row["person_id"], row["tiltak"]) for row in decisions(warehouse)] == [
        (world.PROTECTED, "Bokettersyn = straks"), (world.SERIAL, "Tilsyn"),
    ]  # fmt: skip


def test_the_next_release_tells_what_became_of_each_row_and_file(
    oslo: Path, published: Path, inbox: Path
) -> None:
    """Filled in in words by a manager, with a slip of the pen and a note alone; and beside it a form with altered cells, and another file."""
    form, folder = oslo / "prioritisation.xlsx", inbox / "sentrene"
    words = DECISION | {
        "status": " trusselaktør", "prioritering": "Prioritise", "begrunnelse": "sannsynlig resultat", "ansvarlig_etat": "SKATTEETATEN",
        "besluttet_dato": "12.05.2026",
    }  # fmt: skip
    rows = {2: words, 3: words | {"ansvarlig_etat": "Skattetaten"}, 4: {"tiltak": "Ring Kari"}, 5: words}
    letters = fill(form, folder / "svar.xlsx", rows)
    fill(form, folder / "feil.xlsx", {n: {"segl": "0" * 96, "status": "trusselaktør"} for n in range(2, 7)})
    (folder / "møteplan.xlsx").write_bytes((published / world.SECOND / "oslo" / "data.xlsx").read_bytes())
    assert sorted(outcome.status for outcome in take(inbox)) == ["accepted", "refused", "refused"]

    with connect() as connection:
        answers = answers_since(connection, datetime(2020, 1, 1, tzinfo=UTC), "2031-T3")
    assert answers.keys() == {"oslo"}
    told = str((answer_points(answers["oslo"], Words("nb")), answer_blocks(answers["oslo"], Words("nb"))))
    assert "1 av 3 beslutninger dere sendte på skjema, kunne ikke leses" in told
    assert (
        f"Celle {letters['ansvarlig_etat']}3 (Ansvarlig etat) har en verdi som ikke står i listen. Velg en av:"
        in told
    )
    assert "Rad 4 har tekst, men ingen beslutning, og er ikke lest." in told
    assert (
        f"Et skjema ble avvist som helhet, og ingenting i det er lest. Det gjaldt utgave {world.SECOND}."
        in told
    )
    assert not any(text in told for text in ("Skattetaten", "Kari", "feil.xlsx", "møteplan"))


def test_a_form_that_came_back_empty_decides_nothing(oslo: Path, inbox: Path, warehouse: str) -> None:
    fill(oslo / "prioritisation.xlsx", inbox / "sentrene" / "svar.xlsx", {})
    assert take(inbox)[0].loaded == {"beslutninger": 0}
    assert decisions(warehouse) == []
