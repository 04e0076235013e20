"""receive_<agency>: one DAG for each contract file; takes in everything new that the agency delivered.

What was accepted calls for the period that it changes, by an event for `received/<agency>` in that partition. A refused delivery is an outcome,
not a failure: `all_accepted` is skipped, with the code in its log. The agency is answered for what it delivered, which hinders nothing else.
Where reception itself fails on one delivery, the others call and are answered for all the same. Of receptions that are under way
together the last calls for all, so that they are assessed once.
"""

from typing import Any

from airflow.sdk import DAG, dag, task
from akrim.contracts import load_contracts
from akrim.orchestration import assets, faults, pools, steps


def suite_for(extract: Any) -> Any:
    from expectations import suite_for as suite  # takes seconds to import, and only validation needs it

    return suite(extract)


def receive_dag(agency: str) -> DAG:
    @dag(
        dag_id=f"receive_{agency}",
        doc_md=__doc__,
        description=f"Verify, load, validate and accept or refuse what {agency} delivered",
        schedule=[assets.inbox(agency)],
        max_active_runs=1,
        deadline=faults.DEADLINE,
        default_args=faults.TOLD_OF,
        tags=["receive", agency],
    )
    def receive_new() -> None:
        @task
        def receive(ti: Any = None, dag_run: Any = None) -> None:
            """Verify, load and validate every new delivery; accept or refuse each in one transaction."""
            steps.receive(agency, suite_for, ti, dag_run)

        @task(outlets=[assets.received(agency)], trigger_rule="all_done", pool=pools.CALLING)
        def announce(ti: Any = None, outlet_events: Any = None) -> None:
            """Call for the period that is to be assessed; skipped where that is none, or it waits for another agency or reception."""
            steps.announce_received(agency, ti, outlet_events)

        @task(**faults.SENDING, trigger_rule="all_done")
        def send_receipts() -> dict[str, int]:
            """Put a receipt for every delivery into the agency's part of the outbox."""
            return steps.send_receipts(agency)

        @task
        def all_accepted(ti: Any = None) -> None:
            """Skipped where a delivery was refused, with its code in the log; whatever follows from the others goes on."""
            steps.require_accepted(ti)

        receive() >> [announce(), send_receipts(), all_accepted()]

    return receive_new()


for contracted in load_contracts():
    receive_dag(contracted)
