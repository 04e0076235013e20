"""Airflow's API server, but for the header in which every answer would name the program that serves it.

Airflow hands uvicorn's option for that on from no setting of its own, so it is given where uvicorn is called.
"""

from functools import partial

import uvicorn


def main() -> None:
    from airflow.__main__ import main as airflow

    uvicorn.run = partial(uvicorn.run, server_header=False)
    airflow()


if __name__ == "__main__":
    main()
