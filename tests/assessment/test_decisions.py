"""A status stays with whoever carries the facts that it was given for, and with the centre that gave it."""

from typing import Any

import pytest
from akrim import warehouse
from akrim.changes import PREVIOUS, changes_of, explain
from akrim.releases.removal import forget_rows

from tests.assessment.conftest import WORLD
from tests.assessment.project import Project, land, reserve, rows
from tests.ledger.entering import enter_run

pytestmark = pytest.mark.slow

LATER = "sentrene-2026-T1-01"
DECIDED, PARTED, LATEST = "2025-T3.2", "2025-T3.3", "2025-T3.4"
DECISION = {
    "status": "trusselaktor", "prioritering": "prioriter", "begrunnelse": "ressurser", "ansvarlig_etat": "nav",
    "kapasitet_endring": "uendret", "intensjon_endring": "uendret", "besluttet_dato": "2026-01-10", "release_id": "2025-T3.1",
}  # fmt: skip
PART = """
with closed as (
    update linkage.memberships set valid_to_release = %(release)s
    where source_record_id in ('r1', 'r2') and valid_to_release is null returning *
)
insert into linkage.memberships (source, extract, source_record_id, content_digest, person_id, link_kind, valid_from_release)
select source, extract, source_record_id, content_digest, 'other', link_kind, %(release)s from closed
"""


@pytest.fixture
def _parted(world: str, project: Project, world_run: dict[str, Any]) -> None:
    """Oslo and Bodø decide on the first release; in the third, the roles that made Aas a bankrupt are found to be another's."""
    decisions = (("d-oslo", "oslo", "aas"), ("d-bodo", "bodo", "protected"))
    with warehouse.connect() as connection:
        land(connection, LATER, "beslutninger", [
            DECISION | {"beslutning_id": number, "senter": centre, "person_id": person} for number, centre, person in decisions
        ])  # fmt: skip
        for release_id in ("2025-T3.1", DECIDED, PARTED):
            enter_run(connection, release_id)
        reserve(connection, DECIDED, [*WORLD, LATER])
    project.build({**world_run, "release_id": DECIDED})
    with warehouse.connect() as connection:
        connection.execute(PART, {"release": PARTED})
        reserve(connection, PARTED, [*WORLD, LATER])
        connection.execute(
            "insert into linkage.person_id_history values ('aas', 'other', %s, 'split')", [PARTED]
        )
        connection.execute(
            "update meta.releases set previous_release_id = %s where release_id = %s", [DECIDED, PARTED]
        )
        connection.execute("""update meta.releases set pins = '{"code": "", "rules": ""}' || pins""")
    project.build({**world_run, "release_id": PARTED})


@pytest.mark.usefixtures("_parted")
def test_a_split_hands_no_status_to_a_stranger_and_who_moved_stays_with_the_centre() -> None:
    listed = rows(
        "select centre_id, person_id, status, offered_by, is_in_area from marts.assessments"
        " where release_id = %s order by 1, 2",
        PARTED,
    )
    # Alta decided on a release that is no longer known, and so on whoever kept the id.
    assert [tuple(row.values()) for row in listed] == [
        ("alta", "aas", "trusselaktor", None, True),
        ("alta", "other", None, None, False),
        ("bergen", "protected", None, "bodo", True),
        ("bodo", "protected", "trusselaktor", None, False),
        ("oslo", "aas", None, None, False),
        ("oslo", "other", "trusselaktor", None, True),
    ]
    asked = rows(
        "select person_id, question, bearer_person_id from marts.status_questions"
        " where release_id = %s and centre_id = 'oslo' order by 1",
        PARTED,
    )
    assert [tuple(row.values()) for row in asked] == [("aas", "parted", "other"), ("other", "kept", "other")]
    handed = rows(
        "select release_id, person_id from marts.prioritisations where decision_id = 'd-oslo' order by 1"
    )
    assert [tuple(row.values()) for row in handed] == [(DECIDED, "aas"), (PARTED, "other")]
    explain(PARTED)
    with warehouse.connect() as connection:
        changes = changes_of(connection, PARTED, PREVIOUS, "oslo")
    status = {change["person_id"]: change for change in changes if change["change"] == "status"}
    assert {cause["cause"] for cause in status["aas"]["causes"]} == {"linkage"}


@pytest.mark.usefixtures("_parted")
def test_a_status_stays_where_it_is_when_the_release_it_was_given_on_is_no_longer_kept(
    project: Project, world_run: dict[str, Any]
) -> None:
    with warehouse.connect() as connection:
        forget_rows(connection, "2025-T3.1", [], [])
        reserve(connection, LATEST, [*WORLD, LATER])
        enter_run(connection, LATEST)
    project.build({**world_run, "release_id": LATEST})
    handed = rows(
        "select release_id, person_id from marts.prioritisations where decision_id = 'd-oslo' order by 1"
    )
    assert [tuple(row.values()) for row in handed] == [(DECIDED, "aas"), (PARTED, "other"), (LATEST, "other")]
