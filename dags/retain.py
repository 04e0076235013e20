"""retain: every day, removes what is past the time for which its category is kept; never beside an assessment.

What a release in force rests on stays, and what is held; `akrim retention show` says what that is.
"""

from airflow.sdk import dag, task
from akrim.orchestration import faults, steps


@dag(
    doc_md=__doc__,
    description="Remove deliveries, links, releases and logs that are past their limit",
    schedule="41 3 * * *",
    start_date=steps.FIRST_SCAN,
    catchup=False,
    max_active_runs=1,
    default_args=faults.ALONE,
    tags=["retention"],
)
def retain() -> None:
    quiet = task.sensor(steps.no_runs, **faults.waiting(hours=12))()
    quiet >> task(steps.retain)()


retain()
