"""publish: writes the release that the marts were made for, which is the run's partition, one folder for each centre, and moves it into place.

With an exchange for parts, each is made by a task of its own, which any worker takes, and `publish` collects them; else `publish` makes them.
A release that is implausible is held: the task is skipped, and the release waits for `akrim releases approve`.
"""

from airflow.sdk import Param, PartitionedAssetTimetable, dag, task
from akrim.orchestration import assets, faults, steps

PART = "{{ task.op_kwargs['recipient'] }}"


@dag(
    doc_md=__doc__,
    description="Write, move into place and record one release",
    schedule=PartitionedAssetTimetable(assets=assets.MARTS),
    max_active_runs=1,
    deadline=faults.DEADLINE,
    # Before another assessment takes the tables.
    default_args=faults.OF_A_RELEASE | {"priority_weight": 100},
    params={
        "release_id": Param(
            None,
            type=["null", "string"],
            pattern=steps.RELEASE_FORM,
            description="such as 2026-T1.1; else the partition",
        )
    },
    tags=["publish"],
)
def publish() -> None:
    parts = task(steps.list_parts)()
    make_part = task(
        steps.make_part, **faults.OF_A_PART, doc_md=steps.make_part.__doc__, map_index_template=PART
    )
    made = make_part.expand(recipient=parts)
    task(steps.publish, outlets=[assets.RELEASES], trigger_rule="none_failed")(made)


publish()
