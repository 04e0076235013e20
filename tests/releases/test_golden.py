"""What a small release says, word for word, against golden.txt: a change of content is seen and meant.

`AKRIM_TESTS_WRITE_GOLDEN=1 pytest tests/releases/test_golden.py` writes the file anew; read the difference.
"""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

EXPECTED = Path(__file__).with_name("golden.txt")
SECTIONS = ("decide", "overview", "changes", "list", "nominations", "groups", "p-1", "outcomes")


def said(browser: Browser, page_file: Path) -> str:
    """The page's text as a reader sees it, section by section; the method page follows the rule catalogue instead."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.goto(page_file.as_uri())
    page.evaluate(
        "document.querySelectorAll('.profile').forEach(p => { p.style.contentVisibility = 'visible' })"
    )
    page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true })")
    parts = [page.locator(f"#{section}").inner_text() for section in SECTIONS]
    page.close()
    return re.sub(r"\n{2,}", "\n", "\n".join(parts)).strip() + "\n"


def test_the_second_release_says_what_it_is_meant_to(browser: Browser, oslo: Path) -> None:
    found = said(browser, oslo / "assessment.html")
    if os.environ.get("AKRIM_TESTS_WRITE_GOLDEN"):
        EXPECTED.write_text(found, encoding="utf-8")

    assert found == EXPECTED.read_text("utf-8")
