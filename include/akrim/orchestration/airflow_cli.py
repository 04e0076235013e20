"""Airflow's own command with our configuration: `python -m akrim.orchestration.airflow_cli scheduler`.

It becomes the `airflow` process, so that a container's or a supervisor's signals reach that one.
"""

import os
import sys

from akrim.orchestration import configuration


def main() -> None:
    configuration.apply(configuration.for_services())
    os.execv(sys.executable, [sys.executable, "-m", "airflow", *sys.argv[1:]])  # noqa: S606 (no shell is what we want)


if __name__ == "__main__":
    main()
