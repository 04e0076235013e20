"""The pages of releases as who leads a centre sees them: her own centre alone, and its files."""

import re
from pathlib import Path

import psycopg
from akrim.releases.plausibility import Reason
from akrim.texts.written import figures

from tests.audit.events import events
from tests.browser.conftest import HELD, SignIn
from tests.browser.test_deliveries import PURPOSE, post, text
from tests.releases import world
from tests.sending.test_allowed import PROTECT

DATABASE = "golden_name"


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


def test_a_leader_is_told_nothing_by_the_order_of_the_list(out: str, sign_in: SignIn) -> None:
    """Of how many centres have sent their receipts."""
    orders = {
        name: re.findall(r'releases/([\w.-]+)">', sign_in(name).get("/akrim/releases?sort=-receipts").text)[0]
        for name in ("leader", "auditor")
    }
    assert orders == {"leader": HELD, "auditor": world.SECOND}
