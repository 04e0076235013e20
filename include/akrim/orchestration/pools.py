"""Airflow's pools and queues: tasks that would wait for one lock wait in a queue instead, without taking a worker's place.

They are made with Airflow's database; see `akrim.orchestration.airflow.preparation`.
"""

DEFAULT = "default_pool"  # Airflow's own
# Celery's workers take from the queues that they are told to listen to; this one's tasks need no home folder that is shared.
PARTS_QUEUE = "parts"
# Whatever works on the tables between staging and marts, or removes what these rest on.
ASSESSMENT = "assessment"
SENDING = "sending"
CALLING = "calling"
POOLS = {
    ASSESSMENT: "One at a time: assessing, publishing, training, verifying and removing share tables.",
    SENDING: "One at a time: sending to the centres and reading their receipts.",
    CALLING: "One at a time: of receptions that end together, the last calls for an assessment.",
}
