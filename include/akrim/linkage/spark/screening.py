"""Choosing and weighing pairs on Spark, so that DuckDB weighs again only those that may be one person.

Spark is given `descriptions` as Parquet and gives back the pairs that its rules generate and that reach `consider`. DuckDB weighs
these anew, since logarithms and literals differ in their last bits between the two: weights are DuckDB's to the bit.
"""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb

from akrim.errors import UserError
from akrim.linkage.engine import count, spill_folder
from akrim.linkage.model.blocking_rules import blocked_sql, rule_conditions
from akrim.linkage.model.comparisons import RARITY_COLUMNS, rarity_sql
from akrim.linkage.model.file import LinkageModel
from akrim.linkage.records.descriptions import COMPARED_COLUMNS
from akrim.linkage.spark.dialect import settings_for_spark, to_spark
from akrim.linkage.spark.exchange import Exchange, open_exchange, require_plain
from akrim.linkage.spark.requirements import require_spark
from akrim.settings import get_settings

log = logging.getLogger(__name__)

# Far more than the weights of both differ by (3e-14 bits were seen), far less than a weight is rounded to.
MARGIN = 1e-6
FILE_BYTES = "256MB"


def screen_pairs(con: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    """Build `blocked` as `block` does, but of the pairs alone that reach `consider` or lack a millionth of a bit.

    Raises UserError where Spark cannot be started or fails.
    """
    log.info("blocking and weighing with %s", require_spark())
    with open_exchange() as exchange:
        _write(
            con,
            exchange,
            "descriptions",
            f"select unit_id, description_id, {', '.join(COMPARED_COLUMNS)} from descriptions",
        )
        for column in RARITY_COLUMNS:
            con.execute(rarity_sql(column, "descriptions"))
            _write(con, exchange, f"rarity_{column}", f"from rarity_{column}")
        with spill_folder() as scratch:
            _run(job_for(model, exchange, require_plain(scratch, more=",")))
        con.execute(
            "create or replace temp table blocked as"
            " select description_id_l as join_key_l, description_id_r as join_key_r from read_parquet(?)",
            [exchange.take_back("weighed")],
        )
    log.info("%s pairs come back from Spark", f"{count(con, 'blocked'):,}")


def job_for(model: LinkageModel, exchange: Exchange, scratch: Path) -> dict[str, Any]:
    """What job.py is given: addresses, and the model's SQL in Spark's dialect."""
    tables = ["descriptions", *(f"rarity_{column}" for column in RARITY_COLUMNS)]
    return {
        "master": get_settings().spark_master,
        "scratch": str(scratch),
        "tables": {table: exchange.address(table) for table in tables},
        "rarity_columns": RARITY_COLUMNS,
        "settings": settings_for_spark(model.settings),
        "blocking": to_spark(
            f"select '0' as match_key, * from ({blocked_sql(rule_conditions(model.settings))})"
        ),
        "threshold": model.thresholds["consider"] - MARGIN,
        "weighed": exchange.address("weighed"),
    }


def _write(con: duckdb.DuckDBPyConnection, exchange: Exchange, table: str, query: str) -> None:
    con.execute(
        f"copy ({query}) to ? (format parquet, compression zstd, file_size_bytes '{FILE_BYTES}')",
        [str(exchange.folder / table)],
    )
    exchange.hand_over(table)


def _run(job: dict[str, Any]) -> None:
    """Run the job in a process of its own, which is told no setting of ours: Java would hand them on to executors."""
    ran = subprocess.run(
        [sys.executable, "-m", "akrim.linkage.spark.job"],
        input=json.dumps(job),
        env={name: value for name, value in os.environ.items() if not name.startswith(("AKRIM_", "AIRFLOW_"))}
        | {"LC_ALL": "C.UTF-8"},  # by which Java reads paths
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what Spark and Python say of an error may show what is in records
        text=True,
        check=False,
    )
    if ran.returncode:
        why = ran.stdout.strip().splitlines()[-1:] or ["its process ended"]
        raise UserError(
            f"Spark did not get done: {why[0]}.",
            f"AKRIM_SPARK_MASTER={job['master']}",
            "Its executors' logs say more; see docs/engineers.md, `Linkage on Spark`. AKRIM_LINKAGE_BACKEND=duckdb does without.",
        )
