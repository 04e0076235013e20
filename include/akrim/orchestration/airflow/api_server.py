"""Airflow's API server without the `Server` header that would name the program in every answer, and in whose grid tasks can be cleared.

Airflow has no setting for uvicorn's option, so it is set where uvicorn is called.
"""

from functools import partial

import uvicorn

from akrim.orchestration.airflow import internals


def main() -> None:
    from airflow.__main__ import main as airflow

    uvicorn.run = partial(uvicorn.run, server_header=False)
    internals.mend_clearing()
    airflow()


if __name__ == "__main__":
    main()
