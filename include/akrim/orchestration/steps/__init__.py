"""The functions of the DAGs' tasks: each calls one package's face and returns ids, codes and counts, never personal data.

Airflow fills the parameters that default to None from the run's context.
"""

from akrim.orchestration.steps.assessing import (
    HOLD,
    explain,
    link,
    list_parts,
    make_part,
    nothing_before,
    pin,
    publish,
)
from akrim.orchestration.steps.linkage import check_in_full, train_model
from akrim.orchestration.steps.receiving import (
    FIRST_SCAN,
    OUTCOMES,
    announce_period_over,
    announce_received,
    announce_wait_over,
    announcement,
    receive,
    require_accepted,
    scan,
    scan_schedule,
    send_receipts,
)
from akrim.orchestration.steps.run import PERIOD_FORM, RELEASE_FORM, named_release
from akrim.orchestration.steps.upkeep import WITHOUT_KEYS, alert, deliver, no_runs, retain

__all__ = [
    "FIRST_SCAN",
    "HOLD",
    "OUTCOMES",
    "PERIOD_FORM",
    "RELEASE_FORM",
    "WITHOUT_KEYS",
    "alert",
    "announce_period_over",
    "announce_received",
    "announce_wait_over",
    "announcement",
    "check_in_full",
    "deliver",
    "explain",
    "link",
    "list_parts",
    "make_part",
    "named_release",
    "no_runs",
    "nothing_before",
    "pin",
    "publish",
    "receive",
    "require_accepted",
    "retain",
    "scan",
    "scan_schedule",
    "send_receipts",
    "train_model",
]
