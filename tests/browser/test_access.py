"""Who is let into the pages: every route, every method, every role, and strangers; and what another site has a browser send."""

import re
from html import unescape
from typing import TYPE_CHECKING, Literal

import psycopg
import pytest
from akrim.browser.safeguards.middleware import MAX_BODY_BYTES
from akrim.errors import Unreachable
from akrim.settings import Settings, get_settings
from playwright.sync_api import Browser
from psycopg.types.json import Jsonb
from pydantic import ValidationError
from starlette.testclient import TestClient

from tests.browser.conftest import ROLES, SITE, SignIn, passwords
from tests.conftest import configure

if TYPE_CHECKING:
    from fastapi import FastAPI

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
EVERYBODY = set(ROLES)
CLERKS = {"clerk", "senior", "lead"}
# Whom each route lets in, by method and path: whatever is not said here is refused to everybody.
LET_IN = {
    ("GET", "/"): EVERYBODY,
    ("GET", "/static/{name}"): EVERYBODY,
    ("GET", "/purpose"): EVERYBODY,
    ("POST", "/purpose"): EVERYBODY,
    ("GET", "/deliveries"): {"operator", "analyst", "auditor"},
    ("GET", "/deliveries/{delivery_id}"): {"operator", "analyst", "auditor"},
    ("POST", "/deliveries/{delivery_id}/confirm"): {"operator"},
    ("POST", "/deliveries/{delivery_id}/withdraw"): {"operator"},
    ("POST", "/deliveries/{delivery_id}/replay"): {"operator"},
    ("POST", "/deliveries/{delivery_id}/receipt"): {"operator"},
    ("GET", "/links"): CLERKS,
    ("GET", "/links/next"): CLERKS,
    ("GET", "/links/pair"): CLERKS,
    ("GET", "/links/again"): CLERKS,
    ("GET", "/links/conflicts"): {"lead"},
    ("POST", "/links/decide"): CLERKS,
    ("POST", "/links/number"): CLERKS,
    ("GET", "/persons"): {"analyst"},
    ("POST", "/persons"): {"analyst"},
    ("GET", "/persons/{asked_for}"): {"analyst"},
    ("GET", "/groups/{group_id}"): {"analyst"},
    ("GET", "/releases"): {"operator", "analyst", "auditor", "leader"},
    ("GET", "/releases/{release_id}"): {"operator", "analyst", "auditor", "leader"},
    ("GET", "/releases/{release_id}/{centre_id}/{name}"): {"leader"},
    ("GET", "/releases/{release_id}/changes"): {"operator", "analyst", "auditor", "leader"},
    ("POST", "/releases/{release_id}/approve"): {"operator"},
    ("POST", "/releases/{release_id}/hold"): {"operator"},
    ("POST", "/releases/{release_id}/recall"): {"operator"},
    ("GET", "/rules"): {"operator", "analyst", "auditor", "leader"},
    ("GET", "/rules/efficacy"): {"operator", "auditor"},
    ("GET", "/rules/what-if"): {"operator", "analyst"},
    ("GET", "/rules/{code}"): {"operator", "analyst", "auditor", "leader"},
    ("GET", "/quality"): {"operator", "analyst", "auditor"},
    ("GET", "/quarantine"): {"operator", "analyst", "auditor"},
    ("GET", "/quarantine/{delivery_id}/{extract}/{number}"): {"operator"},
}
ENTER_DELIVERY = """
insert into meta.deliveries (delivery_id, manifest_sha256, agency, period, mode, status, delivered_at, folder, folder_fingerprint, manifest)
values (%s, 'm', 'nav', '2026-T1', 'full', 'accepted', now(), 'f', 'f', %s)
"""
PLACES = {"name": "pages.css", "centre_id": "oslo"}
# What forms hold, of all of them.
FILLED = {
    "asked": "Nobody",
    "purpose": "Case 17: looks at what was sent",
    "then": "/akrim/",
    "extract": "saker",
    "reason": "The agency says so",
    "manifest": "0" * 64,
}


def routes(application: "FastAPI") -> dict[tuple[str, str], str]:
    """Of every route of the pages, by method and path: an address that it answers."""
    (pages,) = [route.app for route in application.routes if getattr(route, "path", "") == "/akrim"]
    return {
        (method, route.path): "/akrim"
        + re.sub(r"{(\w+)}", lambda place: PLACES.get(place[1], "1"), route.path)
        for route in pages.application.routes
        for method in METHODS
    }


@pytest.mark.parametrize("name", [*ROLES, ""])
def test_every_route_lets_in_whom_it_should_and_nobody_else(
    name: str, application: "FastAPI", sign_in: SignIn
) -> None:
    client, found = sign_in(name), routes(application)
    assert LET_IN.keys() <= found.keys()
    # Who asks is looked at once there is a route: whether there is one, a stranger and one with rights are enough to tell.
    asked = found.keys() if name in {"operator", ""} else LET_IN.keys()
    for method, path in sorted(asked):
        address = found[method, path]
        answer = client.request(
            method, address, headers={"origin": SITE}, data=FILLED | {"token": token_of(name)}
        )
        may = name in LET_IN.get((method, path), set())
        where = (method, path, answer.status_code)
        if may:
            assert answer.status_code not in {401, 403, 405, 500, 503}, where
        elif (method, path) not in LET_IN:
            assert answer.status_code == 405, where
        elif name or method != "GET":
            assert answer.status_code == (403 if name else 401), where
        else:
            assert answer.status_code == 303, where
            assert answer.headers["location"].startswith("/auth/login?next="), where


def token_of(name: str) -> str:
    from akrim.browser.forgery import form_token

    return form_token(name)


def test_a_token_that_airflow_did_not_sign_opens_nothing(sign_in: SignIn) -> None:
    client = sign_in("")
    for token in ("", "x", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJvcGVyYXRvciJ9."):
        client.cookies.set("_token", token)
        assert client.get("/akrim/").status_code == 303


def test_a_password_opens_the_pages_by_airflows_own_login(application: "FastAPI", sign_in: SignIn) -> None:
    client = sign_in("")
    told = client.post("/auth/token", json={"username": "operator", "password": passwords()["operator"]})
    client.cookies.set("_token", told.json()["access_token"])
    assert "operator" in client.get("/akrim/").text


@pytest.mark.parametrize("mode", ["synthetic", "production"])
def test_pages_say_that_data_are_synthetic_where_the_deliveries_do(
    mode: str, sign_in: SignIn, installation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the setting says, which counts where nothing was delivered."""

    def says_so() -> bool:
        return "Syntetiske data" in sign_in("analyst").get("/akrim/").text

    configure(monkeypatch, AKRIM_DATA_MODE=mode)
    with psycopg.connect(installation, autocommit=True) as connection:
        said = [says_so()]
        for is_synthetic in (True, False):
            connection.execute(ENTER_DELIVERY, [str(is_synthetic), Jsonb({"synthetic": is_synthetic})])
            said.append(says_so())
        connection.execute("delete from meta.deliveries")
    monkeypatch.undo()
    get_settings.cache_clear()
    assert said == [mode == "synthetic", True, False]


def test_these_pages_need_no_permission_of_airflows_own(application: "FastAPI", sign_in: SignIn) -> None:
    """Whose runs tell every centre's figures: so a leader is given none."""
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    client = sign_in("")
    user = SimpleAuthManagerUser(username="leader", role=None)
    client.cookies.set("_token", application.state.auth_manager.generate_jwt(user))
    addresses = ("/akrim/releases", "/api/v2/dags/~/dagRuns", "/api/v2/dags/assess/dagRuns/~/taskInstances/~/xcomEntries")  # fmt: skip
    assert [client.get(address).status_code for address in addresses] == [200, 403, 403]


def test_whoever_has_no_role_is_told_how_to_get_one(sign_in: SignIn) -> None:
    said = sign_in("nobody").get("/akrim/").text
    assert "AKRIM_PAGE_ROLES" in said
    assert "/akrim/deliveries" not in said


def test_airflows_menu_leads_here(sign_in: SignIn) -> None:
    """As Airflow's own pages ask what stands in it."""
    told = sign_in("operator").get("/api/v2/plugins").json()["plugins"]
    (ours,) = [plugin for plugin in told if plugin["name"] == "akrim_pages"]
    assert [(view["href"], view["destination"], view["category"]) for view in ours["external_views"]] == [
        ("/akrim/", "nav", "browse")
    ]


@pytest.mark.parametrize("roles", ['["owner"]', '["leader"]', '["leader:"]', '["operator:oslo"]'])
def test_a_role_that_is_none_is_no_setting(roles: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AKRIM_PAGE_ROLES", f'{{"kari": {roles}}}')
    with pytest.raises(ValidationError):
        Settings()


@pytest.mark.parametrize(("language", "said"), [("nb", "Du har ingen rolle"), ("nn", "Du har inga rolle"), ("en", "You have no role")])  # fmt: skip
def test_a_reader_chooses_a_language_that_is_kept(language: str, said: str, sign_in: SignIn) -> None:
    client = sign_in("nobody")
    client.get(f"/akrim/?language={language}")
    assert said in client.get("/akrim/").text


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("operator", "/deliveries/%00"),
        ("operator", "/deliveries?agency=a%00b"),
        ("operator", "/releases/a%00b"),
        ("operator", "/releases/a%00%1B]0;b%07%E2%80%AE"),
        ("operator", "/deliveries?page=9223372036854775808"),
        ("operator", "/releases?page=99999999999999999999"),
        ("clerk", "/links?page=2147483648"),
    ],
)
def test_what_no_column_takes_is_not_understood_and_the_database_not_blamed(
    name: str, address: str, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor does the address act on the terminal of whoever reads the log."""
    answer = sign_in(name).get(f"/akrim{address}")
    assert (answer.status_code, "Det kunne ikke forstås" in answer.text) == (400, True)
    told = [entry.getMessage() for entry in caplog.records if entry.name == "akrim.browser.application"]
    assert all(message.replace("\ufffd", "").isprintable() for message in told), told


@pytest.mark.parametrize(
    ("address", "kind", "begins"),
    [
        ("/akrim/persons", "application/x-www-form-urlencoded", b"asked="),
        ("/akrim/persons", "multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'),
        ("/api/v2/dags/assess/dagRuns", "application/json", b"["),
    ],
)  # fmt: skip
def test_more_than_any_form_holds_is_not_read_of_a_stranger(
    address: str, kind: str, begins: bytes, sign_in: SignIn
) -> None:
    """It would be read before anybody asks who sends it."""
    for size, status in ((MAX_BODY_BYTES + 1, {413}), (10_000, {400, 401, 422})):
        body = begins.ljust(size, b"1")
        answer = sign_in("").post(address, content=body, headers={"content-type": kind})
        assert answer.status_code in status


def test_what_is_not_there_is_said_in_a_page_and_pages_are_not_kept(sign_in: SignIn) -> None:
    answer = sign_in("operator").get("/akrim/nowhere")
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")
    assert "Siden finnes ikke" in answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_what_fails_unforeseen_is_a_page_and_no_value_of_it_is_logged(
    application: "FastAPI", sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Also where a form was sent, whose body is read by then; nothing is raised further, since the server would log it whole."""

    value = "Kari Eksempelsen"

    def fail(*_: object) -> None:
        raise ValueError(f"{value!r} is no number")

    monkeypatch.setattr("akrim.audit.is_purpose", fail)
    client = TestClient(application, base_url=SITE, cookies=sign_in("operator").cookies)
    answer = client.post(
        "/akrim/purpose", headers={"origin": SITE}, data=FILLED | {"token": token_of("operator")}
    )
    assert (answer.status_code, "Noe gikk galt" in answer.text) == (500, True)
    assert "/akrim/purpose" in caplog.text
    assert "in fail" in caplog.text
    assert "ValueError" in caplog.text
    assert "Eksempelsen" not in caplog.text


def test_a_database_that_cannot_be_reached_is_told_as_that_and_not_where_it_is(
    application: "FastAPI", sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise Unreachable("The database cannot be reached: no route to db.example", "AKRIM_DATABASE_URL")

    monkeypatch.setattr("akrim.audit.is_purpose", fail)
    client = TestClient(application, base_url=SITE, cookies=sign_in("operator").cookies)
    answer = client.post(
        "/akrim/purpose", headers={"origin": SITE}, data=FILLED | {"token": token_of("operator")}
    )
    assert (answer.status_code, "Databasen svarer ikke" in answer.text) == (503, True)
    assert "db.example" not in answer.text


@pytest.mark.parametrize(
    ("headers", "token"),
    [
        ({"origin": "https://elsewhere.example"}, None),
        ({"origin": "null"}, None),
        ({}, None),
        ({"origin": SITE}, ""),
        ({"origin": SITE}, "0" * 64),
        ({"origin": SITE}, "\u00e6"),
        ({"origin": SITE}, "of another user"),
    ],
)
def test_what_another_site_has_a_browser_send_is_refused(
    headers: dict[str, str], token: str | None, sign_in: SignIn
) -> None:
    """Whichever of both is wrong; with both right it is done."""
    client = sign_in("operator")
    given = {None: token_of("operator"), "of another user": token_of("clerk")}.get(token, token)
    assert client.post("/akrim/purpose", headers=headers, data=FILLED | {"token": given}).status_code == 403
    right = client.post(
        "/akrim/purpose", headers={"origin": SITE}, data=FILLED | {"token": token_of("operator")}
    )
    assert (right.status_code, right.headers["location"]) == (303, "/akrim/")


@pytest.mark.parametrize(("system", "theme"), [("light", "dark"), ("dark", "")])
def test_what_is_printed_is_dark_on_white_whatever_the_theme(
    system: Literal["light", "dark"], theme: str, site: str, sign_in: SignIn, browser: Browser
) -> None:
    context = browser.new_context(color_scheme=system)
    context.add_cookies(
        [{"name": name, "value": value, "url": site} for name, value in sign_in("operator").cookies.items()]
    )
    context.add_init_script(f"localStorage.setItem('theme', '{theme}')")
    page = context.new_page()
    page.goto(f"{site}/akrim/")
    colours = []
    for medium in ("screen", "print"):
        page.emulate_media(media=medium)
        colours.append(page.evaluate("getComputedStyle(document.body).color"))
    assert colours == ["rgb(232, 237, 242)", "rgb(28, 36, 48)"]
    context.close()


@pytest.mark.parametrize("stated", ["kontrollsak", "x x x x x x", 'Sak "17"\u200b: gjennomgang'])
def test_what_is_no_purpose_is_told_and_stays_to_be_mended(stated: str, sign_in: SignIn) -> None:
    answer = sign_in("operator").post(
        "/akrim/purpose",
        headers={"origin": SITE},
        data=FILLED | {"token": token_of("operator"), "purpose": stated},
    )
    assert (answer.status_code, "har ikke to ulike ord" in answer.text) == (422, True)
    (field,) = re.findall(r'<input name="purpose"[^>]*>', answer.text)
    assert f'value="{stated}"' in unescape(field)
    assert 'aria-describedby="refused form" aria-invalid="true"' in field
    again = sign_in("operator").get("/akrim/purpose", follow_redirects=False)
    assert (again.status_code, again.headers["location"]) == (303, "/akrim/")


@pytest.mark.parametrize(
    "then", ["https://elsewhere.example/", "//elsewhere.example", "/akrim/\\elsewhere", "/"]
)
def test_a_purpose_leads_on_within_the_pages_alone(then: str, sign_in: SignIn) -> None:
    filled = FILLED | {"token": token_of("operator"), "then": then}
    assert (
        sign_in("operator").post("/akrim/purpose", headers={"origin": SITE}, data=filled).status_code == 400
    )
