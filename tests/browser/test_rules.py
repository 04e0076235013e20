"""The pages of rules: the catalogue and versions, who would move by other thresholds, and what became of whom rules pointed at."""

import re

import psycopg
import pytest
from akrim.insight import present_thresholds
from playwright.sync_api import Browser

from tests.audit.events import events
from tests.browser import accessible
from tests.browser.conftest import SignIn
from tests.browser.test_deliveries import PURPOSE, text
from tests.browser.test_links import reading
from tests.releases import world

DATABASE = "golden_name"
# No status is proposed to anybody.
NOBODY = "&".join(f"intention_{place}=999" for place in range(len(present_thresholds())))
EFFICACY = """
create schema if not exists oversight;
create table oversight.rule_efficacy (release_id text, months int, base_release_id text, subject text, code text, compared text,
    characteristic text, subgroup text, outcome text, person_count int, outcome_count int, share_pct numeric, low_pct numeric, high_pct numeric);
insert into oversight.rule_efficacy
values ('{new}', 12, '{old}', 'rule', 'phoenix', 'pointed_at', 'all', 'all', 'severe_inspection', 20, 8, 40.0, 21.9, 61.3),
    ('{new}', 12, '{old}', 'rule', 'phoenix', 'looked_at', 'all', 'all', 'severe_inspection', 300, 9, 3.0, 1.6, 5.6),
    ('{new}', 12, '{old}', 'rule', 'phoenix', 'pointed_at', 'age_band', '30-44', 'severe_inspection', 7, 7, 100.0, 64.6, 100.0),
    ('{new}', 12, '{old}', 'rule', 'bankruptcy', 'pointed_at', 'all', 'all', 'severe_inspection', 3, 1, 33.3, 6.1, 79.2)
"""
# The rules that the releases were assessed by, and points for whoever is in Oslo's area.
ASSESSED = """
insert into marts.rules (release_id, indicator_code, indicator_version, threshold, points, step_size, step_points, cap, look_back_years)
values ('{old}', 'phoenix', 11, 1, 16, 1, 8, 63, 6), ('{new}', 'phoenix', 12, 1, 15, 1, 8, 63, 6);
insert into marts.indicator_observations (release_id, person_id, indicator_code, indicator_version, dimension, area, points, checked)
select release_id, person_id, 'phoenix', 12, 'intention', 'bankruptcy', 25, 'fired' from marts.release_persons
where (release_id, centre_id) = ('{new}', 'oslo');
"""


@pytest.fixture(scope="module")
def assessed(installation: str) -> str:
    with psycopg.connect(installation) as connection:
        connection.execute(ASSESSED.format(old=world.FIRST, new=world.SECOND).encode())
    return installation


def of_centres(page: str) -> dict[str, tuple[int, ...]]:
    """The numbers of each centre's line in what thresholds would do."""
    lines = re.findall(r'<tr><th scope="row">(A-krim[^<]+|Uten[^<]+)</th>(.*?)</tr>', page, re.DOTALL)
    return {centre: tuple(map(int, re.findall(r">(\d+)<", cells))) for centre, cells in lines}


@pytest.mark.usefixtures("assessed")
def test_the_catalogue_tells_each_rules_numbers_and_how_many_it_points_at(sign_in: SignIn) -> None:
    said = text(sign_in("analyst").get("/akrim/rules").text)
    assert re.search(
        r"Skatterestanser Skatt 3 2 per 250 000 11 – \d+ 01\.01\.2026", said.replace("\xa0", " ")
    )
    assert "Personer pekt på" in said
    assert "Hva som skjedde etterpå" not in said
    of_leader = text(sign_in("leader").get("/akrim/rules").text)
    assert "Skatterestanser" in of_leader
    assert "Personer pekt på" not in of_leader, "a leader sees the own centre's figures alone"


def test_a_rules_versions_tell_what_changed_and_which_release_was_assessed_by_each(
    assessed: str, sign_in: SignIn
) -> None:
    said = text(sign_in("leader").get("/akrim/rules/phoenix").text)
    assert re.search(
        rf"12 01\.01\.2026 What was found before .*? Poeng: 15 \(endret\) .*? {world.SECOND} 11 ", said
    )
    assert re.search(
        rf"11 01\.01\.2026 Regelens egne tall eller ordlyd\. .*? Poeng: 16 .*? {world.FIRST} 10 ", said
    )
    assert "1 01.01.2025 Første versjon." in said
    assert sign_in("leader").get("/akrim/rules/no_such_rule").status_code == 404


def test_other_thresholds_are_counted_for_each_centre(assessed: str, sign_in: SignIn) -> None:
    client = sign_in("operator")
    assert "Hva det ville gjort" not in client.get("/akrim/rules/what-if").text
    found = client.get(f"/akrim/rules/what-if?{NOBODY}").text
    assert "Vis hvem" not in found, "an operator may see no persons"
    for listed, would_be, entered, left, raised, _ in of_centres(found).values():
        assert (listed - left, entered, raised) == (would_be, 0, 0)
    assert sum(left for _, _, _, left, *_ in of_centres(found).values()) > 0
    assert client.get(f"/akrim/rules/what-if?{NOBODY}&persons=1").status_code == 403
    for wrong in ("0", "1000", "-1", "x", "\u0662", ""):
        assert client.get(f"/akrim/rules/what-if?intention_0={wrong}").status_code == 400, wrong
    assert client.get("/akrim/rules/what-if?without=nobodys_rule").status_code == 400
    alone = client.get("/akrim/rules/what-if?without=phoenix").text
    assert '<option value="phoenix" selected>' in alone
    assert "Hva det ville gjort" in alone
    assert events(assessed, "consultation") == []


def test_who_would_move_is_shown_for_a_purpose_and_logged(assessed: str, sign_in: SignIn) -> None:
    here = f"/akrim/rules/what-if?{NOBODY}&persons=1"
    assert "Hvorfor trenger du å se dette?" in sign_in("analyst").get(here).text
    client, before = reading(sign_in, "analyst"), len(events(assessed, "consultation"))
    shown = client.get(here).text
    persons = set(re.findall(r"(p-[a-z]+)</a></th>", shown))
    assert persons
    (event,) = events(assessed, "consultation")[before:]
    assert (event["by_name"], event["purpose"], set(event["persons"])) == ("analyst", PURPOSE, persons)
    assert event["detail"] == {"command": "pages rules what-if"}
    alone = client.get("/akrim/rules/what-if?without=frequent_accountant_changes&persons=1").text
    assert ("Ingen ville flyttet seg." in alone, 'id="persons"' in alone) == (True, False), (
        "no table without rows"
    )


def test_nothing_is_tried_on_a_release_that_was_taken_back(assessed: str, sign_in: SignIn) -> None:
    """As the catalogue and the persons' pages, it goes by the newest that stands."""
    for status, counted in (("recalled", world.FIRST), ("published", world.SECOND)):
        with psycopg.connect(assessed) as connection:
            connection.execute(
                "update meta.releases set status = %s where release_id = %s", [status, world.SECOND]
            )
        assert f"poengene i {counted}" in sign_in("operator").get("/akrim/rules/what-if").text


def test_what_became_of_whom_a_rule_pointed_at_is_told_without_subgroups(
    installation: str, sign_in: SignIn
) -> None:
    client = sign_in("auditor")
    assert "Ingen utgave kom ut et år eller mer før den nyeste" in client.get("/akrim/rules/efficacy").text
    with psycopg.connect(installation) as connection:
        connection.execute(EFFICACY.format(old=world.FIRST, new=world.SECOND).encode())
    said = text(client.get("/akrim/rules/efficacy").text)
    assert "Føniksforetak 40 % (21,9 til 61,3; 8 av 20) 3 % (1,6 til 5,6; 9 av 300)" in said
    assert "1 av 3, for få" in said
    assert "100 %" not in said
    assert "Ingenting svarer til det du valgte" in client.get("/akrim/rules/efficacy?outcome=convicted").text


@pytest.mark.usefixtures("assessed")
@pytest.mark.parametrize("path", ["/rules", "/rules/phoenix", f"/rules/what-if?{NOBODY}&persons=1"])
def test_axe_finds_nothing_on_the_rules(path: str, site: str, sign_in: SignIn, browser: Browser) -> None:
    accessible.check(browser, site, reading(sign_in, "analyst"), path)


def test_axe_finds_nothing_on_what_became_of_whom_rules_pointed_at(
    site: str, sign_in: SignIn, browser: Browser
) -> None:
    accessible.check(browser, site, sign_in("auditor"), "/rules/efficacy")
