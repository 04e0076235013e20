"""What two periods of the whole pipeline cost, stage by stage, beside a floor and plain Splink, in one run.

    python benchmarks/pipeline.py 20000 100000 [--record] [--again]

For each size a synthetic Norway delivers two periods in full to a home made anew under var/bench/pipeline, and `akrim run` takes each to a
release. Two cores shared with others tell little by the clock, so processor time is measured beside it: of the run with all that it
started, and of its database. The floor is what no pipeline can do without, by the same database on the same rows: COPY of every delivered column,
one hash join on the identifier, one group-by, one write. Plain Splink is `benchmarks/linkage.py`'s, trained before, on the same records.

What was measured stays in that folder, so that a stopped run goes on where it was; --again measures anew. --record writes
`benchmarks/results/pipeline-SIZE.json`. What takes more than a tenth longer than the recorded figures say, as a multiple of the floor, is listed.
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import psutil
from akrim import warehouse
from akrim.contracts import load_contracts
from akrim.settings import get_settings
from psycopg import sql
from run_watch import MIB, Watch

PERIODS = ("2025-T3", "2026-T1")
SEED = 7
ROOT = Path("var/bench/pipeline")
AKRIM = Path(sys.executable).with_name("akrim")
RESULTS = Path(__file__).with_name("results")
STEP = re.compile(r"^  (\w+) +done +([\d.]+) s$", re.MULTILINE)
SLOWER = 1.1
# Plain Splink at a country's size needs more memory than this machine has.
PLAIN_UP_TO = 100_000


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sizes", type=int, nargs="+", help="persons of the synthetic world")
    parser.add_argument("--record", action="store_true", help="write benchmarks/results/")
    parser.add_argument("--again", action="store_true", help="measure what was measured before")
    given = parser.parse_args()
    measured = [measure(size, is_again=given.again) for size in given.sizes]
    print(table(measured))
    for figures in measured:
        recorded = RESULTS / f"pipeline-{figures['persons']}.json"
        if recorded.exists():
            print(*slower(json.loads(recorded.read_text("utf-8")), figures), sep="\n")
        if given.record:
            RESULTS.mkdir(exist_ok=True)
            recorded.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


def measure(size: int, *, is_again: bool) -> dict[str, Any]:
    """The figures of one size, from the folder where they were measured before."""
    folder = (ROOT / str(size)).resolve()
    kept = folder / "figures.json"
    figures: dict[str, Any]
    if kept.exists() and not is_again:
        figures = json.loads(kept.read_text("utf-8"))
        return figures
    shutil.rmtree(folder, ignore_errors=True)
    home = folder / "home"
    home.mkdir(parents=True, mode=0o700)
    os.environ |= {"AKRIM_HOME": str(home), "AKRIM_INBOX": str(folder / "inbox")}
    get_settings.cache_clear()  # of the size before
    figures = {"persons": size, "machine": machine(), "periods": []}
    for period in PERIODS:
        print(f"{size:,} persons: writing what is delivered for {period}", file=sys.stderr, flush=True)
        akrim("synth", "--out", folder / "inbox", "--period", period, "--persons", size, "--seed", SEED)
        print(f"{size:,} persons: running {period}", file=sys.stderr, flush=True)
        figures["periods"].append(run(period, home))
    figures |= standing(home)
    figures["plain_splink"] = plain_splink(folder) if size <= PLAIN_UP_TO else None
    kept.write_text(json.dumps(figures), encoding="utf-8")
    return figures


def machine() -> dict[str, Any]:
    """Where and of what this was measured; the load is that of others, before anything was started."""
    revision = subprocess.run(
        ["/usr/bin/env", "git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
    )
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 1024 / MIB),
        "load": round(os.getloadavg()[1], 1),
        "commit": revision.stdout.strip(),
    }


def akrim(*arguments: object) -> None:
    """Run a command of ours; its words are told where it fails."""
    command = [str(AKRIM), *map(str, arguments)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def run(period: str, home: Path) -> dict[str, Any]:
    """One run: seconds by the clock of each stage, processor seconds, and the most memory that any process and all of them had."""
    command = [str(AKRIM), "run", "--period", period]
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    watch = Watch(psutil.Process(process.pid), home)
    watch.start()
    told, _ = process.communicate()
    seconds = time.monotonic() - begun
    watch.stop()
    if process.returncode != 0:
        raise SystemExit(f"The run of {period} ended with {process.returncode}:\n{told}")
    stages: dict[str, float] = defaultdict(float)
    for step, took in STEP.findall(told):
        stages[step.split("_")[0]] += float(took)
    return {
        "period": period,
        "seconds": round(seconds, 1),
        "stages": {stage: round(took, 1) for stage, took in stages.items()},
        **watch.figures(),
    }


def standing(home: Path) -> dict[str, Any]:
    """What stands after both periods: the database, the newest release, and the floor under the second period's rows."""
    with warehouse.connect() as connection:
        rows, floor = floor_of(connection, home)
        ((size,),) = connection.execute("select pg_database_size(current_database())").fetchall()
    release = sum(
        path.stat().st_size for path in (home / "releases").glob(f"{PERIODS[-1]}.1/**/*") if path.is_file()
    )
    return {
        "rows": rows,
        "floor_seconds": round(floor, 2),
        "database_mib": round(size / MIB),
        "release_mib": round(release / MIB, 1),
    }


def floor_of(connection: Any, home: Path) -> tuple[int, float]:
    """How many rows of the second period were loaded, and the seconds of COPY, one join, one group-by and one write of them."""
    tables = [
        extract.table
        for name, contract in load_contracts().items()
        if name != "sentrene"
        for extract in contract.extracts
    ]
    connection.execute("create schema floor")
    rows, seconds = 0, 0.0
    for table in tables:
        of_period = sql.SQL(
            "select l.* from {} as l join meta.deliveries as d using (delivery_id) where d.period = {}"
        ).format(sql.Identifier("landing", table), sql.Literal(PERIODS[-1]))
        target = sql.Identifier("floor", table)
        connection.execute(sql.SQL("create table {} as {} with no data").format(target, of_period))
        copied, took = copy_in(connection, of_period, target, home / f"{table}.copy")
        rows, seconds = rows + copied, seconds + took
    begun = time.monotonic()
    connection.execute(JOINED)
    seconds += time.monotonic() - begun
    connection.execute("drop schema floor cascade")
    return rows, seconds


def copy_in(connection: Any, query: sql.Composed, target: sql.Identifier, file: Path) -> tuple[int, float]:
    """Copy the query's rows into the table by way of a file; returns how many, and the seconds that COPY took into the table alone."""
    with (
        file.open("wb") as out,
        connection.cursor().copy(sql.SQL("copy ({}) to stdout (format binary)").format(query)) as reading,
    ):
        out.writelines(reading)
    begun = time.monotonic()
    with file.open("rb") as content, connection.cursor() as cursor:
        with cursor.copy(sql.SQL("copy {} from stdin (format binary)").format(target)) as writing:
            while block := content.read(MIB):
                writing.write(block)
        seconds = time.monotonic() - begun
        rows = cursor.rowcount
    file.unlink()
    return rows, seconds


def plain_splink(folder: Path) -> dict[str, Any]:
    """What plain Splink takes for the newest period's person records, trained before: seconds, and the accuracy reached."""
    here = Path(__file__).parent
    records = [
        sys.executable,
        str(here / "person_records.py"),
        "synth",
        str(folder / "inbox"),
        PERIODS[-1],
        str(folder),
    ]
    subprocess.run(records, check=True, stdout=subprocess.DEVNULL)
    (truth,) = folder.glob("*_truth.parquet")
    file = truth.with_name(truth.name.replace("_truth", ""))
    linkage = [sys.executable, str(here / "linkage.py"), str(file), str(truth), "--one", "plain_trained"]
    told = subprocess.run(linkage, check=True, capture_output=True, text=True).stdout
    found: dict[str, Any] = json.loads(told.splitlines()[-1])
    return found


def table(measured: list[dict[str, Any]]) -> str:
    """One Markdown table over all sizes, a line each."""
    lines = [
        "| persons | period | seconds | stages | of processors | of these the database | × floor | × first | largest process MiB | all MiB |",
        "|--:|---|--:|---|--:|--:|--:|--:|--:|--:|",
    ]
    for figures in measured:
        first = figures["periods"][0]
        for period in figures["periods"]:
            stages = ", ".join(f"{stage} {took:.0f}" for stage, took in period["stages"].items() if took >= 1)
            lines.append(
                f"| {figures['persons']:,} | {period['period']} | {period['seconds']:.0f} | {stages} | {period['processor_seconds']:.0f}"
                f" | {period['of_the_database']:.0f} | {period['seconds'] / figures['floor_seconds']:.1f}"
                f" | {period['processor_seconds'] / first['processor_seconds']:.2f}"
                f" | {period['largest_process_mib']:,} | {period['all_processes_mib']:,} |"
            )
        plain = figures["plain_splink"]
        if plain:
            took = f"{plain['seconds']['link']:.0f} | link {plain['seconds']['link']:.0f} | {plain['processor_seconds']:.0f}"
            lines.append(
                f"| {figures['persons']:,} | plain Splink | {took} | | | | {plain['peak_memory_mib']:,} | |"
            )
    return "\n".join(lines)


def slower(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Each stage that takes over a tenth longer than recorded, as a multiple of the floor measured with it."""
    found = []
    for old, new in zip(before["periods"], now["periods"], strict=True):
        for stage in old["stages"].keys() & new["stages"].keys():
            was, is_now = (
                old["stages"][stage] / before["floor_seconds"],
                new["stages"][stage] / now["floor_seconds"],
            )
            if new["stages"][stage] >= 1 and is_now > SLOWER * was:
                found.append(
                    f"slower at {now['persons']:,} persons, {new['period']}: {stage} {was:.1f} -> {is_now:.1f} times the floor"
                )
    return sorted(found)


JOINED = """
create table floor.joined as
select a.orgnr, count(*) as jobs, count(distinct p.ident) as persons
from floor.skatteetaten_arbeidsforhold as a join floor.skatteetaten_personer as p using (part_id)
group by a.orgnr
"""

if __name__ == "__main__":
    sys.exit(main())
