"""The pages of releases: which there are, what became of one, what it changes, and what came back."""

import re
from pathlib import Path

import psycopg
import pytest
from akrim.contracts import decision_extracts
from akrim.deliveries.landing import add_partition
from akrim.releases import changes_between
from playwright.sync_api import Browser
from psycopg import sql
from psycopg.types.json import Jsonb

from tests.audit.events import events
from tests.browser import accessible
from tests.browser.conftest import HELD, SignIn
from tests.browser.test_deliveries import PURPOSE, post, text
from tests.ledger.entering import enter_release
from tests.releases import world

DATABASE = "golden_name"


def test_every_release_is_listed_with_its_state_and_receipts(out: str, sign_in: SignIn) -> None:
    said = text(sign_in("auditor").get("/akrim/releases").text)
    assert f"{HELD} 31.08.2026 Holdt tilbake {world.SECOND} –" in said
    assert f"{world.SECOND} 30.04.2026 Utgitt {world.FIRST} 1 av 2" in said
    first = text(sign_in("auditor").get(f"/akrim/releases/{world.FIRST}").text)
    assert "Hva som er endret Det er den første utgaven: det er ingen tidligere å sammenligne med." in first
    assert sign_in("auditor").get("/akrim/releases/2031-T1.1").status_code == 404


def test_a_held_release_says_why_in_the_readers_language(out: str, sign_in: SignIn) -> None:
    client = sign_in("operator")
    page = client.get(f"/akrim/releases/{HELD}").text
    assert "For &lt;b&gt;mange" in page
    assert "akrim/releases/2026-T2.1/approve" in page
    assert "Too &lt;b&gt;many" in client.get(f"/akrim/releases/{HELD}?language=en").text
    assert "/approve" not in sign_in("analyst").get(f"/akrim/releases/{HELD}").text


def test_a_held_release_that_another_overtook_is_not_offered_to_be_let_go(out: str, sign_in: SignIn) -> None:
    client = sign_in("operator")
    with psycopg.connect(out, autocommit=True) as connection:
        enter_release(connection, "2024-T1.9", "recalled", published_at="now")
        said = text(client.get(f"/akrim/releases/{HELD}").text)
        connection.execute("delete from meta.releases where release_id = '2024-T1.9'")
    assert "Den kan ikke gå ut slik den er" in said
    assert "Les det som står over, først." not in said


def test_of_a_release_that_is_being_made_no_limit_is_said_to_be_kept(out: str, sign_in: SignIn) -> None:
    """They are checked when all of it is computed; one that failed may never have come so far."""
    with psycopg.connect(out, autocommit=True) as connection:
        enter_release(connection, "2026-T3.1", "building")
        for status in ("building", "failed"):
            connection.execute(
                "update meta.releases set status = %s where release_id = '2026-T3.1'", [status]
            )
            said = text(sign_in("leader").get("/akrim/releases/2026-T3.1").text)
            assert "Grensene prøves når den er regnet ut." in said
            assert "Ingen grense er overskredet." not in said
        connection.execute("delete from meta.releases where release_id = '2026-T3.1'")
    assert "Ingen grense er overskredet." in text(
        sign_in("leader").get(f"/akrim/releases/{world.SECOND}").text
    )


def test_what_is_let_go_is_shown_before_the_button(out: str, sign_in: SignIn) -> None:
    said = text(sign_in("operator").get(f"/akrim/releases/{HELD}").text)
    changed = said.index("A-krimsenteret i Oslo 7")
    linked = said.index("Riktige koblinger som ble funnet 91,2 % (90 til 99) 98,5 %")
    assert said.index("Rimelighet") < changed < linked < said.index("Les det som står over, først.")


def test_the_linkage_is_charted_over_the_releases(out: str, sign_in: SignIn) -> None:
    """Each release in its place: what is lower on the chart is less, and the figures say the same."""
    page = sign_in("analyst").get("/akrim/quality").text
    of_all, rare, nav = re.findall(r'<svg class="chart".*?</svg>', page, re.DOTALL)
    for chart in (of_all, rare, nav):
        (earlier, later) = [float(y) for y in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)"', chart)]
        assert earlier < later, "98.5 per cent stands above 91.2"
        assert ">prosent<" in chart
        assert ">Utgave<" in chart
        assert f">{HELD}</text>" in chart
    rows = re.findall(r'<text class="row" x="-6" y="[\d.]+">([\d,]+)', nav)
    assert rows == re.findall(r'<text class="row" x="-6" y="[\d.]+">([\d,]+)', rare), "on the same axis"
    said = text(page)
    assert f"{world.SECOND}: 98,50 (90,00 til 99,00) {HELD}: 91,20 (90,00 til 99,00)" in said
    assert "Riktige koblinger som ble funnet, etter gruppe" in said
    assert "Kilde: Nav" in said


def test_what_changed_is_told_by_centre_and_cause_in_figures(out: str, sign_in: SignIn) -> None:
    page = sign_in("analyst").get(f"/akrim/releases/{world.SECOND}").text
    said = text(page)
    assert "A-krimsenteret i Oslo" in said
    assert "endrede opplysninger" in said
    assert "Mangler" in said
    with psycopg.connect(out) as connection:
        named = connection.execute("select distinct full_name from marts.persons").fetchall()
    assert named
    assert [name for (name,) in named if name and name in said] == []


def test_any_two_releases_are_compared_in_figures_and_persons_shown_by_right(
    out: str, published: Path, sign_in: SignIn
) -> None:
    here = f"/akrim/releases/{world.SECOND}/changes?against={world.FIRST}"
    found = changes_between(published / world.FIRST, published / world.SECOND)
    assert found["oslo"]
    assert (
        f'action="/akrim/releases/{world.SECOND}/changes"'
        in sign_in("auditor").get(f"/akrim/releases/{world.SECOND}").text
    )
    said = text(sign_in("auditor").get(here).text)
    persons_of_oslo = {change["person_id"] for change in found["oslo"]}
    assert len(persons_of_oslo) < len(found["oslo"]), "one has changed in two ways"
    assert f"A-krimsenteret i Oslo {len(persons_of_oslo)} " in said
    assert "A-krimsenteret i Bergen" in said
    assert "Bergen" not in sign_in("leader").get(here).text
    assert not re.search(r"\bp-\w+", said), "nobody is named"
    assert sign_in("auditor").get(f"{here}&persons=1").status_code == 403
    assert sign_in("auditor").get(f"/akrim/releases/{HELD}/changes?against={world.FIRST}").status_code == 404
    client, before = sign_in("analyst"), len(events(out, "consultation"))
    assert "Hvorfor trenger du å se dette?" in client.get(f"{here}&persons=1").text
    assert post(client, "/purpose", "analyst", purpose=PURPOSE, then="/akrim/")[0] == 303
    page = client.get(f"{here}&persons=1").text
    persons = {change["person_id"] for rows in found.values() for change in rows}
    assert sorted(re.findall(r'<th scope="row">(?:<a [^>]+>)?(p-[^<]+)<', page)) == sorted(persons), (
        "each once"
    )
    led_to = set(re.findall(r'href="/akrim/persons/([^"]+)"', page))
    with psycopg.connect(out) as connection:
        on_lists = connection.execute(
            "select distinct person_id from marts.assessments where release_id = %s", [world.SECOND]
        ).fetchall()
    assert led_to == persons & {person_id for (person_id,) in on_lists} < persons, "who has left has no page"
    assert {client.get(f"/akrim/persons/{person}").status_code for person in persons - led_to} == {404}
    assert "Flere poeng, endret status eller forslag" in page
    (event,) = events(out, "consultation")[before:]
    assert set(event["persons"]) == persons


def test_what_centres_decide_is_told_as_it_comes_back_to_whom_it_concerns(out: str, sign_in: SignIn) -> None:
    with psycopg.connect(out) as connection:
        for number, status in enumerate(("accepted", "refused"), start=1):
            connection.execute(
                "insert into meta.deliveries (delivery_id, manifest_sha256, agency, period, folder, folder_fingerprint, mode, status, reason, delivered_at, received_at, form)"
                " values (%s, 'm', 'sentrene', '2026-T1', 'f', 'f', 'delta', %s, %s, '2026-05-20', '2026-05-20 10:00+02', %s)",
                [f"back-{number}", status, "seal" if status == "refused" else None,
                 Jsonb({"centre_id": "oslo", "release_id": world.SECOND, "cells": []})],
            )  # fmt: skip
        partition = add_partition(connection, decision_extracts()[0], "back-1")
        connection.execute(
            sql.SQL(
                "insert into {} (delivery_id, row_number, is_removed, beslutning_id, senter, release_id)"
                " select 'back-1', n, false, 'd-' || n, 'oslo', %s from generate_series(1, 3) as n"
            ).format(partition), [world.SECOND],
        )  # fmt: skip
    here = f"/akrim/releases/{world.SECOND}"
    said = text(sign_in("auditor").get(here).text)
    assert "A-krimsenteret i Oslo 3 0 1 1 20.05.2026" in said
    assert re.search(r"A-krimsenteret i Bergen – – – – Ingenting ennå", said)
    leader = text(sign_in("leader").get(here).text)
    assert "A-krimsenteret i Oslo 3 0 1 1" in leader
    assert "Bergen" not in leader


def test_of_a_part_that_is_erased_it_is_said_that_it_is_not_here(
    out: str, published: Path, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, gone = published / world.SECOND / "oslo", "Det som senteret fikk, er ikke her lenger."
    left = [folder / name for name in ("manifest.json", "manifest.json.minisig")]
    here = f"/akrim/releases/{world.SECOND}"
    compared = f"{here}/changes?against={world.FIRST}"
    client, pages = sign_in("leader"), ("/akrim/releases", here, compared)
    assert not [page for page in pages if gone in client.get(page).text]
    monkeypatch.setattr("akrim.browser.releases._files", lambda *_: {"oslo": left})
    monkeypatch.setattr("akrim.browser.releases.releasing.changes_between", lambda *_: {})
    assert [page for page in pages if gone not in client.get(page).text] == []
    # Who sees every centre is told of whom nothing is compared.
    both = {"bergen": [], "stavanger": []}
    monkeypatch.setattr("akrim.browser.releases.releasing.changes_between", lambda *_: both)
    monkeypatch.setattr("akrim.browser.releases.releasing.without_list", lambda *_: {"oslo"})
    page = sign_in("analyst").get(compared).text
    assert page.count(gone) == 1
    assert page.index("senteret i Bergen") < page.index(gone) < page.index("senteret i Stavanger")


@pytest.mark.parametrize(
    "path",
    [
        "/releases",
        f"/releases/{HELD}",
        f"/releases/{world.SECOND}",
        f"/releases/{world.SECOND}/changes?against={world.FIRST}&persons=1",
        "/quality",
    ],
)
def test_axe_finds_nothing_on_releases(
    path: str, out: str, site: str, sign_in: SignIn, browser: Browser
) -> None:
    client = sign_in("analyst")
    assert post(client, "/purpose", "analyst", purpose=PURPOSE, then="/akrim/releases")[0] == 303
    accessible.check(browser, site, client, path)
