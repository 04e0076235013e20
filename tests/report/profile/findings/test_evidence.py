"""Evidence: grouped, and without ids of rows about workers."""

import json
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest
from akrim.deltas import as_records, as_texts
from akrim.sharing import read_tables, shared_columns
from psycopg.types.json import Jsonb

from tests.releases import world

pytestmark = pytest.mark.slow

OWN = {"benefit_while_leading", "known_to_agencies", "leads_through_others", "role_handed_over"}
OF_WORKERS = {
    "workers_on_benefits",
    "fictitious_employment",
    "planned_bankruptcy",
    "undeclared_workers",
    "underpaid_workers",
    "fictitious_part_time",
}


@pytest.fixture
def cases(golden: Path, golden_database: str) -> dict[tuple[str, str], str | None]:
    """The ids of rows about persons that Oslo is sent, by the rule that rests on them and the extract."""
    extracts = (
        ("nav", "saker"), ("nav", "lonnsgaranti"), ("arbeidstilsynet", "personer_paa_stedet"), ("skatteetaten", "arbeidsforhold"),
    )  # fmt: skip
    evidence = [
        {"agency": agency, "extract": extract, "source_row_id": "NS-1", "date": "2025-02-03", "orgnr": None}
        for agency, extract in extracts
    ]
    with psycopg.connect(golden_database) as connection:
        for rule in OWN | OF_WORKERS:
            world.add(connection, "indicator_observations", release_id=world.FIRST, person_id=world.SERIAL,
                indicator_code=rule, indicator_version=1, dimension="intention", points=0, checked="clear",
                evidence=Jsonb(evidence))  # fmt: skip
    try:
        table = read_tables(world.FIRST, "oslo", shared_columns())["indicator_observations"]
    finally:
        with psycopg.connect(golden_database) as connection:
            connection.execute(
                'delete from marts.indicator_observations where evidence @> \'[{"source_row_id": "NS-1"}]\''
            )
    found = [
        (row["indicator_code"], json.loads(row["evidence"])) for row in table.to_pylist() if row["evidence"]
    ]
    return {
        (rule, item["extract"]): item.get("source_row_id")
        for rule, items in found
        if rule in OWN | OF_WORKERS
        for item in items
    }


def test_only_rows_of_the_person_have_ids(cases: dict[tuple[str, str], str | None]) -> None:
    extracts = ("saker", "lonnsgaranti", "personer_paa_stedet", "arbeidsforhold")
    assert cases == {
        (rule, extract): "NS-1" if rule in OWN else None for rule in OWN | OF_WORKERS for extract in extracts
    }


def test_every_row_of_evidence_keeps_its_agency_and_date(oslo: Path) -> None:
    table = pq.read_table(oslo / "data" / "indicator_observations.parquet")
    items = [item for items in table["evidence"].to_pylist() for item in items or []]
    assert items
    assert all(item["agency"] and item["extract"] for item in items)
    assert any(item["date"] for item in items)


def test_the_databases_text_and_the_files_records_are_the_same_rows(oslo: Path, golden: Path) -> None:
    texts = read_tables(world.SECOND, "oslo", shared_columns())["indicator_observations"].select(["evidence"])
    assert as_texts(as_records(texts)).equals(texts)
    assert set(texts["evidence"].to_pylist()) - {"[]", None}
