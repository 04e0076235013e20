"""Training: where its models join, which guards it keeps without labels, and how rare a name is that it has not seen."""

import random
from datetime import date, timedelta

import pyarrow as pa
import pytest
from akrim.linkage.engine import open_engine
from akrim.linkage.matching.existing_persons import start_empty
from akrim.linkage.matching.scoring import make_linker
from akrim.linkage.model.file import load_model
from akrim.linkage.model.thresholds import JOIN_LABELLED, JOIN_UNLABELLED
from akrim.linkage.pipeline import prepare
from akrim.linkage.training.train import TrainingPlan, train

from tests.linkage.population import population

PLAN = TrainingPlan(random_pairs=2e5)
SYLLABLES = ("ka", "lo", "mi", "ren", "tor", "vi", "sa", "ber", "dun", "fel", "gro", "hal")


def _name(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=3))


def _slipped(word: str, chance: random.Random) -> str:
    at = chance.randrange(len(word))
    return word[:at] + chance.choice("aeiklmnorst") + word[at + 1 :]


def _households(are_shared: bool) -> pa.Table:
    """Two registers of households; phones are a household's or a person's, whose given names then come in two errors each."""
    chance = random.Random(5)
    rows = []
    for _ in range(400):
        family, home_phone = _name(chance), str(chance.randrange(20_000_000, 99_999_999))
        for _ in range(2):
            given = _name(chance)
            born = date(1950, 1, 1) + timedelta(days=chance.randrange(18_000))
            phone = home_phone if are_shared else str(chance.randrange(20_000_000, 99_999_999))
            for register in ("one", "two"):
                stated = given
                if not are_shared:
                    stated = _slipped(_slipped(_slipped(given, chance), chance), chance)
                rows.append(
                    {
                        "source": register,
                        "source_record_id": str(len(rows)),
                        "given_name": stated,
                        "family_name": family if are_shared else _slipped(family, chance),
                        "birth_date": born if chance.random() < 0.6 else None,
                        "phone": phone,
                    }
                )
    return pa.Table.from_pylist(rows)


def _namesakes() -> pa.Table:
    """A list with eight records of everybody, each person with a namesake; one record in ten has another birth date."""
    chance = random.Random(6)
    rows = []
    for _ in range(60):
        given, family = _name(chance), _name(chance)
        for _ in range(2):
            born = date(1850, 1, 1) + timedelta(days=chance.randrange(30_000))
            town, postcode = _name(chance), str(chance.randrange(1000, 9999))
            for _ in range(8):
                rows.append(
                    {
                        "source": "list",
                        "source_record_id": str(len(rows)),
                        "given_name": _slipped(given, chance) if chance.random() < 0.2 else given,
                        "family_name": _slipped(family, chance) if chance.random() < 0.2 else family,
                        "birth_date": born + timedelta(days=5_000) if chance.random() < 0.1 else born,
                        "municipality_code": town if chance.random() < 0.7 else None,
                        "postcode": postcode if chance.random() < 0.7 else None,
                    }
                )
    return pa.Table.from_pylist(rows)


@pytest.mark.slow
def test_pairs_of_namesakes_are_not_taken_for_persons_whose_birth_dates_differ() -> None:
    with open_engine() as con:
        con.from_arrow(_namesakes()).create("records")
        start_empty(con)
        prepare(con)
        settings = train(con, PLAN).settings
    levels = {
        comparison["output_column_name"]: {
            level["label_for_charts"]: level.get("m_probability") for level in comparison["comparison_levels"]
        }
        for comparison in settings["comparisons"]
    }
    # Of two records of one person 18 % have different birth dates, of two namesakes all.
    assert levels["birth_date"]["different"] < 0.25
    assert levels["home"]["different"] < 0.1


@pytest.mark.slow
@pytest.mark.parametrize("are_shared", [True, False])
def test_the_guard_of_shared_phones_is_kept_where_phones_are_shared(are_shared: bool) -> None:
    with open_engine() as con:
        con.from_arrow(_households(are_shared)).create("records")
        start_empty(con)
        prepare(con)
        model = train(con, PLAN)
    assert ("shared_phone" in model.guards) == are_shared


@pytest.mark.slow
@pytest.mark.parametrize(
    ("records", "join"),
    [
        (_households(False), JOIN_UNLABELLED),
        (pa.Table.from_pylist(population(9, persons=1_000)), JOIN_LABELLED),
    ],
    ids=["without numbers", "with numbers"],
)
def test_it_joins_from_evens_on_where_numbers_have_joined_what_is_certain_and_below_elsewhere(
    records: pa.Table, join: float
) -> None:
    with open_engine() as con:
        con.from_arrow(records).create("records")
        start_empty(con)
        prepare(con)
        model = train(con, PLAN)
    assert (model.thresholds["break"], model.thresholds["join"]) == (join - 1, join)


def test_a_name_not_seen_in_training_is_neither_the_rarest_nor_common() -> None:
    with open_engine() as con:
        con.from_arrow(
            pa.table({"source": ["nav"], "source_record_id": ["1"], "family_name": ["Qvxtzrl"]})
        ).create("records")
        start_empty(con)
        prepare(con)
        con.execute("create table described_names as select given, family, 1 as description_id from standard")
        model = load_model(con)
        make_linker(con, model.settings, "described_names")
        (rarity,) = con.execute("select tf_family from rarity_family where family = 'qvxtzrl'").fetchall()[0]
        lowest, highest = con.execute(
            "select min(tf_family), max(tf_family) from frequencies_family"
        ).fetchall()[0]
    assert lowest < rarity < highest
