"""Our linkage beside a well-made plain Splink model and GoldenMatch, on the same records in the same run, with the floor under all.

    python benchmarks/linkage.py RECORDS.parquet TRUTH.parquet [RECORDS TRUTH ...] [--train | --trained]

In go pairs of files as `akrim link evaluate` takes them, out comes a Markdown table. Each linkage runs in a process of
its own, so that its peak memory is its own. The floor is DuckDB reading the file, joining it with itself on the
identifier and grouping it once. With --trained both have been trained before: ours comes with the code, and of the plain
one, trained on a sample, only prediction and clustering count; GoldenMatch, which trains on what it links, is left out. It
runs in the environment that `make goldenmatch` makes, and the benchmark says so where there is none.
"""

import argparse
import json
import logging
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from akrim.linkage.engine import count, open_engine
from akrim.linkage.runs.evaluation import Evaluation, Stopwatch, compare_with_truth, evaluate, read_parquet
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

PLAIN_COLUMNS = {
    "identifier": "identifier",
    "given": "lower(given_name)",
    "family": "lower(family_name)",
    "birth_date": "birth_date",
    "address": "lower(street_address)",
    "postcode": "postcode",
    "municipality": "lower(municipality_code)",
    "phone": "phone",
}
PLAIN_BLOCKING = (
    ("identifier",), ("given", "family"), ("given", "birth_date"), ("family", "birth_date"), ("birth_date", "postcode"),
    ("given", "postcode"), ("family", "postcode"), ("birth_date", "address"), ("given", "address"), ("family", "address"),
    ("address", "postcode"), ("phone",),
)  # fmt: skip
# On few records everything that agrees in one column may be looked at, and a careful person would.
FEW_RECORDS = 20_000
BROAD_PLAIN_BLOCKING = (("birth_date",), ("address",), ("postcode",), ("family",), ("given",))
# Pairs that agree in these are one person in all but name; together they find some four fifths of such pairs.
PLAIN_CERTAIN = (
    ("identifier",), ("given", "family", "birth_date"), ("given", "birth_date", "postcode"),
    ("family", "birth_date", "postcode"), ("given", "family", "address"),
)  # fmt: skip
PLAIN_CERTAIN_RECALL = 0.8
# Never trained on pairs of one address: most of those are households, and their names would pass for one person's.
PLAIN_TRAINING = (("given", "family"), ("birth_date",), ("identifier",))
PLAIN_THRESHOLD = 0.9
PLAIN_SAMPLE = 100_000
GOLDENMATCH = Path(__file__).parents[1] / ".venv-goldenmatch" / "bin" / "python"
# Without configuration, the same with the columns named as in its guide, and with a configuration written from its guide.
GOLDENMATCH_SETUPS = {"goldenmatch": "none", "goldenmatch_named": "named", "goldenmatch_written": "written"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="+", help="records and truth, in turn")
    parser.add_argument(
        "--train", action="store_true", help="train ours on the records, as the plain model is"
    )
    parser.add_argument(
        "--trained", action="store_true", help="hold ours against a plain model that was trained before"
    )
    parser.add_argument(
        "--goldenmatch", type=Path, default=GOLDENMATCH, help="the Python that has GoldenMatch (%(default)s)"
    )
    every = ("floor", "plain", "plain_trained", *GOLDENMATCH_SETUPS, "ours")
    parser.add_argument("--one", choices=every, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(_run_one(given.one, *given.files, given)))
        return
    print(
        "| records | linkage | P | R | F1 | B³ | persons | seconds | of processors | MiB |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    )
    others = ("plain_trained",) if given.trained else ("plain", *_goldenmatch_setups(given))
    for records, truth in zip(given.files[::2], given.files[1::2], strict=True):
        for which in ("floor", *others, "ours"):
            print(_line(records.stem, which, _in_own_process(which, records, truth, given)), flush=True)


def _goldenmatch_setups(given: argparse.Namespace) -> tuple[str, ...]:
    if given.goldenmatch.exists():
        return tuple(GOLDENMATCH_SETUPS)
    print(
        f"GoldenMatch is left out: there is no {given.goldenmatch}; `make goldenmatch` installs it",
        file=sys.stderr,
    )
    return ()


def _in_own_process(which: str, records: Path, truth: Path, given: argparse.Namespace) -> dict[str, Any]:
    command = [sys.executable, __file__, str(records), str(truth), "--one", which]
    command += ["--goldenmatch", str(given.goldenmatch), *(["--train"] if given.train else [])]
    run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    figures: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return figures


def _run_one(which: str, records: Path, truth: Path, given: argparse.Namespace) -> dict[str, Any]:
    if which == "floor":
        return {"seconds": {"total": _floor(records)}}
    if which == "ours":
        return asdict(evaluate(records, truth, retrain=given.train))
    if which in GOLDENMATCH_SETUPS:
        return evaluate_goldenmatch(given.goldenmatch, GOLDENMATCH_SETUPS[which], records, truth)
    return asdict(evaluate_plain(records, truth, PLAIN_SAMPLE if which == "plain_trained" else None))


def _floor(records: Path) -> float:
    started = time.monotonic()
    with open_engine() as con:
        held = con.read_parquet(str(records))
        held.create("r")
        key = "identifier" if "identifier" in held.columns else "source_record_id"
        con.execute(f"select count(*) from r a join r b using ({key})").fetchall()
        con.execute("select family_name, count(*) from r group by all").fetchall()
    return round(time.monotonic() - started, 2)


def evaluate_plain(records: Path, truth: Path, sample: int | None) -> Evaluation:
    """Name, date, home and identifier comparisons with term frequencies, good blocking, expectation maximisation,
    connected components at 0.9. With `sample`, trained on so many records before the clock starts."""
    clock = Stopwatch()
    with open_engine() as con:
        read_parquet(con, "records", records, ("source", "source_record_id"))
        columns = _filled_columns(con)
        con.execute(
            "create table plain as select source || '/' || source_record_id as unique_id, "
            + ", ".join(f"{expression} as {name}" for name, expression in columns.items())
            + " from records"
        )
        clock.lap("load")
        if sample:
            con.execute(
                f"create table sampled as from plain using sample reservoir({sample} rows) repeatable (1)"
            )
            settings = _train_plain(con, columns, "sampled").misc.save_model_to_json()
            settings["probability_two_random_records_match"] *= count(con, "sampled") / count(con, "plain")
            linker = Linker(DuckDBAPI(con).register("plain"), settings, log_level=logging.ERROR)
            clock = Stopwatch()
        else:
            linker = _train_plain(con, columns)
            clock.lap("train")
        predicted = linker.inference.predict(threshold_match_probability=0.5)
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, PLAIN_THRESHOLD)
        clock.lap("link")
        for statement in OTHERS_AS_MEMBERSHIP:
            con.execute(statement.format(clusters=clusters.physical_name))
        return compare_with_truth(con, truth, "plain Splink", clock)


def evaluate_goldenmatch(python: Path, setup: str, records: Path, truth: Path) -> dict[str, Any]:
    """The figures of GoldenMatch, which links in its own process; the seconds alone where it refuses the records."""
    with tempfile.TemporaryDirectory() as folder:
        membership = Path(folder, "membership.parquet")
        program = Path(__file__).with_name("golden_match.py")
        command = [python, program, setup, records, membership]
        run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        spent = json.loads(run.stdout.splitlines()[-1])
        spent["seconds"] = {"total": spent["seconds"]}
        if "refused" in spent:
            return spent
        with open_engine() as con:
            for statement in OTHERS_AS_MEMBERSHIP:
                con.execute(statement.format(clusters=f"read_parquet('{membership}')"))
            found = compare_with_truth(con, truth, f"GoldenMatch {spent.pop('version')}", Stopwatch())
    return asdict(replace(found, **spent))


# The tables that the evaluation reads; the others keep no count of the pairs they looked at.
OTHERS_AS_MEMBERSHIP = (
    "create table membership as select unique_id as record_key, cluster_id from {clusters}",
    "create table described as select record_key, row_number() over () as unit_id from membership",
    "create table pairs as select 0 as unit_l, 0 as unit_r where false",
)


def _filled_columns(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    held = {row[0] for row in con.execute("describe records").fetchall()}
    present = {
        name: f"nullif(trim(({sql})::varchar), '')"
        for name, sql in PLAIN_COLUMNS.items()
        if any(column in sql for column in held)
    }
    shares = ", ".join(f"count({expression}) / count(*)" for expression in present.values())
    row = con.execute(f"select {shares} from records").fetchall()[0]
    return {name: sql for (name, sql), share in zip(present.items(), row, strict=True) if share > 0.01}


def _train_plain(con: duckdb.DuckDBPyConnection, columns: dict[str, str], table: str = "plain") -> Linker:
    are_few = count(con, table) <= FEW_RECORDS
    blocking = (*PLAIN_BLOCKING, *(BROAD_PLAIN_BLOCKING if are_few else ()))
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=_plain_comparisons(columns),
        blocking_rules_to_generate_predictions=_rules(blocking, columns),
    )
    linker = Linker(DuckDBAPI(con).register(table), settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match(
        _rules(PLAIN_CERTAIN, columns), recall=PLAIN_CERTAIN_RECALL
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    for rule in _rules(PLAIN_TRAINING, columns):
        linker.training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=2e6)
    return linker


def _rules(rules: tuple[tuple[str, ...], ...], columns: dict[str, str]) -> list[Any]:
    return [block_on(*rule) for rule in rules if set(rule) <= set(columns)]


def _plain_comparisons(columns: dict[str, str]) -> list[Any]:
    initial = "left(given_l, 1) = left(given_r, 1) and least(length(given_l), length(given_r)) = 1"
    double = "contains(family_l, family_r) or contains(family_r, family_l)"
    comparisons = {
        "given": _plain_name("given", "family", initial),
        "family": _plain_name("family", "given", double),
        "birth_date": cl.DateOfBirthComparison("birth_date", input_is_string=True),
        "municipality": cl.LevenshteinAtThresholds("municipality", [2]),
        "identifier": cl.DamerauLevenshteinAtThresholds("identifier", [1]),
    }
    held = [comparison for name, comparison in comparisons.items() if name in columns]
    return [*held, *_plain_home(columns)]


def _plain_name(column: str, other: str, part: str) -> Any:
    levels = [
        cll.NullLevel(column),
        cll.ExactMatchLevel(column).configure(tf_adjustment_column=column),
        cll.JaroWinklerLevel(column, 0.92),
        cll.ColumnsReversedLevel(column, other),
        cll.JaroWinklerLevel(column, 0.88),
        cll.CustomLevel(part, "one name is part of the other"),
        cll.ElseLevel(),
    ]
    return cl.CustomComparison(levels, output_column_name=column)


def _plain_home(columns: dict[str, str]) -> list[Any]:
    """Phone, address and postcode in one comparison: they come together, and would count thrice."""
    levels = {
        ("phone",): cll.ExactMatchLevel("phone"),
        ("address",): cll.ExactMatchLevel("address").configure(tf_adjustment_column="address"),
        ("address", "postcode"): cll.And(
            cll.LevenshteinLevel("address", 2), cll.DamerauLevenshteinLevel("postcode", 1)
        ),
        ("postcode",): cll.ExactMatchLevel("postcode"),
    }
    held = [level for needed, level in levels.items() if set(needed) <= set(columns)]
    unknown = " and ".join(
        f"({column}_l is null or {column}_r is null)"
        for column in ("phone", "address", "postcode")
        if column in columns
    )
    if not held:
        return []
    nothing = cll.CustomLevel(unknown, "nothing known").configure(is_null_level=True)
    return [cl.CustomComparison([nothing, *held, cll.ElseLevel()], output_column_name="home")]


def _line(records: str, which: str, figures: dict[str, Any]) -> str:
    names = ("pairwise_precision", "pairwise_recall", "pairwise_f1", "b_cubed_f1", "persons")
    cells = [
        records,
        which + ", refused" * ("refused" in figures),
        *(figures.get(name, "") for name in names),
    ]
    cells += [figures["seconds"]["total"]]
    cells += [figures.get(name, "") for name in ("processor_seconds", "peak_memory_mib")]
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    main()
