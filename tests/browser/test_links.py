"""The pages of links: what waits, two records side by side as a clerk may see them, and a verdict by keyboard alone."""

import re
import time
from contextlib import suppress
from html import unescape
from itertools import combinations
from math import dist
from urllib.parse import parse_qsl, urlsplit

import psycopg
import pytest
from akrim.browser import links, purposes
from akrim.linkage.review.groups import Group, Unit
from akrim.warehouse import embedded
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from tests.audit.events import events
from tests.browser import accessible
from tests.browser.conftest import SITE, SignIn
from tests.browser.test_access import token_of
from tests.browser.test_deliveries import PURPOSE, post, text
from tests.conftest import as_user

DATABASE = "linked"


def reading(sign_in: SignIn, name: str = "clerk") -> TestClient:
    """A clerk who has stated a purpose."""
    client = sign_in(name)
    assert post(client, "/purpose", name, purpose=PURPOSE, then="/akrim/links")[0] == 303
    return client


def first_pair(client: TestClient, skip: int = 0) -> tuple[str, str, str]:
    """The address of the next pair, and its records."""
    address = client.get(f"/akrim/links/next?skip={skip}").headers["location"]
    one, other = re.findall(r"(?:one|other)=([^&]+)", address)
    return address, one.replace("%2F", "/"), other.replace("%2F", "/")


@pytest.mark.parametrize(
    ("said", "age"),
    [
        ("clerk%0Ax", 0),
        (f"clerk%0A{PURPOSE}", 0),
        (["lead_clerk", PURPOSE], 0),
        (["clerk", PURPOSE], purposes.SECONDS + 1),
    ],
)
def test_a_purpose_that_no_page_took_within_the_hour_opens_nothing(
    said: str | list[str], age: int, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser can send whatever it likes; what is kept there is signed with its time."""
    address, _, _ = first_pair(reading(sign_in))
    client = sign_in("clerk")
    with monkeypatch.context() as then:
        now = time.time()
        then.setattr(time, "time", lambda: now - age)
        kept = said if isinstance(said, str) else purposes.signer().dumps(said)
    client.cookies.set(purposes.COOKIE, str(kept), path="/akrim")
    assert 'action="/akrim/purpose"' in client.get(address).text


def test_the_queue_names_no_person(installation: str, sign_in: SignIn) -> None:
    said = sign_in("clerk").get("/akrim/links").text
    assert "par venter på at noen ser på dem" in said
    with psycopg.connect(installation) as connection:
        names = connection.execute("select distinct family_name from intermediate.person_records").fetchall()
        (waiting,) = connection.execute("select count(*) from clerk.pairs").fetchone() or (0,)
    assert f"{waiting} par" in text(said)
    assert [name for (name,) in names if name and f">{name}<" in said] == []
    assert events(installation, "consultation") == []


@pytest.mark.usefixtures("installation")
def test_a_page_behind_the_last_is_not_shown_as_an_empty_queue(sign_in: SignIn) -> None:
    client = sign_in("clerk")
    assert text(client.get("/akrim/links?page=99").text) == text(client.get("/akrim/links").text)


@pytest.mark.usefixtures("installation")
def test_another_language_shows_the_same_pair(sign_in: SignIn) -> None:
    client = reading(sign_in)
    address, _, _ = first_pair(client)
    (same,) = re.findall(r'<a href="([^"]+)" lang="en">', client.get(address).text)
    shown = client.get(unescape(same))
    assert (shown.status_code, '<html lang="en">' in shown.text) == (200, True)


@pytest.mark.usefixtures("installation")
def test_what_answers_a_form_is_shown_in_another_language_where_it_came_from(sign_in: SignIn) -> None:
    """A shown number, a refused purpose, a pair that waits no longer: each language link leads to a page."""
    client = reading(sign_in)
    address, one, other = first_pair(client)
    for path, form in (
        ("/links/number", {"one": one, "other": other, "record": one}),
        ("/purpose", {"purpose": "no", "then": address}),
        ("/links/decide", {"one": one, "other": one, "verdict": "same", "reason": "None waits"}),
    ):
        page = client.post(
            f"/akrim{path}", headers={"origin": SITE}, data=form | {"token": token_of("clerk")}
        )
        (elsewhere,) = re.findall(r'<a href="([^"]+)" lang="en">', page.text)
        shown = client.get(unescape(elsewhere))
        assert (shown.status_code, '<html lang="en">' in shown.text) == (200, True), path
        client.get("/akrim/?language=nb")


def test_whoever_asks_for_too_many_numbers_is_told_to_wait(installation: str, sign_in: SignIn) -> None:
    client = reading(sign_in)
    _, one, other = first_pair(client)
    with (
        psycopg.connect(as_user(installation, embedded.CLERK), autocommit=True) as connection,
        suppress(psycopg.Error),
    ):
        while True:
            connection.execute("select clerk.ask_number(%s, %s)", [one, PURPOSE])
    asked = {"one": one, "other": other, "record": one, "token": token_of("clerk")}
    answer = client.post("/akrim/links/number", headers={"origin": SITE}, data=asked)
    assert (answer.status_code, "hundre numre på ti minutter" in text(answer.text)) == (429, True)
    with psycopg.connect(installation) as connection:  # for the tests that come after
        connection.execute("alter table audit.requests disable trigger only_added_to")
        connection.execute("update audit.requests set asked_at = asked_at - interval '1 hour'")
        connection.execute("alter table audit.requests enable trigger only_added_to")


def test_two_clerks_are_given_different_pairs(installation: str, sign_in: SignIn) -> None:
    one, other = reading(sign_in), reading(sign_in, "senior")
    mine, _, _ = first_pair(one)
    theirs, _, _ = first_pair(other)
    assert mine != theirs
    assert (first_pair(one)[0], first_pair(other)[0]) == (mine, theirs), "each keeps her own"
    assert "clerk har dette paret åpent" in text(other.get(mine).text)
    assert "har dette paret åpent" not in text(one.get(mine).text)
    with psycopg.connect(installation) as connection:
        connection.execute("update linkage.review_holds set held_until = now() - interval '1 second'")
    assert first_pair(other)[0] == mine


def test_a_pair_is_shown_for_a_purpose_masked_and_logged(installation: str, sign_in: SignIn) -> None:
    stranger = sign_in("clerk")
    address, one, other = first_pair(stranger)
    assert "Hvorfor trenger du å se dette?" in stranger.get(address).text
    before = len(events(installation, "consultation"))
    said = text(reading(sign_in).get(address).text)
    with psycopg.connect(installation) as connection:
        told = connection.execute(
            "select given_name, family_name, identifier, birth_date::text from intermediate.person_records"
            " where source || '/' || source_record_id = any(%s)", [[one, other]],
        ).fetchall()  # fmt: skip
        persons = connection.execute(
            "select distinct person_id from linkage.person_records where source || '/' || source_record_id = any(%s) order by 1",
            [[one, other]],
        ).fetchall()
    for given, family, identifier, _ in told:
        assert given in said
        assert family in said
        assert identifier is None or identifier not in said
    (event,) = events(installation, "consultation")[before:]
    assert (event["by_name"], event["purpose"], event["persons"]) == (
        "clerk",
        PURPOSE,
        [person for (person,) in persons],
    )


def test_what_differs_is_marked_and_the_weights_sum_up(installation: str, sign_in: SignIn) -> None:
    client = reading(sign_in)
    with psycopg.connect(installation) as connection:
        one, other, weight = connection.execute(
            "select one, other, match_weight from clerk.pairs join clerk.records l on l.record = one"
            " join clerk.records r on r.record = other where l.birth_date <> r.birth_date and match_weight is not null limit 1"
        ).fetchone() or ("", "", 0)
    page = client.get("/akrim/links/pair", params={"one": one, "other": other}).text
    (birth,) = re.findall(r'<tr class="(\w+)">\s*<th scope="row">Født', page)
    assert birth == "differs"
    said = [
        float(number.replace("\u2212", "-").replace(",", "."))
        for number in re.findall(r'<td class="number">\+?([\u2212\d,]+)</td>', page)
    ]
    assert len(said) > 3
    assert abs(sum(said) - weight) < 0.06 * len(said)


@pytest.mark.parametrize(
    ("names", "level", "expected"),
    [
        (("Paulina", "Paulina Joanna"), "equal", (False, True)),
        (("Paulina", "Johanna"), "different", (False, False)),
        (("Paulina", "PAULINA"), "equal", (True, False)),
        (("Paulina", None), "unknown", (None, False)),
        (("Paulina", "Paulina Joanna"), None, (False, False)),
    ],
    ids=["a further name", "another", "the same", "nothing said", "read blind"],
)
def test_a_name_that_weighs_as_equal_is_not_said_to_differ(
    names: tuple[str, str | None], level: str | None, expected: tuple[bool | None, bool]
) -> None:
    weighings = {"starting_point": -8.0, "given_name": {"level": level, "weight": 3.0}} if level else None
    shared = dict.fromkeys(
        (*links.FIELDS, "masked_number", "are_numbers_equal", "are_telephones_equal"), None
    ) | {"weighings": weighings}
    one, other = (shared | {"given_name": name} for name in names)
    told = links._fields(one, other)[0]
    assert (told.is_equal, told.is_read_alike) == expected


@pytest.mark.usefixtures("installation")
def test_what_is_read_alike_is_no_alert(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    client = reading(sign_in)
    address, _, _ = first_pair(client)
    alike = links.Said("given_name", "Paulina", "Paulina Joanna", False, True)
    monkeypatch.setattr(links, "_fields", lambda *_: [alike])
    page = client.get(address).text
    (row,) = re.findall(r'<tr class="\w+">\s*<th scope="row">Fornavn.*?</tr>', page, re.DOTALL)
    assert text(row).endswith("Paulina Paulina Joanna Likt slik koblingen leser det")
    assert "alert" not in row


def test_a_number_is_shown_once_it_is_logged(installation: str, sign_in: SignIn) -> None:
    client, before = reading(sign_in), len(events(installation, "consultation"))
    with psycopg.connect(installation) as connection:
        one, other, record, number = connection.execute(
            "select p.one, p.other, k.record, r.identifier from clerk.pairs p cross join unnest(array[one, other]) as k (record)"
            " join intermediate.person_records r on r.source || '/' || r.source_record_id = k.record"
            " where r.identifier is not null limit 1"
        ).fetchone() or ("", "", "", "")
    status, said = post(client, "/links/number", "clerk", one=one, other=other, record=record)
    assert (status, number in said) == (200, True)
    asked = [
        event
        for event in events(installation, "consultation")[before:]
        if event["detail"]["command"] == "clerk.unmask"
    ]
    assert [event["purpose"] for event in asked] == [PURPOSE]
    assert (
        post(client, "/links/number", "clerk", one=one, other=other, record="nav/of-another-pair")[0] == 404
    )


def test_a_verdict_is_kept_in_the_clerks_name_and_the_next_pair_comes(
    installation: str, sign_in: SignIn
) -> None:
    client = reading(sign_in)
    address, one, other = first_pair(client)
    skipped = first_pair(client, skip=1)[0]
    assert skipped.partition("&skip")[0] != address.partition("&skip")[0]
    decided = {"one": one, "other": other, "verdict": "unsure", "reason": "Too little is said"}
    assert post(client, "/links/decide", "clerk", **(decided | {"verdict": "perhaps"}))[0] == 400
    assert post(client, "/links/decide", "clerk", **(decided | {"reason": ""}))[0] == 400
    blank = post(client, "/links/decide", "clerk", **(decided | {"reason": "   "}))
    assert (blank[0], "må ha et navn og en begrunnelse" in blank[1]) == (409, True)
    assert post(client, "/links/decide", "clerk", **decided) == (303, "/akrim/links/next?skip=0")
    with psycopg.connect(installation) as connection:
        kept = connection.execute("select verdict, reason, author from linkage.link_decisions").fetchall()
    assert ("unsure", "Too little is said", "clerk") in kept
    assert first_pair(client)[0] != address
    # Gone back to, or open twice: neither is a page that never was.
    for again in (client.get(address), client.post("/akrim/links/decide", headers={"origin": SITE}, data=decided | {"token": token_of("clerk")})):  # fmt: skip
        assert again.status_code == 409
        assert f"akrim link decide {one} {other}" in again.text
    assert client.get("/akrim/links/pair?one=nav/never&other=nav/there").status_code == 404
    assert client.post("/akrim/links/decide", headers={"origin": SITE}, data=decided | {"token": token_of("auditor")}).status_code == 403  # fmt: skip


LOOKED = """
select action, by_name, detail ->> 'pairs', exists (select from audit.subjects as s where s.position = e.position)
from audit.events as e order by position desc limit 1
"""


def test_a_second_clerk_reads_blind_and_a_lead_settles(installation: str, sign_in: SignIn) -> None:
    """Who decided first is not handed the pair; what was said is not shown; whoever read it does not settle it."""
    first, second, lead = reading(sign_in), reading(sign_in, "senior"), reading(sign_in, "lead")
    _, one, other = first_pair(first)
    post(first, "/links/decide", "clerk", one=one, other=other, verdict="same", reason="Both say Elm Street")
    assert first.get("/akrim/links/again").headers["location"] == "/akrim/links"
    address = second.get("/akrim/links/again").headers["location"]
    assert "reading=second" in address
    assert lead.get("/akrim/links/again").headers["location"] != address, "another clerk has it"
    page = second.get(address).text
    assert "Elm Street" not in page
    assert "Det som taler for og imot" not in page
    assert first.get(address).status_code == 409
    again = dict(parse_qsl(urlsplit(address).query))
    with psycopg.connect(installation) as connection:
        (before,) = connection.execute(
            "select verdict from linkage.standing_verdicts where source_l || '/' || source_record_id_l = %s"
            " and source_r || '/' || source_record_id_r = %s", [again["one"], again["other"]],
        ).fetchone() or ("",)  # fmt: skip
    pair = {"one": again["one"], "other": again["other"]}
    said = pair | {"verdict": "different" if before == "same" else "same", "reason": "Born years apart"}
    assert post(second, "/links/decide", "senior", **said, reading="second") == (303, "/akrim/links/again")
    assert sign_in("clerk").get("/akrim/links/conflicts").status_code == 403
    told = text(lead.get("/akrim/links/conflicts").text)
    assert f"{again['one']} – {again['other']}" in told
    assert "Born years apart" in told
    assert "1 par er lest to ganger, og leserne er enige om 0 %" in told
    assert first.get("/akrim/links/pair", params=pair).status_code == 403
    assert "Born years apart" in text(lead.get("/akrim/links/pair", params=pair).text)
    assert post(second, "/links/decide", "senior", **said)[0] == 403
    assert post(lead, "/links/decide", "lead", **said) == (303, "/akrim/links/conflicts")
    told = text(lead.get("/akrim/links/conflicts").text)
    assert "Ingen er uenige." in told
    assert "1 par er lest to ganger, og leserne er enige om 0 %" in told, "what was settled still counts"


def test_axe_finds_nothing_on_links(installation: str, site: str, sign_in: SignIn, browser: Browser) -> None:
    """A pair, the same read a second time, the queue, and what two readers disagree on."""
    clerk, senior, lead = reading(sign_in), reading(sign_in, "senior"), reading(sign_in, "lead")
    _, one, other = first_pair(clerk)
    post(clerk, "/links/decide", "clerk", one=one, other=other, verdict="same", reason="Both say so")
    again = senior.get("/akrim/links/again").headers["location"].removeprefix("/akrim")
    assert "reading=second" in again
    accessible.check(browser, site, senior, again, lambda page: page.wait_for_selector("form.verdict"))
    said = dict(parse_qsl(urlsplit(again).query)) | {"verdict": "different", "reason": "Born years apart"}
    assert post(senior, "/links/decide", "senior", **said)[0] == 303
    accessible.check(browser, site, lead, "/links/conflicts", lambda page: page.wait_for_selector("tbody tr"))
    with psycopg.connect(installation) as connection:
        looked = connection.execute(LOOKED).fetchone()
    assert looked == ("consultation", "lead", "1", True), (
        "who looked, at how many pairs, and at whose records"
    )
    accessible.check(browser, site, clerk, "/links/next", lambda page: page.wait_for_selector("form.verdict"))
    accessible.check(browser, site, clerk, "/links")


def test_pairs_are_read_by_keyboard_alone(
    site: str, installation: str, sign_in: SignIn, browser: Browser
) -> None:
    """In a real browser, under the site's own policy, which blocks nothing that the page needs."""
    context = browser.new_context()
    context.add_cookies([{"name": "_token", "value": sign_in("clerk").cookies["_token"], "url": site}])
    page, noise = context.new_page(), []
    page.on("console", lambda said: noise.append(said.text) if said.type in {"error", "warning"} else None)
    page.on(
        "request",
        lambda asked: noise.append(asked.url) if not asked.url.startswith((site, "data:")) else None,
    )
    page.goto(f"{site}/akrim/links/next")
    page.keyboard.type(PURPOSE)
    page.keyboard.press("Enter")
    verdicts = [*(["same", "different", "unsure"] * 3), "same"]
    for number, verdict in enumerate(verdicts):
        page.wait_for_selector("form.verdict")
        here = page.url
        page.keyboard.press({"same": "1", "different": "2", "unsure": "3"}[verdict])
        if not number:  # on second thoughts another, which is written into the reason and is none
            page.keyboard.type("2\n")
            assert page.locator("input[name=reason]:invalid").input_value() == "2"
            page.keyboard.press("Backspace")
        page.keyboard.type(f"Read by keyboard, {number}")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url, here=here: url != here)
    context.close()
    with psycopg.connect(installation) as connection:
        kept = connection.execute(
            "select verdict from linkage.link_decisions where reason like 'Read by keyboard%' order by decision_id"
        ).fetchall()
    assert [verdict for (verdict,) in kept] == verdicts
    assert noise == []


@pytest.mark.parametrize("has_script", [True, False])
def test_keys_are_told_of_where_the_script_runs_that_reads_them(
    site: str, sign_in: SignIn, browser: Browser, has_script: bool
) -> None:
    context = browser.new_context(java_script_enabled=has_script)
    cookies = reading(sign_in).cookies
    context.add_cookies([{"name": n, "value": v, "url": site} for n, v in cookies.items()])
    page = context.new_page()
    page.goto(f"{site}/akrim/links/next")
    assert page.get_by_text("Avgjørelsen gjelder fra neste kobling").is_visible()
    for told in (page.get_by_text("På tastaturet"), page.locator("form.verdict kbd").first):
        assert told.is_visible() == has_script
    context.close()


def test_a_groups_further_records_stand_side_by_side_where_they_are_few(
    installation: str, sign_in: SignIn
) -> None:
    """As masked as the pair; of many the ids alone, and nothing of a pair that does not wait."""
    client, shown = reading(sign_in), 0
    with psycopg.connect(installation) as connection:
        pairs = connection.execute("select one, other from clerk.pairs limit 40").fetchall()
        for one, other in pairs:
            told = connection.execute(
                "select m.source || '/' || m.source_record_id, r.family_name, r.identifier from linkage.person_records as m"
                " join intermediate.person_records as r using (source, source_record_id) where m.person_id in"
                " (select person_id from linkage.person_records where source || '/' || source_record_id in (%(one)s, %(other)s))"
                " and m.source || '/' || m.source_record_id not in (%(one)s, %(other)s)", {"one": one, "other": other},
            ).fetchall()  # fmt: skip
            page = client.get("/akrim/links/pair", params={"one": one, "other": other}).text
            table = re.search(r'<table class="beside-records">.*?</table>', page, re.DOTALL)
            assert (table is not None) == (0 < len(told) <= 6)
            if table:
                shown += 1
                for record, family, number in told:
                    assert record in table[0]
                    assert family is None or family in text(table[0])
                    assert number is None or number not in table[0]
            if shown == 3:
                break
        assert shown
        assert connection.execute("select from clerk.beside('nav/none', 'nav/nobody', 6)").fetchall() == []


@pytest.mark.parametrize("count", [2, 3, 16, links.MOST_DRAWN])
def test_the_units_of_a_group_lie_in_its_drawing_and_not_over_each_other(count: int) -> None:
    reach = 0.17 + 0.02  # of a circle, and half of its line
    places = links._places(Group([Unit(place, "p", ()) for place in range(count)], []))
    assert min(dist(one, other) for one, other in combinations(places, 2)) > 2 * reach
    left, top, width, height = map(float, links._edges(places).split())
    for x, y in places:
        assert left + reach < x < left + width - reach
        assert top + reach < y < top + height - reach


def test_the_group_is_drawn_and_told(installation: str, sign_in: SignIn) -> None:
    """Also the tie that alone holds two parts together, close to the threshold; last, since it changes what was weighed."""
    with psycopg.connect(installation) as connection:
        connection.execute(
            "update linkage.findings set match_weight = threshold + 1 where outcome = 'accepted'"
        )
        pairs = connection.execute(
            "select one, other from clerk.pairs where cause = 'joined_narrowly' limit 20"
        ).fetchall()
    client = reading(sign_in)
    pages = [
        client.get("/akrim/links/pair", params={"one": one, "other": other}).text for one, other in pairs
    ]
    assert pages
    for page in pages:
        (drawn,) = re.findall(r'aria-label="En tegning. Sirkler: (\d+). Streker: (\d+)', page)
        assert (str(page.count("<circle")), str(page.count("<line"))) == drawn
        (height,) = re.findall(r'class="group" viewBox="-1.3 [-.\d]+ 2.6 ([.\d]+)"', page)
        assert (drawn[0] == "2") == (height == "0.6"), "two lie in no empty room"
    assert any('class="weak"' in page and "En svak bro" in page for page in pages)
