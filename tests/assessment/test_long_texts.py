"""Very long text is accepted without fuss, as deliveries are agreed: no index of names or addresses is too small for it."""

import random
import string
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.assessment.project import Project

# By table of landing. Keys, codes and dates have limits of their own.
TEXTS = {
    "brreg_enheter": ("navn", "forretningsadresse_adresse", "forretningsadresse_postnummer", "forretningsadresse_poststed"),
    "brreg_roller": ("person_navn_fornavn", "person_navn_etternavn"),
    "skatteetaten_personer": ("fornavn", "etternavn", "adresse", "postnummer", "telefon"),
    "politiet_personer": ("etternavn", "adresse"),
    "nav_personer": ("navn", "postnummer"),
    "politiet_saker": ("anmelder_ref",),
}  # fmt: skip


def long_text() -> str:
    """Too long for an entry of any index, of letters that nothing packs."""
    return "".join(random.Random(7).choices(string.ascii_letters + string.digits, k=20_000))  # no secret


@pytest.mark.slow
def test_very_long_text_is_assessed(world: str, world_run: dict[str, Any], project: Project) -> None:
    with psycopg.connect(world) as connection:
        for table, columns in TEXTS.items():
            for column in columns:
                changed = sql.SQL("update {} set {} = {} || %s").format(
                    sql.Identifier("landing", table), *[sql.Identifier(column)] * 2
                )
                assert connection.execute(changed, [long_text()]).rowcount
    project.build(world_run)
    with psycopg.connect(world) as connection:
        (longest,) = connection.execute(
            "select max(length(enterprise_name)) from marts.enterprises"
        ).fetchall()[0]
    assert longest > len(long_text())


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize("asked", ["a" * 99, "a" * 100, "a" * 101, "a" * 5000, "kari"])
def test_a_name_with_a_very_long_word_is_found_by_its_beginning(warehouse: str, asked: str) -> None:
    name = f"Kari {'a' * 5000} {long_text()}" + " b12345" * 200_000
    query = "select marts.name_words('2026-T1.1', %s) @@ marts.name_query('2026-T1.1', %s)"
    with psycopg.connect(warehouse) as connection:
        assert connection.execute(query, [name, asked]).fetchall() == [(True,)]
