"""Airflow's own application with our plugins, in process, on a small warehouse; and somebody of each role, signed in as Airflow does."""

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
import uvicorn
from akrim.settings import get_settings
from starlette.testclient import TestClient

from tests.conftest import TEMPLATE, configure, installation_on
from tests.dags.services import free_port, wait_for
from tests.ledger.entering import enter_release
from tests.releases import world

if TYPE_CHECKING:
    from fastapi import FastAPI

# By the name that each signs in with.
ROLES = {
    "operator": ["operator"],
    "clerk": ["clerk"],
    "senior": ["clerk"],
    "lead": ["lead_clerk"],
    "analyst": ["analyst"],
    "auditor": ["auditor"],
    "leader": ["leader:oslo"],
    "nobody": [],
}
SITE = "http://127.0.0.1:8080"
# The release that `out` has on hold.
HELD = "2026-T2.1"

SignIn = Callable[[str], TestClient]


@pytest.fixture(scope="module")
def application(airflow: None) -> Iterator["FastAPI"]:
    """Airflow's application as its API server makes it, plugins and auth manager included."""
    from akrim.orchestration.airflow import configuration, internals

    with pytest.MonkeyPatch.context() as patch:
        users = ",".join(f"{name}:viewer" for name in ROLES)
        patch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS", users)
        patch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE", str(configuration.password_file()))
        patch.setenv("AIRFLOW__API_AUTH__JWT_SECRET", "x" * 64)
        patch.setenv("AIRFLOW__API__BASE_URL", SITE)
        internals.reset_metadata()
        from airflow.api_fastapi.app import create_app, purge_cached_app

        purge_cached_app()
        yield create_app(apps="core")
        purge_cached_app()


@pytest.fixture(scope="module")
def template(request: pytest.FixtureRequest) -> str:
    """The database that the module's pages read a copy of: an empty warehouse, where it names no other as `DATABASE`."""
    named = getattr(request.module, "DATABASE", None)
    return request.getfixturevalue(named) if named else TEMPLATE


@pytest.fixture(scope="module")
def installation(
    application: "FastAPI", server: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A warehouse that the pages read, with somebody of each role. Yields its address."""
    with (
        pytest.MonkeyPatch.context() as patch,
        installation_on(server, template, home := tmp_path_factory.mktemp("pages")) as address,
    ):
        home.chmod(0o700)
        configure(patch, AKRIM_PAGE_ROLES=json.dumps(ROLES))
        yield address


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


@pytest.fixture
def sign_in(application: "FastAPI", installation: str) -> SignIn:
    """A browser that somebody has signed in with; an empty name is a stranger."""
    return lambda name: browser_of(application, name)


@pytest.fixture(scope="module")
def site(application: "FastAPI", installation: str) -> Iterator[str]:
    """The same application on a port of its own, for a real browser. Yields its address."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(application, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for(lambda: server.started, 30, "the site")
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def browser_of(application: "FastAPI", name: str) -> TestClient:
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    client = TestClient(application, base_url=SITE, follow_redirects=False, raise_server_exceptions=False)
    if name:
        token = application.state.auth_manager.generate_jwt(
            SimpleAuthManagerUser(username=name, role="viewer")
        )
        client.cookies.set("_token", token)
    return client


def passwords() -> dict[str, str]:
    """Those that the auth manager has given its users."""
    known: dict[str, str] = json.loads(
        Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]).read_text()
    )
    return known
