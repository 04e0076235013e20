"""What the sweep finds of somebody before and after she is erased, what is said afterwards, and what each is given to read."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import psycopg
import pytest
from psycopg.rows import dict_row

from tests.erased import world
from tests.made_home import make_home
from tests.releases.reading import text_of

pytestmark = [pytest.mark.slow, pytest.mark.installation, pytest.mark.timeout(1800)]

FIRST, SECOND, THIRD = (f"{period}.1" for period in world.PERIODS)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the installation's home, and `out` with what was found and exported on the way."""
    folder = tmp_path_factory.mktemp("erased")
    make_home(folder / "home", "tests.erased.three_releases", folder / "inbox", folder / "out")
    return folder


def found(place: Path, name: str) -> dict[str, list[str]]:
    """What the sweep found then; a partition under its table, a cache under its folder."""
    told: dict[str, list[str]] = {}
    for where, words in json.loads((place / "out" / f"{name}.json").read_text()).items():
        area = re.sub(r"__[0-9a-f]{8}$", "", where)
        area = re.sub(r"^(linkage)/.*", r"\1", area)
        area = re.sub(r"^(releases/[^/]+/[^/]+)/.*", r"\1", area)
        told[area] = sorted({*told.get(area, []), *words})
    return told


def persons(place: Path) -> dict[str, str]:
    return dict(json.loads((place / "out" / "persons.json").read_text()))


def rows(place: Path, query: str, *parameters: object) -> list[dict[str, Any]]:
    address = f"postgresql://akrim@localhost/akrim?host={place / 'home' / 'postgres'}"
    with psycopg.connect(address, row_factory=dict_row) as connection:
        return connection.execute(query.encode(), parameters).fetchall()


# Ids alone, and only here: that and when she was erased, and that her id is given to nobody else.
ID_STAYS = {
    "akrim:audit.events_about",
    "akrim:audit.subjects",
    "akrim:meta.erasures",
    "akrim:linkage.erased_ids",
    "akrim:linkage.person_ids",
    "akrim:linkage.persons",
}


def test_before_she_is_in_these_places_and_nowhere_else(place: Path) -> None:
    places = found(place, "before")
    assert {name for name in places if not name.startswith("akrim:")} == {
        "linkage", f"releases/{FIRST}/oslo", f"releases/{SECOND}/oslo", f"releases/{SECOND}/pins.json",
    }  # fmt: skip
    assert {name.partition(".")[0] for name in places if name.startswith("akrim:")} == {
        f"akrim:{schema}" for schema in
        ("audit", "intermediate", "landing", "linkage", "marts", "marts_current", "marts_history", "meta", "quarantine", "shared_rows", "staging")
    }  # fmt: skip
    assert {name for name in places if name.startswith("akrim:landing.")} == {
        f"akrim:landing.{table}" for table in (
            "arbeidstilsynet_personer_paa_stedet", "brreg_enheter", "brreg_roller", "nav_nominasjoner", "nav_personer", "nav_saker",
            "politiet_involverte", "politiet_personer", "sentrene_beslutninger", "skatteetaten_arbeidsforhold",
            "skatteetaten_personer", "skatteetaten_restanser",
        )
    }  # fmt: skip
    assert set(places[f"releases/{FIRST}/oslo"]) > {"slettmark", "solveig", "gjemmestien"}


def test_after_the_erasure_she_is_nowhere_but_by_her_id_and_in_what_is_still_in_force(place: Path) -> None:
    places = found(place, "erased")
    in_force = places.pop(f"releases/{SECOND}/oslo")
    # What it was made from, until the first of its parts goes: the keys of her rows that were disputed and decided on.
    assert places.pop(f"releases/{SECOND}/pins.json") == [world.KEY.casefold()]
    assert set(places) == ID_STAYS
    assert {word for words in places.values() for word in words} == {persons(place)["her"].casefold()}
    # That she left the list since the release before, by the name that the centre knew, and no more about her.
    assert {"slettmark", "solveig"} <= set(in_force)
    assert not {"gjemmestien", world.NUMBERS["her"]} & set(in_force)


def test_once_another_release_is_in_force_only_her_id_is_left(place: Path) -> None:
    places = found(place, "after")
    assert set(places) == ID_STAYS
    assert {word for words in places.values() for word in words} == {persons(place)["her"].casefold()}
    erased = {centre: "erased" in json.loads((place / "home/releases" / SECOND / centre / "manifest.json").read_text())
              for centre in ("oslo", "bergen")}  # fmt: skip
    assert erased == {"oslo": True, "bergen": False}
    names = {path.name for path in (place / "home/outbox/oslo").iterdir()}
    assert {f"erasure-{release}-oslo.statement.json" for release in (FIRST, SECOND)} <= names


def test_the_next_release_says_nothing_that_did_not_happen(place: Path) -> None:
    him = persons(place)["him"]
    causes = {
        row["cause"]
        for row in rows(place, "select cause from marts.release_changes where release_id = %s", THIRD)
    }
    assert causes <= {"source"}
    (change,) = rows(place, "select * from marts.actor_changes where release_id = %s", THIRD)
    (then,) = rows(place, """select sum(points) filter (where dimension = 'intention') as intention,
        sum(points) filter (where dimension = 'capacity') as capacity
        from marts.indicator_observations where release_id = %s and person_id = %s""", FIRST, him)  # fmt: skip
    assert change["person_id"] == him
    assert (change["intention_points_then"], change["capacity_points_then"]) == (
        then["intention"],
        then["capacity"],
    )
    assert then["intention"] > 0
    folder = place / "home/releases" / THIRD / "oslo"
    report = text_of(folder / "assessment.pdf") + text_of(folder / "profiles.pdf")
    assert "Blivedal" in report
    assert not re.search(r"\b0 (→|til|->) [1-9]", report)


def test_the_others_rows_and_points_of_then_are_as_they_were(place: Path) -> None:
    him = persons(place)["him"]
    observed = rows(place, "select * from marts.indicator_observations where release_id = %s and person_id = %s and checked = 'fired'", FIRST, him)  # fmt: skip
    (assessed,) = rows(
        place, "select * from marts.assessments where release_id = %s and person_id = %s", FIRST, him
    )
    assert sum(row["points"] for row in observed) == assessed["total_points"] > 0
    assert all(row["evidence"] for row in observed if row["dimension"] == "intention")


def exported(place: Path, who: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((place / "out" / who / "subject.json").read_text())
    jsonschema.validate(told, json.loads((place / "out" / who / "subject.schema.json").read_text()))
    return told


def test_she_was_given_every_row_about_her_and_nothing_of_others(place: Path) -> None:
    told = exported(place, "her")
    own = {(row["agency"], row["extract"]) for row in told["sources"] if row["key"].startswith(world.KEY)}
    assert own == {
        ("arbeidstilsynet", "personer_paa_stedet"), ("brreg", "roller"), ("nav", "nominasjoner"), ("nav", "personer"), ("nav", "saker"),
        ("politiet", "involverte"), ("politiet", "personer"), ("skatteetaten", "arbeidsforhold"), ("skatteetaten", "personer"),
        ("skatteetaten", "restanser"),
    }  # fmt: skip
    (taxed,) = (
        row for row in told["sources"] if (row["agency"], row["extract"]) == ("skatteetaten", "personer")
    )
    assert taxed["fields"]["adresse"] == "Gjemmestien 7"
    assert taxed["deliveries"] == [f"skatteetaten-{world.PERIODS[0]}-01"]
    (aside,) = told["set_aside"]
    assert (aside["agency"], aside["extract"], aside["reason"]) == ("nav", "personer", "empty_required")
    assert aside["fields"] == {}, "her number alone does not tell that the row is hers"
    assert "samme gyldige personnummer" in str(told["links"])
    fired = {found["code"]: found for found in told["indicators"] if found["checked"] == "fired"}
    assert fired["convicted"]["points"] > 0
    assert (
        "straffesaker" in fired["convicted"]["words"]["nb"]
        or "dom" in fired["convicted"]["words"]["nb"].lower()
    )
    assert ("oslo", FIRST, "listed") in {
        (d["recipient"], d["release_id"], d["named_because"]) for d in told["disclosures"]
    }
    for name in ("subject.json", "subject.nb.html", "subject.en.html"):
        text = (place / "out" / "her" / name).read_text()
        assert "Slettmark" in text
        for others in (
            "Blivedal",
            "Henrik",
            world.NUMBERS["him"],
            world.HOME["him"],
            persons(place)["him"],
            "BLIR",
        ):
            assert others not in text, (name, others)


def test_he_is_given_decisions_and_cases_with_others_masked(place: Path) -> None:
    told = exported(place, "him")
    (decision,) = told["decisions"]
    assert (decision["centre_id"], decision["status"]) == ("oslo", "trusselaktor")
    assert decision["actions"] == "Bokettersyn sammen med ▮▮▮"
    (case,) = told["corrections"]
    assert (case["state"], case["source_row_id"], case["reason"]) == ("open", world.HIS_CASE, "Feil person.")
    assert {d["release_id"] for d in told["disclosures"]} >= {FIRST, SECOND, THIRD}
    page = (place / "out/him/subject.nb.html").read_text()
    assert "Hva etatene har levert" in page
    assert "Bokettersyn sammen med ▮▮▮" in page
    assert "K-2026-002" in page, "the number of her case is not given again"


def test_an_export_is_its_owners_alone_and_logged_as_a_disclosure(place: Path) -> None:
    for who in ("her", "him"):
        files = [place / "out" / who, *(place / "out" / who).iterdir()]
        assert not [path for path in files if path.stat().st_mode & 0o077]
    logged = rows(
        place,
        "select by_name, purpose, detail from audit.events where recipient = 'the person' order by position",
    )
    assert [(row["by_name"], row["purpose"], row["detail"]["means"]) for row in logged] == [
        ("Kari Vakt", "innsyn 1", "subject export"), ("Kari Vakt", "innsyn 2", "subject export"),
    ]  # fmt: skip
