"""What a new period costs beside a relink and beside a full link with training, in CPU seconds by step.

    python benchmarks/incremental.py var/bench/norway-100000.parquet [--new 0.02] [--home FOLDER]

A share of the records is held back, the rest is linked; then the whole is linked from what stands: incrementally, in
full, and in full with training before it. Every run is a process of its own on a real warehouse under FOLDER, which is
made anew; its seconds are those of the process and of PostgreSQL together, since two cores shared with others tell
little by the clock. The new run and the relink must leave the same rows.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from psycopg import sql

FIRST, SECOND = "2025-T3.1", "2026-T1.1"
# The steps of a link by where they live; what a step calls is counted to it unless it is a step itself.
STEPS = {
    "store": (
        "rewind", "load", "load_records", "load_memberships", "load_digests", "load_persons", "load_findings",
    ),
    "saving": ("save", "record_run"),
    "run": (
        "load_model", "prepare", "assign_ids", "compare_memberships", "build_findings", "compare_findings",
        "tally_findings", "create_layer_views", "hold_out", "assess_quality",
    ),
    "increment": ("find_changed_records", "gather_neighbours", "carry_over_pairs", "draw", "gather_around_drawn", "link_drawn"),
    "cache": ("write",),
    "pipeline": (
        "standardise", "build_units", "describe", "number_descriptions", "find_existing_units", "score_pairs",
        "score_changed_pairs", "drop_unaffected_persons", "cluster",
    ),
}  # fmt: skip
RUNS = ("first", "incremental", "relink", "training")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("records", type=Path)
    parser.add_argument("--new", type=float, default=0.02, help="the share of records that come new")
    parser.add_argument("--home", type=Path, default=Path("var/bench/incremental"))
    parser.add_argument("--without-training", action="store_true")
    parser.add_argument("--one", choices=RUNS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(_run_one(given.one)))
        return
    shutil.rmtree(given.home, ignore_errors=True)
    os.environ["AKRIM_HOME"] = str(given.home.resolve())
    try:
        _measure(given.records, given.new, RUNS[:-1] if given.without_training else RUNS)
    finally:
        shutil.rmtree(given.home, ignore_errors=True)


def _measure(records: Path, new: float, runs: tuple[str, ...]) -> None:
    from akrim import warehouse

    warehouse.prepare()
    found = {}
    for which in runs:
        if which in ("first", "incremental"):
            _stage(records, new if which == "first" else 0.0, which == "first")
        found[which] = _in_own_process(which)
        print(which, json.dumps(found[which]), flush=True)
    if found["incremental"]["digest"] != found["relink"]["digest"]:
        raise SystemExit("The incremental run and the relink left different rows.")
    print(_table(found))


def _stage(records: Path, held_back: float, is_first: bool) -> None:
    """Put the records where dbt does, and reserve the release as the pin step does."""
    from akrim import warehouse
    from akrim.linkage.model import model_version
    from akrim.linkage.records.standardise import RECORD_COLUMNS

    con = duckdb.connect()
    given = con.read_parquet(str(records))
    held = set(given.columns)
    columns = ", ".join(
        name if name in held else f"null::{'date' if name == 'birth_date' else 'varchar'} as {name}"
        for name in RECORD_COLUMNS
    )
    fresh = f"hash(source, source_record_id) % 10000 < {round(held_back * 10000)}"
    reader = given.filter(f"not {fresh}").project(columns).to_arrow_reader(100_000)
    release_id, base = (FIRST, None) if is_first else (SECOND, FIRST)
    pins = json.dumps({"model": model_version()})
    with warehouse.connect() as connection:
        connection.execute("drop table if exists intermediate.person_records")
        connection.execute(
            "insert into meta.releases (release_id, period, revision, as_of, status, fingerprint, base_release_id, pins)"
            " values (%s, %s, 1, '2026-01-01', 'building', %s, %s, %s)",
            [release_id, release_id.partition(".")[0], f"fingerprint of {release_id}", base, pins],
        )
    warehouse.write_arrow(reader, "intermediate", "person_records")
    with warehouse.connect() as connection:
        connection.execute("create index on intermediate.person_records (source, source_record_id)")
        connection.execute("analyze intermediate.person_records")


def _in_own_process(which: str) -> dict[str, Any]:
    command = [sys.executable, __file__, "-", "--one", which]
    run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def _run_one(which: str) -> dict[str, Any]:
    from akrim.linkage import pipeline
    from akrim.linkage.runs import evaluation, incremental, linking
    from akrim.linkage.store import cache, saving
    from akrim.linkage.store import postgres as store

    clock = Clock()
    homes = {
        "run": linking,
        "increment": incremental,
        "pipeline": pipeline,
        "store": store,
        "saving": saving,
        "cache": cache,
    }
    for home, names in STEPS.items():
        for name in names:
            setattr(homes[home], name, clock.timed(name, getattr(homes[home], name)))
    if which == "training":
        clock.timed("train", _train)()
    else:
        clock.timed("rest", linking.link)(FIRST if which == "first" else SECOND, which == "relink")
    seconds = {name: round(spent, 2) for name, spent in clock.spent.items()}
    return {
        "seconds": seconds | {"total": round(sum(clock.spent.values()), 2)},
        "wall": round(time.monotonic() - clock.started, 1),
        "MiB": evaluation.peak_memory_mib(),
        "digest": _digest(),
    }


def _train() -> None:
    """What a full link with training does beyond a relink."""
    from akrim.linkage import pipeline
    from akrim.linkage.engine import open_engine
    from akrim.linkage.matching import existing_persons
    from akrim.linkage.runs import training
    from akrim.linkage.store import postgres as store

    with open_engine() as con:
        store.load_records(con)
        existing_persons.start_empty(con)
        pipeline.prepare(con)
        training.train(con, training.THOROUGH)


class Clock:
    """CPU seconds of this process and of PostgreSQL, by step; an inner step's are not counted to the outer one."""

    def __init__(self) -> None:
        from akrim.settings import get_settings

        first_line = (get_settings().home / "postgres" / "data" / "postmaster.pid").read_text().split()[0]
        self.server = int(first_line)
        self.spent: dict[str, float] = {}
        self.inner = [0.0]
        self.started = time.monotonic()

    def timed(self, name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*args: Any, **kwargs: Any) -> Any:
            before = self._now()
            self.inner.append(0.0)
            try:
                return step(*args, **kwargs)
            finally:
                whole = self._now() - before
                self.spent[name] = self.spent.get(name, 0.0) + whole - self.inner.pop()
                self.inner[-1] += whole

        return measured

    def _now(self) -> float:
        ticks = 0
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                if int(entry.name) == self.server:
                    ticks += sum(int(field) for field in fields[11:15])
                elif int(fields[1]) == self.server:
                    ticks += int(fields[11]) + int(fields[12])
        return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def _digest() -> str:
    """Of all that linkage.* holds but the run's counts, whatever the order of its rows."""
    from akrim import warehouse

    told = []
    with warehouse.connect() as connection:
        for table in ("memberships", "findings", "persons", "person_id_history", "quality", "drift"):
            query = sql.SQL("select count(*), sum(hashtextextended(t::text, 0)::numeric) from {} t").format(
                sql.Identifier("linkage", table)
            )
            told.append(str(connection.execute(query).fetchone()))
    return " ".join(told)


def _table(found: dict[str, Any]) -> str:
    """Markdown: a line a step, a column a run, and the ratios that are asked for."""
    steps = list(dict.fromkeys(step for run in found.values() for step in run["seconds"]))
    lines = ["| CPU seconds | " + " | ".join(found) + " |", "|---|" + "--:|" * len(found)]
    steps.sort(key=lambda step: (step == "total", -found["relink"]["seconds"].get(step, 0)))
    lines += [
        f"| {step} | " + " | ".join(str(run["seconds"].get(step, "")) for run in found.values()) + " |"
        for step in steps
    ]
    lines += [
        f"| {measure} | " + " | ".join(str(run[measure]) for run in found.values()) + " |"
        for measure in ("wall", "MiB")
    ]
    total = {which: run["seconds"]["total"] for which, run in found.items()}
    lines.append(f"\nincremental / relink: {total['incremental'] / total['relink']:.2f}")
    if "training" in total:
        in_full = total["relink"] + found["training"]["seconds"]["train"]
        lines.append(f"incremental / full link with training: {total['incremental'] / in_full:.2f}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
