"""Brings Airflow's metadata database to this version, with the pools that our DAGs name: what `airflow db migrate` does here."""

import subprocess
import sys

from akrim.orchestration.pools import POOLS


def main() -> None:
    migrated = subprocess.run([sys.executable, "-m", "airflow", *sys.argv[1:]], check=False)  # noqa: S603  # this very program, no shell
    if migrated.returncode:
        raise SystemExit(migrated.returncode)
    _make_pools()


def _make_pools() -> None:
    from airflow.models.pool import Pool

    for name, description in POOLS.items():
        Pool.create_or_update_pool(name, 1, description, include_deferred=False)


if __name__ == "__main__":
    main()
