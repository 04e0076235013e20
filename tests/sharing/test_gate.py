"""Turning a line of the sharing matrix off takes that data, and what is made from it, out of the next release, and nothing else."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest
from akrim.contracts import centres
from akrim.rules.catalogue import read_seed
from psycopg import sql

from tests.made_home import make_home
from tests.releases.reading import text_of
from tests.sharing.gated_releases import ALTERED, BEFORE, CLOSED, FOR_ALL, FOR_CENTRES, HIT, OPEN

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]

Row = dict[str, Any]
ORIGINS: dict[str, set[str]] = {}
for _row in read_seed("data_origins"):
    ORIGINS.setdefault(_row["subject"], set()).add(f"{_row['agency']}.{_row['category']}")
OF_NAV = {rule for rule, data in ORIGINS.items() if any(one.startswith("nav.") for one in data)}
OF_POLICE = {
    rule for rule, data in ORIGINS.items() if any(one.startswith("politiet.") for one in data)
} - OF_NAV


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home folder of an installation that has published the three releases; its server is up."""
    folder = tmp_path_factory.mktemp("gate")
    printed = make_home(folder / "home", "tests.sharing.gated_releases", folder)
    outcomes = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    assert [outcome["release_id"] for outcome in outcomes] == [OPEN, FOR_CENTRES, BEFORE, ALTERED, FOR_ALL]
    return folder / "home"


def query(home: Path, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(f"postgresql://akrim@localhost/akrim?host={home / 'postgres'}") as connection:
        return connection.execute(statement.encode(), parameters or None).fetchall()


def table(home: Path, release_id: str, centre_id: str, name: str) -> list[Row]:
    rows: list[Row] = pq.read_table(
        home / "releases" / release_id / centre_id / "data" / f"{name}.parquet"
    ).to_pylist()
    return rows


def observations(home: Path, release_id: str, centre_id: str) -> dict[tuple[str, str], Row]:
    found = table(home, release_id, centre_id, "indicator_observations")
    return {(row["person_id"], row["indicator_code"]): row for row in found}


def rule(code: str) -> str:
    return f"rule.{code}"


def whole(home: Path, release_id: str) -> dict[str, list[Row]]:
    """All that the closed centre's files hold, by table, without the release's own name."""
    names = {path.stem for path in (home / "releases" / release_id / CLOSED / "data").glob("*.parquet")}
    return {
        name: [row | {"release_id": ""} for row in table(home, release_id, CLOSED, name)] for name in names
    }


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """What the files for people say: the page and the print."""
    yield "html", (folder / "assessment.html").read_text("utf-8")
    yield "pdf", text_of(folder / "assessment.pdf")


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
        assert all(
            r["benefit_case_worker_count"] is None
            for r in table(home, FOR_CENTRES, centre, "exposed_workers")
        )
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
            if rule(key[1]) not in hidden and key[0] not in tied and not is_capped:
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
