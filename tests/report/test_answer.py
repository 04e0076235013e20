"""The first section tells a centre what became of the form that it sent: what was read, each row that was not, and what to do."""

import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from akrim.report.answer import MAX_ROWS, answer_blocks, answer_points
from akrim.report.blocks import Block, Heading, Listing, Name, Paragraph
from akrim.report.wording import Words
from akrim.texts import LANGUAGES, texts

from tests.releases import world

CELL = {"extract": "beslutninger", "cell": "K5", "column": "ansvarlig_etat", "code": "unknown_code"}
EMPTY = {"L5": "status", "N5": "begrunnelse"}
SOME_READ = "1 av 4 beslutninger dere sendte på skjema, kunne ikke leses og gjelder ikke. Det som må rettes, står under «Svar på skjemaet dere sendte»."


def told(answer: dict[str, object] | None, language: str = "nb") -> list[str]:
    words = Words(language)
    return answer_points(answer, words) + [
        text for block in answer_blocks(answer, words) for text in _texts(block)
    ]


def _texts(block: Block) -> list[str]:
    if isinstance(block, Listing):
        return [str(item) for item in block.items]
    assert isinstance(block, Heading | Paragraph)
    return [str(block.text if isinstance(block, Heading) else block.content)]


def test_a_row_is_told_by_its_cell_the_reason_and_what_may_be_chosen() -> None:
    assert told({"read": 3, "rows": [[CELL]], "refused": []}) == [
        SOME_READ,
        "Svar på skjemaet dere sendte",
        "Celle K5 (Ansvarlig etat) har en verdi som ikke står i listen. Velg en av: Arbeidstilsynet, Skatteetaten, Nav, Politiet.",
        "Fyll ut radene på nytt i prioritisation.xlsx, som følger med denne utgaven, og send det inn. "
        "Står ikke den det gjelder der, rett raden i skjemaet dere sendte, og send det på nytt.",
    ]


def test_empty_cells_of_a_row_are_told_together_and_a_cell_once() -> None:
    empty = [
        CELL | {"cell": cell, "column": column, "code": "empty_required"} for cell, column in EMPTY.items()
    ]
    # Nobody can fill in a hidden cell.
    empty.append(CELL | {"cell": "I5", "column": "senter", "code": "empty_required"})
    foreign = CELL | {"cell": "J5", "column": "person_id", "code": "unknown_reference"}
    (said,) = [
        text
        for text in told({"read": 0, "rows": [[*empty, foreign, foreign]], "refused": []})
        if "Celle" in text or "Rad " in text
    ]
    assert said.startswith(
        "Cellene L5 (Status) og N5 (Begrunnelse) er tomme. Er raden påbegynt, må også disse fylles ut."
    )
    assert said.count("Rad 5 er ikke en som skjemaet ble laget med") == 1
    assert not {"I5", "J5"} & set(re.findall(r"\w+", said))


def test_rows_that_decide_nothing_and_numbers_of_people_informed_are_no_decisions() -> None:
    informed = CELL | {
        "extract": "informasjonstiltak",
        "cell": "F2",
        "column": "antall_informert",
        "code": "bad_value",
    }
    undecided = CELL | {"cell": "4", "column": "", "code": "no_decision"}
    said = told({"read": 3, "rows": [[informed], [undecided]], "refused": []})
    assert said[-1].endswith("Rett tallet i det skjemaet, og send det på nytt.")
    assert said[:4] == [
        "De 3 beslutningene dere sendte på skjema, er lest.",
        "Svar på skjemaet dere sendte",
        "Celle informasjonstiltak!F2 (Antall informert) skal være et helt tall fra 0 til 100000, uten annen tekst.",
        "Rad 4 har tekst, men ingen beslutning, og er ikke lest.",
    ]


def test_rows_of_a_form_that_was_refused_are_told_and_are_no_share_of_what_was_sent() -> None:
    refused = {"release_id": "2025-T3.1", "code": "quarantine_share", "forms": 1, "is_replaced": False}
    said = told({"read": 3, "rows": [[CELL]] * 2, "refused": [refused], "in_refused": 1})
    assert SOME_READ in said
    assert sum(text.startswith("Celle K5") for text in said) == 2
    alone = told({"read": 0, "rows": [[CELL]], "refused": [refused], "in_refused": 1})
    assert not any("beslutninger dere sendte" in text for text in alone)


def test_those_whose_decisions_were_read_are_named_so_that_the_others_are_known() -> None:
    answer = {"read": 2, "rows": [[CELL]], "refused": []}
    names = [Name("Kari Lik", "p-1"), Name("Per Bak")]
    *_, paragraph, listing = answer_blocks(answer, Words("nb"), names)
    assert paragraph == Paragraph("Lest og i kraft er beslutningene om disse:")
    assert listing == Listing(names)
    assert answer_blocks({"read": 2, "rows": [], "refused": []}, Words("nb"), [Name("Kari Lik")]) == ()


def test_more_rows_than_help_are_counted() -> None:
    said = told({"read": 0, "rows": [[CELL]] * (MAX_ROWS + 2), "refused": []})
    assert sum(text.startswith("Celle ") for text in said) == MAX_ROWS
    assert "2 rader til ble ikke lest." in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "code", ["unreadable_file", "bad_signature", "columns", "quarantine_share", "rows_mismatch"]
)
def test_a_refused_form_is_told_with_why_and_what_to_do(language: str, code: str) -> None:
    refused = {"release_id": "2025-T3.1", "code": code, "forms": 1, "is_replaced": True}
    reasons = texts(language, "messages")["forms"]
    *_, said = told({"read": 0, "rows": [], "refused": [refused]}, language)
    assert "2025-T3.1" in said
    assert reasons.get(code, reasons["other"]) in said
    assert said.endswith(Words(language)("answer_replaced"))
    assert (
        "None" not in told({"read": 0, "rows": [], "refused": [refused | {"release_id": None}]}, language)[-1]
    )


def test_nothing_is_said_where_there_was_nothing_to_answer() -> None:
    assert told(None) == []
    assert told({"read": 0, "rows": [], "refused": []}) == [], (
        "decisions came from a system, which has receipts"
    )
    assert told({}) == ["Ingen beslutninger er kommet fra dere siden forrige utgave."]


@pytest.mark.slow
def test_each_centre_is_told_its_own_and_the_national_part_nothing(published: Path) -> None:
    pages = {
        folder.name: re.sub(r"\s+", " ", (folder / "assessment.html").read_text("utf-8"))
        for folder in (published / world.SECOND).iterdir()
        if folder.is_dir()
    }
    heading, none_came = (Words("nb")(key) for key in ("answer", "answer_none_came"))
    assert {name for name, page in pages.items() if heading in page} == {"oslo", "bergen"}
    asked = {
        name
        for name in pages.keys() - {"oslo", "bergen", "national"}
        if pq.read_metadata(published / world.FIRST / name / "data" / "persons.parquet").num_rows
    }
    assert asked
    assert {name for name, page in pages.items() if none_came in page} == asked
    assert "1 av 4 beslutninger" in pages["oslo"]
    assert "Celle L5 (Status)" in pages["oslo"]
    assert "Låste celler var endret" in pages["bergen"]
    assert "Celle L5" not in pages["bergen"]
    assert "Låste celler var endret" not in pages["oslo"]
    first = (published / world.FIRST / "oslo" / "assessment.html").read_text("utf-8")
    assert heading not in first
    assert none_came not in first
