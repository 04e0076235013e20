"""Several periods of a made-up population: properties that hold for all records."""

import random
from dataclasses import dataclass, replace

import duckdb
import pyarrow as pa
import pytest
from akrim.linkage.engine import EngineLimits, open_engine
from akrim.linkage.matching import clustering, scoring
from akrim.linkage.matching.blocking import estimate_pairs
from akrim.linkage.matching.existing_persons import start_empty
from akrim.linkage.model.file import load_model
from akrim.linkage.pipeline import find_persons, prepare
from akrim.linkage.runs.linking import compare_memberships
from akrim.linkage.store.person_ids import assign_ids

from tests.linkage.person_records import SMALL, Record, as_table, linked, record
from tests.linkage.population import next_period, population

SEEDS = range(4)


@dataclass
class Linked:
    """The result of one run: its memberships, every id ever given with its age, and the changes of ids."""

    rows: pa.Table
    persons: dict[str, int]
    changes: list[tuple[str, str, str]]
    numbers: dict[str, tuple[str | None, str | None]]
    parked: list[str]

    @property
    def memberships(self) -> dict[str, tuple[str, str, float | None]]:
        return {
            f"{row['source']}/{row['source_record_id']}": (
                row["person_id"],
                row["link_kind"],
                row["match_weight"],
            )
            for row in self.rows.to_pylist()
        }


def run(records: list[Record], before: Linked | None = None, limits: EngineLimits = SMALL) -> Linked:
    with open_engine(limits) as con:
        con.register("given", as_table(records))
        con.execute("create temp table records as select * from given")
        start_empty(con)
        persons = dict(before.persons) if before else {}
        if before:
            con.register("previous", before.rows)
            con.execute("insert into existing_memberships select *, true from previous")
            con.execute("insert into parked_records select unnest(?)", [before.parked])
        model = load_model(con)
        prepare(con)
        find_persons(con, model, may_settle=before is not None)
        _read_persons(con, persons)
        assign_ids(con)
        compare_memberships(con)
        rows = con.sql("select * from new_memberships order by source, source_record_id").to_arrow_table()
        for (person,) in con.execute("select person_id from assigned where is_new").fetchall():
            persons[person] = len(persons)
        changes = con.execute(
            "select old_person_id, person_id, change from id_changes order by all"
        ).fetchall()
        numbers = con.execute("select record_key, national_number, d_number from units").fetchall()
        parked = con.execute("select record_key from described semi join parked using (unit_id)").fetchall()
        numbers_of = {key: (national, d) for key, national, d in numbers}
        return Linked(rows, persons, changes, numbers_of, [key for (key,) in parked])


def _read_persons(con: duckdb.DuckDBPyConnection, persons: dict[str, int]) -> None:
    con.execute("create temp table persons (person_id varchar, age bigint)")
    if persons:
        con.executemany("insert into persons values (?, ?)", list(persons.items()))
    con.execute(
        "create temp table existing_persons as"
        " select source || '/' || source_record_id as record_key, person_id from existing_memberships"
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS[:2])
def test_order_threads_and_chunks_have_no_effect(
    seed: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    records = population(seed, persons=80)
    shuffled = records[:]
    random.Random(seed).shuffle(shuffled)
    found = run(records)
    monkeypatch.setattr(scoring, "MAX_DESCRIPTIONS_WITHOUT_ESTIMATE", 0)
    monkeypatch.setattr(scoring, "PAIRS_AT_ONCE", 300)
    monkeypatch.setattr(clustering, "MAX_PAIRS_AT_ONCE", 1)
    caplog.set_level("INFO", "akrim.linkage")
    caplog.clear()
    again = run(shuffled, limits=replace(SMALL, threads=2))
    assert found.rows.equals(again.rows)
    chunks = [message for message in caplog.messages if message.startswith("chunk ")]
    assert len(chunks) >= 2
    assert chunks[-1].startswith(f"chunk {len(chunks)} of {len(chunks)}: ")
    assert not any(str(record["family_name"]) in caplog.text for record in records if record["family_name"])


def test_a_rule_that_makes_far_too_many_pairs_is_named(caplog: pytest.LogCaptureFixture) -> None:
    """Everybody has the placeholder phone number of a form that requires one."""
    records = [
        record("nav", str(n), given_name=f"Name{n}", family_name="Berg", phone="99999999") for n in range(200)
    ]
    with linked(records) as con:
        caplog.set_level("INFO", "akrim.linkage")
        expected = estimate_pairs(con, load_model(con))
    assert expected["phone and family name"] == 200 * 199 / 2
    warnings = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    assert [message.split(" makes ")[0].strip() for message in warnings] == ["phone and family name"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_no_person_has_two_valid_numbers_of_one_kind(seed: int) -> None:
    result = run(population(seed, persons=60))
    numbers_of: dict[tuple[str, int], set[str]] = {}
    for key, (person, _, _) in result.memberships.items():
        for kind, number in enumerate(result.numbers[key]):
            if number:
                numbers_of.setdefault((person, kind), set()).add(number)
    assert all(len(numbers) == 1 for numbers in numbers_of.values())


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_ids_last_and_every_id_that_is_gone_has_a_successor(seed: int) -> None:
    records = population(seed)
    before = run(records)
    unchanged = run(records, before)
    assert unchanged.memberships == before.memberships
    after = run(next_period(records, seed), before)
    current = {person for person, _, _ in after.memberships.values()}
    merged = {old: new for old, new, change in after.changes if change == "merged"}
    for key, (old, _, _) in before.memberships.items():
        if key in after.memberships and after.memberships[key][0] != old:
            assert old in current or merged[old] in current
            assert any(change[:2] == (old, after.memberships[key][0]) for change in after.changes)
