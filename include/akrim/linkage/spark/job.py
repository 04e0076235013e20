"""The program that screens pairs on Spark, in a process of its own, whose memory and Java go with it.

    python -m akrim.linkage.spark.job < job.json

It reads its job from `screening.py`, and prints nothing but, where it fails, the name of the error.
"""

import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

from pyspark import cloudpickle
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.functions import ArrowUDFType, arrow_udf
from splink import Linker
from splink.backends.spark import SparkAPI

from akrim.linkage.spark import similarity

SCALAR = ArrowUDFType.SCALAR
LOGS = Path(__file__).with_name("log4j2.properties")


def open_session(master: str, scratch: Path) -> SparkSession:
    """A session that writes no log, no event log and no page, since they may show what is in records.

    All else, such as memory, is as Spark's own configuration has it, but for a Spark on this machine.
    """
    # Executors on other machines have their own way to Python.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    options: dict[str, Any] = {
        "spark.app.name": "akrim",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.eventLog.enabled": "false",
        "spark.log.level": "OFF",
        "spark.executor.syncLogLevel.enabled": "true",
        # Only executors that have had this configuration from their start take a level that is told later.
        "spark.executor.defaultJavaOptions": "-Dlog4j2.configurationFile=classpath:org/apache/spark/log4j2-defaults.properties",
        "spark.local.dir": str(scratch),
        # What is compared of a person is never small enough for every executor to hold whole, whatever its files take.
        "spark.sql.autoBroadcastJoinThreshold": "-1",
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.driver.extraJavaOptions": " ".join(
            map(quoted, (f"-Dlog4j2.configurationFile={LOGS}", f"-Djava.io.tmpdir={scratch}"))
        ),
    }
    if master.startswith("local"):
        options |= {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            # Its ports are open to whoever is on this machine; Spark makes the secret, and nobody else has it.
            "spark.authenticate": "true",
            "spark.driver.memory": "2g",
            "spark.sql.shuffle.partitions": "16",
        }
    return SparkSession.builder.master(master).config(map=options).getOrCreate()


def quoted(option: str) -> str:
    """One option of Java, whatever its path holds, as Spark parts a text of several."""
    return '"' + option.replace("\\", "\\\\").replace('"', '\\"') + '"'


def screen(session: SparkSession, job: dict[str, Any]) -> None:
    """Write the pairs that the rules generate and that weigh at least the threshold."""
    cloudpickle.register_pickle_by_value(similarity)  # so that executors need no akrim
    for name, returned in similarity.MEASURES.items():
        session.udf.register(
            similarity.spark_name(name), arrow_udf(similarity.measure(name), returned, SCALAR)
        )
    for table, address in job["tables"].items():
        session.read.parquet(address).createOrReplaceTempView(table)
    api = SparkAPI(spark_session=session, break_lineage_method="persist", register_udfs_automatically=False)
    linker = Linker(
        api.register("descriptions"), job["settings"], log_level=logging.ERROR, validate_settings=False
    )
    for column in job["rarity_columns"]:
        linker.table_management.register_term_frequency_lookup(api.register(f"rarity_{column}"), column)
    session.sql(job["blocking"]).createOrReplaceTempView("blocked")
    linker.table_management.register_blocked_pairs_for_predict(api.register("blocked"))
    # The threshold is not given to Splink: Spark would weigh each pair twice, once to filter it.
    predicted = session.table(linker.inference.predict(warning_mode="never").physical_name)
    kept = predicted.select("description_id_l", "description_id_r", "match_weight")
    kept.where(f"match_weight >= {job['threshold']}").write.parquet(job["weighed"])


def main() -> int:
    """The exit code: 0, or 1 with the name of the error printed, whose own text may show what is in records."""
    job = json.load(sys.stdin)
    try:
        session = open_session(job["master"], Path(job["scratch"]))
        try:
            screen(session, job)
        finally:
            session.stop()
    except Exception as error:  # noqa: BLE001  # whatever it is, only its name may be told
        print(name_of(error))
        return 1
    return 0


def name_of(error: BaseException) -> str:
    """What Spark calls an error, else its class, in Java or Python; of an error that wraps another, the innermost."""
    while error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, PySparkException) and (named := error.getCondition()):
        return str(named)
    raised = getattr(error, "java_exception", None)
    if raised is not None:
        while raised.getCause() is not None:
            raised = raised.getCause()
        return str(raised.getClass().getName())
    return type(error).__name__


if __name__ == "__main__":
    sys.exit(main())
