"""Hostile texts are displayed as text and do nothing, in every format of a release."""

import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from akrim.report.wording import clean
from playwright.sync_api import Browser

from tests.hostile import Hostile, corpus, hidden
from tests.releases.reading import text_of

pytestmark = pytest.mark.slow

CASES = corpus()
EACH = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


@pytest.fixture(scope="module")
def workbooks(published: Path) -> dict[str, bytes]:
    folder = published / "2026-T1.1" / "stavanger"
    return {name: (folder / name).read_bytes() for name in ("data.xlsx", "prioritisation.xlsx")}


def test_in_the_page_nothing_runs_and_every_name_is_shown(browser: Browser, stavanger: Path) -> None:
    page = browser.new_page()
    noise: list[str] = []
    page.on("dialog", lambda dialog: noise.append(dialog.message))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.on(
        "request", lambda request: noise.append(request.url) if "assessment.html" not in request.url else None
    )
    page.goto((stavanger / "assessment.html").as_uri())
    shown = page.locator("#ranking tbody th bdi").all_text_contents()
    harmed = page.evaluate("'harmed' in window")
    handlers = page.evaluate(
        "document.querySelectorAll('[onerror],[onload],[onmouseover],img,iframe').length"
    )
    scripts = page.locator("script").count()
    links = page.evaluate("[...document.links].map(a => a.getAttribute('href'))")
    page.close()

    assert shown == [clean(case.text) for case in CASES]
    assert (noise, harmed, handlers, scripts) == ([], False, 0, 1)
    assert all(link.startswith("#") for link in links)


def test_the_page_holds_no_hidden_character(stavanger: Path) -> None:
    assert hidden((stavanger / "assessment.html").read_text("utf-8")) == set()


def test_the_pdf_shows_names_as_they_are(stavanger: Path) -> None:
    """Typst evaluates none of it: code and markup stand there as text. (A long text is broken into lines.)"""
    text = "".join(text_of(stavanger / "profiles.pdf").split())
    for case in CASES[:25]:
        wanted = "".join(clean(case.text).split())[:60]
        if wanted.isascii():
            assert wanted in text, case.name
    assert "harmed" in text
    assert "root:x:" not in text


@pytest.mark.parametrize("name", ["data.xlsx", "prioritisation.xlsx"])
def test_no_workbook_has_a_formula_or_a_link(workbooks: dict[str, bytes], name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(workbooks[name])) as parts:
        sheets = {part: parts.read(part).decode() for part in parts.namelist() if "worksheets/" in part}
    for part, xml in sheets.items():
        for element in ("<f>", "<f ", "<hyperlink"):
            assert element not in xml, part
    cells = [
        cell for sheet in openpyxl.load_workbook(io.BytesIO(workbooks[name])) for row in sheet for cell in row
    ]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d", "b"}
    assert all(not hidden(cell.value) for cell in cells if isinstance(cell.value, str))


@EACH
def test_the_data_keep_the_text_as_it_was_delivered(stavanger: Path, case: Hostile) -> None:
    names = pq.read_table(stavanger / "data" / "persons.parquet")["full_name"].to_pylist()
    assert case.text in names


def test_json_escapes_what_could_hide(stavanger: Path) -> None:
    for path in (
        stavanger / "changes.json",
        stavanger / "datapackage.json",
        stavanger / "exports" / "bods.json",
    ):
        text = path.read_text("ascii")
        json.loads(text)
    for line in (stavanger / "exports" / "ftm.jsonl").read_text("ascii").splitlines():
        assert not any(
            hidden(value) for values in json.loads(line)["properties"].values() for value in values
        )
