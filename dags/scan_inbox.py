"""scan_inbox: looks through the whole inbox every few minutes and announces each agency with something new.

It also announces that the wait for missing agencies is over, which is how an assessment starts by time.
"""

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import TaskGroup, dag, task
from akrim.contracts import load_contracts
from akrim.orchestration import assets, faults, steps


@dag(
    doc_md=__doc__,
    description="List the inbox, record folders of unknown agencies, announce what is new",
    schedule=steps.scan_schedule(),
    start_date=steps.FIRST_SCAN,
    catchup=False,
    max_active_runs=1,
    default_args=faults.QUICK,
    tags=["receive"],
)
def scan_inbox() -> None:
    news = {steps.announcement(agency): assets.inbox(agency) for agency in load_contracts()}
    with TaskGroup("announce", prefix_group_id=False) as announce:
        for task_id, asset in news.items():
            EmptyOperator(
                task_id=task_id,
                outlets=[asset],
                doc_md=f"Updates the asset `{asset.name}`, which starts what waits for it.",
            )
        task(steps.announce_wait_over, outlets=[assets.WAIT_OVER])()
    task.branch(steps.scan)() >> announce


scan_inbox()
