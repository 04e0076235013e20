"""`evaluate` on tables of any shape: figures calculated by hand, foreign records, missing columns."""

from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from akrim.errors import UserError
from akrim.linkage.engine import EngineLimits
from akrim.linkage.runs.evaluation import Stopwatch, compare_with_truth, evaluate

SMALL = EngineLimits(memory="1GB", threads=1)


def write(folder: Path, name: str, rows: list[dict[str, str | None]]) -> Path:
    path = folder / f"{name}.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def test_the_figures_are_those_counted_by_hand(tmp_path: Path) -> None:
    truth = write(
        tmp_path,
        "truth",
        [
            {"source": "s", "source_record_id": key, "true_person_id": person}
            for key, person in zip("abcde", "11223", strict=True)
        ],
    )
    con = duckdb.connect()
    con.execute(
        "create table membership as select 's/' || k as record_key, c as cluster_id"
        " from (values ('a', 1), ('b', 1), ('c', 1), ('d', 2), ('e', 3)) t(k, c)"
    )
    con.execute(
        "create table described as select record_key, row_number() over (order by record_key) as unit_id from membership"
    )
    con.execute("create table pairs as select 1 as unit_l, 2 as unit_r")
    figures = compare_with_truth(con, truth, "by hand", Stopwatch())
    assert (figures.pairwise_precision, figures.pairwise_recall) == (round(1 / 3, 5), 0.5)
    assert figures.b_cubed_precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5, abs=1e-4)
    assert figures.b_cubed_recall == pytest.approx((1 + 1 + 0.5 + 0.5 + 1) / 5, abs=1e-4)
    assert figures.blocking_recall == 0.5


def test_foreign_records_without_numbers_or_addresses_are_linked(tmp_path: Path) -> None:
    given_names = ("Иван", "Wei", "José", "Aoife", "Amara", "Olga", "Yuki", "Chidi", "Priya", "Søren")
    family_names = (
        "Петров",
        "Zhang",
        "García",
        "Ó Briain",
        "Okafor",
        "Ivanova",
        "Tanaka",
        "Eze",
        "Sharma",
        "Kjær",
        "Brown",
    )
    people = [
        (given_names[i % 10], family_names[i % 11], f"{1950 + i % 47}-{1 + i % 12:02}-{1 + i % 28:02}")
        for i in range(110)
    ]
    rows = [
        {"source": "only", "source_record_id": f"{i}-{copy}", "given_name": given, "family_name": family + suffix, "birth_date": born}
        for i, (given, family, born) in enumerate(dict.fromkeys(people))
        for copy, suffix in enumerate(("", "" if i % 3 else "a"))
    ]  # fmt: skip
    truth = [
        {"source": "only", "source_record_id": row["source_record_id"], "true_person_id": str(row["source_record_id"]).split("-")[0]}
        for row in rows
    ]  # fmt: skip
    figures = evaluate(write(tmp_path, "r", rows), write(tmp_path, "t", truth), retrain=True, limits=SMALL)
    assert figures.records == len(rows)
    assert figures.pairwise_f1 > 0.9


@pytest.mark.parametrize(("given_name", "found"), [("Jan", 1.0), ("Liv", 0.0)])
def test_a_pair_that_a_rule_found_counts_as_found_however_little_it_weighs(
    tmp_path: Path, given_name: str, found: float
) -> None:
    """Two of one full name and postcode have nothing else in common; without the given name no rule finds them."""
    one = {"source": "s", "source_record_id": "1", "given_name": "Jan", "family_name": "Hansen", "birth_date": "1962-08-09",
           "postcode": "0550", "street_address": "Gate 1", "phone": "91111111"}  # fmt: skip
    other = one | {"source_record_id": "2", "given_name": given_name, "birth_date": "1984-11-23",
                   "street_address": "Elvegata 22", "phone": "45556677"}  # fmt: skip
    people: list[dict[str, str | None]] = [{**one}, {**other}]
    truth = [row | {"true_person_id": "p"} for row in people]
    figures = evaluate(write(tmp_path, "r", people), write(tmp_path, "t", truth), limits=SMALL)
    assert (figures.pairwise_recall, figures.blocking_recall) == (0.0, found)


def test_a_table_of_keys_alone_is_everybody_alone(tmp_path: Path) -> None:
    rows: list[dict[str, str | None]] = [{"source": "s", "source_record_id": str(i)} for i in range(5)]
    truth = [row | {"true_person_id": row["source_record_id"]} for row in rows]
    for retrain in (False, True):
        figures = evaluate(
            write(tmp_path, "r", rows), write(tmp_path, "t", truth), retrain=retrain, limits=SMALL
        )
        assert (figures.persons, figures.pairwise_f1) == (5, 1.0)


@pytest.mark.parametrize("missing", ["source", "source_record_id"])
def test_a_missing_key_column_is_named(tmp_path: Path, missing: str) -> None:
    row: dict[str, str | None] = {"source": "s", "source_record_id": "1", "given_name": "Ola"}
    del row[missing]
    with pytest.raises(UserError, match=missing):
        evaluate(write(tmp_path, "r", [row]), write(tmp_path, "t", [row]), limits=SMALL)


def test_a_file_that_is_no_parquet_is_said_to_be_none(tmp_path: Path) -> None:
    path = tmp_path / "r.parquet"
    path.write_text("no")
    with pytest.raises(UserError):
        evaluate(path, path, limits=SMALL)


@pytest.mark.parametrize(
    ("keys", "truth", "said"),
    [
        (["1", "1"], [("1", "p")], "same source/source_record_id"),
        (["1", None], [("1", "p")], "no source or source_record_id"),
        (["1", "2"], [("9", "p")], "none of these records"),
        (["1", "2"], [("1", None)], "none of these records"),
        (["1", "2"], [("1", "p"), ("1", "q")], "two true persons"),
    ],
)
def test_what_cannot_be_measured_is_said_plainly(
    tmp_path: Path, keys: list[str | None], truth: list[tuple[str, str | None]], said: str
) -> None:
    rows = [{"source": "s", "source_record_id": key} for key in keys]
    told = [{"source": "s", "source_record_id": key, "true_person_id": person} for key, person in truth]
    with pytest.raises(UserError, match=said):
        evaluate(write(tmp_path, "r", rows), write(tmp_path, "t", told), limits=SMALL)


def test_a_slash_within_a_key_that_makes_it_anothers_is_said(tmp_path: Path) -> None:
    """Else each record would stand for the other too, and the figures would be perfect."""
    keys = [{"source": "s/t", "source_record_id": "1"}, {"source": "s", "source_record_id": "t/1"}]
    records, truth = (
        write(tmp_path, "r", keys),
        write(tmp_path, "t", [k | {"true_person_id": "p"} for k in keys]),
    )
    with pytest.raises(UserError, match="1 rows have the same source/source_record_id"):
        evaluate(records, truth, limits=SMALL)


def test_a_file_without_records_is_said_to_be_empty(tmp_path: Path) -> None:
    rows: list[dict[str, str | None]] = [{"source": "s", "source_record_id": "1", "true_person_id": "p"}]
    records = tmp_path / "r.parquet"
    pq.write_table(pa.Table.from_pylist(rows)[:0], records)
    with pytest.raises(UserError, match="no records"):
        evaluate(records, write(tmp_path, "t", rows), retrain=True, limits=SMALL)


def test_columns_may_be_of_any_type(tmp_path: Path) -> None:
    rows = [
        {"source": "s", "source_record_id": key, "given_name": "Kari", "family_name": "Berg", "birth_date": date(1980, 2, 3),
         "phone": 41234567, "postcode": 150, "street_address": "Storgata 1"}
        for key in (1, 2)
    ]  # fmt: skip
    path = tmp_path / "typed.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    truth = tmp_path / "truth.parquet"
    pq.write_table(
        pa.Table.from_pylist(
            [{"source": "s", "source_record_id": key, "true_person_id": 7} for key in (1, 2)]
        ),
        truth,
    )
    assert evaluate(path, truth, limits=SMALL).pairwise_f1 == 1.0
