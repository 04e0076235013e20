"""deliver: sends what is in force to every centre's outbox, tells the centres, and reads their receipts back.

It follows each release, and looks every hour for what failed, for new keys and for receipts.
"""

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag, task
from akrim.orchestration import assets, faults, steps


@dag(
    doc_md=__doc__,
    description="Seal each centre's part, put it into its outbox, tell the centre, read receipts",
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("17 * * * *", timezone="UTC"), assets=[assets.RELEASES]
    ),
    start_date=steps.FIRST_SCAN,
    catchup=False,
    max_active_runs=1,
    default_args=faults.SENDING,
    tags=["publish"],
)
def deliver() -> None:
    task(steps.deliver)()


deliver()
