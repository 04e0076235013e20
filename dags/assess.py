"""assess: pins what one period uses, stages, links and assesses it, and explains what changed; ends with one release's marts.

The period is the run's partition. Pins that a published release already has, or one on hold, end the run there. What is handed
from task to task is ids alone.
"""

from airflow.sdk import AssetAny, Param, PartitionedAssetTimetable, dag, task
from akrim.contracts import load_contracts
from akrim.orchestration import assets, faults, layers, steps

CALLS = AssetAny(*map(assets.received, load_contracts()), assets.PERIOD_OVER, assets.WAIT_OVER)


@dag(
    doc_md=__doc__,
    description="Pin deliveries, stage them, link person records, assess persons",
    schedule=PartitionedAssetTimetable(assets=CALLS),
    max_active_runs=1,
    deadline=faults.DEADLINE,
    default_args=faults.OF_A_RELEASE,
    params={
        "period": Param(
            None,
            type=["null", "string"],
            pattern=steps.PERIOD_FORM,
            description="such as 2026-T1; else the partition",
        ),
        "release_id": Param(
            None,
            type=["null", "string"],
            pattern=steps.RELEASE_FORM,
            description="one reserved before, such as 2026-T1.1, by its own pins",
        ),
    },
    tags=["assess"],
)
def assess() -> None:
    quiet = task.sensor(steps.nothing_before, **faults.waiting(hours=6))()
    pins = task(steps.pin)()
    stage = layers.build("stage", layers.BEFORE_LINKAGE, pins)
    link = task(steps.link)(pins)
    marts = layers.build("assess", layers.AFTER_LINKAGE, pins)
    explain = task(steps.explain, outlets=[assets.MARTS])(pins)
    quiet >> pins >> stage >> link >> marts >> explain


assess()
