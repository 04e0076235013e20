"""deliver and deliver_rest: send what is in force to every centre's outbox, tell the centres, and read their receipts back.

The first follows each release, which is its partition; the second looks every hour for what failed, for new keys and for receipts.
"""

from typing import Any

from airflow.sdk import CronTriggerTimetable, PartitionedAssetTimetable, dag, task
from akrim.orchestration import assets, faults, steps

EVERY_HOUR = CronTriggerTimetable("17 * * * *", timezone="UTC")


def deliver_dag(dag_id: str, schedule: Any) -> None:
    @dag(
        dag_id=dag_id,
        doc_md=__doc__,
        description="Seal each centre's part, put it into its outbox, tell the centre, read receipts",
        schedule=schedule,
        start_date=steps.FIRST_SCAN,
        catchup=False,
        max_active_runs=1,
        default_args=faults.DELIVERING,
        tags=["publish"],
    )
    def deliver_release() -> None:
        task(steps.deliver)()

    deliver_release()


deliver_dag("deliver", PartitionedAssetTimetable(assets=assets.RELEASES))
deliver_dag("deliver_rest", EVERY_HOUR)
