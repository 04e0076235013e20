"""The national part tells of persons what a line lets it, and nothing of anybody else; of numbers none that is small."""

from pathlib import Path
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest
from akrim.contracts import NATIONAL, WITHOUT_CENTRE
from akrim.rules.catalogue import read_seed
from akrim.trust import find_problems

from tests.made_home import make_home
from tests.releases.reading import text_of
from tests.sharing.national_releases import NO_NAV, NOTHING, OPEN

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]

Row = dict[str, Any]
OF_PERSONS = ("national_actors", "national_lists", "national_rules")
OF_NAV = {
    row["subject"].removeprefix("rule.")
    for row in read_seed("data_origins")
    if row["agency"] == "nav" and row["subject"].startswith("rule.")
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home folder of an installation that has published the three releases; its server is up."""
    folder = tmp_path_factory.mktemp("national")
    make_home(folder / "home", "tests.sharing.national_releases", folder)
    return folder / "home"


def query(home: Path, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(f"postgresql://akrim@localhost/akrim?host={home / 'postgres'}") as connection:
        return connection.execute(statement.encode(), parameters or None).fetchall()


def part(home: Path, release_id: str) -> Path:
    return home / "releases" / release_id / NATIONAL


def table(home: Path, release_id: str, name: str) -> list[Row]:
    rows: list[Row] = pq.read_table(part(home, release_id) / "data" / f"{name}.parquet").to_pylist()
    return [{name: value for name, value in row.items() if name != "release_id"} for row in rows]


def all_text(home: Path, release_id: str) -> str:
    """Everything that any file of the part says."""
    files = [path for path in part(home, release_id).rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".html", ".pdf", ".json", ".minisig", ".parquet"}
    return "\n".join(
        text_of(path) if path.suffix == ".pdf"
        else str(pq.read_table(path).to_pylist()) if path.suffix == ".parquet"
        else path.read_text("utf-8")
        for path in files
    )  # fmt: skip


def marks_of_persons(home: Path, release_id: str) -> dict[str, set[str]]:
    """Ids, names and streets of everybody whom the release describes, by person."""
    rows = query(
        home,
        "select person_id, full_name, street_address from marts.persons where release_id = %s",
        release_id,
    )
    return {row[0]: {mark for mark in row if mark} for row in rows}


def test_the_whole_part_is_there_and_verifies(home: Path) -> None:
    for release_id in (OPEN, NO_NAV, NOTHING):
        assert find_problems(part(home, release_id)) == []
        assert find_problems(part(home, release_id).parent) == []
        assert {path.name for path in part(home, release_id).iterdir()} == {
            "assessment.html", "assessment.pdf", "data", "datapackage.json", "manifest.json", "manifest.json.minisig",
        }  # fmt: skip
        assert (home / "outbox" / NATIONAL / f"{release_id}.tar.age").exists()


@pytest.mark.parametrize("release_id", [OPEN, NO_NAV, NOTHING])
def test_no_file_says_anything_of_anybody_else(home: Path, release_id: str) -> None:
    told = {row["person_id"]: row for row in table(home, release_id, "national_actors")}
    persons = marks_of_persons(home, release_id)
    names = {row["full_name"] for row in told.values()}
    text = all_text(home, release_id)
    found = {
        mark for person_id, marks in persons.items() for mark in marks - names - {person_id} if mark in text
    }
    assert len(persons) > 100
    assert found == set()
    assert {person_id for person_id in persons if person_id in text} == set(told)


def test_those_on_several_lists_and_without_a_centre_are_told_with_lists_and_rules(home: Path) -> None:
    """With every line in force that is everybody on two lists, or on that of no centre."""
    listed = query(
        home,
        "select person_id, array_agg(centre_id order by centre_id) from marts.assessments where release_id = %s"
        " group by person_id having count(*) > 1 or bool_or(centre_id = %s)",
        OPEN, WITHOUT_CENTRE,
    )  # fmt: skip
    lists: dict[str, list[str]] = {}
    for row in table(home, OPEN, "national_lists"):
        lists.setdefault(row["person_id"], []).append(row["centre_id"])
    assert lists == dict(listed)
    assert [WITHOUT_CENTRE] in lists.values()
    fired = query(
        home,
        "select person_id, indicator_code from marts.indicator_observations where release_id = %s and checked = 'fired'"
        " and person_id = any(%s)",
        OPEN, list(lists),
    )  # fmt: skip
    assert {tuple(row.values()) for row in table(home, OPEN, "national_rules")} == set(fired)


def test_a_line_that_is_turned_off_takes_just_that_out(home: Path) -> None:
    """NAV's rules, and whoever is on a list by their points; everybody else is told of as before."""
    by_nav = query(
        home,
        "select distinct person_id from marts.indicator_observations where release_id = %s and indicator_code = any(%s) and points > 0",
        OPEN, sorted(OF_NAV),
    )  # fmt: skip
    gone = {row[0] for row in by_nav}
    assert gone & {row["person_id"] for row in table(home, OPEN, "national_actors")}
    for name in OF_PERSONS:
        expected = [
            row
            for row in table(home, OPEN, name)
            if row["person_id"] not in gone and row.get("indicator_code") not in OF_NAV
        ]
        assert table(home, NO_NAV, name) == expected
    assert table(home, NO_NAV, "national_counts") == table(home, OPEN, "national_counts")
    assert (
        "Nav"
        in (part(home, NO_NAV) / "assessment.html").read_text("utf-8").partition("fortelles her: ")[2][:40]
    )


def test_without_a_line_there_are_numbers_alone(home: Path) -> None:
    for name in OF_PERSONS:
        assert table(home, NOTHING, name) == []
    assert table(home, NOTHING, "national_counts") == table(home, OPEN, "national_counts")
    assert "Delen har bare tall" in (part(home, NOTHING) / "assessment.html").read_text("utf-8")


def test_centres_are_told_the_same_whatever_is_told_nationally(home: Path) -> None:
    for centre in ("oslo", "tonsberg"):
        for path in sorted((home / "releases" / OPEN / centre / "data").glob("*.parquet")):
            earlier, later = (
                [
                    row | {"release_id": ""}
                    for row in pq.read_table(home / "releases" / r / centre / "data" / path.name).to_pylist()
                ]
                for r in (OPEN, NOTHING)
            )
            assert earlier == later, path.name


def test_it_is_logged_whom_the_part_was_sent_of(home: Path) -> None:
    for release_id in (OPEN, NO_NAV, NOTHING):
        logged = query(
            home,
            "select s.person_id from audit.events as e join audit.subjects as s using (position)"
            " where e.action = 'disclosure' and e.recipient = %s and e.release_id = %s",
            NATIONAL, release_id,
        )  # fmt: skip
        assert sorted(row[0] for row in logged) == [
            r["person_id"] for r in table(home, release_id, "national_actors")
        ]
    assert query(
        home,
        "select count(*) from audit.events where recipient = %s and detail ->> 'means' = 'login'",
        NATIONAL,
    ) == [(0,)]
