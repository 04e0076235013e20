"""A status stays with whoever carries the facts that it was given for, and with the centre that gave it."""

from typing import Any

import pytest
from akrim import warehouse

from tests.assessment.conftest import WORLD
from tests.assessment.project import Project, land, reserve, rows

pytestmark = pytest.mark.slow

LATER = "sentrene-2026-T1-01"
DECISION = {
    "status": "trusselaktor", "prioritering": "prioriter", "begrunnelse": "ressurser", "ansvarlig_etat": "nav",
    "kapasitet_endring": "uendret", "intensjon_endring": "uendret", "besluttet_dato": "2026-01-10", "release_id": "2025-T3.1",
}  # fmt: skip


@pytest.fixture
def _parted(world: str, project: Project, world_vars: dict[str, Any]) -> None:
    """A period later: Oslo and Bodø have decided, and the roles that made Aas a bankrupt are found to be another's."""
    decisions = (("d-oslo", "oslo", "aas"), ("d-bodo", "bodo", "protected"))
    with warehouse.connect() as connection:
        land(connection, LATER, "beslutninger", [
            DECISION | {"beslutning_id": number, "senter": centre, "person_id": person} for number, centre, person in decisions
        ])  # fmt: skip
        connection.execute(
            "update linkage.memberships set person_id = 'other' where source_record_id in ('r1', 'r2')"
        )
        reserve(connection, "2025-T3.2", [*WORLD, LATER])
        connection.execute(
            "insert into linkage.person_id_history values ('aas', 'other', '2025-T3.2', 'split')"
        )
    project.build({**world_vars, "release_id": "2025-T3.2"})


@pytest.mark.usefixtures("_parted")
def test_a_split_hands_no_status_to_a_stranger_and_who_moved_stays_with_the_centre() -> None:
    listed = rows(
        "select centre_id, person_id, status, offered_by, is_in_area from marts.assessments"
        " where release_id = '2025-T3.2' order by 1, 2"
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
        " where release_id = '2025-T3.2' and centre_id = 'oslo' order by 1"
    )
    assert [tuple(row.values()) for row in asked] == [("aas", "parted", "other"), ("other", "kept", "other")]
    handed = rows("select person_id from marts.prioritisations where decision_id = 'd-oslo'")
    assert handed == [{"person_id": "other"}]
