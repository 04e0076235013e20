"""A release in another language than the first has not a word of ours in the first, in HTML, PDF and workbooks."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import psycopg
import pyarrow.parquet as pq
import pytest
from akrim.contracts import NATIONAL, load_contracts
from akrim.deliveries.decisions import SEAL_COLUMN, SHEETS
from akrim.releases import publish
from akrim.rules.catalogue import load_rules
from akrim.texts import LANGUAGES, labels, texts
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.conftest import installation_on
from tests.releases import world
from tests.releases.reading import text_of
from tests.test_texts import leaves, subjects

pytestmark = pytest.mark.slow

FIRST, *OTHERS = LANGUAGES
PRINTED = ("assessment.pdf", "profiles.pdf")
TO_LANGUAGE = "update meta.releases set pins = jsonb_set(pins, '{settings,language}', to_jsonb(%s::text))"
WORD = re.compile(r"\b[a-zæøå]{2,}\b", re.IGNORECASE)
IDENTIFIER = re.compile(r"\w+")
# Columns of the tables in which stands what others have called something.
DELIVERED = ("full_name", "enterprise_name", "industry_name", "street_address", "city", "actions")
# What stands in a page, and what a screen reader or a field says beside.
READ = r"""() => {
    document.querySelectorAll("script, style").forEach(node => node.remove())
    const said = ["alt", "aria-label", "placeholder", "title"].flatMap(name =>
        [...document.querySelectorAll(`[${name}]`)].map(node => node.getAttribute(name)))
    return [document.title, document.body.textContent, ...said].join("\n")
}"""


class Published(NamedTuple):
    """Oslo's folder of a release, and of the one before."""

    language: str
    folder: Path
    before: Path


@pytest.fixture(scope="module", params=OTHERS)
def edition(
    request: pytest.FixtureRequest,
    server: str,
    golden_name: str,
    published: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Published]:
    """Oslo's folder of the second release, made from the same marts in the language."""
    with installation_on(server, golden_name, tmp_path_factory.mktemp(request.param)) as address:
        with psycopg.connect(address) as connection:
            connection.execute(TO_LANGUAGE, [request.param])
        yield Published(request.param, publish(world.SECOND).path / "oslo", published / world.FIRST / "oslo")


def phrases(language: str) -> set[str]:
    """Everything that we would say in the first language and say otherwise in this one, three words or more."""
    first, other = ({**texts(name, "report"), **labels(name)} for name in (FIRST, language))
    lines = {
        line.strip()
        for key, text in first.items()
        if text != other[key]
        for part in text.split("{")
        for line in part.splitlines()
    }
    return {line.rpartition("}")[2].strip(" .,:()") for line in lines if len(line.split()) >= 3}


def leftovers(text: str, language: str) -> list[str]:
    own = "\n".join(str(said) for said in {**texts(language, "report"), **labels(language)}.values())
    return sorted(
        phrase
        for phrase in phrases(language)
        if len(phrase.split()) >= 3 and phrase in text and phrase not in own
    )


def identifiers() -> set[str]:
    """The contracts' and forms' names of extracts, columns and codes, which are the same in every language."""
    extracts = [extract for contract in load_contracts().values() for extract in contract.extracts]
    columns = [column for extract in extracts for column in extract.columns]
    codes = [code for column in columns for code in column.codes]
    shown = [name for sheet in SHEETS.values() for name in (*sheet.about, *sheet.shown)]
    return {
        *(extract.name for extract in extracts),
        *(column.name for column in columns),
        *codes,
        *shown,
        SEAL_COLUMN,
    }


def words_in(text: str) -> set[str]:
    named = identifiers()
    plain = IDENTIFIER.sub(lambda found: "" if found[0] in named else found[0], text)
    return {word.lower() for word in WORD.findall(plain)}


def words_of(language: str) -> set[str]:
    said = [text for subject in subjects(language) for _, text in leaves(texts(language, subject))]
    return words_in("\n".join(map(str, said)))


def delivered_words(*folders: Path) -> set[str]:
    tables = [pq.read_table(path) for folder in folders for path in (folder / "data").glob("*.parquet")]
    cells = [
        cell
        for table in tables
        for name in DELIVERED
        if name in table.column_names
        for cell in table[name].to_pylist()
    ]
    return words_in("\n".join(filter(None, cells)))


def foreign_words(text: str, language: str, *folders: Path) -> set[str]:
    """Words that only our texts in the first language have, and neither a name that somebody delivered nor a source that a rule cites."""
    cited = words_in(" ".join(f"{rule.source} {rule.owner}" for rule in load_rules()))
    return words_in(text) & (words_of(FIRST) - words_of(language)) - cited - delivered_words(*folders)


def page_of(folder: Path, browser: Browser) -> tuple[str, str, str]:
    """The page's language, its source, and what can be read in it."""
    page = browser.new_page()
    page.goto((folder / "assessment.html").as_uri())
    language = page.evaluate("document.documentElement.lang")
    source = page.content()
    read = page.evaluate(READ)
    page.close()
    return language, source, read


def cells_of(path: Path) -> list[str]:
    return [
        str(cell.value)
        for sheet in openpyxl.load_workbook(path)
        for row in sheet
        for cell in row
        if cell.value is not None
    ]


def test_the_html_is_in_the_language(browser: Browser, edition: Published) -> None:
    language, source, _ = page_of(edition.folder, browser)
    assert language == edition.language
    assert texts(edition.language, "report")["list"] in source
    assert leftovers(source, edition.language) == []


@pytest.mark.parametrize("width", [390])
def test_axe_finds_no_violation_in_the_language(browser: Browser, edition: Published, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto((edition.folder / "assessment.html").as_uri())
    found = Axe().run(
        page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
    )
    page.close()
    assert found.violations_count == 0, found.generate_report()


def test_the_pdf_is_in_the_language(edition: Published) -> None:
    for name in PRINTED:
        text = " ".join(text_of(edition.folder / name).split())
        assert texts(edition.language, "report")["title"] in text
        assert leftovers(text, edition.language) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("data.xlsx", lambda language: texts(language, "columns")["birth_date"]),
        ("prioritisation.xlsx", lambda language: texts(language, "report")["form_title"]),
    ],
)
def test_the_workbooks_are_in_the_language(edition: Published, name: str, said: Any) -> None:
    cells = cells_of(edition.folder / name)
    assert said(edition.language) in cells
    assert leftovers("\n".join(cells), edition.language) == []


def test_not_a_word_of_bokmaal_is_left(browser: Browser, edition: Published) -> None:
    _, _, read = page_of(edition.folder, browser)
    printed = [text_of(edition.folder / name) for name in PRINTED]
    form = "\n".join(cells_of(edition.folder / "prioritisation.xlsx"))
    _, _, national = page_of(edition.folder.parent / NATIONAL, browser)
    readme = (edition.folder / "README.md").read_text("utf-8")
    for text in (read, *printed, form, national, readme):
        assert foreign_words(text, edition.language, edition.folder, edition.before) == set()


def test_a_page_in_the_first_language_is_detected(oslo: Path, browser: Browser) -> None:
    source = (oslo / "assessment.html").read_text("utf-8")
    for language in OTHERS:
        assert len(leftovers(source, language)) > 40
    _, _, read = page_of(oslo, browser)
    assert {"ikke", "fra", "hva", "beslutning", "virksomhet", "opplysninger"} <= foreign_words(
        read, "nn", oslo
    )


def test_what_changed_has_the_same_fields_whatever_the_language(oslo: Path, edition: Published) -> None:
    first, other = (
        json.loads((folder / "changes.json").read_text("utf-8")) for folder in (oslo, edition.folder)
    )
    assert other["changes"] == first["changes"]
