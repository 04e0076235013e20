"""Of others, no text that people wrote tells a person who they are."""

import psycopg
from akrim.subjects.masking import mask_others

from tests.deliveries.building import person_number
from tests.releases.tables import add, create_marts
from tests.releases.world import SECOND


def test_every_written_text_is_without_others_names_and_numbers(warehouse: str) -> None:
    text = "Sak 7: Henrik Blivedal, BLIVEDAL, Henrik Alv Blivedal, Bo Alv Lie, Lie, Tora (M) Alv Berg, Berg og Solveig Slettmark, {}."
    masked = "Sak 7: Henrik ▮▮▮, ▮▮▮, ▮▮▮, ▮▮▮, Lie, ▮▮▮, ▮▮▮ og Solveig Slettmark, ***********."
    told = {
        "release_id": SECOND,
        "decisions": [{"actions": None}, {"actions": text.format(person_number(1))}],
        "corrections": [{"reason": text.format(person_number(1)), "outcome_reason": None}],
        "log": [{"purpose": text.format(person_number(1))}, {"purpose": None}],
    }
    with psycopg.connect(warehouse) as connection:
        create_marts(connection, "persons")
        for person_id, given, family in (
            ("P1", "Solveig", "Slettmark"), ("P2", "Henrik", "Blivedal"), ("P3", "Bo", "Lie"), ("P4", "Tora (M)", "Berg"),
            ("P5", "Ola", "Slettmark"),
        ):  # fmt: skip
            add(
                connection, "persons", release_id=SECOND, person_id=person_id, full_name=f"{given} Alv {family}",
                family_name=family,
            )  # fmt: skip
        found = mask_others(connection, told, ["P1"])
    assert [row["actions"] for row in found["decisions"]] == [None, masked]
    assert found["corrections"] == [{"reason": masked, "outcome_reason": None}]
    assert [row["purpose"] for row in found["log"]] == [masked, None]
