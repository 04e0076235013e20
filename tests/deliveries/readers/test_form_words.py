"""A form that is filled in with words is read as with codes; a word that means nothing, or two things, is refused with its cell."""

import time
from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from akrim.contracts import decision_extracts
from akrim.deliveries.readers.form_words import (
    CODE_LISTS,
    code_of,
    heading,
    meanings_of,
    named,
    the_one_meant,
)
from akrim.texts import LANGUAGES, labels, texts
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.deliveries.conftest import Receiver
from tests.deliveries.forms import DECISION, cell_of, fill_in, make_form

IN_WORDS = {
    "nb": {
        "status": "  av  INTERESSE ", "prioritering": "Overvåk", "begrunnelse": "ressurser", "ansvarlig_etat": "NAV",
        "kapasitet_endring": "Ikke vurdert", "intensjon_endring": "uendret\u00a0", "besluttet_dato": date(2025, 12, 20),
    },
    "en": {
        "status": "of interest", "prioritering": " Monitor", "begrunnelse": "RESOURCES", "ansvarlig_etat": "The labour and Welfare Administration",
        "kapasitet_endring": "Not assessed", "intensjon_endring": "Unchanged", "besluttet_dato": "20.12.2025",
    },
}  # fmt: skip


@pytest.mark.parametrize("language", IN_WORDS)
def test_words_of_any_language_are_read_as_their_codes(
    receiver: Receiver, published: Callable[[], None], language: str
) -> None:
    published()
    (receiver.inbox / "sentrene").mkdir()
    fill_in(make_form(), receiver.inbox / "sentrene" / "svar.xlsx", IN_WORDS[language])
    (outcome,) = receiver(agency="sentrene")
    assert (outcome.loaded, outcome.quarantined) == ({"beslutninger": 1}, {})
    (row,) = receiver.rows("select * from landing.sentrene_beslutninger")
    assert {name: row[name] for name in DECISION} == DECISION


def test_a_word_that_means_nothing_is_named_with_what_may_be_chosen(
    receiver: Receiver, published: Callable[[], None]
) -> None:
    published()
    form = make_form()
    (receiver.inbox / "sentrene").mkdir()
    fill_in(
        form,
        receiver.inbox / "sentrene" / "svar.xlsx",
        DECISION | {"ansvarlig_etat": "Skattetaten"},
        DECISION,
    )
    (outcome,) = receiver(agency="sentrene")
    assert (outcome.loaded, outcome.quarantined) == ({"beslutninger": 1}, {"beslutninger": 1})
    (note,) = outcome.notes
    cell = cell_of(form, "ansvarlig_etat")
    assert f"Celle {cell} (Ansvarlig etat) har en verdi" in note
    assert "Velg en av: Arbeidstilsynet, Skatteetaten, Nav, Politiet." in note
    assert f"Cell {cell} (Responsible agency) holds a value" in note
    assert "Skattetaten" not in note


def test_headings_in_words_are_read_too(receiver: Receiver, published: Callable[[], None]) -> None:
    """As a program leaves them that gives cells as they are shown."""
    published()
    folder = receiver.inbox / "sentrene"
    folder.mkdir()
    for number, language in enumerate(LANGUAGES):
        book = load_workbook(BytesIO(make_form()))
        for sheet in book.worksheets[:3]:
            for cell in sheet[1]:
                cell.value = f" {heading(str(cell.value), language).upper()}"
        _decide(book["beslutninger"], 2 + number, language)
        book.save(folder / f"{language}.xlsx")
    outcomes = receiver(agency="sentrene")
    assert [(o.status, o.loaded, o.quarantined) for o in outcomes] == [
        ("accepted", {"beslutninger": 1}, {}) for _ in LANGUAGES
    ]


def _decide(sheet: Worksheet, row: int, language: str) -> None:
    places = {str(cell.value).strip(): cell.column for cell in sheet[1]}
    for name, value in DECISION.items():
        sheet.cell(row, places[heading(name, language).upper()]).value = value


def test_a_readers_own_column_is_not_taken_for_one_that_bears_its_name() -> None:
    assert named({1: "status", 2: "Status", 3: "ANSVARLIG etat", 4: "Merknad"}) == {
        1: "status", 2: "Status", 3: "ansvarlig_etat", 4: "Merknad",
    }  # fmt: skip


def test_a_word_that_means_two_things_means_neither() -> None:
    meanings = meanings_of([("Avslutt", "avslutt"), ("Close", "avslutt"), ("close", "ikke_naa")])
    assert the_one_meant(" avslutt", meanings) == "avslutt"
    assert the_one_meant("Close", meanings) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_ours_means_two_things(language: str) -> None:
    """Nor can a spreadsheet's list hold a comma, or a heading's format a quotation mark; a list has room for 255 characters."""
    own = texts(language, "messages")["form_columns"]
    assert [name for name in own if named({1: heading(name, language)}) != {1: name}] == []
    assert [text for text in own.values() if '"' in text] == []
    for code_list in set(CODE_LISTS.values()):
        for column in (
            c for e in decision_extracts() for c in e.columns if CODE_LISTS.get(c.name) == code_list
        ):
            words = [labels(language)[code_list, code] for code in column.codes]
            assert len({word.casefold() for word in words}) == len(words)
            assert len(",".join(words)) <= 255
            assert not [word for word in words if "," in word]
            assert [code_of(column, word) for word in words] == list(column.codes)


def test_a_text_of_marks_without_end_is_no_word_and_takes_no_time() -> None:
    marks = "a" + "\u0301" * 2**20 + "\u0327" * 2**20
    before = time.process_time()
    assert named({1: marks}) == {1: marks}
    assert time.process_time() - before < 5
