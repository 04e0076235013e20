"""What tests of erasure share: an installation of two releases, of which one person is in the first alone."""

from pathlib import Path

import psycopg
import pytest
from akrim.keys import create_keys
from akrim.sending import deliver

from tests.assessment.project import land
from tests.releases.tables import add, create_marts
from tests.sending.outboxes import enter
from tests.trust.conftest import FIRST, SECOND, make_release

REASON = "Sletting krevd."
MEMBERSHIP = """
insert into linkage.memberships (source, extract, source_record_id, content_digest, person_id, link_kind,
    valid_from_release, valid_to_release) values ('politiet', 'personer', %s, '', %s, 'single', %s, %s)
"""

MEMBERSHIP_OF_ROLE = MEMBERSHIP.replace("'politiet', 'personer'", "'brreg', 'roller'")


@pytest.fixture
def installation(warehouse: str, home: Path) -> Path:
    """Two releases; the person is in the first alone, and the police have removed their record of her since."""
    create_keys()
    with psycopg.connect(warehouse) as connection:
        create_marts(
            connection, "persons", "named_persons", "release_persons", "network_members", "network_ties", "networks",
            "prioritisations", "status_questions", "straw_man_ties", "roles", "group_decisions",
        )  # fmt: skip
        add(connection, "roles", release_id=FIRST, person_id="P-HERS", orgnr="212345675")
        decided = [
            {"beslutning_id": decision_id, "foretak": enterprises, "tiltak": f"Spør om {decision_id}"}
            for decision_id, enterprises in (("hers", "212345675 212345683"), ("others", "212345683"))
        ]
        land(connection, "sentrene-2025-T3-01", "gruppebeslutninger", decided)
        for row in decided:
            add(
                connection, "group_decisions", release_id=FIRST, decision_id=row["beslutning_id"],
                actions=row["tiltak"], group_kind="network",
            )  # fmt: skip
        persons = [{"person_lopenr": key, "etternavn": f"Etternavn {key}"} for key in ("p1", "p2")]
        cases = [{"saksnummer": "s1"}]
        involved = [
            {"involvert_id": f"i-{key}", "saksnummer": "s1", "person_lopenr": key} for key in ("p1", "p2")
        ]
        for extract, rows in (("personer", persons), ("saker", cases), ("involverte", involved)):
            land(connection, "politiet-2025-T3-01", extract, rows)
        land(
            connection, "politiet-2026-T1-01", "personer",
            [{"person_lopenr": "p1", "etternavn": "Etternavn p1", "is_removed": True}],
        )  # fmt: skip
        connection.execute(MEMBERSHIP, ["p1", "P-HERS", FIRST, SECOND])
        connection.execute(MEMBERSHIP, ["p2", "P-ANOTHERS", FIRST, None])
        for person_id, key in (("P-HERS", "politiet/p1"), ("P-ANOTHERS", "politiet/p2")):
            connection.execute(
                "insert into linkage.persons (person_id, release_id, first_record_key) values (%s, %s, %s)",
                [person_id, FIRST, key],
            )
        for release_id, person_id in ((FIRST, "P-HERS"), (FIRST, "P-ANOTHERS"), (SECOND, "P-ANOTHERS")):
            add(connection, "persons", release_id=release_id, person_id=person_id, full_name=person_id)
            add(connection, "release_persons", release_id=release_id, centre_id="oslo", person_id=person_id)
            add(
                connection, "named_persons", release_id=release_id, centre_id="oslo", person_id=person_id,
                named_because="listed",
            )  # fmt: skip
        for number, columns in enumerate(
            ({"from_id": "P-HERS"}, {"to_id": "P-HERS"}, {"from_id": "P-ANOTHERS", "to_id": "100"})
        ):
            add(connection, "network_ties", release_id=FIRST, network_id=f"N{number}", **columns)
        add(connection, "network_members", release_id=FIRST, network_id="N1", member_id="P-HERS")
        others = {"release_id": FIRST, "person_id": "P-ANOTHERS"}
        add(connection, "status_questions", **others, bearer_person_id="P-HERS")
        add(connection, "straw_man_ties", **others, front_person_id="P-HERS")
        add(connection, "networks", release_id=FIRST, network_id="N1", most_central_person_id="P-HERS")
        add(
            connection,
            "prioritisations",
            release_id=FIRST,
            decision_id="oslo-P-HERS",
            decided_person_id="P-HERS",
        )
    make_release(home, FIRST, 1)
    enter(warehouse, FIRST, 1)
    deliver()
    make_release(home, SECOND, 2)
    enter(warehouse, SECOND, 2)
    deliver()
    (home.parent / "inbox" / "sentrene").mkdir(parents=True, exist_ok=True)
    return home
