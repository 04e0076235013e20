"""Every step's `@tables` line against the SQL that it runs, taken from DuckDB's query log."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from functools import wraps
from inspect import isclass
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot
from akrim import linkage
from akrim.linkage.engine import STEPS, Tables
from akrim.linkage.runs.evaluation import evaluate
from akrim.linkage.runs.linking import link
from akrim.linkage.runs.relinking import relink
from akrim.linkage.runs.training import train_model
from akrim.linkage.training.train import TrainingPlan
from sqlglot import exp

from tests.linkage.conftest import FIRST, SECOND
from tests.linkage.person_records import as_table
from tests.linkage.population import population

LOGGED = "select message from duckdb_logs where type = 'QueryLog' and message not like '%duckdb_logs%'"
CATALOG = """
select table_name from duckdb_tables() where not internal union select view_name from duckdb_views() where not internal
"""


@dataclass
class Seen:
    """The tables that one step was observed to read, and to create or change."""

    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)


@dataclass
class Observer:
    """Attributes each SQL statement to the innermost step that is running."""

    seen: dict[Callable[..., Any], Seen] = field(default_factory=dict)
    strays: list[str] = field(default_factory=list)
    running: list[Seen] = field(default_factory=list)
    logging: list[duckdb.DuckDBPyConnection] = field(default_factory=list)

    def watch(self, step: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(step)
        def watched(*args: Any, **kwargs: Any) -> Any:
            con = next(arg for arg in args if isinstance(arg, duckdb.DuckDBPyConnection))
            if con not in self.logging:
                con.execute("call enable_logging('QueryLog')")
                self.logging.append(con)
            self.take(con)
            self.running.append(Seen())
            try:
                return step(*args, **kwargs)
            finally:
                self.take(con)
                now = self.running.pop()
                left = {row[0] for row in con.execute(CATALOG).fetchall()}
                con.execute("call truncate_duckdb_logs()")
                ever = self.seen.setdefault(step, Seen())
                ever.reads |= now.reads
                ever.writes |= now.writes & left

        return watched

    def take(self, con: duckdb.DuckDBPyConnection) -> None:
        """Attribute the logged statements to the running step, and empty the log."""
        for (text,) in con.execute(LOGGED).fetchall():
            read, written = named(text)
            if self.running:
                now = self.running[-1]
                now.reads |= read - now.writes
                now.writes |= written
            elif written:
                self.strays.append(text)
        con.execute("call truncate_duckdb_logs()")


def named(text: str) -> tuple[set[str], set[str]]:
    """The tables that a statement reads, and those that it writes."""
    if text.lower().startswith(("describe", "call", "set", "create or replace macro")):
        return set(), set()
    # sqlglot takes `?::` for one operator of another dialect.
    statement = sqlglot.parse_one(text.replace("?::", "? ::"), dialect="duckdb")
    changed: list[exp.Table] = []
    if isinstance(statement, exp.Alter):
        changed = list(statement.find_all(exp.Table))
    elif isinstance(statement, exp.Create | exp.Insert | exp.Update | exp.Delete | exp.Drop):
        changed = [(statement.this or statement).find(exp.Table)]
    own = {cte.alias for cte in statement.find_all(exp.CTE)}
    found = (table for table in statement.find_all(exp.Table) if table.db != "information_schema")
    read = {table.name for table in found if not any(table is other for other in changed[-1:])} - own
    return {name for name in read if name and not name.startswith("__")}, {table.name for table in changed}


def observed(monkeypatch: pytest.MonkeyPatch, modules: list[ModuleType]) -> Observer:
    """Watch every step wherever a module of linkage has it."""
    observer = Observer()
    watched = {step: observer.watch(step) for step in STEPS}
    for module in modules:
        for home in (module, *(value for value in vars(module).values() if isclass(value))):
            for name, value in list(vars(home).items()):
                if callable(value) and getattr(value, "__hash__", None) and value in watched:
                    monkeypatch.setattr(home, name, watched[value])
    return observer


def problems(observer: Observer) -> list[str]:
    """Differences between steps' lines and what was observed; tables that only one step reads are left out."""
    found_problems = [f"no step's: {text}" for text in observer.strays]
    for step, line in STEPS.items():
        seen = observer.seen.get(step, Seen())
        read_by_others = {
            table for other in observer.seen if other != step for table in observer.seen[other].reads
        }
        for kind, stated, found in (
            ("reads", line.reads, seen.reads),
            ("writes", line.writes, seen.writes & read_by_others),
        ):
            hidden = {table for table in found if not any(fnmatchcase(table, pattern) for pattern in stated)}
            idle = {pattern for pattern in stated if not any(fnmatchcase(table, pattern) for table in found)}
            found_problems += [
                f"{step.__qualname__} {kind} {table}, as its line does not say" for table in sorted(hidden)
            ]
            found_problems += [
                f"{step.__qualname__} {kind} no {pattern}, as its line says" for pattern in sorted(idle)
            ]
    return found_problems


def linkage_modules() -> list[ModuleType]:
    found = pkgutil.walk_packages(linkage.__path__, "akrim.linkage.")
    return [importlib.import_module(module.name) for module in found]


@pytest.mark.slow
def test_every_step_reads_and_writes_what_its_line_says(
    stage: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    observer = observed(monkeypatch, linkage_modules())
    monkeypatch.setattr("akrim.linkage.matching.scoring.MAX_DESCRIPTIONS_WITHOUT_ESTIMATE", 0)
    records = population(9, persons=250)
    base = None
    # Two incremental runs after a full one, growing so much that the last one writes all layers anew.
    for release_id, share in zip((FIRST, SECOND, "2026-T2.1"), (0.55, 0.76, 1.0), strict=True):
        stage(records[: int(share * len(records))], release_id, base)
        link(release_id)
        base = release_id
    relink("2026-T2.1", as_table(records[::2]))
    train_model(None, date(2027, 1, 2), tmp_path, TrainingPlan(random_pairs=1e4))
    truth = [
        {"source": r["source"], "source_record_id": r["source_record_id"], "true_person_id": str(number)}
        for number, r in enumerate(records)
    ]
    for name, rows in (("records", records), ("truth", truth)):
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / f"{name}.parquet")
    evaluate(tmp_path / "records.parquet", tmp_path / "truth.parquet")
    assert not (found := problems(observer)), "\n".join(found)


def test_a_wrong_line_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def step(con: duckdb.DuckDBPyConnection) -> None:
        con.execute("create or replace temp table own as select * from hidden")
        con.execute("create or replace temp table shown as with own2 as (from own) select * from own2")

    def reader(con: duckdb.DuckDBPyConnection) -> None:
        con.execute("delete from hidden where x in (select x from shown)")

    monkeypatch.setattr(f"{__name__}.STEPS", lines := {})
    lines[step] = Tables(frozenset({"idle"}), frozenset())
    lines[reader] = Tables(frozenset({"shown"}), frozenset({"hidden"}))
    observer = Observer()
    con = duckdb.connect()
    con.execute("create temp table hidden as select 1 as x")
    observer.watch(step)(con)
    observer.watch(reader)(con)
    found = [line.partition(".")[2].partition(".")[2] for line in problems(observer)]
    assert found == [
        "step reads hidden, as its line does not say",
        "step reads no idle, as its line says",
        "step writes shown, as its line does not say",
    ]
