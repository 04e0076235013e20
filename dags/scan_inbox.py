"""scan_inbox: looks through the whole inbox every few minutes and announces each agency with something new.

It also announces that the wait for missing agencies is over, which is how an assessment starts by time.
"""

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import dag, task
from akrim.contracts import load_contracts
from akrim.orchestration import assets, steps


@dag(
    doc_md=__doc__,
    description="List the inbox, record folders of unknown agencies, announce what is new",
    schedule=steps.scan_schedule(),
    start_date=steps.FIRST_SCAN,
    catchup=False,
    max_active_runs=1,
    tags=["receive"],
)
def scan_inbox() -> None:
    news = {steps.announcement(agency): assets.inbox(agency) for agency in load_contracts()}
    news[steps.WAIT_OVER] = assets.WAIT_OVER
    task.branch(steps.scan)() >> [
        EmptyOperator(task_id=task_id, outlets=[asset]) for task_id, asset in news.items()
    ]


scan_inbox()
