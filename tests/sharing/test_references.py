"""A centre is told of no enterprise and no group but by what it is told: what is withheld from it refers to none."""

import re

import psycopg
from akrim.rules.catalogue import read_seed
from akrim.sharing import Tables, read_tables, shared_columns
from psycopg.types.json import Jsonb

from tests.releases import world

ORGNR = re.compile(r"\b[23]\d{8}\b")
BUYER = "200000047"


def unexplained(tables: Tables) -> set[str]:
    """The enterprises that no other table names."""
    others = [table for name, table in tables.items() if name not in {"enterprises", "inspections"}]
    return set(tables["enterprises"]["orgnr"].to_pylist()) - {
        orgnr for table in others for orgnr in ORGNR.findall(str(table.to_pylist()))
    }


def untold_groups(tables: Tables) -> set[tuple[str, str]]:
    """The groups of which something is found and no assessment is told."""
    found = {(row["group_kind"], row["group_id"]) for row in tables["group_observations"].to_pylist()}
    told = {("enterprise", orgnr) for orgnr in tables["enterprise_assessments"]["orgnr"].to_pylist()}
    return (
        found - told - {("network", one) for one in tables["network_assessments"]["network_id"].to_pylist()}
    )


def test_an_enterprise_and_a_group_are_told_of_by_what_is_told(golden_copy: str) -> None:
    """Of each category in its turn; a buyer is there by a purchase alone."""
    with psycopg.connect(golden_copy) as connection:
        connection.execute("update marts.principals set principal_orgnr = %s", [BUYER])
    whole = read_tables(world.SECOND, "oslo", shared_columns())
    assert BUYER in whole["enterprises"]["orgnr"].to_pylist()
    assert unexplained(whole) == untold_groups(whole) == set()
    assert whole["group_observations"].num_rows
    for data in sorted({f"{row['agency']}.{row['category']}" for row in read_seed("data_origins")}):
        with psycopg.connect(golden_copy) as connection:
            withheld = {"withheld": {"oslo": {data: "nothing"}}}
            connection.execute("update meta.releases set pins = pins || %s", [Jsonb(withheld)])
        told = read_tables(world.SECOND, "oslo", shared_columns())
        assert unexplained(told) == untold_groups(told) == set(), data
