"""Airflow's commands as ours: services of a killed `akrim up` end by themselves, and executors can be loaded."""

import subprocess
import sys
import time
from pathlib import Path

CHILD = """
import time
from akrim.orchestration.airflow.airflow_cli import end_with_parent
end_with_parent()
print("ready", flush=True)
time.sleep(120)
"""
PARENT = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}], start_new_session=True)
print(child.pid, flush=True)
child.wait()
"""


def test_a_service_ends_with_a_killed_parent() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = Path("/proc") / parent.stdout.readline().strip()
    assert parent.stdout.readline() == "ready\n"
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 20
    while _lives(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _lives(child)


def _lives(process: Path) -> bool:
    """Whether it runs; one that nobody has waited for yet has ended all the same."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_locked_celery_is_one_that_its_executor_can_use() -> None:
    """A newer one could not; with workers it is run by `make test-thorough` alone."""
    program = "from airflow.providers.celery.executors.celery_executor import CeleryExecutor"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
