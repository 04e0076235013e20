"""The assets that connect DAGs: one DAG updates an asset, which starts the next.

Every event of MARTS has `release_id` in its extra; the others carry no data.
"""

from airflow.sdk import Asset


def inbox(agency: str) -> Asset:
    """The inbox has something new from this agency."""
    return Asset(name=f"inbox/{agency}", uri=f"akrim://inbox/{agency}", group="akrim")


def received(agency: str) -> Asset:
    """This agency's new deliveries have been accepted or refused."""
    return Asset(name=f"received/{agency}", uri=f"akrim://received/{agency}", group="akrim")


WAIT_OVER = Asset(name="wait_over", uri="akrim://wait_over", group="akrim")
MARTS = Asset(name="marts", uri="akrim://marts", group="akrim")
RELEASES = Asset(name="releases", uri="akrim://releases", group="akrim")
