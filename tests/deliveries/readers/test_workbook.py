"""A decision form goes through the same bounded reader as every workbook from outside."""

import resource
import time
from collections.abc import Callable
from pathlib import Path

from akrim.commands.link.review_file import read_review_file
from akrim.contracts import decision_extracts
from akrim.deliveries.readers import read_sheet
from akrim.deliveries.readers.spreadsheet import LAST_COLUMN
from akrim.deliveries.readers.workbook import read_form_rows

from tests.deliveries.conftest import Receiver
from tests.deliveries.readers.workbooks import BOMBS, CORNER, sheet, write_workbook


def row(*texts: str) -> str:
    cells = (f'<c t="str"><v>{text}</v></c>' for text in texts)
    return f"<row>{''.join(cells)}</row>"


def seconds(read: Callable[[], object]) -> float:
    """Of this process alone, whatever else the machine does."""
    before = time.process_time()
    read()
    return time.process_time() - before


def test_as_many_columns_as_a_sheet_can_have_take_no_longer_than_their_cells(tmp_path: Path) -> None:
    """Neither is each looked up among all, nor is each asked for in every row."""
    names = [f"c{n}" for n in range(LAST_COLUMN - 5)]
    pair = row("nav/1", "nav/2", "same", "because", "me") * 3_000
    review = write_workbook(
        tmp_path / "r.xlsx", sheet(row("one", "other", "verdict", "reason", "author", *names) + pair)
    )
    form = write_workbook(
        tmp_path / "f.xlsx", sheet(row("beslutning_id", "person_id", *names) + row("x", "P"))
    )
    extract = decision_extracts()[0]
    for path, read in (
        (form, lambda: read_form_rows(form, "f.xlsx", extract, ("person_id",), "segl", ())),
        (review, lambda: read_review_file(review)),
    ):
        cells = seconds(lambda path=path: read_sheet(path, "beslutninger"))
        assert seconds(read) < 5 * cells + 0.2


def test_forms_beyond_bounds_are_refused_one_by_one(receiver: Receiver) -> None:
    folder = receiver.inbox / "sentrene"
    folder.mkdir()
    for number, parts in enumerate([*BOMBS.values(), {"sheet_part": CORNER}]):
        write_workbook(folder / f"{number}.xlsx", **parts)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcomes = receiver(agency="sentrene")
    assert [outcome.code for outcome in outcomes] == ["unreadable_file"] * (len(BOMBS) + 1)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * 1024
