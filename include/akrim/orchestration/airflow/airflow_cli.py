"""Airflow's own command with our configuration: `python -m akrim.orchestration.airflow.airflow_cli scheduler`.

It replaces itself by the `airflow` process, so that signals from a container or supervisor reach it.
"""

import ctypes
import os
import signal
import sys

from akrim.orchestration.airflow import configuration

# Commands of Airflow around which we do something more.
OURS = {
    "api-server": "akrim.orchestration.airflow.api_server",
    "db migrate": "akrim.orchestration.airflow.preparation",
}
PR_SET_PDEATHSIG = 1  # prctl(2); it outlives execve


def main() -> None:
    arguments = sys.argv[1:]
    if arguments[:1] == [configuration.END_WITH_PARENT]:
        arguments = arguments[1:]
        end_with_parent()
    if arguments[:1] == ["airflow"]:  # as whoever starts Airflow's own image says, such as its Helm chart
        arguments = arguments[1:]
    configuration.apply(configuration.for_services())
    module = OURS.get(" ".join(arguments[:2])) or OURS.get(" ".join(arguments[:1])) or "airflow"
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606 (no shell is what we want)


def end_with_parent() -> None:
    """Have the system end this process when its parent ends, even if the parent is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    main()
