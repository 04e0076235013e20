"""alert: tells whoever runs the pipeline what waits for them, once each, by mail and to a webhook.

Refused and early deliveries, agencies that are late or whose data are too old, releases that are held or that nothing publishes,
missing receipts. Failures and passed deadlines are told by the tasks and runs themselves; what of them could not be sent is sent
here. docs/runbook.md says what to do. Each time the ages of data and releases, quarantine and drift are handed to Airflow's
metrics, where these are on.
"""

from airflow.sdk import dag, task
from akrim.orchestration import faults, steps


@dag(
    doc_md=__doc__,
    description="Tell what waits for a person: refused, late, held, without a receipt",
    schedule=steps.scan_schedule(),
    start_date=steps.FIRST_SCAN,
    catchup=False,
    max_active_runs=1,
    default_args=faults.QUICK,
    tags=["operation"],
)
def alert() -> None:
    task(steps.alert)()


alert()
