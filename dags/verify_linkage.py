"""verify_linkage: once a week, whether the last incremental linkage is what a full one would have been."""

from airflow.sdk import dag, task
from akrim.orchestration import faults, steps


@dag(
    doc_md=__doc__,
    description="Hold the last linkage against a full relink from the same standing persons",
    schedule="0 4 * * 0",
    start_date=steps.FIRST_SCAN,
    catchup=False,
    max_active_runs=1,
    default_args=faults.ALONE,
    tags=["linkage"],
)
def verify_linkage() -> None:
    task(steps.check_in_full)()


verify_linkage()
