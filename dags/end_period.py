"""end_period: on the morning after a period, calls for its assessment, which what came early has waited for.

Its partition is the day on which the period began. A backfill of it assesses earlier periods again, oldest first and each as a revision of
its own; without `--reprocess-behavior` those that a schedule has called for are left out:

    airflow backfill create --dag-id end_period --from-date 2025-01-01 --to-date 2026-01-01 --reprocess-behavior completed
"""

from airflow.sdk import CronPartitionTimetable, dag, task
from akrim.orchestration import assets, faults, steps


@dag(
    doc_md=__doc__,
    description="Call for the assessment of a period that is over",
    schedule=CronPartitionTimetable(
        "0 6 1 1,5,9 *", timezone="Europe/Oslo", run_offset=-1, key_format="%Y-%m-%d"
    ),
    start_date=steps.FIRST_SCAN,
    catchup=False,
    max_active_runs=1,
    default_args=faults.QUICK,
    tags=["assess"],
)
def end_period() -> None:
    task(steps.announce_period_over, outlets=[assets.PERIOD_OVER])()


end_period()
