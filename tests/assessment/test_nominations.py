"""A nomination puts its subject before the centres concerned and gives no points; it ends, and whoever disputes it is named by it no more."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from akrim import corrections, warehouse
from akrim.corrections import Dispute, open_case
from akrim.orchestration import pinning
from akrim.rules.dbt import SAMPLE_RUN
from psycopg import sql

from tests.assessment.conftest import WORLD
from tests.assessment.project import Project, join_records, land, reserve, rows
from tests.conftest import installation_on

pytestmark = pytest.mark.slow

BEFORE, AFTER, DECIDED = "2025-T3.1", "2025-T3.2", "2025-T3.3"
BETA, NOWHERE = "210430768", "210434364"
# Of Eva and Ola nothing is known but that Nav knows them.
KNOWN = [
    {"nav_id": "n8", "navn": "UKJENT, OLA", "fodselsdato": "1991-09-09", "postnummer": "0155"},
    {"nav_id": "n9", "navn": "AERLIG, EVA", "fodselsdato": "1990-09-09", "postnummer": "0155"},
]


def nomination(
    key: str, since: str = "2025-10-01", until: str = "2026-10-01", **subject: str
) -> dict[str, str]:
    return {
        "nominasjon_id": key, "dato": since, "gyldig_til": until, "observert": "straaperson", "kilde_gradering": "X",
        "opplysning_gradering": "4", **subject,
    }  # fmt: skip


NOMINATED: dict[str, dict[str, list[dict[str, str]]]] = {
    "nav-2025-T3-02": {
        "personer": KNOWN,
        "nominasjoner": [
            nomination("N1", nav_id="n9"),
            nomination("N2", nav_id="n1"),
            nomination("N3", until="2025-12-31", since="2025-01-01", orgnr=BETA),
            nomination("N4", until="2025-12-30", nav_id="n8"),  # has ended
            nomination("N5", since="2023-12-31", until="2099-01-01", nav_id="n8"),  # has lasted for too long
            nomination("N6", since="2026-01-01", nav_id="n8"),  # made after the cut-off date
            nomination("N7", nav_id="n8"),  # disputed
            nomination("N8", orgnr=NOWHERE),
        ],
    },
    "politiet-2025-T3-02": {
        "nominasjoner": [nomination("N1", "01.10.2025", "01.10.2026", person_lopenr="p1")]
    },
}
# On the release that shows the nomination; what Alta decided before stands since the day that the nomination bears, and did not show it.
DECISION = WORLD["sentrene-2025-T3-01"]["beslutninger"][0] | {
    "beslutning_id": "b9", "senter": "alta", "release_id": AFTER, "person_id": "aas", "besluttet_dato": "2026-01-20",
}  # fmt: skip
# What an assessment is: who is on which list with which points and status, and why.
JUDGED = (
    "assessments", "indicator_observations", "network_assessments", "enterprise_assessments", "group_observations", "statuses",
    "situation_measures", "goal_indicators", "networks", "straw_man_ties", "coordination",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _nominated(server: str, template_world: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The small world, assessed again with nominations, of which Alta may not have Nav's."""
    with installation_on(server, template_world, tmp_path_factory.mktemp("home")):
        with warehouse.connect() as connection:
            for delivery_id, extracts in NOMINATED.items():
                for extract, delivered in extracts.items():
                    land(connection, delivery_id, extract, delivered)
            land(connection, "sentrene-2025-T3-02", "beslutninger", [DECISION])
            join_records(connection, eva=[("nav", "personer", "n9")], ola=[("nav", "personer", "n8")])
            reserve(connection, AFTER, [*WORLD, *NOMINATED])
            reserve(connection, DECIDED, [*WORLD, *NOMINATED, "sentrene-2025-T3-02"])
        open_case(
            Dispute("fact", "nav", "nominasjoner", "N7", person="ola"),
            "person",
            date(2026, 1, 5),
            "Nei.",
            "kn",
        )
        project = Project(tmp_path_factory.mktemp("dbt"))
        for release_id in (AFTER, DECIDED):
            with warehouse.connect() as connection:
                pinning.suppress(connection, release_id, corrections.cases(connection))
                connection.execute(
                    "update meta.releases set pins = pins || %s::jsonb where release_id = %s",
                    [json.dumps({"withheld": {"alta": {"nav.nomination": "nothing"}}}), release_id],
                )
            project.build({**SAMPLE_RUN, "release_id": release_id})
        yield


def of(release_id: str, table: str) -> list[dict[str, Any]]:
    query = sql.SQL("select * from {} as t where release_id = %s order by to_jsonb(t)::text")
    found = rows(query.format(sql.Identifier("marts", table)), release_id)
    return [row | {"release_id": ""} for row in found if row.get("person_id") != "eva"]


@pytest.mark.parametrize("table", JUDGED)
def test_points_ranks_and_statuses_are_the_same_with_and_without_nominations(table: str) -> None:
    assert of(AFTER, table) == of(BEFORE, table)


def test_most_of_what_is_compared_has_something_to_compare() -> None:
    assert {"assessments", "indicator_observations", "situation_measures"} <= {
        table for table in JUDGED if of(BEFORE, table)
    }


@pytest.mark.parametrize("table", ["indicator_observations", "assessments", "roles", "offence_cases"])
def test_of_a_nominated_person_nothing_else_comes_into_the_marts(table: str) -> None:
    query = sql.SQL("select 1 from {} where person_id = 'eva'").format(sql.Identifier("marts", table))
    assert rows(query) == []


def test_each_stands_at_the_centres_of_its_subject_until_it_ends_or_is_disputed() -> None:
    found = rows(
        "select centre_id, agency, nomination_id, coalesce(person_id, orgnr) as subject, answer from marts.nominations"
        " where release_id = %s order by 1, 2, 3",
        AFTER,
    )
    assert [tuple(row.values()) for row in found] == [
        ("alta", "politiet", "N1", "aas", "followed"),
        ("oslo", "nav", "N1", "eva", "open"),
        ("oslo", "nav", "N2", "aas", "open"),
        ("oslo", "nav", "N3", BETA, "unanswered"),
        ("oslo", "politiet", "N1", "aas", "open"),
        ("uten_senter", "nav", "N8", NOWHERE, "open"),
    ]


def test_she_is_named_for_that_and_whom_it_no_longer_names_is_nobody() -> None:
    named = rows("select * from marts.named_persons where release_id = %s and person_id = 'eva'", AFTER)
    assert named == [
        {
            "release_id": AFTER,
            "centre_id": "oslo",
            "person_id": "eva",
            "named_because": "nominated",
            "basis": None,
        }
    ]
    assert rows("select 1 from marts.persons where person_id = 'ola'") == []


def test_each_agency_is_counted_once_for_a_nomination_told_to_two_centres() -> None:
    found = rows(
        "select agency, answer, nominations from marts.nominations_counted where release_id = %s order by 1, 2",
        AFTER,
    )
    assert [tuple(row.values()) for row in found] == [
        ("nav", "open", 3),
        ("nav", "unanswered", 1),
        ("politiet", "followed", 1),
    ]


def test_a_team_answers_by_what_it_decides_on_a_release_that_shows_the_nomination() -> None:
    found = rows(
        "select release_id, answer, decided_date from marts.nominations where centre_id = 'alta' order by 1"
    )
    assert [tuple(row.values()) for row in found] == [
        (AFTER, "followed", None),
        (DECIDED, "decided", date(2026, 1, 20)),
    ]
