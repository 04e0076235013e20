"""Turning a line of the sharing matrix off takes that data, and what is made from it, out of the next release, and nothing else: for
centres, and for the national part, which tells of persons what a line lets it, and no number that is small."""

import json
from pathlib import Path

import psycopg
import pytest
from akrim.contracts import NATIONAL, WITHOUT_CENTRE, centres
from akrim.rules.catalogue import read_seed
from akrim.trust import find_problems
from psycopg import sql

from tests.made_home import make_home, query
from tests.sharing.gated_releases import ALTERED, BEFORE, CLOSED, FOR_ALL, FOR_CENTRES, HIT, NO_NAV, OPEN
from tests.sharing.reading import (
    all_text,
    marks_of_persons,
    national_table,
    observations,
    part,
    table,
    texts,
    whole,
)

pytestmark = [pytest.mark.slow, pytest.mark.installation, pytest.mark.timeout(1500)]

ORIGINS: dict[str, set[str]] = {}
for _row in read_seed("data_origins"):
    ORIGINS.setdefault(_row["subject"], set()).add(f"{_row['agency']}.{_row['category']}")
OF_NAV = {rule for rule, data in ORIGINS.items() if any(one.startswith("nav.") for one in data)}
OF_POLICE = {
    rule for rule, data in ORIGINS.items() if any(one.startswith("politiet.") for one in data)
} - OF_NAV
# Nationally NAV has no line in NO_NAV, and nobody has one in BEFORE.
OF_PERSONS = ("national_actors", "national_lists", "national_rules")
TOLD_LESS = [OPEN, NO_NAV, BEFORE]


def rule(code: str) -> str:
    return f"rule.{code}"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home folder of an installation that has published the six releases; its server is up."""
    folder = tmp_path_factory.mktemp("gate")
    printed = make_home(folder / "home", "tests.sharing.gated_releases", folder)
    outcomes = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    assert [outcome["release_id"] for outcome in outcomes] == [
        OPEN,
        NO_NAV,
        FOR_CENTRES,
        BEFORE,
        ALTERED,
        FOR_ALL,
    ]
    return folder / "home"


def test_with_every_line_in_force_nothing_is_withheld(home: Path) -> None:
    for centre in centres():
        assert table(home, OPEN, centre, "withheld_data") == []
        assert table(home, OPEN, centre, "withheld_rules") == []
        states = {row["checked"] for row in observations(home, OPEN, centre).values()}
        assert states <= {"fired", "clear", "unavailable"}


def test_what_centres_may_not_have_of_nav_is_in_no_row_of_theirs(home: Path) -> None:
    """The first release has it, so that there was something to withhold."""
    evidence = [row["evidence"] for centre in centres() for row in observations(home, OPEN, centre).values()]
    assert any('"nav"' in text for text in evidence)
    workers = [row for centre in centres() for row in table(home, FOR_CENTRES, centre, "exposed_workers")]
    assert {row["benefit_case_worker_count"] for row in workers} == {None}
    for centre in centres():
        for (_, code), row in observations(home, FOR_CENTRES, centre).items():
            assert '"nav"' not in row["evidence"]
            if rule(code) in OF_NAV:
                assert (row["checked"], row["points"], row["strict_points"]) == ("withheld", 0, 0)
                assert (row["value"], row["evidence"]) == (None, "[]")
        for name in ("case_outcomes", "outcome_summaries"):
            assert "nav" not in {row["reporting_agency"] for row in table(home, FOR_CENTRES, centre, name)}
        told = {
            (row["checked"], row["explanation_nb"], row["explanation_en"])
            for row in observations(home, FOR_CENTRES, centre).values()
            if row["checked"] in {"withheld", "hit", "no_hit"}
        }
        assert len(told) == len({checked for checked, *_ in told})  # the same words for everybody
        for person in table(home, FOR_CENTRES, centre, "persons"):
            assert "nav" not in (person["agencies"] or "").split(",")
            assert person["record_count"] is None
        for row in table(home, FOR_CENTRES, centre, "coordination"):
            assert "nav" not in row["agencies_that_know"].split(",")
            assert row["open_matters"] is None


def test_nothing_else_is_taken_from_who_stays_on_the_list(home: Path) -> None:
    """Rules that need nothing of NAV's say what they said, and the points of a place are the sum of what is told there.

    Who stands in for whom is made from NAV's addresses too, so that it counts for nobody then; and a rule that a centre is not told of
    takes no points from another for the same event.
    """
    kept = 0
    tied = {
        person
        for row in query(home, "select person_id, front_person_id from marts.straw_man_ties")
        for person in row
    }
    for centre in centres():
        before, after = observations(home, OPEN, centre), observations(home, FOR_CENTRES, centre)
        hidden = OF_NAV | (OF_POLICE if centre == HIT else set())
        for key, row in after.items():
            is_capped = (
                row["points"] != row["points_alone"] or before[key]["points"] != before[key]["points_alone"]
            )
            is_lent = any(mark in before[key]["evidence"] for mark in ('"lent_name"', '"through_another"'))
            if rule(key[1]) not in hidden and key[0] not in tied and not is_capped and not is_lent:
                assert {**row, "release_id": OPEN} == before[key]
                kept += row["checked"] == "fired"
        for listed in table(home, FOR_CENTRES, centre, "assessments"):
            own = [row for (person_id, _), row in after.items() if person_id == listed["person_id"]]
            assert listed["total_points"] == sum(row["points"] for row in own)
        for name in ("roles", "bankruptcy_involvements", "enterprises", "inspections"):
            was = table(home, OPEN, centre, name)
            now = [{**row, "release_id": OPEN} for row in table(home, FOR_CENTRES, centre, name)]
            assert all(row in was for row in now), name
    assert kept > 10


def test_a_hit_tells_that_a_rule_points_at_somebody_and_no_more(home: Path) -> None:
    before, after = observations(home, OPEN, HIT), observations(home, FOR_CENTRES, HIT)
    told = {key: row for key, row in after.items() if rule(key[1]) in OF_POLICE}
    assert {row["checked"] for row in told.values()} == {"hit", "no_hit"}
    for key, row in told.items():
        assert row["checked"] == ("hit" if before[key]["checked"] == "fired" else "no_hit")
        assert (row["value"], row["points"], row["evidence"]) == (None, 0, "[]")
    assert table(home, FOR_CENTRES, HIT, "offence_cases") == []
    assert {row["case_number"] for row in table(home, FOR_CENTRES, HIT, "case_outcomes")} <= {None}
    others = [centre for centre in centres() if centre != HIT and table(home, OPEN, centre, "offence_cases")]
    assert others
    for centre in others:
        assert {r["checked"] for r in observations(home, FOR_CENTRES, centre).values()} <= {
            "fired",
            "clear",
            "withheld",
        }
        listed = {row["person_id"] for row in table(home, FOR_CENTRES, centre, "assessments")}
        was = [
            r["case_number"] for r in table(home, OPEN, centre, "offence_cases") if r["person_id"] in listed
        ]
        assert [r["case_number"] for r in table(home, FOR_CENTRES, centre, "offence_cases")] == was


def test_the_release_says_what_is_withheld_and_that_it_is_the_cause(home: Path) -> None:
    withheld = {
        (row["agency"], row["category"], row["told"])
        for row in table(home, FOR_CENTRES, HIT, "withheld_data")
    }
    assert {
        ("nav", "benefit", "nothing"),
        ("nav", "name", "nothing"),
        ("politiet", "criminal_offence", "hit"),
    } <= withheld
    assert not {row[:2] for row in withheld} & {("nav", "person_number"), ("brreg", "country")}
    for kind, text in texts(home / "releases" / FOR_CENTRES / HIT):
        words = " ".join(text.split())
        assert "Ikke delt med dette senteret etter delingsmatrisen" in words, kind
        assert "straffesaker og anmeldelser (bare treff eller ikke treff)" in words, kind
        assert "Hvilke etater som har åpne saker, er ikke delt med senteret." in words, kind
        assert "Ingen åpne saker hos etatene" not in words, kind
    changes = json.loads((home / "releases" / FOR_CENTRES / HIT / "changes.json").read_text())
    assert changes["inputs_that_differ"] == ["sharing"]
    assert {change["cause"] for change in changes["changes"]} == {"sharing"}


def test_nothing_that_a_centre_has_depends_on_what_it_is_not_told(home: Path) -> None:
    """In the second of these releases other people have the cases, controls, arrears and claims, and some have none."""
    moved = """select count(*) from marts.indicator_observations as a join marts.indicator_observations as b
        using (person_id, indicator_code) where a.release_id = %s and b.release_id = %s and a.points <> b.points"""
    assert query(home, moved, BEFORE, ALTERED)[0][0] > 20
    before, after = whole(home, BEFORE), whole(home, ALTERED)
    assert {name for name in before if before[name] != after[name]} == set()
    for name in (
        "assessments",
        "networks",
        "network_ties",
        "coordination",
        "persons_counted",
        "goal_indicators",
    ):
        assert before[name], name
    # Who else is on a list, and what is counted by that, may be by a rule that is withheld.
    sizes = (
        "kind",
        "persons",
        "enterprises",
        "active_enterprises",
        "assessed_persons",
        "ties",
        "first_date",
        "centres",
    )
    assert {row[name] for row in before["networks"] for name in sizes} == {None}
    told = {row["measure"] for name in ("goal_indicators", "situation_measures") for row in before[name]}
    assert {"M1", "M4", "M9", "R_joint_operations"} <= told
    assert not told & {
        "M5",
        "M6",
        "M7",
        "M8",
        "B2_workers",
        "B3_principals",
        "R_benefit_changes",
        "R_secured",
    }
    changes = json.loads((home / "releases" / ALTERED / CLOSED / "changes.json").read_text())
    assert changes["changes"] == []
    address = f"postgresql://akrim_centre_{CLOSED}@localhost/akrim?host={home / 'postgres'}"
    with psycopg.connect(address) as login:
        for name in before:
            asked = sql.SQL(
                "select to_jsonb(t) - 'release_id' from shared.{} as t where release_id = %s order by 1"
            )
            first, second = (
                login.execute(asked.format(sql.Identifier(name)), [release_id]).fetchall()
                for release_id in (BEFORE, ALTERED)
            )
            assert first == second, name
            assert len(first) == len(before[name]), name


def test_a_login_of_the_centre_reads_the_same_rows(home: Path) -> None:
    with psycopg.connect(
        f"postgresql://akrim_centre_{HIT}@localhost/akrim?host={home / 'postgres'}"
    ) as connection:
        found = connection.execute(
            "select person_id, indicator_code, checked, points from shared.indicator_observations where release_id = %s",
            [FOR_CENTRES],
        ).fetchall()
    own = observations(home, FOR_CENTRES, HIT).values()
    assert sorted(found) == sorted(
        (r["person_id"], r["indicator_code"], r["checked"], r["points"]) for r in own
    )


def test_what_the_assessment_may_not_have_is_not_taken_in_and_not_used(home: Path) -> None:
    rows = query(
        home,
        "select extract, q.reason, count(*), count(raw) from quarantine.rows as q join meta.deliveries using (delivery_id)"
        " where agency = 'nav' and period = '2023-T1' and q.reason = 'not_permitted' group by 1, 2",
    )
    assert [(extract, reason, kept) for extract, reason, _, kept in rows] == [("saker", "not_permitted", 0)]
    loaded = dict(
        query(
            home, "select extract, rows_loaded from meta.delivery_files where delivery_id like 'nav-2023-T1%'"
        )
    )
    assert loaded["saker"] == 0
    assert loaded["lonnsgaranti"] > 0
    assert query(home, "select count(*) from staging.stg_nav__benefit_cases") == [(0,)]
    of_benefits = {
        subject for subject, data in ORIGINS.items() if "nav.benefit" in data and subject.startswith("rule.")
    }
    states = query(home, "select indicator_code, checked, count(*) from marts.indicator_observations where release_id = %s group by 1, 2", FOR_ALL)  # fmt: skip
    assert {code for code, checked, _ in states if checked == "unavailable"} == {
        code[5:] for code in of_benefits
    }
    assert {checked for code, checked, _ in states if rule(code) in of_benefits} == {"unavailable"}
    for kind, text in texts(home / "releases" / FOR_ALL / HIT):
        assert "Vurderingen er laget uten disse opplysningene" in " ".join(text.split()), kind


def test_the_whole_national_part_is_there_and_verifies(home: Path) -> None:
    for release_id in TOLD_LESS:
        assert find_problems(part(home, release_id)) == []
        assert find_problems(part(home, release_id).parent) == []
        assert {path.name for path in part(home, release_id).iterdir()} == {
            "assessment.html", "assessment.pdf", "data", "datapackage.json", "manifest.json", "manifest.json.minisig",
        }  # fmt: skip
        assert (home / "outbox" / NATIONAL / f"{release_id}.tar.age").exists()


@pytest.mark.parametrize("release_id", TOLD_LESS)
def test_no_national_file_says_anything_of_anybody_else(home: Path, release_id: str) -> None:
    told = {row["person_id"]: row for row in national_table(home, release_id, "national_actors")}
    persons = marks_of_persons(home, release_id)
    names = {row["full_name"] for row in told.values()}
    text = all_text(home, release_id)
    found = {
        mark for person_id, marks in persons.items() for mark in marks - names - {person_id} if mark in text
    }
    assert len(persons) > 100
    assert found == set()
    assert {person_id for person_id in persons if person_id in text} == set(told)


def test_nationally_those_on_several_lists_and_without_a_centre_are_told_with_lists_and_rules(
    home: Path,
) -> None:
    """With every line in force that is everybody on two lists, or on that of no centre."""
    listed = query(
        home,
        "select person_id, array_agg(centre_id order by centre_id) from marts.assessments where release_id = %s"
        " group by person_id having count(*) > 1 or bool_or(centre_id = %s)",
        OPEN, WITHOUT_CENTRE,
    )  # fmt: skip
    lists: dict[str, list[str]] = {}
    for row in national_table(home, OPEN, "national_lists"):
        lists.setdefault(row["person_id"], []).append(row["centre_id"])
    assert lists == dict(listed)
    assert [WITHOUT_CENTRE] in lists.values()
    fired = query(
        home,
        "select person_id, indicator_code from marts.indicator_observations where release_id = %s and checked = 'fired'"
        " and person_id = any(%s)",
        OPEN, list(lists),
    )  # fmt: skip
    assert {tuple(row.values()) for row in national_table(home, OPEN, "national_rules")} == set(fired)


def test_nationally_a_line_turned_off_takes_just_that_out(home: Path) -> None:
    """NAV's rules, and whoever is on a list by their points; everybody else is told of as before."""
    by_nav = query(
        home,
        "select distinct person_id from marts.indicator_observations where release_id = %s and indicator_code = any(%s) and points > 0",
        OPEN, sorted(code.removeprefix("rule.") for code in OF_NAV),
    )  # fmt: skip
    gone = {row[0] for row in by_nav}
    assert gone & {row["person_id"] for row in national_table(home, OPEN, "national_actors")}
    for name in OF_PERSONS:
        expected = [
            row
            for row in national_table(home, OPEN, name)
            if row["person_id"] not in gone and rule(row.get("indicator_code", "")) not in OF_NAV
        ]
        assert national_table(home, NO_NAV, name) == expected
    assert national_table(home, NO_NAV, "national_counts") == national_table(home, OPEN, "national_counts")
    page = (part(home, NO_NAV) / "assessment.html").read_text("utf-8")
    assert "Nav" in page.partition("fortelles om personer her: ")[2].partition(". ")[0]


def test_nationally_without_a_line_there_are_numbers_alone(home: Path) -> None:
    for name in OF_PERSONS:
        assert national_table(home, BEFORE, name) == []
    assert national_table(home, BEFORE, "national_counts")
    assert "Delen har bare tall" in (part(home, BEFORE) / "assessment.html").read_text("utf-8")


def test_centres_are_told_the_same_whatever_is_told_nationally(home: Path) -> None:
    for centre in (HIT, "tonsberg"):
        for path in sorted((home / "releases" / OPEN / centre / "data").glob("*.parquet")):
            earlier, later = (
                [row | {"release_id": ""} for row in table(home, release_id, centre, path.stem)]
                for release_id in (OPEN, NO_NAV)
            )
            assert earlier == later, path.name


def test_it_is_logged_whom_the_national_part_was_sent_of(home: Path) -> None:
    for release_id in TOLD_LESS:
        logged = query(
            home,
            "select s.person_id from audit.events as e join audit.subjects as s using (position)"
            " where e.action = 'disclosure' and e.recipient = %s and e.release_id = %s",
            NATIONAL, release_id,
        )  # fmt: skip
        assert sorted(row[0] for row in logged) == [
            r["person_id"] for r in national_table(home, release_id, "national_actors")
        ]
    assert query(
        home,
        "select count(*) from audit.events where recipient = %s and detail ->> 'means' = 'login'",
        NATIONAL,
    ) == [(0,)]
