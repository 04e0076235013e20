"""Spark as a cluster: a master and two workers, whose executors have a Python of their own, without akrim."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow
import pyspark
import pytest

from tests.conftest import configure
from tests.linkage.person_records import linked
from tests.linkage.population import population
from tests.linkage.spark.test_same_as_duckdb import found, needs_java

SPARK = Path(pyspark.__file__).parent
MASTER, WORKER = "org.apache.spark.deploy.master.Master", "org.apache.spark.deploy.worker.Worker"
ADDRESS = re.compile(r"Starting Spark master at (spark://\S+)")
REGISTERED = "Successfully registered with master"
SECONDS = 60.0


def said_in_time(log: Path, pattern: str | re.Pattern[str]) -> re.Match[str]:
    ends = time.monotonic() + SECONDS
    while not (said := re.search(pattern, log.read_text("utf-8"))):
        assert time.monotonic() < ends, log.read_text("utf-8")
        time.sleep(0.2)
    return said


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    """The address of a master with two workers, of one core each, on this machine's loopback."""
    started = []

    def start(name: str, *arguments: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AKRIM_")},
            "SPARK_HOME": str(SPARK),
            "SPARK_LOCAL_DIRS": str(folder / "spill"),
            "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",
        }
        command = [SPARK / "bin" / "spark-class", *arguments, "--host", "127.0.0.1", "--webui-port", "0"]
        with (folder / "log").open("wb") as log:
            started.append(subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log))
        return folder / "log"

    try:
        address = said_in_time(start("master", MASTER, "--port", "0"), ADDRESS)[1]
        limits = ("--cores", "1", "--memory", "1g", "--work-dir")
        logs = [start(name, WORKER, address, *limits, str(tmp_path / name)) for name in ("one", "other")]
        for log in logs:
            said_in_time(log, REGISTERED)
        yield address
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


@pytest.fixture
def executors_python(tmp_path: Path) -> Path:
    """A Python that finds nothing that is installed here but DuckDB and pyarrow."""
    packages = tmp_path / "packages"
    packages.mkdir()
    installed = Path(duckdb.__file__).parents[1]
    for found_there in [*installed.glob("*duckdb*"), *installed.glob("pyarrow*")]:
        (packages / found_there.name).symlink_to(found_there)
    assert (packages / Path(pyarrow.__file__).parent.name).is_dir()
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\nPYTHONPATH="$PYTHONPATH:{packages}" exec {sys.executable} -S "$@"\n')
    program.chmod(0o755)
    return program


@needs_java
@pytest.mark.slow
@pytest.mark.installation
def test_executors_elsewhere_find_the_same_and_log_nothing_of_it(
    home: Path, tmp_path: Path, cluster: str, executors_python: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = tmp_path / "exchange"
    exchange.mkdir()
    monkeypatch.setenv("PYSPARK_PYTHON", str(executors_python))
    configure(
        monkeypatch,
        AKRIM_LINKAGE_BACKEND="spark",
        AKRIM_SPARK_MASTER=cluster,
        AKRIM_LINKAGE_EXCHANGE=str(exchange),
    )
    records = population(16, 400)
    with linked(records) as con:
        by_spark = found(con)
    configure(monkeypatch, AKRIM_LINKAGE_BACKEND="duckdb")
    with linked(records) as con:
        by_duckdb = found(con)

    assert len(by_duckdb["scored"]) > 500
    assert by_spark == by_duckdb
    assert list(exchange.iterdir()) == []

    logs = [path.read_text("utf-8") for path in tmp_path.glob("o*/app-*/*/stderr")]
    assert len(logs) == 2
    # They read files and run tasks, of which Spark would tell line by line.
    assert not [log for log in logs if "FileScanRDD" in log or "Executor: Running task" in log]
    assert not [path for path in tmp_path.glob("o*/spill/**/*") if path.is_file()]
