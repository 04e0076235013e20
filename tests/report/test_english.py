"""A release in English has no Norwegian texts of ours, in HTML, PDF and workbooks."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import psycopg
import pytest
from akrim.releases import publish
from akrim.settings import get_settings
from akrim.texts import labels, texts
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.conftest import create_database
from tests.releases import world
from tests.releases.reading import text_of

pytestmark = pytest.mark.slow

TO_ENGLISH = "update meta.releases set pins = jsonb_set(pins, '{settings,language}', '\"en\"')"


@pytest.fixture(scope="module")
def english(
    server: str,
    golden_database: str,
    published: Path,  # only what has been published in order has its causes
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Path]:
    """Oslo's folder of the second release, made from the same marts in English."""
    source = golden_database.partition("?")[0].rpartition("/")[2]
    name = f"english_{uuid.uuid4().hex[:8]}"
    create_database(server, name, source)
    with psycopg.connect(server.format(name)) as connection:
        connection.execute(TO_ENGLISH)
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("AKRIM_HOME", str(tmp_path_factory.mktemp("english")))
        settings.setenv("AKRIM_DATABASE_URL", server.format(name))
        get_settings.cache_clear()
        yield publish(world.SECOND).path / "oslo"
    get_settings.cache_clear()


def norwegian_phrases() -> set[str]:
    """Everything that we would say in Norwegian and say otherwise in English, two words or more."""
    norwegian, english = ({**texts(language, "report"), **labels(language)} for language in ("nb", "en"))
    pairs = [(text, english[key]) for key, text in norwegian.items()]
    lines = {
        line.strip() for nb, en in pairs if nb != en for text in nb.split("{") for line in text.splitlines()
    }
    return {line.rpartition("}")[2].strip(" .,:()") for line in lines if len(line.split()) >= 3}


def leftovers(text: str) -> list[str]:
    return sorted(phrase for phrase in norwegian_phrases() if len(phrase.split()) >= 3 and phrase in text)


def test_the_html_is_english(browser: Browser, english: Path) -> None:
    page = browser.new_page()
    page.goto((english / "assessment.html").as_uri())
    language = page.evaluate("document.documentElement.lang")
    text = page.content()
    page.close()

    assert language == "en"
    assert "Ranked list" in text
    assert leftovers(text) == []


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_axe_finds_no_violation_in_english(browser: Browser, english: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto((english / "assessment.html").as_uri())
    found = Axe().run(
        page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
    )
    page.close()
    assert found.violations_count == 0, found.generate_report()


def test_the_pdf_is_english(english: Path) -> None:
    for name in ("assessment.pdf", "profiles.pdf"):
        text = " ".join(text_of(english / name).split())
        assert "Assessment of possible threat actors" in text
        assert leftovers(text) == []


@pytest.mark.parametrize(
    ("name", "said"), [("data.xlsx", "Date of birth"), ("prioritisation.xlsx", "Prioritisation")]
)
def test_the_workbooks_are_english(english: Path, name: str, said: str) -> None:
    cells = [
        str(cell.value)
        for sheet in openpyxl.load_workbook(english / name)
        for row in sheet
        for cell in row
        if cell.value is not None
    ]
    assert said in cells
    assert leftovers("\n".join(cells)) == []


def test_a_norwegian_page_is_detected(oslo: Path) -> None:
    assert len(leftovers((oslo / "assessment.html").read_text("utf-8"))) > 40
