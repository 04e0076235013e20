"""A held release is let go by page, or held again, and one that is out is taken back."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from akrim import ledger
from starlette.testclient import TestClient

from tests.browser.conftest import HELD, SignIn
from tests.browser.test_deliveries import post, text
from tests.releases import world

if TYPE_CHECKING:
    from fastapi import FastAPI

DATABASE = "golden_name"


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
