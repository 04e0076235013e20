"""The pages of releases: which there are, what became of one, whose figures a leader sees, and a centre's files."""

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from akrim import ledger
from akrim.contracts import decision_extracts
from akrim.deliveries.landing import add_partition
from akrim.releases import changes_between
from akrim.releases.plausibility import Reason
from akrim.settings import get_settings
from akrim.texts.written import figures
from playwright.sync_api import Browser
from psycopg import sql
from psycopg.types.json import Jsonb
from starlette.testclient import TestClient

from tests.audit.events import events
from tests.browser import accessible
from tests.browser.conftest import SignIn
from tests.browser.test_deliveries import PURPOSE, post, text
from tests.ledger.entering import enter_release
from tests.releases import world
from tests.sending.test_allowed import PROTECT

if TYPE_CHECKING:
    from fastapi import FastAPI

DATABASE = "golden_name"
HELD = "2026-T2.1"


@pytest.fixture(scope="module")
def out(installation: str, published: Path) -> str:
    """Both releases as Oslo and Bergen were sent them, Oslo's with a receipt, and one that is held."""
    shutil.copytree(published, get_settings().releases_path)
    shutil.copytree(published.parent / "keys", get_settings().keys_path)
    with psycopg.connect(installation) as connection:
        enter_release(
            connection, HELD, "building", base_release_id=world.SECOND, previous_release_id=world.SECOND
        )
        connection.execute(
            "insert into marts.release_changes (release_id, centre_id, change_number, person_id, change, cause, detail)"
            " select %s, 'oslo', n, 'p-' || n, 'entered', 'rule', '{\"main_cause\": \"rule\"}' from generate_series(1, 7) as n", [HELD],
        )  # fmt: skip
        for release_id, recall in ((world.SECOND, 0.985), (HELD, 0.912)):
            connection.execute("insert into linkage.runs (release_id, model, counts) values (%s, 'm', '{}') on conflict do nothing", [release_id])  # fmt: skip
            connection.execute(
                "insert into linkage.quality (release_id, measure, subgroup, estimate, low, high, support, note)"
                " select %s, 'recall_held_out', subgroup, %s - drop, 0.9 - drop, 0.99 - drop, 100, ''"
                " from (values ('all', 0), ('source/nav', 0.1), ('name/rare', 0.02)) as groups (subgroup, drop)", [release_id, recall],
            )  # fmt: skip
        connection.execute(
            "insert into meta.release_holds (release_id, limit_code, reason, reason_nb) values (%s, 'all_centres', 'Too <b>many', 'For <b>mange')",
            [HELD],
        )
        connection.execute("update meta.releases set is_explained = true where release_id = %s", [HELD])
        for centre, receipt in (("oslo", "2026-05-20 10:00+02"), ("bergen", None)):
            connection.execute(
                "insert into meta.sent_releases (release_id, centre_id, content_sha256, recipients_sha256, manifest_sha256, receipt_at)"
                " values (%s, %s, '', '', '', %s)",
                [world.SECOND, centre, receipt],
            )
    return installation


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


def test_a_leader_is_told_no_figures_of_another_centres_list_that_held_a_release(
    out: str, sign_in: SignIn
) -> None:
    """In the sentences that a release is held with; nor those of all lists together, from which its own could be taken."""
    told = re.compile("<li>(oslo|bergen|alle sentre): 12 aktører, 4.321 før")
    held_for = ((HELD, {"list": "oslo"}), (HELD, {"list": "bergen"}), (HELD, {}), (world.SECOND, {}))
    with psycopg.connect(out) as connection:
        for release_id, counted in held_for:
            reason = Reason("actors_fewer", counted | {"now": 12, "before": 4321})
            connection.execute(
                "insert into meta.release_holds (release_id, limit_code, reason, reason_nb) values (%s, 'actors_fewer', %s, %s)",
                [release_id, reason.told("en"), reason.told("nb")],
            )
    here, leader = f"/akrim/releases/{HELD}", sign_in("leader")
    assert set(told.findall(sign_in("auditor").get(here).text)) == {"oslo", "bergen", "alle sentre"}
    assert told.findall(leader.get(here).text) == ["oslo"]
    page = text(leader.get(f"/akrim/releases/{world.SECOND}").text)
    assert "eller en grense er overskredet for en annen liste enn ditt senters, eller av det" in page
    assert "Ingen grense er overskredet" not in page
    with psycopg.connect(out) as connection:  # for the tests that come after
        connection.execute("delete from meta.release_holds where limit_code = 'actors_fewer'")


def test_a_leader_is_told_no_figures_of_what_an_agency_delivered_that_held_a_release(
    out: str, sign_in: SignIn
) -> None:
    """The sharing matrix may keep it from the centre, whose own files say what it may know."""
    shrunk = {"agency": "nav", "extract": "saker", "rows": 12, "rows_usual": 4321}
    aside = {"agency": "nav", "aside": 321, "declared": 4321, "percent": 5.0}
    with psycopg.connect(out) as connection:
        for reason in (Reason("extract_shrunk", shrunk), Reason("quarantine_share", aside)):
            connection.execute(
                "insert into meta.release_holds (release_id, limit_code, reason, reason_nb) values (%s, %s, %s, %s)",
                [HELD, reason.limit, reason.told("en"), reason.told("nb")],
            )
    here = f"/akrim/releases/{HELD}"
    number = figures(4321, "nb")
    assert sign_in("auditor").get(here).text.count(number) == 2
    leader = sign_in("leader").get(here).text
    assert "For &lt;b&gt;mange" in leader
    assert number not in leader
    with psycopg.connect(out) as connection:  # for the tests that come after
        connection.execute("delete from meta.release_holds where limit_code <> 'all_centres'")


def test_a_leader_is_not_told_why_others_held_or_let_go_a_release_nor_why_it_failed(
    out: str, sign_in: SignIn
) -> None:
    """Any words may stand there, about another centre's persons too; that it was done, by whom and when, is told."""
    here = f"/akrim/releases/{HELD}"
    said = {
        "by_person": "Kari Vakt holds it: her husband",
        "approval": "his sister in Bergen",
        "failure": "321 rows of nav",
    }
    with psycopg.connect(out) as connection:
        connection.execute("delete from meta.release_holds where release_id = %s", [HELD])
        connection.execute(
            "insert into meta.release_holds (release_id, limit_code, reason, reason_nb, by_name) values (%s, 'by_person', %s, %s, 'Kari Vakt')",
            [HELD, said["by_person"], said["by_person"]],
        )
        connection.execute(
            "insert into meta.release_approvals (release_id, fingerprint, by_name, reason) values (%s, 'other', 'Per Drift', %s)",
            [HELD, said["approval"]],
        )
        connection.execute(
            "insert into meta.release_failures (release_id, stage, reason, issues) values (%s, 'link', %s, '{}')",
            [HELD, said["failure"]],
        )
    try:
        auditor, leader = (sign_in(role).get(here).text for role in ("auditor", "leader"))
        assert [reason for reason in said.values() if reason not in auditor] == []
        assert [reason for reason in said.values() if reason in leader] == []
        assert "Noen har holdt den tilbake" in leader
        assert ", Per Drift<" in leader
        assert ", link<" in leader
    finally:  # for the tests that come after
        with psycopg.connect(out) as connection:
            for table in ("release_approvals", "release_failures", "release_holds"):
                connection.execute(f"delete from meta.{table} where release_id = %s".encode(), [HELD])
            connection.execute(
                "insert into meta.release_holds (release_id, limit_code, reason, reason_nb) values (%s, 'all_centres', 'Too <b>many', 'For <b>mange')",
                [HELD],
            )


def test_a_leader_sees_her_own_centre_alone(out: str, sign_in: SignIn) -> None:
    said = text(sign_in("leader").get(f"/akrim/releases/{world.SECOND}").text)
    assert "A-krimsenteret i Oslo" in said
    assert "Stavanger" not in said
    assert "Bergen" not in said
    for page in ("/akrim/releases", f"/akrim/releases/{world.SECOND}"):
        assert "1 av 2" in text(sign_in("auditor").get(page).text)
        assert "1 av 2" not in text(sign_in("leader").get(page).text), "how many others have answered"


def test_a_leader_fetches_her_centres_files_for_a_purpose_that_is_logged(
    out: str, published: Path, sign_in: SignIn
) -> None:
    client, here = sign_in("leader"), f"/akrim/releases/{world.SECOND}"
    page = client.get(here).text
    assert f'href="{here}/oslo/changes.json"' in page
    assert "<code>akrim releases verify</code> prøver" in page
    assert "Hvorfor trenger du å se dette?" in client.get(f"{here}/oslo/changes.json").text
    assert post(client, "/purpose", "leader", purpose=PURPOSE, then=here)[0] == 303
    fetched = client.get(f"{here}/oslo/changes.json")
    assert fetched.content == (published / world.SECOND / "oslo" / "changes.json").read_bytes()
    assert fetched.headers["content-disposition"].startswith("attachment")
    assert client.get(f"{here}/stavanger/changes.json").status_code == 403
    for name in ("nothing.txt", "..%2Fmanifest.json", "data"):
        assert client.get(f"{here}/oslo/{name}").status_code == 404
    assert client.get(f"/akrim/releases/{HELD}/oslo/changes.json").status_code == 404
    event = events(out, "consultation")[-1]
    assert (event["by_name"], event["purpose"], event["release_id"]) == ("leader", PURPOSE, world.SECOND)
    assert event["detail"] == {"command": "pages releases", "centre": "oslo", "file": "changes.json"}
    with psycopg.connect(out) as connection:
        named = connection.execute(
            "select person_id from marts.named_persons where release_id = %s and centre_id = 'oslo'", [world.SECOND]
        ).fetchall()  # fmt: skip
    assert len(named) > 3
    told = {person_id for (person_id,) in named} | {world.LEAVER}  # of whom the changes tell
    assert sorted(event["persons"]) == sorted(told)
    client.get(f"{here}/oslo/manifest.json")
    assert events(out, "consultation")[-1]["persons"] == []

    logged = len(events(out, "consultation"))
    with psycopg.connect(out) as connection:
        connection.execute(PROTECT.encode())
    refused = client.get(f"{here}/oslo/changes.json")
    assert (refused.status_code, len(events(out, "consultation"))) == (409, logged)
    assert "utleveres ikke lenger" in refused.text
    assert not {word for word in ("beskyttet", "akrim releases recall") if word in refused.text}, (
        "that a home is protected is told no leader"
    )
    assert client.get(f"{here}/oslo/README.md").status_code == 200
    with psycopg.connect(out) as connection:
        connection.execute("delete from landing.protection_statements")
        connection.execute("delete from meta.deliveries where delivery_id = 'skatteetaten-2026-T1-02'")


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


@pytest.fixture
def dags(application: "FastAPI", out: str) -> None:
    """The DAGs that pages start, as Airflow's scheduler has read them."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db

    DagBundlesManager().sync_bundles_to_db()
    folder = Path(__file__).parents[2] / "dags"
    for name in ("publish", "deliver"):
        bag = BundleDagBag(dag_folder=folder / f"{name}.py", bundle_path=folder, bundle_name="dags-folder")
        sync_bag_to_db(bag, "dags-folder", None)


def started() -> list[tuple[str, dict[str, str], str | None]]:
    """Of each run that Airflow is to make: the DAG, what it was given, and who asked."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        runs = session.execute(
            select(DagRun.dag_id, DagRun.conf, DagRun.triggering_user_name).order_by(DagRun.id)
        )
        return [(dag_id, conf or {}, name) for dag_id, conf, name in runs]


def read(client: TestClient) -> str:
    """What the page of the held release says, as its form to let it go knows it."""
    (found,) = re.findall(r'name="as_read" value="(\w+)"', client.get(f"/akrim/releases/{HELD}").text)
    return str(found)


def let_go(client: TestClient, reason: str, as_read: str = "") -> tuple[int, str]:
    """The answer to that form."""
    return post(
        client, f"/releases/{HELD}/approve", "operator", reason=reason, as_read=as_read or read(client)
    )


def told_of_held(page: str) -> tuple[bool, ...]:
    """Whether it is said that the release is let go, that it waits, and which forms are offered: to hold it, to let it go."""
    said = (
        "Den er sluppet, og Airflow gir den ut",
        "Den går ikke ut før noen har sett på",
        "/hold",
        "/approve",
    )
    return tuple(words in page for words in said)


def test_a_leader_is_told_nothing_by_the_order_of_the_list(out: str, sign_in: SignIn) -> None:
    """Of how many centres have sent their receipts."""
    orders = {
        name: re.findall(r'releases/([\w.-]+)">', sign_in(name).get("/akrim/releases?sort=-receipts").text)[0]
        for name in ("leader", "auditor")
    }
    assert orders == {"leader": HELD, "auditor": world.SECOND}


def test_nothing_is_let_go_before_airflow_can_publish_it(out: str, sign_in: SignIn) -> None:
    status, said = let_go(sign_in("operator"), "Looked at")
    assert (status, "Airflow har ikke lest DAG-en publish." in said) == (409, True)
    with psycopg.connect(out) as connection:
        assert connection.execute("select count(*) from meta.release_approvals").fetchone() == (0,)


def test_whoever_asked_for_a_run_does_not_let_its_release_go(out: str, dags: None, sign_in: SignIn) -> None:
    with psycopg.connect(out) as connection:
        connection.execute(
            "insert into meta.release_holds (release_id, limit_code, reason) values (%s, 'every_release', '')",
            [HELD],
        )
    as_read = read(sign_in("operator"))
    ledger.record_request(HELD, "operator")
    page = sign_in("operator").get(f"/akrim/releases/{HELD}").text
    assert "Du ba om kjøringen som laget den. En annen driftsansvarlig må slippe den." in text(page)
    assert "/approve" not in page
    status, said = let_go(sign_in("operator"), "Looked at", as_read)
    assert (status, f"operator ba om kjøringen som laget {HELD}" in said) == (409, True)
    with psycopg.connect(out) as connection:
        connection.execute("delete from meta.release_requests")
        connection.execute("delete from meta.release_holds where limit_code = 'every_release'")


def test_a_page_from_before_lets_nothing_go(out: str, dags: None, sign_in: SignIn) -> None:
    """What is held now, or why, is another than what was read."""
    client = sign_in("operator")
    for made_otherwise in (
        "update meta.releases set fingerprint = 'of other inputs' where release_id = %s",
        "insert into meta.release_holds (release_id, limit_code, reason, by_name) values (%s, 'by_person', 'Wait for Nav', 'Kari Vakt')",
    ):
        as_read = read(client)
        with psycopg.connect(out) as connection:
            connection.execute(made_otherwise, [HELD])
        status, said = let_go(client, "Looked at", as_read)
        assert (status, "er en annen enn da du åpnet siden" in said) == (409, True)
    with psycopg.connect(out) as connection:
        assert connection.execute("select count(*) from meta.release_approvals").fetchone() == (0,)
        connection.execute("delete from meta.release_holds where by_name is not null")


def test_a_release_is_let_go_and_another_taken_back_by_page(out: str, dags: None, sign_in: SignIn) -> None:
    client, held, first = sign_in("operator"), f"/releases/{HELD}", f"/releases/{world.FIRST}"
    assert let_go(client, "")[0] == 400
    assert "/hold" not in client.get(f"/akrim{held}").text, "it is held already"
    assert let_go(client, "Oslo split") == (303, f"/akrim{held}")
    page = client.get(f"/akrim{held}").text
    assert "operator: Oslo split" in text(page)
    assert told_of_held(page) == (True, False, True, False), "let go, and may be held again"
    assert post(client, f"{held}/hold", "operator", reason="Not yet") == (303, f"/akrim{held}")
    page = client.get(f"/akrim{held}").text
    assert "operator holder den tilbake: Not yet" in text(page)
    assert told_of_held(page) == (False, True, False, True), "held again, and may be let go"
    assert "er alt gitt ut" in post(client, f"{first}/hold", "operator", reason="Too late")[1]
    assert post(client, f"{first}/recall", "operator", reason="Wrong period") == (303, f"/akrim{first}")
    page = client.get(f"/akrim{first}").text
    assert "operator: Wrong period" in text(page)
    assert "/recall" not in page
    assert started() == [("publish", {"release_id": HELD}, "operator"), ("deliver", {}, "operator")]


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
