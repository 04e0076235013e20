"""The marts that plausibility limits read, of a release that is out and of one that waits to go out."""

from typing import Any

import psycopg
import pytest
from akrim import ledger
from akrim.releases import plausibility
from psycopg.types.json import Jsonb

from tests.ledger.entering import enter_release, enter_run
from tests.releases.tables import add, create_marts

FIRST, SECOND = "2025-T3.1", "2026-T1.1"


def standing(state: str, rows: int, usual: int | None, **more: Any) -> dict[str, Any]:
    """What pins hold of an extract."""
    known = {
        "delivery_id": "nav-2026-T1-01",
        "state": state,
        "as_of": "2026-04-30",
        "rows": rows,
        "rows_usual": usual,
    }
    return known | {"is_confirmed": False} | more


class Marts:
    """The marts that limits use, for the previous release and the present one."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        create_marts(
            connection, "assessments", "persons", "delivery_ages", "roles", "enterprises", "inspections"
        )
        for release_id, base in ((FIRST, None), (SECOND, FIRST)):
            period = release_id.partition(".")[0]
            delivery = {"delivery_id": f"nav-{period}-01", "manifest_sha256": "0"}
            enter_release(
                connection, release_id, "published" if base is None else "building", {"deliveries": {"nav": [delivery]}},
                as_of="2026-01-01", base_release_id=base, is_explained=True, published_at="now" if base is None else None,
            )  # fmt: skip
            enter_run(connection, release_id)
            add(connection, "delivery_ages", release_id=release_id, agency="nav", days_old=0)
            self.persons(release_id, 3)
        connection.commit()

    def lists(self, release_id: str, centre_id: str, count: int) -> None:
        self.connection.execute(
            "insert into marts.assessments (release_id, centre_id, person_id) select %s, %s, 'p' || n from generate_series(1, %s) as n",
            [release_id, centre_id, count],
        )
        self.connection.commit()

    def pin(self, release_id: str, **extracts: dict[str, Any]) -> None:
        """Pin what reception has found of these extracts of Nav's beside persons, of whom there is one as before."""
        known = {"personer": standing("changed", 1, 1)} | extracts
        pins = {
            "deliveries": {"nav": [{"delivery_id": "nav-2026-T1-01", "manifest_sha256": "0"}]},
            "extracts": {"nav": known},
        }
        self.run("update meta.releases set pins = %s where release_id = %s", Jsonb(pins), release_id)

    def persons(self, release_id: str, records: int) -> None:
        add(self.connection, "persons", release_id=release_id, person_id="p1", record_count=records)

    def run(self, query: str, *values: Any) -> None:
        self.connection.execute(query, values)
        self.connection.commit()

    def reasons(self) -> dict[str, str]:
        return {
            reason.limit: reason.told("en") for reason in plausibility.exceeded_limits(ledger.load(SECOND))
        }


@pytest.fixture
def marts(warehouse: str) -> Any:
    with psycopg.connect(warehouse) as connection:
        yield Marts(connection)
