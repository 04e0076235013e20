"""The pages of persons: found by name, id and organisation number among those on the lists, for a purpose, and all of it logged."""

import re
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from akrim import audit
from playwright.sync_api import Browser, Page
from starlette.testclient import TestClient

from tests.audit.events import events
from tests.browser import accessible
from tests.browser.conftest import SITE, SignIn
from tests.browser.test_access import token_of
from tests.browser.test_deliveries import PURPOSE, post, text
from tests.browser.test_links import reading
from tests.ledger.entering import enter_release, enter_run
from tests.releases import world

DATABASE = "golden_name"
OLD, OLDEST = "p-merged-since", "p-merged-before"


@pytest.fixture(scope="module")
def out(installation: str) -> str:
    """The golden world with two records of its serial bankrupt, known since the first release, who has taken over another id in the second."""
    with psycopg.connect(installation) as connection:
        for number in (1, 2):
            connection.execute(
                "insert into linkage.memberships (source, extract, source_record_id, content_digest, person_id, link_kind,"
                " valid_from_release, same_number_as) values ('nav', 'personer', %s, %s, %s, 'identifier', %s, 'nav/1')",
                [str(number), number, world.SERIAL, world.FIRST],
            )
        for old, taken_by in ((OLD, world.SERIAL), (OLDEST, OLD)):
            connection.execute(
                "insert into linkage.person_id_history (old_person_id, person_id, change, release_id) values (%s, %s, 'merged', %s)",
                [old, taken_by, world.SECOND],
            )
        connection.execute(
            "create table if not exists intermediate.person_records (source text, source_record_id text, given_name text,"
            " middle_name text, family_name text, birth_date text)"
        )
        connection.execute(
            "insert into intermediate.person_records values ('nav', '1', 'Ola', '', 'Eksempelsen', '1961-04-03')"
        )
    return installation


def found(client: TestClient, asked: str) -> list[str]:
    """Whom a search finds, by id."""
    form = {"asked": asked, "token": token_of("analyst")}
    page = client.post("/akrim/persons", headers={"origin": SITE}, data=form)
    assert page.status_code == 200
    return re.findall(r'href="/akrim/persons/([^"]+)"', page.text)


def named_in(said: str, out: str) -> set[str]:
    """Whose names stand on a page."""
    with psycopg.connect(out) as connection:
        rows = connection.execute(
            "select person_id, full_name from marts.persons where release_id = %s", [world.SECOND]
        ).fetchall()
    return {person_id for person_id, name in rows if name in said}


def test_a_search_finds_those_on_lists_by_words_of_the_name_and_by_enterprise(
    out: str, sign_in: SignIn
) -> None:
    client = reading(sign_in, "analyst")
    with psycopg.connect(out) as connection:
        ((name, orgnr),) = connection.execute(
            "select full_name, orgnr from marts.persons join marts.roles using (release_id, person_id)"
            " where person_id = %s and release_id = %s limit 1", [world.SERIAL, world.SECOND],
        ).fetchall()  # fmt: skip
    assert world.SERIAL in found(client, " ".join(reversed(name.lower().split())))
    assert world.SERIAL in found(client, orgnr)
    assert found(client, "%%") == []
    assert found(client, "Nobody Atall") == []
    with psycopg.connect(out) as connection:
        ((unlisted,),) = connection.execute(
            "select full_name from marts.persons where person_id = %s and release_id = %s", [world.UNLISTED, world.SECOND]
        ).fetchall()  # fmt: skip
    assert found(client, unlisted) == [], "who is on no list is not found"


def test_whom_a_search_finds_is_logged_for_a_purpose(out: str, sign_in: SignIn) -> None:
    assert "Hvorfor trenger du å se dette?" in post(sign_in("analyst"), "/persons", "analyst", asked="an")[1]
    client, before = reading(sign_in, "analyst"), len(events(out, "consultation"))
    persons = found(client, "Eksempelsen")
    assert persons
    (event,) = events(out, "consultation")[before:]
    assert (event["by_name"], event["purpose"]) == ("analyst", PURPOSE)
    assert sorted(event["persons"]) == sorted(persons)
    assert "Eksempelsen" not in str(event["detail"])


def test_a_person_is_told_over_the_releases_and_to_whom(out: str, sign_in: SignIn) -> None:
    with psycopg.connect(out) as connection:
        told = audit.Event(
            "disclosure",
            recipient="alta",
            release_id="2024-T1.7",
            detail={"means": "outbox"},
            persons=[OLDEST],
        )
        audit.record(connection, told)
    client, before = reading(sign_in, "analyst"), len(events(out, "consultation"))
    said = text(client.get(f"/akrim/persons/{OLD}").text)
    assert "A-krimsenteret i Alta 2024-T1.7" in said
    assert f"{OLD} står nå for denne personen." in said
    with psycopg.connect(out) as connection:
        lists = connection.execute(
            "select release_id, rank, total_points from marts.assessments where person_id = %s and centre_id = 'oslo'", [world.SERIAL]
        ).fetchall()  # fmt: skip
    assert {release_id for release_id, _, _ in lists} == {world.FIRST, world.SECOND}
    for release_id, _, points in lists:
        assert re.search(rf"{release_id} [\d.]+ A-krimsenteret i Oslo (\d+ )+{points} ", said)
    assert "Samme gyldige personnummer: nav/1, nav/2" in said
    assert "nav/1 Ola Eksempelsen 03.04.1961" in said
    assert f"A-krimsenteret i Oslo {world.SECOND} kan leses i databasen" in said
    (event,) = events(out, "consultation")[before:]
    assert (event["by_name"], event["purpose"]) == ("analyst", PURPOSE)
    assert set(event["persons"]) == named_in(said, out) > {world.SERIAL, world.COUNTERPART}
    for nobody in ("p-nobody", world.UNLISTED, f"{world.SERIAL}?centre=bergen"):
        assert client.get(f"/akrim/persons/{nobody}").status_code == 404
    assert "Hvorfor trenger du å se dette?" in sign_in("analyst").get(f"/akrim/persons/{OLD}").text


def test_a_person_is_told_of_as_in_the_centres_report(out: str, published: Path, sign_in: SignIn) -> None:
    page = reading(sign_in, "analyst").get(f"/akrim/persons/{world.SERIAL}").text
    report = text((published / world.SECOND / "oslo" / "assessment.html").read_text("utf-8"))
    (profile,) = re.findall(r'<div class="reported">(.*?)</div>\s*<h2>', page, re.DOTALL)
    assert profile.count("<svg") > 10
    for part in ("Roller og hendelser", "Foretak", "Forbindelser", "Tidligere prioriteringer"):
        assert f"<h3>{part}</h3>" in profile
    told = text(profile)
    own = told[told.index("Etater som kjenner") : told.index("Forbindelser")]
    assert own in report, "word by word what its report says"
    assert "/akrim/persons/p-protected" in profile, "others on the list are led to"


def test_a_network_is_found_and_told_of_by_centre(out: str, sign_in: SignIn) -> None:
    client = reading(sign_in, "analyst")
    form = {"asked": "fjellrens", "token": token_of("analyst")}
    page = client.post("/akrim/persons", headers={"origin": SITE}, data=form).text
    assert re.findall(r'href="/akrim/groups/([^"]+)"', page) == ["N1"]
    before = len(events(out, "consultation"))
    page = client.get("/akrim/groups/N1?centre=oslo").text
    said = text(page)
    assert "Kjede av etterfølgere" in said
    (in_network,) = re.findall(r"Personer i nettverket (\d)", said)
    (beside,) = re.findall(r"og (\d) person(?:er)? til, ikke navngitt her", said)
    assert int(in_network) == 1 + int(beside), "as many as the report tells of, one by name"
    assert "FJELLRENS AS og BYRENS OSLO AS: videreført virksomhet" in said
    (drawn,) = re.findall(r'aria-label="Nettverk: 3 foretak i midten, og (\d) person', page)
    assert int(drawn) >= 1
    for release_id in (world.FIRST, world.SECOND):
        assert re.search(rf"{release_id} [\d.]+ A-krimsenteret i Bergen 1 22 3 25", said)
        assert f"A-krimsenteret i Oslo {release_id} kan leses i databasen" in said
    assert "20.01.2026, A-krimsenteret i Oslo: Trusselaktør" in said
    (event,) = events(out, "consultation")[before:]
    assert event["purpose"] == PURPOSE
    assert set(event["persons"]) == named_in(said, out) == {world.BERGENSER, world.COUNTERPART, world.SERIAL}


def test_two_enterprises_of_one_name_in_a_network_are_told_apart(out: str, sign_in: SignIn) -> None:
    rename = "update marts.enterprises set enterprise_name = %s where release_id = %s and orgnr = %s"
    by_name = (
        "select orgnr from marts.enterprises where release_id = %s and enterprise_name = 'BYRENS OSLO AS'"
    )
    client = reading(sign_in, "analyst")
    with psycopg.connect(out, autocommit=True) as connection:
        ((orgnr,),) = connection.execute(by_name, [world.SECOND]).fetchall()
        connection.execute(rename, ["FJELLRENS AS", world.SECOND, orgnr])
        page = client.get("/akrim/groups/N1").text
        connection.execute(rename, ["BYRENS OSLO AS", world.SECOND, orgnr])
    (heading,) = re.findall(r"<h1>(.*?)</h1>", page)
    assert f"FJELLRENS AS ({orgnr})" in heading
    assert len(set(re.findall(r"FJELLRENS AS \((\d{9})\)", heading))) == 2, heading


def test_a_network_is_shown_to_nobody_without_right_or_purpose(out: str, sign_in: SignIn) -> None:
    assert sign_in("auditor").get("/akrim/groups/N1").status_code == 403
    assert "Hvorfor trenger du å se dette?" in sign_in("analyst").get("/akrim/groups/N1").text
    client = reading(sign_in, "analyst")
    assert [
        client.get(f"/akrim/groups/{asked}").status_code for asked in ("N404", "N1?centre=stavanger")
    ] == [404, 404]
    assert client.get("/akrim/groups/200000039").status_code == 200


def test_axe_finds_nothing_on_a_search_and_a_person(
    out: str, site: str, sign_in: SignIn, browser: Browser
) -> None:
    client = reading(sign_in, "analyst")

    def search(asked: str) -> Callable[[Page], None]:
        def type_it(page: Page) -> None:
            page.fill("input[name=asked]", asked)
            page.keyboard.press("Enter")
            page.wait_for_selector("tbody tr" if asked == "Eksempelsen" else ".empty")

        return type_it

    accessible.check(browser, site, client, "/persons", search("Eksempelsen"))
    accessible.check(browser, site, client, "/persons", search("Nobody Atall"))
    accessible.check(browser, site, client, f"/persons/{world.SERIAL}")
    accessible.check(browser, site, client, "/groups/N1")


def test_a_release_that_was_taken_back_is_marked_among_the_lists(out: str, sign_in: SignIn) -> None:
    client = reading(sign_in, "analyst")
    with psycopg.connect(out, autocommit=True) as connection:
        states = "update meta.releases set status = %s where release_id = %s"
        connection.execute(states, ["recalled", world.SECOND])
        said = text(client.get(f"/akrim/persons/{world.SERIAL}").text)
        connection.execute(states, ["published", world.SECOND])
    assert f"{world.SECOND} 30.04.2026 Trukket tilbake A-krim" in said
    assert f"{world.FIRST} 31.12.2025 A-krim" in said


def test_a_list_that_is_not_out_is_not_among_those_that_were_sent(out: str, sign_in: SignIn) -> None:
    """A release that is being made, or waits for somebody to let it go, may yet be made anew."""
    client = reading(sign_in, "analyst")
    with psycopg.connect(out, autocommit=True) as connection:
        enter_release(connection, "2026-T2.1", "building")
        for mart, key, of in (("assessments", "person_id", world.SERIAL), ("network_assessments", "network_id", "N1")):  # fmt: skip
            connection.execute(
                f"create temp table kept as select * from marts.{mart} where release_id = '{world.SECOND}' and {key} = '{of}'"
            )
            connection.execute("update kept set release_id = '2026-T2.1'")
            connection.execute(f"insert into marts.{mart} select * from kept")
            connection.execute("drop table kept")
        pages = [text(client.get(f"/akrim/{path}").text) for path in (f"persons/{world.SERIAL}", "groups/N1")]
        for mart in ("assessments", "network_assessments"):
            connection.execute(f"delete from marts.{mart} where release_id = '2026-T2.1'")
        connection.execute("delete from meta.releases where release_id = '2026-T2.1'")
    for said in pages:
        assert f"{world.SECOND} 30.04.2026 A-krim" in said
        assert "2026-T2.1" not in said


def test_what_is_disputed_since_the_release_is_told_of_its_persons_group_too(
    out: str, sign_in: SignIn
) -> None:
    client = reading(sign_in, "analyst")
    assert "Ingenting er bestridt." in client.get("/akrim/groups/N1").text
    with psycopg.connect(out, autocommit=True) as connection:
        for event in ("opened", "rejected"):
            connection.execute(
                "insert into meta.corrections (case_id, event, kind, agency, extract, source_row_id, disputed_by, disputed_since, reason, author,"
                " person_source, person_source_record_id, is_own_row)"
                " values ('K-2026-001', %s, 'fact', 'politiet', 'saker', '1/24', 'person', '2026-05-12', 'Wrong', 'kn', 'nav', '1', false)",
                [event],
            )
            said = text(client.get("/akrim/groups/N1").text)
            is_told = f"{world.SERIAL} : Politiet, saker, 12.05.2026" in said
            assert (is_told, "Ingenting er bestridt." in said) == (event == "opened", event == "rejected")


def test_the_page_of_somebody_is_hers_though_who_was_parted_from_her_has_more_points(
    out: str, sign_in: SignIn
) -> None:
    """And an id that was merged into hers and parted again leads to whoever has its records."""
    client, spent = reading(sign_in, "analyst"), "p-parted-since"
    with psycopg.connect(out, autocommit=True) as connection:
        member = (
            "insert into linkage.memberships (source, extract, source_record_id, content_digest, person_id, link_kind,"
            " valid_from_release, valid_to_release) values ('nav', 'personer', %s, 'x', %s, 'identifier', %s, %s)"
        )
        connection.execute(member, ["8", world.NEWCOMER, world.FIRST, None])
        connection.execute(member, ["9", spent, world.FIRST, world.SECOND])
        connection.execute(member, ["9", world.SERIAL, world.SECOND, None])
        changed = "insert into linkage.person_id_history values (%s, %s, %s, %s)"
        connection.execute(changed, [spent, world.NEWCOMER, world.SECOND, "merged"])
        connection.execute(changed, [world.NEWCOMER, world.SERIAL, world.SECOND, "split"])
        headings = {
            person_id: re.findall(r"<h1>(.*?)</h1>", client.get(f"/akrim/persons/{person_id}").text)
            for person_id in (world.NEWCOMER, world.SERIAL, spent)
        }
        connection.execute("delete from linkage.memberships where source_record_id in ('8', '9')")
        connection.execute(
            "delete from linkage.person_id_history where old_person_id in (%s, %s)", [spent, world.NEWCOMER]
        )
    assert headings == {
        world.NEWCOMER: ["Nils Nykommer"], world.SERIAL: ["Halvard Eksempelsen"], spent: ["Halvard Eksempelsen"],
    }  # fmt: skip


def test_whom_a_held_release_joins_are_two_persons_in_the_newest(out: str, sign_in: SignIn) -> None:
    """The last here: what is linked stays so."""
    client, held = reading(sign_in, "analyst"), "2026-T2.1"
    with psycopg.connect(out) as connection:
        enter_release(connection, held, "building")
        enter_run(connection, held)
        connection.execute(
            "insert into linkage.memberships (source, extract, source_record_id, content_digest, person_id, link_kind, valid_from_release)"
            " values ('nav', 'personer', '3', '3', %s, 'identifier', %s)", [world.NEWCOMER, world.SECOND],
        )  # fmt: skip
        ended = "update linkage.memberships set valid_to_release = %s where person_id = %s"
        connection.execute(ended, [held, world.SERIAL])
        joined = "insert into linkage.person_id_history values (%s, %s, %s, 'merged')"
        connection.execute(joined, [world.SERIAL, world.NEWCOMER, held])
    for person_id, name, is_old in ((world.SERIAL, "Eksempelsen", True), (world.NEWCOMER, "Nykommer", False)):
        said = text(client.get(f"/akrim/persons/{person_id}").text)
        assert name in said.split("Id ")[0], person_id
        assert (f"{world.FIRST} 31.12.2025" in said) is is_old, person_id
        assert "står nå for denne personen" not in said
