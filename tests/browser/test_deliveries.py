"""The pages of deliveries: what came at a glance, one delivery, what was set aside, and what is done about it."""

import io
import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pyrage
import pytest
from akrim.keys import add_recipient
from akrim.orchestration import pinning
from akrim.periods import Period
from akrim.settings import get_settings
from akrim.trust import sealing
from markupsafe import escape
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from tests.audit.events import events
from tests.browser import accessible
from tests.browser.conftest import SITE, SignIn
from tests.browser.test_access import token_of
from tests.conftest import configure
from tests.deliveries.building import full_delivery
from tests.deliveries.conftest import Receiver

PURPOSE = "Case 17: looks at what was sent"
HOSTILE = '<img src=x onerror="window.harmed=1">'


@pytest.fixture(scope="module")
def receiver(installation: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    """The installation with an inbox of its own."""
    inbox = tmp_path_factory.mktemp("inbox")
    with pytest.MonkeyPatch.context() as patch:
        configure(patch, AKRIM_INBOX=str(inbox))
        yield Receiver(inbox, installation)


@pytest.fixture(scope="module")
def received(receiver: Receiver) -> str:
    """Nav delivers twice, then without a case and with a row that is set aside; the police's delivery is refused."""
    second, third = full_delivery("nav", period="2026-T1"), full_delivery("nav", period="2026-T2")
    third.manifest["delivered_at"] = "2026-09-02T06:00:00+02:00"
    third.rows["saker"] = []
    third.rows["personer"][0]["navn"] = HOSTILE
    third.rows["personer"][0]["fodselsdato"] = "2026-02-31"
    refused = full_delivery("politiet", period="2026-T2")
    refused.manifest["contract_version"] = "9.9"
    receiver(full_delivery("nav"), second, third)
    receiver(refused)
    return receiver.address


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def post(client: TestClient, path: str, name: str, **filled: str) -> tuple[int, str]:
    answer = client.post(f"/akrim{path}", headers={"origin": SITE}, data=filled | {"token": token_of(name)})
    return answer.status_code, answer.headers.get("location", "") or text(answer.text)


def test_agencies_and_periods_at_a_glance(received: str, sign_in: SignIn) -> None:
    said = text(sign_in("analyst").get("/akrim/deliveries").text)
    assert "Nav Godtatt , Nav 2026-T2 opplysninger til 31.08.2026 Tomt: 2 For gamle: 2 Godtatt" in said
    assert "Uendret: 3" in said
    assert "Politiet Avvist" in said
    assert "Skatteetaten Mangler" in said


def test_how_soon_the_inbox_is_read_is_told_as_it_is_set(
    received: str, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(monkeypatch, AKRIM_SCAN_MINUTES="17")
    assert "innboksen leses, innen 17 min." in text(
        sign_in("operator").get("/akrim/deliveries/nav-2026-T2-01").text
    )
    monkeypatch.undo()
    get_settings.cache_clear()


def test_the_list_is_sorted_and_narrowed_by_its_address(received: str, sign_in: SignIn) -> None:
    client = sign_in("auditor")

    def listed(query: str) -> list[str]:
        table = client.get(f"/akrim/deliveries{query}").text.partition('id="list"')[2]
        return re.findall(r"<th scope=\"row\"><a href=\"[^\"]+\">([^<]+)</a>", table)

    of_nav = ["nav-2025-T3-01", "nav-2026-T1-01", "nav-2026-T2-01"]
    assert listed("?agency=nav&sort=period") == of_nav
    assert listed("?agency=nav&sort=-period") == of_nav[::-1]
    assert listed("?period=2026-T2&sort=delivery_id") == ["nav-2026-T2-01", "politiet-2026-T2-01"]
    assert listed("?agency=nobody") == []
    assert (
        'det du valgte. <a href="/akrim/deliveries">Vis alt</a>'
        in client.get("/akrim/deliveries?agency=nobody").text
    )


def test_one_delivery_tells_its_files_and_what_is_out_of_the_ordinary(received: str, sign_in: SignIn) -> None:
    with psycopg.connect(received) as connection:
        connection.execute(
            "update meta.deliveries set notes = '{A file more}' where delivery_id = 'nav-2026-T2-01'"
        )
    page = sign_in("operator").get("/akrim/deliveries/nav-2026-T2-01").text
    said = text(page)
    assert "personer Endret 31.08.2026" in said
    assert "saker Tomt" in said
    assert "Ugyldig dato personer" in said
    assert '<code lang="en">fodselsdato is a date</code>' in page
    assert "Merknader A file more" in said
    refused = text(sign_in("operator").get("/akrim/deliveries/politiet-2026-T2-01").text)
    assert "Avvist. ukjent versjon av avtalen" in refused
    assert sign_in("operator").get("/akrim/deliveries/nav-2031-T1-01").status_code == 404


def test_a_row_as_sent_is_shown_for_a_purpose_that_is_logged_and_harms_nobody(
    received: str, sign_in: SignIn
) -> None:
    client = sign_in("operator")
    listed = client.get("/akrim/quarantine?delivery=nav-2026-T2-01&reason=bad_date").text
    (row,) = re.findall(r"/akrim/quarantine/nav-2026-T2-01/personer/\d+", listed)
    assert HOSTILE not in listed
    asked = client.get(row)
    assert "Hvorfor trenger du å se dette?" in asked.text
    assert str(escape(HOSTILE)) not in asked.text
    path = row.removeprefix("/akrim")
    short = post(client, "/purpose", "operator", purpose="x", then=row)
    assert (short[0], "for kort" in short[1]) == (422, True)
    assert post(client, "/purpose", "operator", purpose=PURPOSE, then=row) == (303, row)
    before = len(events(received, "consultation"))
    shown = client.get(f"/akrim{path}").text
    assert str(escape(HOSTILE)) in shown
    assert HOSTILE not in shown
    (event,) = events(received, "consultation")[before:]
    assert (event["action"], event["by_name"], event["purpose"], event["delivery_id"]) == ("consultation", "operator", PURPOSE, "nav-2026-T2-01")  # fmt: skip
    assert client.get("/akrim/quarantine/nav-2026-T2-01/personer/99").status_code == 404


def test_rows_set_aside_are_narrowed_by_file_and_reason(received: str, sign_in: SignIn) -> None:
    client = sign_in("analyst")
    here = "/akrim/quarantine?delivery=nav-2026-T2-01"
    said = text(client.get(here).text)
    assert "Satt til side i nav-2026-T2-01" in said
    assert re.search(r"Fil Alle .*personer\.csv", said)
    assert "Ugyldig dato nav-2026-T2-01 personer" in text(
        client.get(f"{here}&extract=personer&reason=bad_date").text
    )
    for other in ("extract=saker", "extract=personer&reason=bad_code", "reason=bad_code"):
        assert (
            'det du valgte. <a href="/akrim/quarantine">Vis alt</a>' in client.get(f"{here}&{other}").text
        ), other


def test_the_rows_are_fetched_for_the_agency_alone(received: str, sign_in: SignIn, tmp_path: Path) -> None:
    client, here = sign_in("operator"), "/deliveries/nav-2026-T2-01"
    assert "Last ned for etaten" not in sign_in("analyst").get(f"/akrim{here}").text
    (manifest,) = re.findall(r'name="manifest" value="(\w+)"', client.get(f"/akrim{here}").text)
    refused = post(client, f"{here}/receipt", "operator", manifest=manifest)
    assert (refused[0], "Det finnes ingen nøkkel fra nav" in refused[1]) == (409, True)
    sealing.create_identity(tmp_path)
    add_recipient("nav", tmp_path / "recipient.txt")
    form = {"token": token_of("operator"), "manifest": manifest}
    fetched = client.post(f"/akrim{here}/receipt", headers={"origin": SITE}, data=form)
    assert re.fullmatch(
        r'attachment; filename="nav-2026-T2-01-\w+-receipt.tar.age"', fetched.headers["content-disposition"]
    )
    assert HOSTILE.encode() not in fetched.content
    identity = pyrage.x25519.Identity.from_str((tmp_path / "identity.txt").read_text().splitlines()[-1])
    with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(fetched.content, [identity]))) as archive:
        held = {member.name.rpartition("/")[2]: archive.extractfile(member).read() for member in archive}
    (row,) = [json.loads(line) for line in held["rows.jsonl"].splitlines() if b"bad_date" in line]
    assert (row["extract"], row["row_number"], row["row"]["navn"]) == ("personer", 1, HOSTILE)
    (event,) = events(received, "disclosure")
    assert (event["by_name"], event["recipient"], event["delivery_id"]) == (
        "operator",
        "nav",
        "nav-2026-T2-01",
    )


def test_a_delivery_is_read_again_by_page(received: str, receiver: Receiver, sign_in: SignIn) -> None:
    client, here = sign_in("operator"), "/deliveries/nav-2026-T2-01"
    assert "Les leveransen på nytt" not in sign_in("analyst").get(f"/akrim{here}").text
    nothing = post(client, f"{here}/replay", "operator", reason=" ")
    assert (nothing[0], "må ha et navn og en begrunnelse" in nothing[1]) == (409, True)
    for action in ("confirm", "withdraw", "replay"):
        assert post(client, f"{here}/{action}", "operator", reason="x" * 501, extract="saker")[0] == 400
    done = post(client, f"{here}/replay", "operator", reason="The contract was wrong")
    assert done == (303, f"/akrim{here}")
    asked = text(sign_in("auditor").get(f"/akrim{here}").text)
    assert "operator: The contract was wrong. Venter på at innboksen leses." in asked
    assert f"{here}/replay" not in client.get(f"/akrim{here}").text
    receiver(agency="nav")
    read = client.get(f"/akrim{here}").text
    assert "The contract was wrong. De samme radene er satt til side" in text(read)
    assert f"{here}/replay" in read


def test_what_is_set_aside_and_how_old_data_are_is_told_by_agency(received: str, sign_in: SignIn) -> None:
    said = text(sign_in("analyst").get("/akrim/quality").text)
    with psycopg.connect(received) as connection:
        ((declared, aside),) = connection.execute(
            "select sum(rows_declared), sum(rows_quarantined) from meta.delivery_files join meta.deliveries using (delivery_id, manifest_sha256)"
            " where agency = 'nav' and period = '2026-T2' and status = 'accepted'"
        ).fetchall()
    share = f"{100 * aside / declared:.2f}".replace(".", ",")
    assert f"2026-T2: {share} " in said
    assert f"Rader fra Nav 2026-T2: {aside} " in said
    assert re.search(r"Nav 31\.08\.2026 \d+ 0 til \d+ dager", said)


def test_an_operator_confirms_an_extract_and_withdraws_a_delivery(
    received: str, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden: list[str] = []
    monkeypatch.setattr("akrim.releases.hide_homes", lambda: hidden.append("at once"))
    client, here = sign_in("operator"), "/deliveries/nav-2026-T2-01"
    assert "Bekreft" not in text(sign_in("analyst").get(f"/akrim{here}").text).replace("Bekreftet", "")
    done = post(client, f"{here}/confirm", "operator", extract="saker", reason="Nav closed them all")
    assert done == (303, f"/akrim{here}")
    assert "operator: Nav closed them all" in client.get(f"/akrim{here}").text
    again = post(client, f"{here}/confirm", "operator", extract="saker", reason="Nav closed them all")
    assert (again[0], "saker i nav-2026-T2-01 er allerede bekreftet." in again[1]) == (409, True)
    release = pinning.pin(Period.parse("2026-T2")).release_id
    with psycopg.connect(received) as connection:
        connection.execute("update meta.releases set status = 'published', published_at = now()")
    assert f"{release} Er med De samme leveransene" in text(client.get(f"/akrim{here}").text)
    assert hidden == []
    assert post(client, f"{here}/withdraw", "operator", reason="Wrong period") == (303, f"/akrim{here}")
    assert hidden == ["at once"]
    said = text(client.get(f"/akrim{here}").text)
    assert "Trukket operator: Wrong period" in said
    assert f"{release} Er med, og ville ikke vært det nå Ville bli en annen nav-2026-T1-01 kommer til. nav-2026-T2-01 faller bort." in said  # fmt: skip
    again = post(client, f"{here}/replay", "operator", reason="The contract was wrong")
    assert (again[0], "nav-2026-T2-01 er tatt ut av kraft" in again[1]) == (409, True)


@pytest.mark.usefixtures("received")
@pytest.mark.parametrize(
    "path",
    [
        "/deliveries",
        "/deliveries/nav-2026-T2-01",
        "/deliveries/politiet-2026-T2-01",
        "/quarantine?delivery=nav-2026-T2-01",
        "/quarantine/nav-2026-T2-01/personer/1",
        "/quality",
    ],
)
def test_axe_finds_nothing_on_deliveries(path: str, site: str, sign_in: SignIn, browser: Browser) -> None:
    """Last, when one has been read again, withdrawn and held against a release."""
    client = sign_in("operator")
    assert post(client, "/purpose", "operator", purpose=PURPOSE, then="/akrim/deliveries")[0] == 303
    accessible.check(browser, site, client, path)


def test_a_centre_that_sent_decisions_is_handed_no_receipt(receiver: Receiver, sign_in: SignIn) -> None:
    (came,) = receiver(full_delivery("sentrene"))
    page = sign_in("operator").get(f"/akrim/deliveries/{came.delivery_id}").text
    assert f"/akrim/quarantine?delivery={came.delivery_id}" in page
    assert "Last ned for etaten" not in page
