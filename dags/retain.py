"""retain: every day, removes what is past the time for which its category is kept; never beside an assessment.

What a release in force rests on stays, and what is held; `akrim retention show` says what that is.
"""

from airflow.sdk import dag, task
from akrim.orchestration import steps


@dag(
    doc_md=__doc__,
    description="Remove deliveries, links, releases and logs that are past their limit",
    schedule="41 3 * * *",
    start_date=steps.FIRST_SCAN,
    catchup=False,
    max_active_runs=1,
    tags=["retention"],
)
def retain() -> None:
    quiet = task.sensor(steps.no_runs, mode="reschedule", poke_interval=60, timeout=12 * 3600)()
    quiet >> task(steps.retain)()


retain()
