"""train_linkage: trains a new linkage model on the records that stand; rare, and started by hand.

The model lies under the home folder and links nothing until AKRIM_LINKAGE_MODEL names it.
"""

from airflow.sdk import Param, dag, task
from akrim.orchestration import faults, steps


@dag(
    doc_md=__doc__,
    description="Train a linkage model on the records of the last assessment",
    schedule=None,
    max_active_runs=1,
    default_args=faults.ALONE,
    params={"day": Param(type="string", format="date", description="the date in the model's name")},
    tags=["linkage"],
)
def train_linkage() -> None:
    task(steps.train_model)()


train_linkage()
