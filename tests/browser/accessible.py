"""What axe finds on a page, at two widths and in both themes, and whether anything lies beside the window."""

from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from starlette.testclient import TestClient

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}


CLIPPED = """[...document.querySelectorAll("a, button, input, select, summary")].filter(
    (stop) => { while (stop && getComputedStyle(stop).clipPath === "none") stop = stop.parentElement; return stop; }
).map((stop) => stop.textContent)"""


def check(
    browser: Browser, site: str, client: TestClient, path: str, first: Callable[[Page], None] | None = None
) -> None:
    """Fail where axe finds anything on that page of whoever the client is signed in as.

    Args:
        first: what is done on the page before it is looked at.
    """
    for width in (1280, 320):  # the narrower is the wider, enlarged four times
        context = browser.new_context(bypass_csp=True, viewport={"width": width, "height": 800})
        context.add_cookies([{"name": n, "value": v, "url": site} for n, v in client.cookies.items()])
        page = context.new_page()
        answer = page.goto(f"{site}/akrim{path}")
        assert answer is not None
        assert answer.ok, (path, answer.status)
        if first:
            first(page)
        # On a busy machine they may come later than the page.
        page.evaluate("document.fonts.ready.then(() => true)")
        assert page.evaluate("document.documentElement.scrollWidth") == width, (path, "beside the window")
        assert page.evaluate(CLIPPED) == [], (path, width, "reached by keyboard, and out of sight")
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            found = Axe().run(page, options=RULES)
            assert found.violations_count == 0, (path, width, theme, found.generate_report())
        context.close()
