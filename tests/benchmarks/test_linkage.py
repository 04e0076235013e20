"""The benchmark of linkage holds GoldenMatch against ours where that is installed, and goes on without it elsewhere."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from akrim.settings import PROJECT_ROOT

pytestmark = pytest.mark.slow

BENCHMARKS = PROJECT_ROOT / "benchmarks"
GOLDENMATCH = PROJECT_ROOT / ".venv-goldenmatch" / "bin" / "python"
needs_goldenmatch = pytest.mark.skipif(
    not GOLDENMATCH.exists(), reason="`make goldenmatch` has not built GoldenMatch's environment"
)
SIZE = 800


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Records in five registers, and their truth."""
    folder = tmp_path_factory.mktemp("made_up")
    run(sys.executable, BENCHMARKS / "made_up.py", "norway", SIZE, 3, folder)
    return folder / f"norway-{SIZE}.parquet", folder / f"norway-{SIZE}_truth.parquet"


def run(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)


def figures(which: str, made_up: tuple[Path, Path]) -> dict[str, Any]:
    return json.loads(run(sys.executable, BENCHMARKS / "linkage.py", *made_up, "--one", which).stdout)


def test_without_goldenmatch_the_benchmark_says_so_and_goes_on(
    made_up: tuple[Path, Path], tmp_path: Path
) -> None:
    ran = run(sys.executable, BENCHMARKS / "linkage.py", *made_up, "--goldenmatch", tmp_path / "python")
    assert "GoldenMatch is left out" in ran.stderr
    linkages = [line.split(" | ")[1] for line in ran.stdout.splitlines()[2:]]
    assert linkages == ["floor", "plain", "ours"]


@needs_goldenmatch
def test_goldenmatch_is_measured_on_every_record_in_a_process_of_its_own(made_up: tuple[Path, Path]) -> None:
    found = figures("goldenmatch_written", made_up)
    assert (found["records"], found["labelled_records"]) == (SIZE, SIZE)
    assert found["pairwise_f1"] > 0.9
    assert found["processor_seconds"] > 0
    assert found["peak_memory_mib"] > 100
    locked = (PROJECT_ROOT / "locks" / "goldenmatch.in").read_text(encoding="utf-8").splitlines()
    assert found["model"].replace("GoldenMatch ", "goldenmatch==") in locked


@needs_goldenmatch
def test_goldenmatch_without_configuration_puts_each_record_in_one_cluster(
    made_up: tuple[Path, Path], tmp_path: Path
) -> None:
    run(GOLDENMATCH, BENCHMARKS / "golden_match.py", "none", made_up[0], tmp_path / "found.parquet")
    records, found = (pq.read_table(file).to_pylist() for file in (made_up[0], tmp_path / "found.parquet"))
    keys = [f"{record['source']}/{record['source_record_id']}" for record in records]
    assert [row["unique_id"] for row in found] == keys
    assert 1 < len({row["cluster_id"] for row in found}) < SIZE


@needs_goldenmatch
def test_records_that_goldenmatch_refuses_are_told_with_its_reason(tmp_path: Path) -> None:
    """It declines its own choice from 100,000 records on, where that looks wrong to it."""
    run(sys.executable, BENCHMARKS / "made_up.py", "norway", 100_000, 3, tmp_path)
    files = tmp_path / "norway-100000.parquet", tmp_path / "norway-100000_truth.parquet"
    refusal = figures("goldenmatch", files)
    assert "RED config" in refusal["refused"]
    assert refusal["seconds"]["total"] > 0
