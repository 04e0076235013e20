"""Evidence: grouped, and silent about whose benefit case it is where it is not the person's own."""

import json
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest
from akrim.releases.tables import mart_columns, read_tables
from psycopg.types.json import Jsonb

from tests.releases import world

pytestmark = pytest.mark.slow


@pytest.fixture
def cases(golden: Path, golden_database: str) -> dict[str, str | None]:
    """The ids of the benefit cases that Oslo is sent, by the rule that rests on them."""
    evidence = [
        {"agency": "nav", "extract": "saker", "source_row_id": "NS-1", "date": "2025-02-03", "orgnr": None}
    ]
    with psycopg.connect(golden_database) as connection:
        for rule in ("benefit_while_leading", "workers_on_benefits", "fictitious_employment"):
            world.add(connection, "indicator_observations", release_id=world.FIRST, person_id=world.SERIAL,
                indicator_code=rule, indicator_version=1, dimension="intention", points=0, checked="clear",
                evidence=Jsonb(evidence))  # fmt: skip
    try:
        table = read_tables(world.FIRST, "oslo", mart_columns())["indicator_observations"]
    finally:
        with psycopg.connect(golden_database) as connection:
            connection.execute(
                'delete from marts.indicator_observations where evidence @> \'[{"source_row_id": "NS-1"}]\''
            )
    found = [
        (row["indicator_code"], json.loads(row["evidence"])) for row in table.to_pylist() if row["evidence"]
    ]
    return {
        rule: item.get("source_row_id")
        for rule, items in found
        for item in items
        if item["extract"] == "saker"
    }


def test_only_the_persons_own_benefit_case_is_named(cases: dict[str, str | None]) -> None:
    assert cases == {
        "benefit_while_leading": "NS-1",
        "workers_on_benefits": None,
        "fictitious_employment": None,
    }


def test_every_row_of_evidence_keeps_its_agency_and_date(oslo: Path) -> None:
    table = pq.read_table(oslo / "data" / "indicator_observations.parquet")
    items = [item for text in table["evidence"].to_pylist() if text for item in json.loads(text)]
    assert items
    assert all({"agency", "extract", "date"} <= item.keys() for item in items)
