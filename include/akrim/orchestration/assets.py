"""The assets that connect DAGs: one DAG updates an asset, which starts the next.

Events carry no data, but for who asked for the run that calls. What a run is for is its partition: a period up to MARTS, such as
2026-T1, and a release from there on.
"""

from airflow.sdk import Asset


def inbox(agency: str) -> Asset:
    """The inbox has something new from this agency."""
    return Asset(name=f"inbox/{agency}", uri=f"akrim://inbox/{agency}", group="akrim")


def received(agency: str) -> Asset:
    """What this agency delivered calls for the period of the event's partition to be assessed."""
    return Asset(name=f"received/{agency}", uri=f"akrim://received/{agency}", group="akrim")


# Time calls for an assessment: a period is over, or the wait for whoever is late with it.
PERIOD_OVER = Asset(name="period_over", uri="akrim://period_over", group="akrim")
WAIT_OVER = Asset(name="wait_over", uri="akrim://wait_over", group="akrim")
MARTS = Asset(name="marts", uri="akrim://marts", group="akrim")
RELEASES = Asset(name="releases", uri="akrim://releases", group="akrim")
