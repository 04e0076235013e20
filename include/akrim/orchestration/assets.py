"""The assets through which one DAG's end is the next one's beginning.

Every event of MARTS carries `release_id` in its extra; the others say only that something happened.
"""

from airflow.sdk import Asset


def inbox(agency: str) -> Asset:
    """Something of this agency lies in the inbox that was not dealt with."""
    return Asset(name=f"inbox/{agency}", uri=f"akrim://inbox/{agency}", group="akrim")


def received(agency: str) -> Asset:
    """This agency's new deliveries were accepted or refused."""
    return Asset(name=f"received/{agency}", uri=f"akrim://received/{agency}", group="akrim")


WAIT_OVER = Asset(name="wait_over", uri="akrim://wait_over", group="akrim")
MARTS = Asset(name="marts", uri="akrim://marts", group="akrim")
RELEASES = Asset(name="releases", uri="akrim://releases", group="akrim")
