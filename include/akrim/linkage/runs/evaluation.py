"""Measures a linkage against a known truth: pairwise and B-cubed figures, counts, time and memory.

It takes any Parquet file of person records (the columns of intermediate.person_records, any but the keys missing or
empty, Norwegian or foreign) and one of the truth, which is read only after linking. No database is needed.
"""

import logging
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from akrim.errors import UserError
from akrim.linkage.engine import DEFAULT_LIMITS, EngineLimits, count, open_engine, tables
from akrim.linkage.matching.existing_persons import start_empty
from akrim.linkage.model.blocking_rules import rule_conditions
from akrim.linkage.model.file import load_model
from akrim.linkage.pipeline import find_persons, prepare
from akrim.linkage.training.train import train

log = logging.getLogger(__name__)

KEYS = ("source", "source_record_id")
TRUTH_COLUMNS = (*KEYS, "true_person_id")


@dataclass(frozen=True)
class Evaluation:
    """The figures of one evaluation."""

    model: str
    records: int
    labelled_records: int
    true_persons: int
    persons: int
    pairwise_precision: float
    pairwise_recall: float
    pairwise_f1: float
    b_cubed_precision: float
    b_cubed_recall: float
    b_cubed_f1: float
    blocking_recall: float
    scored_pairs: int
    seconds: dict[str, float]
    processor_seconds: float
    peak_memory_mib: int


def evaluate(
    records: Path,
    truth: Path,
    retrain: bool = False,
    limits: EngineLimits = DEFAULT_LIMITS,
    model_name: str | None = None,
) -> Evaluation:
    """Link a file of person records and compare the result with the truth.

    Args:
        records: Parquet with the columns of intermediate.person_records.
        truth: Parquet with source, source_record_id, true_person_id.
        retrain: train on these records first, instead of using a trained model.
        limits: memory and threads.
        model_name: the trained model; the newest that comes with the code if none is named.
    """
    clock = Stopwatch()
    with open_engine(limits) as con:
        read_parquet(con, "records", records, KEYS)
        check_keys(con, records)
        start_empty(con)
        clock.lap("load")
        prepare(con)
        clock.lap("standardise")
        model = train(con) if retrain else load_model(con, model_name).for_size(count(con, "standard"))
        clock.lap("train" if retrain else "model")
        find_persons(con, model)
        clock.lap("link")
        return compare_with_truth(con, truth, model.name, clock, rule_conditions(model.settings))


@tables(reads="described descriptions membership pairs truth")
def compare_with_truth(
    con: duckdb.DuckDBPyConnection, truth: Path, model: str, clock: "Stopwatch", rules: Sequence[str] = ()
) -> Evaluation:
    """The figures of the linkage in `membership`, `described` and `pairs`; `rules` chose the pairs, of which `pairs` holds those that
    came near the threshold."""
    processor_seconds = clock.processor_seconds()
    read_parquet(con, "truth", truth, TRUTH_COLUMNS)
    _check_truth(con, truth)
    return _figures(con, model, clock.laps, processor_seconds, rules)


class Stopwatch:
    """Wall-clock seconds by stage, logged as each ends, and the process's CPU seconds."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._since = time.monotonic()
        self._worked_before = time.process_time()

    def lap(self, stage: str) -> None:
        now = time.monotonic()
        self.laps[stage], self._since = round(now - self._since, 2), now
        log.info("%s: %.1f seconds", stage, self.laps[stage])

    def processor_seconds(self) -> float:
        return round(time.process_time() - self._worked_before, 2)


def peak_memory_mib() -> int:
    """The peak memory of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


@tables(writes="records truth")
def read_parquet(con: duckdb.DuckDBPyConnection, table: str, path: Path, needed: tuple[str, ...]) -> None:
    """Read a Parquet file into a table.

    Raises UserError if there is no such file, or it is not Parquet or lacks a needed column.
    """
    if not path.is_file():
        raise UserError("There is no such file.", str(path), "Give a Parquet file.")
    try:
        con.execute(
            f"create or replace temp table {table} as select * from read_parquet(?)",  # noqa: S608  # DuckDB's `records` or `truth`
            [str(path)],
        )
    except duckdb.Error:
        raise UserError("This is not a Parquet file.", str(path), "Give a Parquet file.") from None
    present = {row[0] for row in con.execute(f"describe {table}").fetchall()}
    missing = [name for name in needed if name not in present]
    if missing:
        raise UserError(f"Columns are missing: {', '.join(missing)}.", str(path), "Add them.")


def check_keys(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raise UserError if there are no rows, or a row has no key or another's."""
    empty, distinct, rows = con.execute(
        "select count(*) filter (where source is null or source_record_id is null),"
        " count(distinct source::varchar || '/' || source_record_id::varchar), count(*) from records"
    ).fetchall()[0]
    if not rows:
        raise UserError("There are no records.", str(path), "Give a file with at least one.")
    if empty:
        raise UserError(
            f"{empty} rows have no source or source_record_id.", str(path), "Give every row its key."
        )
    if distinct < rows:
        raise UserError(
            f"{rows - distinct} rows have the same source/source_record_id as another.",
            str(path),
            "Keep one row for each key; a slash within a source or an id must leave them apart.",
        )


def _check_truth(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raise UserError if the truth names two persons for one record, or none for any."""
    contradicted, covered, records = con.execute(TRUTH_CHECK).fetchall()[0]
    if contradicted:
        raise UserError(
            f"{contradicted} records have two true persons.", str(path), "Keep one for each record."
        )
    if records and not covered:
        raise UserError(
            "The truth names none of these records.",
            str(path),
            "Give the same source and source_record_id as there.",
        )


TRUTH_CHECK = """
with true_persons as (
    select source || '/' || source_record_id as record_key, count(distinct true_person_id) as persons
    from truth where true_person_id is not null group by all
)
select count(*) filter (where t.persons > 1), count(t.record_key), (select count(*) from membership)
from membership m join true_persons t using (record_key)
"""


def _figures(
    con: duckdb.DuckDBPyConnection,
    model: str,
    seconds: dict[str, float],
    processor_seconds: float,
    rules: Sequence[str],
) -> Evaluation:
    con.execute(f"create or replace temp table labelled as {LABELLED}")
    found, true, right, b_precision, b_recall = con.execute(AGREEMENT).fetchall()[0]
    precision, recall = _share(right, found), _share(right, true)
    return Evaluation(
        model=model,
        records=count(con, "membership"),
        labelled_records=count(con, "labelled"),
        true_persons=count(con, "(select distinct true_person_id from labelled)"),
        persons=count(con, "(select distinct cluster_id from membership)"),
        pairwise_precision=precision,
        pairwise_recall=recall,
        pairwise_f1=_harmonic(precision, recall),
        b_cubed_precision=round(b_precision, 5),
        b_cubed_recall=round(b_recall, 5),
        b_cubed_f1=_harmonic(b_precision, b_recall),
        blocking_recall=_share(float(true) - _missed_true_pairs(con, rules), true),
        scored_pairs=count(con, "pairs"),
        seconds=seconds | {"total": round(sum(seconds.values()), 2)},
        processor_seconds=processor_seconds,
        peak_memory_mib=peak_memory_mib(),
    )


LABELLED = """
select m.record_key, m.cluster_id, t.true_person_id::varchar as true_person_id, d.unit_id
from membership m join described d using (record_key)
join (select source || '/' || source_record_id as record_key, any_value(true_person_id) as true_person_id
    from truth where true_person_id is not null group by all) t using (record_key)
"""

AGREEMENT = """
with sized as (
    select count(*) over (partition by cluster_id) as cluster_size,
        count(*) over (partition by true_person_id) as true_size,
        count(*) over (partition by cluster_id, true_person_id) as shared
    from labelled
)
select coalesce(sum(cluster_size - 1), 0) / 2, coalesce(sum(true_size - 1), 0) / 2, coalesce(sum(shared - 1), 0) / 2,
    coalesce(avg(shared / cluster_size), 0), coalesce(avg(shared / true_size), 0)
from sized
"""


def _missed_true_pairs(con: duckdb.DuckDBPyConnection, rules: Sequence[str]) -> float:
    """The true pairs of records that are not in one unit and that no blocking rule found, whatever they would have weighed."""
    con.execute(f"create or replace temp table missed as {UNWEIGHED}")
    for rule in rules:
        con.execute(FOUND.format(rule=rule))
    return float(con.execute("select coalesce(sum(records), 0) from missed").fetchall()[0][0])


# By two units that each have a record of one true person; with how many pairs of records.
UNWEIGHED = """
with counted as (select unit_id, true_person_id, count(*) as records from labelled group by all)
select l.unit_id as unit_l, r.unit_id as unit_r, sum(l.records * r.records) as records
from counted l join counted r on r.true_person_id = l.true_person_id and r.unit_id > l.unit_id
anti join pairs p on p.unit_l = l.unit_id and p.unit_r = r.unit_id group by all
"""
FOUND = "delete from missed using descriptions l, descriptions r where l.unit_id = unit_l and r.unit_id = unit_r and {rule}"


def _share(part: float, whole: float) -> float:
    return round(float(part) / float(whole), 5) if whole else 1.0


def _harmonic(a: float, b: float) -> float:
    return round(2 * a * b / (a + b), 5) if a + b else 0.0
