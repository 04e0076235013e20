"""The report in a real browser: search, filters, print, no requests, no script injection."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.releases import world
from tests.releases.reading import text_of

pytestmark = pytest.mark.slow


@pytest.fixture
def page(browser: Browser, oslo: Path) -> Iterator[Page]:
    """The page, opened from disk; the test fails on any console error, script error, dialogue or request."""
    opened = browser.new_page()
    noise: list[str] = []
    opened.on(
        "console",
        lambda message: noise.append(message.text) if message.type in ("error", "warning") else None,
    )
    opened.on("pageerror", lambda error: noise.append(str(error)))
    opened.on("dialog", lambda dialog: noise.append(dialog.message))
    opened.on(
        "request", lambda request: noise.append(request.url) if not request.is_navigation_request() else None
    )
    opened.goto((oslo / "assessment.html").as_uri())
    yield opened
    opened.close()
    assert noise == []


def visible_rows(page: Page) -> list[str]:
    """Who stands in the list, in the order in which it is shown."""
    rows = page.locator("#ranking tbody tr[data-search]:visible").all()
    return [(row.get_attribute("data-search") or "").split()[0] for row in rows]


def test_the_ranked_list_is_found(page: Page) -> None:
    assert page.get_by_role("heading", name="Rangert liste").is_visible()
    assert visible_rows(page) == [world.SERIAL, world.PROTECTED, world.HOSTILE, world.NEWCOMER]


def test_search_and_filters_narrow_the_list(page: Page) -> None:
    page.get_by_label("Søk etter navn, foretak eller nummer").fill("nyko")
    assert visible_rows(page) == [world.NEWCOMER]
    assert page.get_by_role("status").inner_text() == "Viser 1 av 4"

    page.get_by_label("Søk etter navn, foretak eller nummer").fill("")
    page.get_by_role("combobox", name="Status").select_option("trusselaktor")
    assert visible_rows(page) == [world.SERIAL]

    page.get_by_role("combobox", name="Status").select_option("")
    page.get_by_label("endret siden sist").check()
    assert visible_rows(page) == [world.SERIAL, world.NEWCOMER]


def test_a_group_tells_how_many_of_it_are_left(page: Page) -> None:
    heads = page.locator("#ranking tr.group:visible th")
    whole = [text.splitlines()[0] for text in heads.all_inner_texts()]
    page.get_by_label("Søk etter navn, foretak eller nummer").fill("nyko")
    (left,) = heads.all_inner_texts()
    (before,) = [text for text in whole if text.partition(" (")[0] == left.partition(" (")[0]]
    assert left == before.replace("(", "(1/")
    page.get_by_label("Søk etter navn, foretak eller nummer").fill("")
    assert [text.splitlines()[0] for text in heads.all_inner_texts()] == whole


def test_what_is_searched_is_also_the_enterprises(page: Page) -> None:
    for said in ("nyrens drift", "200000039"):
        page.get_by_label("Søk etter navn, foretak eller nummer").fill(said)
        assert visible_rows(page) == [world.SERIAL]


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ("arunas", True),
        ("ARŪNAS", True),
        ("aru\u0304nas", True),
        ("lokke", True),
        ("løkke", True),
        ("ærunas", False),
    ],
)
def test_a_name_is_found_with_its_letters_and_without_them(
    typed: str, is_found: bool, browser: Browser, oslo: Path, tmp_path: Path
) -> None:
    """The police's extract has lost them, and not every keyboard has them."""
    text = (oslo / "assessment.html").read_text("utf-8")
    (tmp_path / "page.html").write_text(text.replace("Halvard Eksempelsen", "Arūnas Løkke"), "utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.get_by_label("Søk etter navn, foretak eller nummer").fill(typed)
    assert visible_rows(page) == [world.SERIAL] * is_found
    page.close()


def test_columns_sort_it_and_its_own_order_comes_back(page: Page) -> None:
    own = visible_rows(page)
    for heading, first in (("Navn", world.HOSTILE), ("Kapasitet", world.SERIAL)):
        page.locator("#ranking thead").get_by_role("button", name=heading).click()
        assert visible_rows(page)[0] == first
        assert sorted(visible_rows(page)) == sorted(own)
    sorted_by = page.locator("#ranking thead th[aria-sort]")
    assert (sorted_by.inner_text(), sorted_by.get_attribute("aria-sort")) == ("Kapasitet", "descending")
    page.locator("#ranking thead").get_by_role("button", name="Plass").click()
    assert visible_rows(page) == own
    assert (sorted_by.inner_text(), sorted_by.get_attribute("aria-sort")) == ("Plass", "ascending")
    page.locator("#ranking thead").get_by_role("button", name="Plass").click()
    assert (visible_rows(page), sorted_by.get_attribute("aria-sort")) == (own[::-1], "descending")
    page.locator("#ranking thead").get_by_role("button", name="Plass").click()


def test_a_place_that_is_not_there_and_one_that_is_filtered_out(page: Page) -> None:
    page.get_by_label("Gå til plass").fill("9")
    page.get_by_label("Gå til plass").press("Enter")
    assert page.get_by_role("status").inner_text() == "Plass 9 finnes ikke; listen har 4."
    page.get_by_label("Søk etter navn, foretak eller nummer").fill("nyko")
    page.locator("#p-1").get_by_role("link", name="Til listen").click()
    page.wait_for_function("location.hash === '#r-1'")
    assert visible_rows(page)[0] == world.SERIAL


def test_the_list_is_one_stop_and_arrows_move_in_it(page: Page) -> None:
    names = page.locator("#ranking tbody th a")
    assert page.locator("#ranking tbody th a[tabindex='0']").count() == 1
    names.first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('tr').id") == "r-3"
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_url("**/assessment.html#p-1")


def test_a_table_of_many_links_is_one_stop(browser: Browser, oslo: Path, tmp_path: Path) -> None:
    """A row of the list of groups multiplied: what follows it is near for whoever goes by the tabulator."""
    html = (oslo / "assessment.html").read_text("utf-8")
    row = re.search(r"<tr><th scope=\"row\"><a [^\n]*?href=\"#g-.*?</tr>\n", html, re.DOTALL)[0]
    many = tmp_path / "many.html"
    many.write_text(html.replace(row, row * 20, 1), encoding="utf-8")
    page = browser.new_page()
    page.goto(many.as_uri())
    table = page.locator("table:not(#ranking)").filter(has=page.locator("tr:nth-child(20)")).first
    links = table.locator("tbody a")
    assert links.count() >= 20
    assert table.locator("tbody a[tabindex='0']").count() == 1
    links.first.focus()
    page.keyboard.press("End")
    at_the_end = links.last.evaluate("link => link === document.activeElement")
    stops = page.evaluate("""() => { const all = [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex]')];
        const before = all.slice(0, all.findIndex((one) => one.closest('.profile')));
        return before.filter((one) => one.tabIndex >= 0 && one.checkVisibility()).length }""")
    page.close()
    assert at_the_end
    assert stops < 150


def test_jumping_and_links_lead_to_a_profile(page: Page) -> None:
    page.get_by_label("Gå til plass").fill("2")
    page.get_by_label("Gå til plass").press("Enter")
    page.wait_for_url("**/assessment.html#p-2")
    page.get_by_role("link", name="Halvard Eksempelsen").first.click()
    page.wait_for_url("**/assessment.html#p-1")


def test_each_link_within_the_page_leads_to_what_is_on_it(page: Page) -> None:
    missing = "[...document.querySelectorAll('a')].map(a => a.hash.slice(1)).filter(id => !document.getElementById(id))"
    assert page.evaluate(missing) == []
    page.locator("#decide a[href^='#g-']").first.click()
    assert page.locator("#groups tr:has(:target)").is_visible()


def test_it_is_used_by_keyboard_and_read_aloud(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.documentElement.lang") == "nb"
    assert page.evaluate(
        "[...document.querySelectorAll('svg[role=img]')].every(s => s.getAttribute('aria-label'))"
    )
    assert page.evaluate("[...document.querySelectorAll('input, select')].every(i => i.labels.length > 0)")
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert (
        page.evaluate("new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size")
        == page.locator("[id]").count()
    )


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_axe_finds_no_violation(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == width, "nothing lies beside the window"
    found = Axe().run(
        page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
    )

    assert len(found.response["passes"]) > 20
    assert found.violations_count == 0, found.generate_report()


def test_enlarged_four_times_nothing_lies_in_the_margin(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 256})
    inner = "(e => e.getBoundingClientRect().right - parseFloat(getComputedStyle(e).paddingRight))"
    beside = (
        "[...document.querySelectorAll('.columns > *, .facts > *')].filter(e => e.checkVisibility()"
        f" && e.getBoundingClientRect().right > {inner}(e.parentElement) + 1).length"
    )
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.locator(".columns > *").count() > 2
    assert page.evaluate(beside) == 0


def test_on_a_telephone_plot_and_timeline_are_seen_whole_and_their_letters_are_11_pixels_at_least(
    page: Page,
) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    drawn = page.evaluate(
        "[...document.querySelectorAll('.fitted > .drawing')].map(d => [d.getBoundingClientRect().right, 11 * d.getScreenCTM().a])"
    )
    assert len(drawn) > 1
    assert all(right <= 390 and smallest >= 11 for right, smallest in drawn)
    assert page.locator(".profile .fitted .scroll:visible").count() == 0


def test_of_what_release_it_is_stands_in_one_line_beside_the_title_on_a_laptop(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.evaluate("""() => document.querySelectorAll(".edition dd").forEach((said, place) => {
        said.textContent = ["3. tertial 2025", "31. desember 2025", "31. desember 2025", "2025-T3.1"][place]
    })""")
    title, edition = (page.locator(name).bounding_box() for name in ("h1", ".edition"))
    assert title
    assert edition
    assert edition["y"] < title["y"] + title["height"]
    assert edition["height"] < 1.5 * title["height"]


def test_a_profile_is_reached_by_keyboard_alone(page: Page) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_label("Søk etter navn, foretak eller nummer").focus()
    page.keyboard.type("eksempelsen")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('#ranking tbody') !== null"):
            break
    page.keyboard.press("Enter")

    page.wait_for_url("**/assessment.html#p-1")
    assert page.locator("#p-1").get_by_role("heading", name="Halvard Eksempelsen").is_visible()


def test_chromium_prints_it_whole(page: Page, tmp_path: Path) -> None:
    printed = tmp_path / "printed.pdf"
    page.pdf(path=printed)
    text = text_of(printed)

    for said in (
        "Halvard Eksempelsen",
        "Rangert liste",
        "Metode",
        "FJELLRENS AS",
        "Tidligere prioriteringer",
    ):
        assert said in text
    assert "Søk etter navn" not in text


def test_a_hostile_name_is_only_text(page: Page) -> None:
    name = page.locator("#p-3 h3").text_content() or ""
    assert name.startswith("=HYPERLINK")
    assert "<script>alert(1)</script>" in name
    assert "\u202e" not in page.content()
    assert page.locator("script").count() == 1


def test_it_prints_without_tools(page: Page) -> None:
    page.emulate_media(media="print")
    assert not page.get_by_label("Søk etter navn, foretak eller nummer").is_visible()
    assert page.get_by_role("heading", name="Metode").is_visible()


def test_nothing_but_its_own_script_and_style_may_run(browser: Browser, oslo: Path) -> None:
    page = browser.new_page()
    page.goto((oslo / "assessment.html").as_uri())
    ran = page.evaluate("""() => { const s = document.createElement('script'); s.textContent = 'window.ran = 1';
        document.body.append(s); return 'ran' in window }""")
    policy = page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content") or ""
    page.close()

    assert ran is False
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_without_a_script_nothing_is_offered_that_needs_one(browser: Browser, oslo: Path) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto((oslo / "assessment.html").as_uri())
        offered = page.locator("button:enabled:visible, input:visible, select:visible")
        assert offered.count() == 0


def test_three_hundred_actors_stay_usable(browser: Browser, oslo: Path, tmp_path: Path) -> None:
    """The list and the profiles multiplied in place: searching, filtering and jumping still find the right one."""
    html = (oslo / "assessment.html").read_text("utf-8")
    row = re.search(r'<tr id="r-4".*?</tr>\n', html, re.DOTALL)[0]
    profile = re.search(r'<article class="profile" id="p-4".*?</article>\n', html, re.DOTALL)[0]
    rows, profiles = (
        "".join(
            text.replace("r-4", f"r-{n}").replace("p-4", f"p-{n}").replace("Nils Nykommer", f"Navn Nr{n}")
            for n in range(5, 301)
        )
        for text in (row, profile)
    )
    many = tmp_path / "many.html"
    many.write_text(html.replace(row, row + rows).replace(profile, profile + profiles), encoding="utf-8")
    page = browser.new_page()
    page.goto(many.as_uri())
    assert len(visible_rows(page)) == 300
    took = page.evaluate("""() => { const box = document.getElementById('search'); const start = performance.now();
        for (const text of ['n', 'nr', 'nr2', 'nr29', 'nr299']) {
            box.value = text; box.dispatchEvent(new Event('input', {bubbles: true})); box.offsetHeight; }
        return performance.now() - start }""")
    shown = page.get_by_role("status").inner_text()
    page.get_by_label("Gå til plass").fill("299")
    page.get_by_label("Gå til plass").press("Enter")
    landed = page.locator("#p-299").bounding_box()
    page.close()

    assert shown == "Viser 1 av 300"
    assert landed is not None
    assert 0 <= landed["y"] < 200, "the profile jumped to is at the top of the window"
    print(f"five keystrokes filtered 300 rows in {took:.0f} ms")
